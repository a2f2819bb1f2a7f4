"""Texts in one file, so that a trial in another process gets the very rows that were planned."""

from __future__ import annotations

import json
import os
import uuid
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from study.data.texts import SCHEMA, TextData
from study.errors import InputError

_KEY = b"study.texts"


def write_texts(data: TextData, path: str | Path) -> None:
    """Write everything of ``data`` to one parquet file, which appears whole or not at all."""
    told = {
        "name": data.name,
        "fingerprint": data.fingerprint,
        "labels": data.labels,
        "source": data.source,
        "notes": data.notes,
        "splits": list(data.splits),
    }
    schema = pa.schema([("split", pa.string()), *((n, SCHEMA.field(n).type) for n in ("row", "text", "label"))])
    schema = schema.with_metadata({_KEY: json.dumps(told).encode()})
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{uuid.uuid4().hex[:8]}.tmp")
    try:
        with pq.ParquetWriter(temporary, schema, compression="zstd") as writer:
            for split, table in data.splits.items():
                names = pa.repeat(pa.scalar(split), table.num_rows)
                writer.write_table(pa.table([names, table["row"], table["text"], table["label"]], schema=schema))
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def read_labels(path: str | Path) -> tuple[str, ...]:
    """The class names by id of the texts kept here, without reading the texts."""
    return tuple(json.loads(pq.read_schema(path).metadata[_KEY])["labels"])


def read_texts(path: str | Path) -> TextData:
    """The data written by ``write_texts``, equal to what was given to it; InputError for any other file."""
    try:
        table = pq.read_table(path)
        told = json.loads(table.schema.metadata[_KEY])
    except FileNotFoundError:
        raise InputError(f"{path}: no such file. Texts kept by write_texts are needed; write them again.") from None
    except (pa.ArrowException, OSError, KeyError, TypeError, ValueError):
        raise InputError(f"{path} holds no texts kept by write_texts, or is damaged. Write them again.") from None
    splits = {s: table.filter(pc.equal(table["split"], s)).select(SCHEMA.names) for s in told["splits"]}
    return TextData(
        name=told["name"],
        fingerprint=told["fingerprint"],
        labels=tuple(told["labels"]),
        splits={split: rows.replace_schema_metadata(None) for split, rows in splits.items()},
        source=told["source"],
        notes=tuple(told["notes"]),
    )
