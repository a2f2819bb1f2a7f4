"""A parquet file as a split that is not yet read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from study.data.source import RawSplit, shown
from study.errors import InputError

_POINTER = b"version https://git-lfs"
_ROWS = 2_000  # of a batch
_BUFFER = 1 << 20  # bytes read at a time: without it a column of a row group is read whole


def open_parquet(path: Path, where: str) -> RawSplit:
    """The split in a parquet file; only its footer is read until columns are asked for."""
    with path.open("rb") as file:
        start = file.read(len(_POINTER))
    if not start:
        raise InputError(f"{where} is empty (0 bytes). A parquet file with rows is needed; write or download it again.")
    if start == _POINTER:
        raise InputError(f"{where} is a Git LFS pointer, not the parquet file it stands for. Run `git lfs pull`.")
    try:
        schema = pq.read_schema(path)
        names = schema.names  # decodes them
    except (pa.ArrowException, OSError, ValueError):
        raise _broken(where) from None
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise InputError(f"{where} has the column {shown(repeated)} more than once. Names must differ; rename one.")

    def batches(columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        try:
            with pq.ParquetFile(path, buffer_size=_BUFFER, pre_buffer=False) as file:
                for batch in file.iter_batches(_ROWS, columns=list(columns), use_threads=False):
                    yield batch.select(list(columns))
        except (pa.ArrowException, OSError, ValueError):
            raise _broken(where) from None

    return RawSplit(where, dict(zip(names, schema.types, strict=True)), batches, _class_names(schema.metadata))


def _broken(where: str) -> InputError:
    return InputError(
        f"{where} is not a readable parquet file (damaged, cut off, or another format). Write or download it again."
    )


def _class_names(metadata: Mapping[bytes, bytes] | None) -> dict[str, tuple[str, ...]]:
    """The class names that the datasets library keeps in the files it writes, by column."""
    try:
        features: dict[str, Any] = json.loads((metadata or {})[b"huggingface"])["info"]["features"]
        return {
            name: tuple(feature["names"])
            for name, feature in features.items()
            if isinstance(feature, dict) and feature.get("_type") == "ClassLabel"
        }
    except (KeyError, TypeError, AttributeError, ValueError):
        return {}
