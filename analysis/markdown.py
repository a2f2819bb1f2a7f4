"""Numbers, names and tables as GitHub Markdown."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from analysis.language import grouped, plural, say

_BLANKS = re.compile("[^\\S\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}]+")
_SPECIAL = re.compile(r"([\\`*_\[\]#~|$])")


def one_line(text: object) -> str:
    """Text with single blanks for its breaks and other white space; spaces at which no line breaks stay."""
    return _BLANKS.sub(" ", str(text)).strip()


def escape(text: object, limit: int | None = None) -> str:
    """Text as one line that Markdown shows as it is, cut to a number of characters."""
    line = one_line(text)
    if limit is not None and len(line) > limit:
        line = line[: limit - 1].rstrip() + "…"
    line = line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"(?<=\w)\\_(?=\w)", "_", _SPECIAL.sub(r"\\\1", line))


def code(text: object) -> str:
    """A name as code that may stand in a table cell; one with a backtick or pipe in it is escaped text instead."""
    line = one_line(text)
    return escape(line) if not line or "`" in line or "|" in line else f"`{line}`"


def fenced(lines: Sequence[str]) -> str:
    """Lines as a code block, whatever backticks they hold."""
    body = "\n".join(lines)
    longest = max((len(run) for run in re.findall(r"`+", body)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{body}\n{fence}"


def table(headers: Sequence[str], rows: Sequence[Sequence[str]], text_columns: int = 1) -> str:
    """A Markdown table; the first columns are text, aligned left, the others numbers, aligned right. Cells as given."""
    rule = [":---" if i < text_columns else "---:" for i in range(len(headers))]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (headers, rule, *rows))


def value(number: Any) -> str:
    """A setting's value: whole numbers whole, others with the digits they have."""
    if isinstance(number, str):
        return escape(number)
    if pd.isna(number):
        return "–"
    if isinstance(number, (bool, np.bool_)) or not hasattr(number, "__float__"):
        return str(number)
    amount = float(number)
    if amount.is_integer() or not math.isfinite(amount) or abs(amount) >= 0.001:
        return str(int(amount)) if amount.is_integer() else f"{amount:g}"
    digits, exponent = f"{amount:.5e}".split("e")
    return f"{float(digits):g}e{int(exponent)}"


def describe(setting: Mapping[str, Any]) -> str:
    """A setting in words: "`frozen_layers` = 3, `learning_rate` = 5e-5"."""
    return ", ".join(f"{code(name)} = {value(v)}" for name, v in setting.items() if pd.notna(v))


def score(mean: float, low: float = float("nan"), high: float = float("nan")) -> str:
    """A score with its interval where there is one: "0.777 [0.760, 0.794]"."""
    if pd.isna(mean):
        return "–"
    return f"{_minus(f'{mean:.3f}')}{_interval(low, high, '.3f')}"


def signed(mean: float, low: float = float("nan"), high: float = float("nan")) -> str:
    """A difference with its sign and its interval: "−0.012 [−0.034, +0.010]"."""
    if pd.isna(mean):
        return "–"
    return f"{_minus(f'{_whole_zero(mean):+.3f}')}{_interval(low, high, '+.3f')}"


def p_value(p: float) -> str:
    """A p-value with three digits; a very small one as a bound."""
    if pd.isna(p):
        return "–"
    return "< 0.001" if p < 0.001 else f"{p:.3f}".rstrip("0").rstrip(".")


def p_is(p: float) -> str:
    """What a p-value is, in a sentence: "p = 0.031", "p < 0.001"."""
    said = p_value(p)
    return f"p {said}" if said.startswith("<") else f"p = {said}"


def number(amount: float, digits: int = 0) -> str:
    """A quantity with thousands separators."""
    return "–" if pd.isna(amount) else grouped(_minus(f"{amount:,.{digits}f}"))


def percent(share: float, digits: int | None = None) -> str:
    """A share in percent, with these digits; else whole, but with one below one percent, so that small is not none."""
    if pd.isna(share):
        return "–"
    if digits is not None:
        return grouped(f"{share:.{digits}%}")
    return grouped(f"{share:.0%}" if share == 0 or share >= 0.01 else f"{100 * share:.2g}%")


def count(amount: int, noun: str) -> str:
    """An amount and its noun: "1 trial", "2 trials"."""
    return f"{grouped(f'{amount:,}')} {plural(amount, noun)}"


def listed(parts: Sequence[str], most: int = 8) -> str:
    """The parts in a row, and how many more there are."""
    shown = "; ".join(parts[:most])
    return say("{shown} and {more} more", shown=shown, more=len(parts) - most) if len(parts) > most else shown


def _interval(low: float, high: float, style: str) -> str:
    if pd.isna(low) or pd.isna(high):
        return ""
    beyond = style.startswith("+") and low * high > 0
    return f" [{_minus(_end(low, beyond, style))}, {_minus(_end(high, beyond, style))}]"


def _end(amount: float, beyond: bool, style: str) -> str:
    """An end of an interval; where zero lies beyond it, with as many digits as show on which side."""
    if beyond and 1e-6 < abs(amount) < 0.0005:
        digits = -math.floor(math.log10(abs(float(f"{amount:.0e}"))))
        return f"{amount:+.{digits}f}"
    return f"{_whole_zero(amount):{style}}"


def _whole_zero(amount: float) -> float:
    """Zero without a sign, where rounding to three digits would print −0.000."""
    return 0.0 if abs(amount) < 0.0005 else amount


def _minus(text: str) -> str:
    return text.replace("-", "−")
