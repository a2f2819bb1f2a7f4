"""TextData: the texts and classes a study works on, and the fingerprint that says which they are."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from study.data.spool import let_go

SPLITS = ("train", "validation", "test")

SCHEMA = pa.schema([("text", pa.string()), ("label", pa.int32()), ("row", pa.int64())])
"""The columns of a split: the text, the id of its class, and the row's number in the source, counted from 0."""

PAIR_SCHEMA = pa.schema([SCHEMA.field("text"), ("pair", pa.string()), SCHEMA.field("label"), SCHEMA.field("row")])
"""The columns of a split whose texts come in pairs: the second text of each row is its ``pair``."""

_CHUNK = 65_536  # rows hashed at once; part of what the fingerprint is, so it never changes


@dataclass(frozen=True)
class DataOptions:
    """What a user says about data: which, how its columns are called, how much of it, and the seed of any draw.

    ``config`` names one configuration of a Hub data set. ``text_column`` is one column or two, "a,b", for pairs of
    texts. ``folds`` asks for that many folds of cross-validation instead of fixed splits.
    """

    name: str = "reviews"
    config: str | None = None
    text_column: str | None = None
    label_column: str | None = None
    train_size: int | None = None
    eval_size: int | None = None
    data_seed: int = 0
    folds: int | None = None


@dataclass(frozen=True)
class Fold:
    """Which fold of a cross-validation data are: ``number`` (from 1) ``of`` so many.

    ``whole`` is the same for all folds that belong together: 16 hexadecimal digits over all rows that were folded and
    the way they were (number of folds, sizes, data seed).
    """

    number: int
    of: int
    whole: str


@dataclass(frozen=True)
class TextData:
    """Texts with their classes. ``labels`` holds the class names by id; ``splits`` has train, validation and test.

    A split's columns are those of SCHEMA or, where texts come in pairs, PAIR_SCHEMA; its texts may be mapped from disk.
    ``fingerprint`` depends on the rows that are used and on nothing else: not on the place, the format or the time.
    ``source`` says where they came from; ``notes`` what was decided on the way, one sentence each. ``checks`` holds
    what was found out about the rows as JSON values: "classes" (rows by split and class name) and "duplicates" (see
    study.data.duplicates).
    """

    name: str
    fingerprint: str
    labels: tuple[str, ...]
    splits: Mapping[str, pa.Table]
    source: str
    notes: tuple[str, ...]
    checks: Mapping[str, Any] = field(default_factory=dict)
    fold: Fold | None = None

    @property
    def pair(self) -> bool:
        """Whether each row has two texts."""
        return any("pair" in table.column_names for table in self.splits.values())


def fingerprint(labels: Sequence[str], splits: Mapping[str, pa.Table]) -> str:
    """16 hexadecimal digits over the class names in the order of their ids and every (text, class) in order.

    The order of the names belongs to it, because the same rows with classes 0 and 1 exchanged train another head and
    score another F1. Second texts belong to it where there are any; splits that are not there add nothing.
    """
    digest = hashlib.sha256(json.dumps(list(labels)).encode())
    for name in SPLITS:
        if name not in splits:
            continue
        table = splits[name]
        columns = [column for column in ("text", "pair") if column in table.column_names]
        kind = " of pairs" if len(columns) > 1 else ""
        digest.update(f"\n{name} {table.num_rows}{kind}\n".encode())
        for start in range(0, table.num_rows, _CHUNK):
            rows = table.slice(start, _CHUNK)
            for column in columns:
                _hash_texts(digest, rows[column])
            digest.update(rows["label"].to_numpy().astype("<i4").tobytes())
            let_go()
    return digest.hexdigest()[:16]


def _hash_texts(digest: hashlib._Hash, texts: pa.ChunkedArray) -> None:
    """Lengths, then bytes: unambiguous, nothing passes through Python one row at a time, and nothing is copied."""
    pieces = [(piece, _offsets(piece)) for piece in texts.chunks]
    for _, offsets in pieces:
        digest.update(np.diff(offsets).astype("<i8").tobytes())
    for piece, offsets in pieces:
        content = piece.buffers()[2]
        if content is not None:
            digest.update(memoryview(content)[int(offsets[0]) : int(offsets[-1])])


def _offsets(texts: pa.StringArray) -> np.ndarray:
    return np.frombuffer(texts.buffers()[1], np.int32)[texts.offset : texts.offset + len(texts) + 1]
