"""The errors a study can meet: wrong input, told all at once, and the ways a trial can end badly."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager


class InputError(ValueError):
    """Wrong arguments: every problem found, one sentence each (given, allowed, what to do)."""

    def __init__(self, problems: str | Sequence[str]):
        self.problems = (problems,) if isinstance(problems, str) else tuple(problems)
        super().__init__("\n".join(self.problems))


class Diverged(ArithmeticError):
    """The training loss stopped being a finite number."""


class Crowded(RuntimeError):
    """Other processes hold the memory that a trial may use: no fault of its setting, so it is tried again later."""


class Problems:
    """A collector, so that a command reports everything that is wrong with it and not only the first thing."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def add(self, *problems: str) -> None:
        self.found.extend(p for p in problems if p not in self.found)

    @contextmanager
    def collecting(self) -> Iterator[None]:
        """Keep an InputError raised inside for later instead of stopping at it."""
        try:
            yield
        except InputError as error:
            self.add(*error.problems)

    def raise_if_any(self) -> None:
        if self.found:
            raise InputError(self.found)


def unknown(kind: str, given: object, known: Iterable[str], *, do: str = "") -> str:
    """One sentence for a name that does not exist: the nearest names first, then all of them."""
    names = sorted(known)
    near = difflib.get_close_matches(str(given), names, n=3, cutoff=0.5)
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    return f"{kind} {given!r} is unknown.{hint} Known: {', '.join(names)}.{' ' + do if do else ''}"
