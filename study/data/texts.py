"""TextData: the texts and classes a study works on, and the fingerprint that says which they are."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

SPLITS = ("train", "validation", "test")

SCHEMA = pa.schema([("text", pa.string()), ("label", pa.int32()), ("row", pa.int64())])
"""The columns of a split: the text, the id of its class, and the row's number in the source, counted from 0."""

_CHUNK = 65_536  # rows hashed at once; part of what the fingerprint is, so it never changes


@dataclass(frozen=True)
class DataOptions:
    """What a user says about data: which, how its columns are called, how much of it, and the seed of any draw."""

    name: str = "reviews"
    text_column: str | None = None
    label_column: str | None = None
    train_size: int | None = None
    eval_size: int | None = None
    data_seed: int = 0


@dataclass(frozen=True)
class TextData:
    """Texts with their classes. ``labels`` holds the class names by id; ``splits`` has train, validation and test.

    ``fingerprint`` depends on the rows that are used and on nothing else: not on the place, the format or the time.
    ``source`` says where they came from; ``notes`` what was decided on the way, one sentence each.
    """

    name: str
    fingerprint: str
    labels: tuple[str, ...]
    splits: Mapping[str, pa.Table]
    source: str
    notes: tuple[str, ...]


def fingerprint(labels: Sequence[str], splits: Mapping[str, pa.Table]) -> str:
    """16 hexadecimal digits over the class names in the order of their ids and every (text, class) in order.

    The order of the names belongs to it, because the same rows with classes 0 and 1 exchanged train another head and
    score another F1.
    """
    digest = hashlib.sha256(json.dumps(list(labels)).encode())
    for name in SPLITS:
        table = splits[name]
        digest.update(f"\n{name} {table.num_rows}\n".encode())
        for start in range(0, table.num_rows, _CHUNK):
            _hash_rows(digest, table.slice(start, _CHUNK))
    return digest.hexdigest()[:16]


def _hash_rows(digest: hashlib._Hash, rows: pa.Table) -> None:
    """Lengths, then bytes, then ids: unambiguous, and nothing passes through Python one row at a time."""
    texts = pa.concat_arrays(rows["text"].cast(pa.large_string()).chunks)
    offsets = np.frombuffer(texts.buffers()[1], np.int64)[texts.offset : texts.offset + len(texts) + 1]
    digest.update(np.diff(offsets).astype("<i8").tobytes())
    content = texts.buffers()[2]
    if content is not None:
        digest.update(memoryview(content)[int(offsets[0]) : int(offsets[-1])])
    digest.update(rows["label"].to_numpy().astype("<i4").tobytes())
