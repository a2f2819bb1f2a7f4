"""A few texts of a data set, read from its file by their row numbers without reading the others."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

_BATCH = 1_000  # rows in memory at once: long texts are read a few MiB at a time
_BETWEEN = " ⟂ "


def read_rows(path: Path, split: str, rows: Collection[int]) -> pd.DataFrame:
    """The texts with these row numbers in a split: row, text, label, in the order of the file.

    The two texts of a pair are one, with ⟂ between them. Row numbers are looked for first, in their own small columns,
    and of the texts only the row groups that hold one are read, a batch at a time: a file may be larger than memory.
    """
    columns = ["row", "text", "label"]
    found = []
    with pq.ParquetFile(path) as file:
        names = [*columns, *(["pair"] if "pair" in file.schema_arrow.names else [])]
        for group in range(file.metadata.num_row_groups):
            places = _places(file.read_row_group(group, columns=["split", "row"]), split, rows)
            start = 0
            # the last batches of a group are not read once its rows have been found
            for batch in file.iter_batches(_BATCH, row_groups=[group], columns=names) if len(places) else ():
                inside = places[(places >= start) & (places < start + len(batch))] - start
                found.append(batch.take(pa.array(inside)))
                start += len(batch)
                if start > places[-1]:
                    break
    if not found:
        return pd.DataFrame(columns=columns)
    table = pa.Table.from_batches(found).to_pandas()
    if "pair" in table:
        table["text"] = table["text"] + _BETWEEN + table["pair"]
    return table[columns]


def _places(table: pa.Table, split: str, rows: Collection[int]) -> np.ndarray:
    """Where in a row group the rows of a split stand, ascending."""
    wanted = pa.array([int(row) for row in rows], table.schema.field("row").type)
    mask = pc.and_(pc.equal(table["split"], split), pc.is_in(table["row"], value_set=wanted))
    return np.flatnonzero(mask.to_numpy(zero_copy_only=False))
