"""The index: every record of a ledger and its row in one parquet file, so that reading a study opens one file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from study.records import Records, Texts, places
from study.rows import KINDS, VERSION

Stamp = tuple[int, int]
"""Size and time of a record's file, by which it is told whether the index still holds."""

_BLOCK = 4096
_FORMAT: dict[str, Any] = {"compression": "zstd", "write_page_checksum": True}
_OWN = {"size": pa.int64(), "mtime": pa.int64(), "whole": pa.bool_()}


@dataclass(frozen=True)
class Index:
    """What an index file says: ``stamps`` of the files by key, and which of them hold no record."""

    rows: pa.Table
    texts: Texts
    stamps: Mapping[str, Stamp]
    damaged: frozenset[str]

    def records(self, keys: Set[str]) -> Records:
        """The records among those with these keys, as the index has them; ``damaged`` has the keys of the others."""
        if not self.damaged and keys == self.stamps.keys():
            return Records(self.rows, places(range(self.rows.num_rows)), [self.texts])
        every = self.rows["key"].to_pylist()
        kept = [place for place, key in enumerate(every) if key in keys and key not in self.damaged]
        return Records(
            self.rows.take(pa.array(kept, pa.int64())), places(kept), [self.texts], sorted(keys & self.damaged)
        )


def parse(content: pa.Buffer) -> Index | None:
    """The index in the bytes of a file; None where they are none, or one of another version."""
    try:
        file = pq.ParquetFile(pa.BufferReader(content), page_checksum_verification=True)
        if (file.schema_arrow.metadata or {}).get(b"rows") != VERSION.encode():
            return None
        table = file.read(columns=[name for name in file.schema_arrow.names if name != "json"])
    except (pa.ArrowInvalid, OSError):
        return None  # the records are the truth; without an index reading them is only slow
    keys, sizes, times, whole = (table[name].to_pylist() for name in ("key", *_OWN))
    stamps = dict(zip(keys, zip(sizes, times, strict=True), strict=True))
    damaged = frozenset(key for key, good in zip(keys, whole, strict=True) if not good)
    return Index(table.drop_columns(list(_OWN)), Texts(file), stamps, damaged)


def written(records: Records, stamps: Mapping[str, Stamp]) -> bytes:
    """The bytes of an index of these records and of the ``stamps`` of every file, those without a record too."""
    schema = pa.schema(
        [*records.rows.schema, *((name, kind) for name, kind in _OWN.items()), ("json", pa.binary())],
        metadata={"rows": VERSION},
    )
    sink = pa.BufferOutputStream()
    with pq.ParquetWriter(sink, schema, **_FORMAT) as writer:
        for start in range(0, len(records), _BLOCK):
            rows = records.rows.slice(start, _BLOCK)
            writer.write_table(_stamped(rows, stamps, [records.text(key) for key in rows["key"].to_pylist()], schema))
        if damaged := sorted(stamps.keys() - records.keys()):
            rows = pa.table({name: _empty(name, damaged) for name in records.rows.column_names})
            writer.write_table(_stamped(rows, stamps, [None] * len(damaged), schema))
    content: bytes = sink.getvalue().to_pybytes()
    return content


def _stamped(rows: pa.Table, stamps: Mapping[str, Stamp], texts: Sequence[bytes | None], schema: pa.Schema) -> pa.Table:
    """Rows with their files' sizes and times and their texts; without a text there is no record."""
    sizes, times = zip(*(stamps[key] for key in rows["key"].to_pylist()), strict=True)
    whole = [text is not None for text in texts]
    columns = [*rows.columns, *map(pa.array, (sizes, times, whole)), pa.array(texts, pa.binary())]
    return pa.table(columns, schema=schema)


def _empty(name: str, keys: Sequence[str]) -> pa.Array:
    return pa.array(keys, pa.string()) if name == "key" else pa.nulls(len(keys), KINDS[name.split(" ", 1)[0]])
