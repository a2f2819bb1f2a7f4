"""How long the texts of a data set are, read from their file without keeping the texts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

_BATCH = 1_000


def text_lengths(path: Path, split: str) -> pd.DataFrame:
    """One row per text of a split: row, words (runs without a blank), characters; the two texts of a pair together."""
    parts = []
    with pq.ParquetFile(path) as file:
        names = [name for name in ("split", "row", "text", "pair") if name in file.schema_arrow.names]
        for batch in file.iter_batches(_BATCH, columns=names):
            mine = batch.filter(pc.equal(batch["split"], split))
            if len(mine):
                parts.append(_counted(mine))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["row", "words", "characters"])


def quarters(lengths: np.ndarray) -> np.ndarray | None:
    """The quarter of each length, 0 to 3, by the three quartiles; None where they are not different.

    A length that is a quartile belongs to the quarter below it.
    """
    edges = np.quantile(lengths, (0.25, 0.5, 0.75), method="lower") if len(lengths) else np.zeros(0)
    if len(np.unique(edges)) < 3 or edges[-1] == lengths.max():
        return None
    return np.searchsorted(edges, lengths, side="left")


def _counted(batch: pa.RecordBatch) -> pd.DataFrame:
    columns = [batch[name] for name in ("text", "pair") if name in batch.schema.names]
    words = sum(pc.count_substring_regex(column, r"[^\s\p{Z}]+").to_numpy(zero_copy_only=False) for column in columns)
    signs = sum(pc.utf8_length(column).to_numpy(zero_copy_only=False) for column in columns)
    return pd.DataFrame({"row": batch["row"].to_numpy(), "words": words, "characters": signs})
