"""Names as a figure shows them: taken literally, and short enough for an axis."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from textwrap import shorten, wrap

from analysis.markdown import one_line

_TICK = 18
"""The most characters of a name beside an axis."""


def literal(text: object) -> str:
    """The text on one line, as matplotlib shows it unchanged: between two dollars it would read a formula."""
    return one_line(text).replace("$", r"\$")


def wrapped(text: str, width: int) -> str:
    """The text, taken literally, on as many lines as it needs."""
    return "\n".join(map(literal, wrap(text, width)))


def ticks(names: Sequence[str]) -> list[str]:
    """The names, taken literally and cut to 18 characters at their end; those that would then read the same are cut in
    the middle, and where even that is the same they end in their number among the names.
    """
    lines = [" ".join(name.split()) for name in names]
    shown = [_cut(line) for line in lines]
    shown = [_middle(line) if same else short for line, short, same in zip(lines, shown, _twice(shown), strict=True)]
    numbered = [f"{_cut(line, _TICK - 5)} ({number})" for number, line in enumerate(lines, start=1)]
    shown = [number if same else short for number, short, same in zip(numbered, shown, _twice(shown), strict=True)]
    return [literal(name) for name in shown]


def _cut(line: str, most: int = _TICK) -> str:
    short = shorten(line, most, placeholder="…") if " " in line else line
    return short if len(short) <= most and short != "…" else line[: most - 1].rstrip() + "…"


def _middle(line: str) -> str:
    half = _TICK // 2
    return line if len(line) <= _TICK else f"{line[:half].rstrip()}…{line[1 - half :].lstrip()}"


def _twice(shown: Sequence[str]) -> list[bool]:
    """Which of them stand there more than once."""
    counts = Counter(shown)
    return [counts[name] > 1 for name in shown]
