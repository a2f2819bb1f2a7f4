"""The ledger: one small file per trial, put atomically, read whole, indexed, and written by one process at a time."""

from __future__ import annotations

import json
import math
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from filelock import FileLock, Timeout
from pyarrow import fs

from study.errors import InputError
from study.record import Record

_INDEX_SCHEMA = pa.schema([("key", pa.string()), ("size", pa.int64()), ("mtime", pa.int64()), ("json", pa.string())])


class Store:
    """The records of one study folder, on any pyarrow filesystem.

    ``records/KEY.json`` is the truth; ``predictions/KEY.parquet`` is written before it, so that a record never lacks
    its predictions; ``latency.json`` maps structures to measured latencies; ``index.parquet`` only speeds up reading
    and may be deleted; reading never writes.
    """

    def __init__(self, root: str | Path, filesystem: fs.FileSystem | None = None):
        self.fs = filesystem or fs.LocalFileSystem()
        self.root = os.path.abspath(root) if filesystem is None else str(root).rstrip("/")

    def path(self, *parts: str) -> str:
        return "/".join((self.root, *parts))

    def put(self, record: Record) -> None:
        """Keep a record and its predictions; a record of the same key is replaced."""
        if record.predictions is not None:
            sink = pa.BufferOutputStream()
            pq.write_table(record.predictions, sink, compression="zstd")
            self._put_bytes(self.path("predictions", f"{record.key}.parquet"), sink.getvalue().to_pybytes())
        self.put_json(f"records/{record.key}.json", record.to_json())

    def get(self, key: str) -> Record | None:
        """The record of this key; None where there is none or it is damaged."""
        path = self.path("records", f"{key}.json")
        return None if self.fs.get_file_info(path).type == fs.FileType.NotFound else _record(self._read(path))

    def records(self) -> dict[str, Record]:
        """Every record by key, in the order of the keys. Unreadable ones are left out; ``damaged`` names them."""
        found = ((key, _record(text.encode())) for key, (_, _, text) in sorted(self._texts().items()))
        return {key: record for key, record in found if record is not None}

    def write_index(self) -> None:
        """Write ``index.parquet``, so that the next ``records`` opens one file; readers never write."""
        rows = [{"key": k, "size": s, "mtime": m, "json": t} for k, (s, m, t) in self._texts().items()]
        sink = pa.BufferOutputStream()
        pq.write_table(pa.Table.from_pylist(rows, schema=_INDEX_SCHEMA), sink, compression="zstd")
        self._put_bytes(self.path("index.parquet"), sink.getvalue().to_pybytes())

    def damaged(self) -> list[str]:
        """The record files that cannot be read (a full disk, a power cut); their trials run again."""
        names = (info.path for info in self._files("records"))
        return sorted(name for name in names if name.endswith(".json") and _record(self._read(name)) is None)

    def predictions(self, key: str) -> pa.Table | None:
        """The predictions of a trial: split, row, label, predicted and one probability per class; or None."""
        path = self.path("predictions", f"{key}.parquet")
        if self.fs.get_file_info(path).type == fs.FileType.NotFound:
            return None
        with self.fs.open_input_file(path) as source:
            return pq.read_table(source)

    def put_json(self, name: str, value: Any) -> None:
        """Write a JSON file below the root, whole or not at all; numbers that are not finite become null."""
        text = json.dumps(_finite(value), allow_nan=False, indent=1, ensure_ascii=False, default=_scalar)
        self._put_bytes(self.path(*name.split("/")), text.encode())

    def get_json(self, name: str) -> Any | None:
        """A JSON file below the root; None where there is none or it is damaged."""
        path = self.path(*name.split("/"))
        if self.fs.get_file_info(path).type == fs.FileType.NotFound:
            return None
        return _parsed(self._read(path))

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the folder for writing; freed by the system when the process dies. Local folders only."""
        if not isinstance(self.fs, fs.LocalFileSystem):
            yield
            return
        os.makedirs(self.root, exist_ok=True)
        lock = FileLock(self.path(".lock"))
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise InputError(
                f"{self.root} is being written by another run. Wait for it, stop it, or give another --out."
            ) from None
        try:
            yield
        finally:
            lock.release()

    def _files(self, folder: str) -> list[fs.FileInfo]:
        return self.fs.get_file_info(fs.FileSelector(self.path(folder), allow_not_found=True))

    def _texts(self) -> dict[str, tuple[int, int, str]]:
        """Size, time and JSON text of every record file by key: from the index where it still holds, else read."""
        index = self._read_index()
        texts = {}
        for info in self._files("records"):
            key, extension = os.path.splitext(info.base_name)
            if extension != ".json":
                continue
            known = index.get(key)
            # A filesystem that tells no time cannot tell whether a record was replaced.
            if known is None or not info.mtime_ns or known[:2] != (info.size, info.mtime_ns):
                known = (info.size, info.mtime_ns or 0, self._read(info.path).decode(errors="replace"))
            texts[key] = known
        return texts

    def _read_index(self) -> dict[str, tuple[int, int, str]]:
        path = self.path("index.parquet")
        if self.fs.get_file_info(path).type == fs.FileType.NotFound:
            return {}
        try:
            with self.fs.open_input_file(path) as source:
                columns = pq.read_table(source, schema=_INDEX_SCHEMA).to_pydict()
        except (pa.ArrowInvalid, OSError):
            return {}  # the records are the truth; a broken index is only slow
        rows = zip(columns["key"], columns["size"], columns["mtime"], columns["json"], strict=True)
        return {key: (size, mtime, text) for key, size, mtime, text in rows}

    def _read(self, path: str) -> bytes:
        with self.fs.open_input_file(path) as source:
            return source.read()

    def _put_bytes(self, path: str, content: bytes) -> None:
        """Write to a temporary name, then rename: a reader, or a crash, sees the old file or the new one."""
        self.fs.create_dir(os.path.dirname(path), recursive=True)
        temporary = f"{path}.{uuid.uuid4().hex[:8]}.tmp"
        with self.fs.open_output_stream(temporary) as sink:
            sink.write(content)
        self.fs.move(temporary, path)


def _record(content: bytes) -> Record | None:
    """The record in these bytes, or None where there is none."""
    try:
        return Record.from_json(json.loads(content))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _parsed(content: bytes) -> Any | None:
    try:
        return json.loads(content)
    except ValueError:
        return None


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(k): _finite(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(v) for v in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _scalar(value: Any) -> Any:
    """A numpy scalar or array as plain Python."""
    return _finite(value.tolist())
