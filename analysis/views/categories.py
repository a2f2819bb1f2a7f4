"""Categories along x: their names below the axes, on several lines or slanted, so that none runs into the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sin

from matplotlib.axes import Axes

from analysis.views.words import ticks, wrapped

WIDE = 2.75
"""Inches between the ends of an axis in a panel of a column's width."""

LETTER = 0.062
"""Inches that a letter beside an axis takes, in the mean."""

_HIGH = 0.125  # inches from a line of letters to the next
_LINES = 3
_SLANT = 40
_SLANTED = 14  # the most slanted names in a panel of that width
_UPRIGHT = 22  # the most upright ones


@dataclass(frozen=True)
class Names:
    """Names as they stand below the axes: every ``step``-th of them, turned by ``rotation`` degrees.

    ``depth`` is by how many inches they reach lower than a single line does.
    """

    words: tuple[str, ...]
    rotation: int = 0
    step: int = 1
    depth: float = 0.0

    def write(self, axes: Axes) -> None:
        """Tick the axes at the categories' places, 0, 1, ..., and name them."""
        shown = range(0, len(self.words), self.step)
        axes.set_xticks(shown, [self.words[place] for place in shown])
        if self.rotation:
            look = {"ha": "right", "va": "top", "rotation_mode": "anchor"} if self.rotation < 90 else {}
            axes.tick_params(axis="x", labelrotation=self.rotation)
            for label in axes.get_xticklabels():
                label.set(**look)


def below(names: Sequence[str]) -> Names:
    """How these names fit below a panel: on up to three lines each, or else cut to 18 letters and slanted, or upright.

    Of more than fit even so every second, third, ... is named.
    """
    room = int(WIDE / LETTER / max(1, len(names))) - 1
    if all(len(word) <= room for name in names for word in name.split()):
        lines = [wrapped(name, max(1, room)) for name in names]
        most = max((1 + words.count("\n") for words in lines), default=1)
        if most <= _LINES:
            return Names(tuple(lines), depth=_HIGH * (most - 1))
    short = ticks(names)
    letters = LETTER * max(map(len, short))
    if len(short) <= _SLANTED:
        return Names(tuple(short), _SLANT, depth=letters * sin(_SLANT * 3.1416 / 180))
    return Names(tuple(short), 90, step=-(-len(short) // _UPRIGHT), depth=letters - _HIGH)
