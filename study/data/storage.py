"""Texts in one file, so that a trial in another process gets the very rows that were planned."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from study.data.spool import let_go
from study.data.texts import PAIR_SCHEMA, SCHEMA, Fold, TextData
from study.errors import InputError

_KEY = b"study.texts"
_GROUP = 16_384  # rows per row group: what is in memory at once, and what a reader of few rows has to decode


def write_texts(data: TextData, path: str | Path) -> None:
    """Write everything of ``data`` to one parquet file, which appears whole or not at all.

    A row group holds rows of one split. Few rows are in memory at a time.
    """
    told = {
        "name": data.name,
        "fingerprint": data.fingerprint,
        "labels": data.labels,
        "source": data.source,
        "notes": data.notes,
        "splits": list(data.splits),
        "checks": data.checks,
        "fold": data.fold and asdict(data.fold),
    }
    fields = PAIR_SCHEMA if data.pair else SCHEMA
    order = [name for name in ("row", "text", "pair", "label") if name in fields.names]
    schema = pa.schema([("split", pa.string()), *(fields.field(name) for name in order)])
    schema = schema.with_metadata({_KEY: json.dumps(told).encode()})
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{uuid.uuid4().hex[:8]}.tmp")
    try:
        with pq.ParquetWriter(temporary, schema, compression="zstd", use_dictionary=["split"]) as writer:
            for split, table in data.splits.items():
                for start in range(0, max(table.num_rows, 1), _GROUP):
                    rows = table.slice(start, _GROUP)
                    names = pa.repeat(pa.scalar(split), rows.num_rows)
                    writer.write_table(pa.table([names, *(rows[name] for name in order)], schema=schema))
                    let_go()
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def read_labels(path: str | Path) -> tuple[str, ...]:
    """The class names by id of the texts kept here, without reading the texts; InputError for any other file."""
    return tuple(_told(path)["labels"])


def splits_of(path: str | Path) -> tuple[str, ...]:
    """The names of the splits kept here, without reading the texts; InputError for any other file."""
    return tuple(_told(path)["splits"])


def read_batches(path: str | Path, split: str, size: int = 2_000) -> Iterator[pa.RecordBatch]:
    """The rows of one split in order, ``size`` or fewer at a time, with the columns of its table.

    One row group is decoded at a time, and of other splits none.
    """
    _told(path)
    with pq.ParquetFile(path) as file:
        names = [name for name in PAIR_SCHEMA.names if name in file.schema_arrow.names]
        groups = [i for i in range(file.num_row_groups) if _split_of_group(file, i) in (split, None)]
        for group in groups:
            for batch in file.iter_batches(size, row_groups=[group], columns=["split", *names]):
                rows = batch.filter(pc.equal(batch.column("split"), split)).select(names)
                if rows.num_rows:
                    yield rows.replace_schema_metadata(None)


def read_texts(path: str | Path) -> TextData:
    """The data written by ``write_texts``, equal to what was given to it; InputError for any other file.

    All of it is read into memory; ``read_batches`` reads large data a few rows at a time.
    """
    told = _told(path)
    try:
        table = pq.read_table(path)
    except (pa.ArrowException, OSError, ValueError):
        raise _damaged(path) from None
    names = [name for name in PAIR_SCHEMA.names if name in table.column_names]
    splits = {s: table.filter(pc.equal(table["split"], s)).select(names) for s in told["splits"]}
    return TextData(
        name=told["name"],
        fingerprint=told["fingerprint"],
        labels=tuple(told["labels"]),
        splits={split: rows.replace_schema_metadata(None) for split, rows in splits.items()},
        source=told["source"],
        notes=tuple(told["notes"]),
        checks=told.get("checks", {}),
        fold=Fold(**told["fold"]) if told.get("fold") else None,
    )


def _told(path: str | Path) -> dict[str, Any]:
    """What is said beside the rows: name, labels and the like."""
    try:
        return json.loads(pq.read_schema(path).metadata[_KEY])
    except FileNotFoundError:
        raise InputError(f"{path}: no such file. Texts kept by write_texts are needed; write them again.") from None
    except (pa.ArrowException, OSError, KeyError, TypeError, ValueError):
        raise _damaged(path) from None


def _damaged(path: str | Path) -> InputError:
    return InputError(f"{path} holds no texts kept by write_texts, or is damaged. Write them again.")


def _split_of_group(file: pq.ParquetFile, group: int) -> str | None:
    """The split whose rows a row group holds; None where its statistics do not tell."""
    found = file.metadata.row_group(group).column(file.schema_arrow.names.index("split")).statistics
    return found.min if found is not None and found.has_min_max and found.min == found.max else None
