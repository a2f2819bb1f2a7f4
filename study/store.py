"""The ledger: one small file per trial, put atomically, read whole, indexed, and written by one process at a time."""

from __future__ import annotations

import json
import math
import os
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from filelock import FileLock, Timeout
from pyarrow import fs

from study.errors import InputError
from study.index import Index, Stamp, parse, written
from study.record import Record
from study.records import Held, Records, joined, of_files, record_in, rows_of
from study.rows import column, names_in, refs_in, values

__all__ = ["Held", "Records", "Store", "column", "names_in", "refs_in", "rows_of", "values"]

_BLOCK = 4096
"""How many record files are held in memory before they are packed."""


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
        return None if self.fs.get_file_info(path).type == fs.FileType.NotFound else record_in(self._read(path))

    def records(self) -> Records:
        """Every record by key, in the order of the keys, each parsed when it is asked for.

        Unreadable files are left out; its ``damaged`` has their keys.
        """
        return self._scan()[0]

    def write_index(self) -> None:
        """Write ``index.parquet``, so that the next ``records`` opens one file; readers never write."""
        records, stamps, known = self._scan()
        if not known:
            self._put_bytes(self.path("index.parquet"), written(records, stamps))

    def damaged(self) -> list[str]:
        """The record files that cannot be read (a full disk, a power cut); their trials run again."""
        return [self.path("records", f"{key}.json") for key in self.records().damaged]

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

    def _scan(self) -> tuple[Records, dict[str, Stamp], bool]:
        """The records, size and time of every record file, and whether the index knows all of this.

        A file that the index does not know as it is now is read.
        """
        index = self._read_index()
        known = index.stamps if index else {}
        stamps = self._stamps()
        # A filesystem that tells no time cannot tell whether a record was replaced.
        new = sorted(key for key, stamp in stamps.items() if not stamp[1] or known.get(key) != stamp)
        if index and not new:
            return index.records(stamps.keys()), stamps, len(known) == len(stamps)
        found = [index.records(stamps.keys() - set(new))] if index else []
        for start in range(0, len(new), _BLOCK):
            contents = self._contents(new[start : start + _BLOCK])
            found.append(of_files(contents))
            for gone in set(new[start : start + _BLOCK]) - {key for key, _ in contents}:
                del stamps[gone]
        return joined(found or [of_files([])]), stamps, False

    def _stamps(self) -> dict[str, Stamp]:
        found = ((info.base_name, info) for info in self._files("records"))
        return {name[:-5]: (info.size, info.mtime_ns or 0) for name, info in found if name.endswith(".json")}

    def _contents(self, keys: Sequence[str]) -> list[tuple[str, bytes]]:
        """The files of these keys, but for those that were removed meanwhile."""
        found = []
        for key in keys:
            with suppress(FileNotFoundError):
                found.append((key, self._read(self.path("records", f"{key}.json"))))
        return found

    def _read_index(self) -> Index | None:
        path = self.path("index.parquet")
        if self.fs.get_file_info(path).type == fs.FileType.NotFound:
            return None
        with self.fs.open_input_file(path) as source:
            return parse(source.read_buffer())

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
