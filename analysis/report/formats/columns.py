"""How a table fits a page: the size of its text, upright or turned, and which of its columns break their lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from analysis.report.formats.page import Node, plain, right, rows, unbroken

UPRIGHT, TURNED = 481.0, 728.0
"""The width of the text on A4 with margins of 2 cm, in points."""

GAPS = {9.0: 8.0, 8.0: 8.0, 7.0: 5.0}
"""Points between two columns, by the size of the text."""

SMALLEST = 7.0
"""The smallest text in points that is used where anything else fits."""

_TRIES = ((9.0, UPRIGHT, 0), (8.0, UPRIGHT, 0), (7.0, UPRIGHT, 0), (8.0, UPRIGHT, 1), (7.0, UPRIGHT, 1),
          (9.0, TURNED, 0), (8.0, TURNED, 0), (7.0, TURNED, 0), (7.0, TURNED, 1))  # fmt: skip
"""Sizes and widths in the order in which they are tried; the last number: whether intervals stand below their means."""

LATIN_MODERN = {9.0: 1.0, 8.0: 1.03, 7.0: 1.09}
LIBERTINUS = {9.0: 0.9, 8.0: 0.9, 7.0: 0.9}
"""How wide a font is cut at each size, beside the widths that are assumed here; TeX's is wider the smaller it is."""

BOLD = 1.13
"""How much wider bold text is."""

_LONG, _LEAST = 14.0, 10.0
"""A text column wider than so many ems may break its lines, and is then at least so wide."""

_NARROW, _BROAD = frozenset(" .,:;'|!()[]ijlt\N{NO-BREAK SPACE}"), frozenset("mwMW%−+@")


@dataclass(frozen=True)
class Fit:
    """The size of the text in points, whether the page is turned, and for each column its share of the text's width.

    A column without a share is as wide as its cells; where its header is wider, ``heads`` has the ems in which that
    must be broken. ``gap`` is the room between columns in points, ``lines`` about how many lines the table takes.
    """

    size: float
    turned: bool
    shares: tuple[float | None, ...]
    heads: tuple[float | None, ...]
    gap: float
    lines: int


@dataclass(frozen=True)
class Column:
    """What a column needs, in ems: of its widest cell, of what cannot be broken in it, and whether it holds text."""

    cells: tuple[float, ...]
    natural: float
    least: float
    text: bool

    def floor(self, intervals: bool) -> float | None:
        """The least width to which its lines may be broken; None where they are not."""
        if self.text:
            return max(self.least, min(_LEAST, self.natural)) if self.natural > _LONG else None
        return self.least if intervals and self.natural > self.least else None


def fit(table: Node, font: Mapping[float, float]) -> Fit:
    """The first way of setting a table in which it fits the page (see ``_TRIES``), or the smaller text that it takes.

    Widths are estimates, for no font is at hand, and err on the wide side.
    """
    columns = [_column(cells) for cells in zip(*rows(table), strict=True)]
    for size, page, intervals in _TRIES:
        floors = [column.floor(bool(intervals)) for column in columns]
        em, gap = size * font[size], GAPS[size]
        if room := _rooms(columns, floors, (page - gap * len(columns)) / em):
            return _fit(columns, room, em / page, Fit(size, page == TURNED, (), (), gap, 0))
    least = [min(column.least, column.natural, _LEAST) for column in columns]
    gap = min(GAPS[SMALLEST], TURNED / 4 / len(columns))
    page = TURNED - gap * len(columns)
    size = min(SMALLEST, page / sum(least) / font[SMALLEST])
    em = size * font[SMALLEST]
    broken = _rooms(columns, least, page / em) or [*least]
    return _fit(columns, broken, em / TURNED, Fit(size, True, (), (), gap, 0))


def _fit(columns: Sequence[Column], rooms: Sequence[float | None], em: float, form: Fit) -> Fit:
    """The form with its columns: their rooms in ems, each so large a share of the page."""
    pairs = zip(columns, rooms, strict=True)
    heads = tuple(c.natural if wide is None and c.cells[0] > c.natural else None for c, wide in pairs)
    return replace(form, shares=tuple(w and w * em for w in rooms), heads=heads, lines=_lines(columns, rooms))


def width(node: Node) -> float:
    """About how wide the text of a node is in one line, in ems."""
    if node.type == "code_inline":
        return 0.55 * len(node.content)
    if node.type == "text" or not node.children:
        return _ems(plain(node))
    return sum(map(width, node.children)) * (BOLD if node.type == "strong" else 1.0)


def longest(node: Node, names: bool = False) -> float:
    """About how wide the longest part of a node is that no line can end in, an interval counting as one part.

    Where ``names`` is true, a line may end after the underscores of a setting's name.
    """
    text = unbroken(plain(node))
    parts = (text.replace("_", "_ ") if names else text).split(" ")
    kinds = {inner.type for inner in node.walk()}
    widest = max((0.55 * len(part) if "code_inline" in kinds else _ems(part) for part in parts), default=0.0)
    return widest * (BOLD if "strong" in kinds else 1.0)


def _ems(text: str) -> float:
    return sum(map(_em, text)) * 1.02


def _em(sign: str) -> float:
    if sign in _NARROW:
        return 0.3
    if ord(sign) > 0x2E7F:
        return 1.0
    return 0.8 if sign in _BROAD else 0.7 if sign.isupper() else 0.53


def _column(cells: Sequence[Node]) -> Column:
    """A column with its header first, which breaks between its words, and in names where columns are broken."""
    header = longest(cells[0])
    widths = tuple(width(cell) for cell in cells[1:])
    text = not right(cells[0])
    words = [longest(cells[0], names=True), *map(longest, cells[1:])]
    least = min(max(words), _LEAST) if text else max(words)
    return Column((width(cells[0]), *widths), max((header, *widths)), least, text)


def _rooms(columns: Sequence[Column], floors: Sequence[float | None], page: float) -> list[float | None] | None:
    """Ems for the columns that are broken, None for the others; None at all where they do not fit."""
    pairs = list(zip(columns, floors, strict=True))
    left = page - sum(column.natural for column, floor in pairs if floor is None)
    wanted = sum(column.natural for column, floor in pairs if floor is not None)
    if wanted <= left:
        return [None] * len(columns)
    least = sum(floor for floor in floors if floor is not None)
    if left < least or not least:
        return None
    more = (left - least) / (wanted - least)
    return [floor if floor is None else floor + (column.natural - floor) * more for column, floor in pairs]


def _lines(columns: Sequence[Column], rooms: Sequence[float | None]) -> int:
    """About how many lines a table has, each row as many as its tallest cell."""
    tall = [
        [1 if room is None else -int(-cell // room) for cell in column.cells]
        for column, room in zip(columns, rooms, strict=True)
    ]
    return sum(max(1, *line) for line in zip(*tall, strict=True))
