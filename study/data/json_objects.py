"""JSON objects from text, one at a time: one per line, or the elements of one array."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from typing import Any

from study.data.content import Content, not_utf8, text_start
from study.errors import InputError

_PIECE = 1 << 20
_SNIFFED = 1 << 16
_LONGEST = 1 << 25  # characters of an object in an array
_BLANK = " \t\r\n"
_DO = "A row is one object, {...}, on one line or in one array of all rows; correct it."


class _Twice(ValueError):
    """A key stands twice in an object."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise _Twice(next(name for name in names if names.count(name) > 1))
    return found


_DECODER = json.JSONDecoder(object_pairs_hook=_object)


def json_objects(content: Content, where: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Every object with the line (from 1) it begins at; InputError at the first thing that is none."""
    start = text_start(content)
    array = content[start : start + _SNIFFED].lstrip()[:1] == b"["
    for line, value in _elements(content, start, where) if array else _lines(content, start, where):
        if not isinstance(value, dict):
            what = {list: "a list", str: "a string", type(None): "null", bool: "a truth value"}
            raise InputError(f"{where}, line {line:,}: {what.get(type(value), 'a number')} instead of a row. {_DO}")
        yield line, value


def _lines(content: Content, start: int, where: str) -> Iterator[tuple[int, Any]]:
    """The value on each line that is not blank."""
    number = 0
    while start < len(content):
        end = content.find(b"\n", start)
        end = len(content) if end < 0 else end + 1
        number += 1
        try:
            text = content[start:end].decode("utf-8").strip(_BLANK)
        except UnicodeDecodeError:
            raise not_utf8(where, line=number) from None
        start = end
        if text:
            try:
                yield number, _DECODER.decode(text)
            except (ValueError, RecursionError) as error:
                if isinstance(error, json.JSONDecodeError) and _ended(error, text):
                    raise InputError(f"{where}, line {number:,}: the row does not end on this line. {_DO}") from None
                raise _bad(error, number, where) from None


def _ended(error: json.JSONDecodeError, text: str) -> bool:
    """Whether nothing is wrong but that the text stops."""
    return error.pos >= len(text) or error.msg.startswith("Unterminated string")


def _bad(error: Exception, line: int, where: str) -> InputError:
    """What is said of text that is no JSON."""
    if isinstance(error, InputError):
        return error
    if isinstance(error, _Twice):
        return InputError(f"{where}, line {line:,}: the key {str(error)!r} stands twice. Keys must differ; remove one.")
    if isinstance(error, RecursionError):
        return InputError(f"{where}, line {line:,}: nested too deeply. {_DO}")
    if isinstance(error, json.JSONDecodeError):
        what = error.msg[0].lower() + error.msg[1:].removesuffix(" at")
        return InputError(f"{where}, line {line:,}: not JSON ({what} at character {error.colno:,}). {_DO}")
    return InputError(f"{where}, line {line:,}: a number that is too long. {_DO}")


def _elements(content: Content, start: int, where: str) -> Iterator[tuple[int, Any]]:
    """The elements of the array that the text is, with little more than one of them in memory."""
    text = _Window(content, start, where)
    text.skip()
    text.at += 1
    text.skip()
    first = True
    while text.peek() != "]":
        if not first:
            if text.peek() != ",":
                raise text.expected("a comma or ] after a row")
            text.at += 1
            text.skip()
        yield text.line, text.value()
        text.skip()
        first = False
    text.at += 1
    text.skip()
    if text.peek():
        raise text.expected("nothing after the array")


class _Window:
    """A stretch of decoded text that moves through the content; ``at`` is the next character, ``line`` its line."""

    def __init__(self, content: Content, start: int, where: str) -> None:
        self.content, self.next, self.where = content, start, where
        self.text, self.at, self.line, self._counted = "", 0, 1, 0
        self.decoder = codecs.getincrementaldecoder("utf-8")()

    def more(self) -> bool:
        """Whether there was more text; what lies behind ``at`` is let go."""
        if self.next >= len(self.content):
            return False
        piece = self.content[self.next : self.next + _PIECE]
        self.next += len(piece)
        self._count()
        try:
            decoded = self.decoder.decode(piece, final=self.next >= len(self.content))
        except UnicodeDecodeError:
            raise not_utf8(self.where) from None
        self.text, self.at, self._counted = self.text[self.at :] + decoded, 0, 0
        return True

    def _count(self) -> None:
        self.line += self.text.count("\n", self._counted, self.at)
        self._counted = self.at

    def skip(self) -> None:
        """Go on to the next character that is not blank."""
        while True:
            while self.at < len(self.text) and self.text[self.at] in _BLANK:
                self.at += 1
            if self.at < len(self.text) or not self.more():
                self._count()
                return

    def peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def value(self) -> Any:
        """The value that begins here; more text is fetched while it may go on."""
        while True:
            try:
                value, end = _DECODER.raw_decode(self.text, self.at)
            except (ValueError, RecursionError) as error:
                unfinished = isinstance(error, json.JSONDecodeError) and self._may_go_on(error)
                if not unfinished or len(self.text) - self.at > _LONGEST or not self.more():
                    raise self._bad(error) from None
                continue
            if end < len(self.text) or not self.more():  # a number at the end of the window may go on
                self.at = end
                return value

    def _may_go_on(self, error: json.JSONDecodeError) -> bool:
        return _ended(error, self.text[:-16])  # an escape or a word that is cut off is an error where it begins

    def _bad(self, error: Exception) -> InputError:
        at = error.pos if isinstance(error, json.JSONDecodeError) else self.at
        return _bad(error, self.line + self.text.count("\n", self.at, at), self.where)

    def expected(self, what: str) -> InputError:
        found = repr(self.peek()) if self.peek() else "the end of the file"
        return InputError(f"{self.where}, line {self.line:,}: {found} where {what} is expected. {_DO}")
