"""Quotes in CSV and TSV: the line where one is not closed, and TSV whose quotes are plain characters."""

from __future__ import annotations

from study.data.content import Content, text_start
from study.data.spool import let_go

_STRETCH = 1 << 25  # bytes looked at before their pages are given back


def open_quote(content: Content, separator: str, *, one_line: bool = False) -> int | None:
    """The line (from 1) of the first quote that is opened and not closed before its value ends; None if there is none.

    A quote opens a value at its first character only; elsewhere it is one of its characters. pyarrow joins the rows up
    to the next quote into one text, silently. ``one_line``: a value in quotes may hold neither separator nor line end.
    """
    ends = (separator.encode(), b"\r", b"\n", b"")
    start = text_start(content)
    at = _quote(content, start)
    while at >= 0:
        after = at + 1
        if at == start or content[at - 1 : at] in ends:
            after = _closed(content, at + 1)
            held = content[at:after]
            if content[after : after + 1] not in ends or (one_line and any(end in held for end in ends[:3])):
                return content[:at].count(b"\n") + 1
        at = _quote(content, after)
    return None


def _quote(content: Content, start: int) -> int:
    """The position of the next quote, -1 where there is none."""
    while start < len(content):
        end = start - start % _STRETCH + _STRETCH
        at = content.find(b'"', start, end)
        if at >= 0:
            return at
        let_go()
        start = end
    return -1


def _closed(content: Content, start: int) -> int:
    """The position behind the quote that closes a value; at the end of the content where there is none, before it."""
    while (at := _quote(content, start)) >= 0:
        if content[at + 1 : at + 2] != b'"':
            return at + 1
        start = at + 2
    return start - 1


def quotes_are_characters(content: Content) -> bool:
    """Whether TSV is one row per line with quotes as they come: read as in CSV it would lose or join rows.

    Where each line has the tabs of the first and quotes close within their value, both readings give the same rows,
    and the one that takes the quotes off is right.
    """
    return open_quote(content, "\t", one_line=True) is not None and _tabs_agree(content)


def _tabs_agree(content: Content) -> bool:
    """Whether every line that is not empty has as many tabs as the first, and that is one or more."""
    start, tabs, seen = text_start(content), None, 0
    while start < len(content):
        if start - seen > _STRETCH:
            seen = start
            let_go()
        end = content.find(b"\n", start)
        end = len(content) if end < 0 else end + 1
        line = content[start:end]
        start = end
        if not line.strip(b"\r\n"):
            continue
        found = line.count(b"\t")
        tabs = tabs or found
        if not found or found != tabs:
            return False
    return True
