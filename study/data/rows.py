"""The texts and the labels of one split, read and checked; labels still carry the values of the source."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from study.data.duplicates import text_hashes
from study.data.labels import Labels
from study.data.source import RawSplit, is_text, type_name
from study.data.spool import let_go, spool
from study.data.texts import PAIR_SCHEMA, SCHEMA
from study.errors import InputError

_PIECE = 2_000  # rows converted at once


@dataclass(frozen=True)
class Rows:
    """One split: its texts, the code of each row's label, and the label values those codes stand for, as strings.

    ``texts`` has the column text, and pair where texts come in pairs, mapped from disk; ``hashes`` says which texts
    are the same. ``where`` names the split and its label column in messages. A missing label's value is None.
    ``problems`` are those of the texts.
    """

    where: str
    texts: pa.Table
    hashes: np.ndarray
    codes: np.ndarray
    values: tuple[str | None, ...]
    names: tuple[str, ...] | None = None
    problems: tuple[str, ...] = ()


class _Texts:
    """A column of texts, checked piece by piece: the first thing that is wrong with it, and its blank rows."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.wrong = ""
        self.blank: list[np.ndarray] = []

    def add(self, column: pa.Array) -> pa.Array | None:
        """The piece as plain strings, or None where it is of no use."""
        if self.wrong:
            return None
        if not is_text(column.type) and not pa.types.is_null(column.type):
            self.wrong = f" holds {type_name(column.type)}, not texts. Texts are strings; give another --text-column."
            return None
        try:
            texts = column.cast(pa.string())
            texts.validate(full=True)
        except pa.ArrowInvalid:
            self.wrong = " holds bytes that are not UTF-8. Texts are UTF-8; write the file again."
            return None
        blank = pc.fill_null(pc.equal(pc.utf8_trim_whitespace(texts), ""), True).to_numpy(zero_copy_only=False)
        self.blank.append(blank)
        return None if blank.any() else texts

    def problems(self) -> list[str]:
        if self.wrong:
            return [f"{self.where}{self.wrong}"]
        mask = np.concatenate(self.blank)
        if not mask.any():
            return []
        return [
            f"{self.where}: {at_rows(mask, 'text', 'missing or blank')}. Every row needs a text; remove these rows."
        ]


def read_rows(split: RawSplit, text: Sequence[str], label: str, names: Sequence[str] | None) -> Rows:
    """The rows of a split, read once from start to end; InputError where its file or its labels are of no use.

    ``text`` are the columns of texts, one or two; ``names`` are the class names of train, for integer labels of a
    split that states none of its own.
    """
    names = split.class_names.get(label, names)
    texts = [_Texts(f"{split.where}, column {name!r}") for name in text]
    labels = Labels(f"{split.where}, column {label!r}", None if names is None else tuple(names))
    hashes: list[np.ndarray] = []

    def pieces() -> Iterator[pa.RecordBatch]:
        for batch in split.batches([*text, label]):
            let_go()
            for start in range(0, batch.num_rows, _PIECE):
                piece = batch.slice(start, _PIECE)
                labels.add(piece.column(len(text)))
                found = [t.add(piece.column(i)) for i, t in enumerate(texts)]
                good = [column for column in found if column is not None]
                if len(good) == len(found):
                    hashes.append(text_hashes(good))
                    yield pa.RecordBatch.from_arrays(good, schema=schema)

    fields = (PAIR_SCHEMA if len(text) > 1 else SCHEMA).names[: len(text)]
    schema = pa.schema([PAIR_SCHEMA.field(name) for name in fields])
    table = spool(pieces(), schema)
    codes, values = labels.result()
    if not len(codes):
        raise InputError(f"{split.where} has no rows. Each split needs a row of each class; add rows or remove it.")
    return Rows(
        where=labels.where,
        texts=table,
        hashes=np.concatenate(hashes) if hashes else np.empty(0, np.uint64),
        codes=codes,
        values=values,
        names=labels.names,
        problems=tuple(problem for t in texts for problem in t.problems()),
    )


def at_rows(mask: np.ndarray, what: str, how: str) -> str:
    """How many rows are concerned, and the first few by number."""
    rows = np.flatnonzero(mask)
    first = ", ".join(str(row) for row in rows[:5])
    if len(rows) == len(mask):
        return f"all {len(rows):,} {what}s are {how}"
    more = ", ..." if len(rows) > 5 else ""
    many = f"{len(rows):,} {what}s are" if len(rows) > 1 else f"1 {what} is"
    return f"{many} {how}, at row{'s' if len(rows) > 1 else ''} {first}{more} (counted from 0)"
