"""A file of JSON objects, one per line or in one array, as a split that is not yet read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.resources.abc import Traversable
from itertools import islice
from typing import Any

import pyarrow as pa

from study.data.content import Content, read_content
from study.data.json_objects import json_objects
from study.data.source import RawSplit, type_name
from study.errors import InputError

_SNIFFED = 1_000  # objects that tell the columns
_ROWS = 2_000  # of a batch
_BYTES = 1 << 22  # after so many a batch ends before it has that many rows

_KINDS = {str: pa.string(), bool: pa.bool_(), int: pa.int64(), float: pa.float64(), dict: pa.struct([])}


def open_json(path: Traversable, where: str) -> RawSplit:
    """The split in a JSON file: an object per row, whose keys name the columns. A key that a row lacks is missing."""
    content = read_content(path, where)
    if not content[: 1 << 16].strip():
        raise InputError(f"{where} is empty. A JSON file holds an object per row; give one with rows.")
    types: dict[str, pa.DataType] = {}
    for _, item in islice(json_objects(content, where), _SNIFFED):
        for name, value in item.items():
            kind = _kind(value)
            if pa.types.is_null(types.setdefault(name, kind)):
                types[name] = kind
    if not types:
        raise InputError(f"{where} has no columns. A row is an object whose keys name the columns; give such rows.")

    def batches(columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        return _batches(content, columns, where)

    return RawSplit(where, types, batches)


def _kind(value: Any) -> pa.DataType:
    if isinstance(value, list):
        return pa.list_(_kind(value[0]) if value else pa.null())
    return pa.null() if value is None else _KINDS[type(value)]


def _batches(content: Content, columns: Sequence[str], where: str) -> Iterator[pa.RecordBatch]:
    """These keys of the objects in batches; InputError where the values of a key are of two kinds."""
    kinds: dict[str, tuple[pa.DataType, int]] = {}
    lines: list[int] = []
    rows: list[list[Any]] = []
    held = 0
    for line, item in json_objects(content, where):
        values = [item.get(name) for name in columns]
        for name, value in zip(columns, values, strict=True):
            _check_kind(name, value, line, kinds, where)
        lines.append(line)
        rows.append(values)
        held += sum(len(value) for value in values if isinstance(value, str))
        if len(rows) == _ROWS or held > _BYTES:
            yield _batch(columns, rows, lines, where)
            rows, lines, held = [], [], 0
    if rows:
        yield _batch(columns, rows, lines, where)


def _check_kind(name: str, value: Any, line: int, kinds: dict[str, tuple[pa.DataType, int]], where: str) -> None:
    """Refuse a value of another kind than those before; integers and decimal numbers are one kind."""
    if value is None:
        return
    if isinstance(value, (list, dict)):
        what = "a list" if isinstance(value, list) else "an object"
        raise InputError(
            f"{where}, line {line:,}: {name!r} holds {what}. A text is one string and a label one value; give another "
            "column, or write the rows flat."
        )
    kind = _kind(value)
    before, first = kinds.setdefault(name, (kind, line))
    if before != kind and not (_is_number(before) and _is_number(kind)):
        raise InputError(
            f"{where}: {name!r} holds {type_name(before)} (line {first:,}) and {type_name(kind)} (line {line:,}). The "
            "values of a column are of one kind; write them all alike."
        )


def _is_number(kind: pa.DataType) -> bool:
    return pa.types.is_integer(kind) or pa.types.is_floating(kind)


def _batch(columns: Sequence[str], rows: Sequence[Sequence[Any]], lines: Sequence[int], where: str) -> pa.RecordBatch:
    """The rows as arrays; InputError for a value that no array can hold."""
    arrays = []
    for name, values in zip(columns, zip(*rows, strict=True), strict=True):
        try:
            if any(isinstance(value, float) for value in values):
                values = tuple(None if value is None else float(value) for value in values)
            arrays.append(pa.array(values))
        except (pa.ArrowException, OverflowError, UnicodeEncodeError):
            raise _no_value(name, values, lines, where) from None
    return pa.RecordBatch.from_arrays(arrays, names=list(columns))


def _no_value(name: str, values: Sequence[Any], lines: Sequence[int], where: str) -> InputError:
    """What is said of half a character ("\\ud83d" alone) and of an integer beyond 64 bits."""
    for line, value in zip(lines, values, strict=True):
        if isinstance(value, str) and any("\ud800" <= c <= "\udfff" for c in value):
            return InputError(
                f"{where}, line {line:,}: {name!r} holds half of a character (a lone surrogate such as \\ud83d). Write "
                "the file again with whole characters."
            )
        if isinstance(value, int) and not -(2**63) <= value < 2**63:
            return InputError(
                f"{where}, line {line:,}: {name!r} holds a number of {len(str(value))} digits. Integers have 64 bits; "
                "write it as a string, or give another column."
            )
    return InputError(f"{where}: {name!r} holds values of several kinds. Write them all alike.")
