"""The rows that were drawn, as the tables of TextData."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pyarrow as pa

from study.data.duplicates import Seen
from study.data.rows import Rows
from study.data.spool import let_go, spool
from study.data.texts import PAIR_SCHEMA, SCHEMA

Starts = Mapping[str, int]
"""For each split of the source, the number of its first row: 0, or what keeps the rows of joined splits apart."""


def drawn_rows(
    drawn: Mapping[str, np.ndarray], ids: Mapping[str, np.ndarray], starts: Starts
) -> tuple[np.ndarray, ...]:
    """The class id and the number of every row of one drawn split."""
    labels = [ids[source][numbers] for source, numbers in drawn.items()]
    rows = [numbers + starts[source] for source, numbers in drawn.items()]
    return np.concatenate(labels), np.concatenate(rows)


def drawn_table(
    drawn: Mapping[str, np.ndarray], rows: Mapping[str, Rows], ids: Mapping[str, np.ndarray], starts: Starts
) -> pa.Table:
    """The drawn rows of one split, their texts mapped from disk; nothing is copied where all of a split are drawn."""
    (source, numbers), *others = drawn.items()
    texts = rows[source].texts
    if others or len(numbers) < texts.num_rows:
        texts = spool(_picked(drawn, rows), texts.schema)
    labels, row = drawn_rows(drawn, ids, starts)
    schema = PAIR_SCHEMA if texts.num_columns > 1 else SCHEMA
    return pa.table([*texts.columns, pa.array(labels, pa.int32()), pa.array(row, pa.int64())], schema=schema)


def _picked(drawn: Mapping[str, np.ndarray], rows: Mapping[str, Rows]) -> Iterator[pa.RecordBatch]:
    """The drawn rows, batch by batch: taking them by number would join all texts in one array."""
    for source, numbers in drawn.items():
        start = 0
        for batch in rows[source].texts.to_batches():
            first, last = np.searchsorted(numbers, (start, start + batch.num_rows))
            if first < last:
                yield batch.take(pa.array(numbers[first:last] - start))
                let_go()
            start += batch.num_rows


def seen(
    drawn: Mapping[str, np.ndarray], rows: Mapping[str, Rows], ids: Mapping[str, np.ndarray], starts: Starts
) -> Seen:
    """What duplicates are found by, for the drawn rows of one split."""
    hashes = np.concatenate([rows[source].hashes[numbers] for source, numbers in drawn.items()])
    return Seen(hashes, *drawn_rows(drawn, ids, starts))
