"""Labels beside dots, placed so that none covers a dot, an interval, the joining line or another label."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import cos, radians, sin

from matplotlib.axes import Axes
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextPath

Box = tuple[float, float, float, float]
"""Left, bottom, right, top, in points (1/72 inch)."""

_DOT = 4.0
"""Half the side of the room a dot takes, in points."""


@dataclass(frozen=True)
class Dot:
    """A dot with its interval along y (NaN where there is none) and its label."""

    x: float
    y: float
    low: float
    high: float
    label: str


def place_labels(
    axes: Axes,
    dots: Sequence[Dot],
    fontsize: float,
    box: tuple[float, float],
    line: Sequence[tuple[float, float]] = (),
) -> None:
    """Write the dots' labels, the first ones first, each at the nearest free place, or else at the nearest.

    The axes' scales and limits must be set. ``box`` is the size of the axes in inches, as the layout will make it:
    before everything is drawn it can only be told. ``line`` joins some of the dots, in their order.
    """
    at = [_points(axes, dot, box) for dot in dots]
    taken = [room for x, y, low, high in at for room in _rooms(x, y, low, high, box)]
    taken += _along([_points(axes, Dot(x, y, y, y, ""), box)[:2] for x, y in line])
    for dot, (x, y, _, _) in zip(dots, at, strict=True):
        width, height = _size(dot.label, fontsize)
        places = [(offset, _room(x + offset[0], y + offset[1], width, height)) for offset in _offsets()]
        inside = [(offset, room) for offset, room in places if _within(room, box)]
        free = [(offset, room) for offset, room in inside if not any(_overlap(room, other) for other in taken)]
        offset, room = (free or inside or places)[0]
        taken.append(room)
        _write(axes, dot, offset, fontsize)


def _write(axes: Axes, dot: Dot, offset: tuple[float, float], fontsize: float) -> None:
    far = abs(offset[0]) + abs(offset[1]) > 16
    axes.annotate(
        dot.label, (dot.x, dot.y), xytext=offset, textcoords="offset points", ha="center", va="center",
        fontsize=fontsize, color="0.1", zorder=6, annotation_clip=False,
        arrowprops={"arrowstyle": "-", "linewidth": 0.5, "color": "0.5", "shrinkA": 0, "shrinkB": 3} if far else None,
    )  # fmt: skip


def _offsets() -> Iterator[tuple[float, float]]:
    """Where a label's middle may be, from its dot, in points: all around it, then further and further out."""
    for out in (9.0, 12.0, 16.0, 21.0, 27.0, 34.0, 42.0, 52.0):
        for angle in (0, 180, 45, 135, -45, -135, 90, -90, 22, 158, -22, -158, 67, 113, -67, -113):
            yield out * cos(radians(angle)), out * sin(radians(angle))


def _points(axes: Axes, dot: Dot, box: tuple[float, float]) -> tuple[float, float, float, float]:
    """The dot and the ends of its interval in points from the lower left of the axes."""
    scale = axes.transData + axes.transAxes.inverted()
    across, up = 72 * box[0], 72 * box[1]
    x, y = scale.transform((dot.x, dot.y))
    ends = [scale.transform((dot.x, end))[1] if end == end else y for end in (dot.low, dot.high)]
    return across * x, up * y, up * ends[0], up * ends[1]


def _rooms(x: float, y: float, low: float, high: float, box: tuple[float, float]) -> list[Box]:
    """What a dot and its interval take: the dot, and the line as far as the axes show it."""
    line = (x - 1.0, max(low, 0.0), x + 1.0, min(high, 72 * box[1]))
    return [(x - _DOT, y - _DOT, x + _DOT, y + _DOT), line]


def _along(places: Sequence[tuple[float, float]]) -> list[Box]:
    """What a line through these places takes, as a row of small boxes."""
    boxes = []
    for (x, y), (to_x, to_y) in pairwise(places):
        steps = max(1, int(max(abs(to_x - x), abs(to_y - y)) / 2))
        for step in range(steps + 1):
            here, there = x + (to_x - x) * step / steps, y + (to_y - y) * step / steps
            boxes.append((here - 1, there - 1, here + 1, there + 1))
    return boxes


def _room(x: float, y: float, width: float, height: float) -> Box:
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2


def _size(label: str, fontsize: float) -> tuple[float, float]:
    """Width and height of a label in points, with a little room around it."""
    path = TextPath((0, 0), label, size=fontsize, prop=FontProperties(family="DejaVu Sans"))
    return float(path.get_extents().width) + 2, 1.15 * fontsize


def _within(room: Box, box: tuple[float, float]) -> bool:
    return room[0] >= 1 and room[2] <= 72 * box[0] and room[1] >= 1 and room[3] <= 72 * box[1]


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
