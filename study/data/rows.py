"""The texts and the labels of one split, read and checked; labels still carry the values of the source."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from study.data.source import RawSplit, is_text, type_name
from study.errors import InputError, Problems

MOST_CLASSES = 1000

NUMBER = re.compile(r"\s*-?(0|[1-9]\d*)(\.\d*)?([eE][+-]?\d+)?\s*|-?inf")
"""Labels of this form are numbers; 007 is not one, so that it stays apart from 7."""

_PIECE = 65_536  # rows converted at once, so that no array of 32-bit strings outgrows 2 GiB


@dataclass(frozen=True)
class Rows:
    """One split: its texts, the code of each row's label, and the label values those codes stand for, as strings.

    ``where`` names the split and its label column in messages.
    """

    where: str
    texts: pa.ChunkedArray
    codes: np.ndarray
    values: tuple[str, ...]
    names: tuple[str, ...] | None = None


def read_rows(split: RawSplit, text: str, label: str, names: Sequence[str] | None) -> Rows:
    """The rows of a split; InputError with everything that is wrong with its texts and labels.

    ``names`` are the class names of train, for integer labels of a split that states none of its own.
    """
    table = split.read([text, label])
    if not table.num_rows:
        raise InputError(f"{split.where} has no rows. Each split needs a row of each class; add rows or remove it.")
    problems = Problems()
    names = split.class_names.get(label, names)
    texts, codes, values = table[text], np.empty(0, np.int32), tuple[str, ...]()
    with problems.collecting():
        texts = _texts(table[text], f"{split.where}, column {text!r}")
    with problems.collecting():
        codes, values = _labels(table[label], names, f"{split.where}, column {label!r}")
    problems.raise_if_any()
    return Rows(f"{split.where}, column {label!r}", texts, codes, values, None if names is None else tuple(names))


def _texts(column: pa.ChunkedArray, where: str) -> pa.ChunkedArray:
    """The column as plain strings, none of them missing or blank."""
    if not is_text(column.type) and not pa.types.is_null(column.type):
        raise InputError(
            f"{where} holds {type_name(column.type)}, not texts. Texts are strings; give another --text-column."
        )
    pieces, blank = [], []
    try:
        for chunk in column.chunks:
            for start in range(0, len(chunk), _PIECE):
                piece = chunk.slice(start, _PIECE).cast(pa.string())
                piece.validate(full=True)
                pieces.append(piece)
                blank.append(pc.fill_null(pc.equal(pc.utf8_trim_whitespace(piece), ""), True))
    except pa.ArrowInvalid:
        raise InputError(f"{where} holds bytes that are not UTF-8. Texts are UTF-8; write the file again.") from None
    mask = np.concatenate([b.to_numpy(zero_copy_only=False) for b in blank])
    if mask.any():
        which = _at(mask, "text", "missing or blank")
        raise InputError(f"{where}: {which}. Every row needs a text; remove these rows.")
    return pa.chunked_array(pieces, pa.string())


def _labels(column: pa.ChunkedArray, names: Sequence[str] | None, where: str) -> tuple[np.ndarray, tuple[str, ...]]:
    """Each row's code and the distinct values by code, as strings: 1 and 1.0 are '1', true is 'True'."""
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if not _is_class(kind):
        raise InputError(
            f"{where} holds {type_name(kind)}, not classes. A label is an integer, a string or a boolean; give "
            "another --label-column."
        )
    coded = pa.concat_arrays(column.cast(kind).chunks).dictionary_encode()
    codes, found = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False), coded.dictionary
    if len(found) > MOST_CLASSES:
        raise InputError(
            f"{where} has {len(found):,} distinct values, which looks like a number to predict or an identifier. "
            f"Classification needs classes, at most {MOST_CLASSES:,}; give another --label-column."
        )
    values = [_as_string(value, names) for value in found.to_pylist()]
    if all(value is None or value.lower() == "nan" or NUMBER.fullmatch(value) for value in values):
        values = [None if value is None or value.lower() == "nan" else value for value in values]
    present = np.array([value is not None for value in values] + [False])  # the last one serves code -1
    missing = ~present[codes]
    if missing.any():
        which = _at(missing, "label", "missing")
        raise InputError(f"{where}: {which}. Every row needs a class; remove these rows, or the split.")
    return codes, tuple(value or "" for value in values)


def _is_class(kind: pa.DataType) -> bool:
    test = pa.types
    numeric = test.is_integer(kind) or test.is_floating(kind) or test.is_decimal(kind)
    return numeric or test.is_boolean(kind) or is_text(kind) or test.is_null(kind)


def _as_string(value: Any, names: Sequence[str] | None) -> str | None:
    """A label as a string, its class's name where the source states them; None where it is missing."""
    if value is None or value != value or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, str):
        return value
    if names is not None:
        return names[int(value)] if 0 <= value < len(names) else None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _at(mask: np.ndarray, what: str, how: str) -> str:
    """How many rows are concerned, and the first few by number."""
    rows = np.flatnonzero(mask)
    first = ", ".join(str(row) for row in rows[:5])
    if len(rows) == len(mask):
        return f"all {len(rows):,} {what}s are {how}"
    more = ", ..." if len(rows) > 5 else ""
    many = f"{len(rows):,} {what}s are" if len(rows) > 1 else f"1 {what} is"
    return f"{many} {how}, at row{'s' if len(rows) > 1 else ''} {first}{more} (counted from 0)"
