"""Texts in a temporary file instead of memory: written once, mapped, and gone with the process."""

from __future__ import annotations

import errno
import mmap
import tempfile
import weakref
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import IO

import pyarrow as pa

from study.errors import InputError

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_MAPS: weakref.WeakSet[mmap.mmap] = weakref.WeakSet()


@contextmanager
def spool_file() -> Iterator[IO[bytes]]:
    """A temporary file without a name, so that nothing is left of it however the process ends.

    InputError where the disk is full or there is no folder for such files.
    """
    do = "Set TMPDIR to a folder on a disk with more room, about as much as the texts take uncompressed."
    try:
        folder = tempfile.gettempdir()
    except OSError as error:
        raise InputError(f"no folder for temporary files can be written to ({error.strerror}). {do}") from None
    try:
        with tempfile.TemporaryFile(prefix="study-") as file:
            yield file
    except OSError as error:
        if error.errno not in _FULL:
            raise
        raise InputError(f"the texts do not fit into the temporary folder {folder} ({error.strerror}). {do}") from None


def mapped(file: IO[bytes]) -> mmap.mmap | bytes:
    """The content of a file, read from disk where it is looked at; it outlives the file object."""
    file.flush()
    file.seek(0, 2)
    if not file.tell():
        return b""
    found = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    _MAPS.add(found)
    return found


def let_go() -> None:
    """Give the pages of all mapped files back, so that a pass over large data does not gather them in this process.

    They are read again where they are looked at. The system would take them back itself, but only once memory is
    short, and until then they count as this process's.
    """
    if hasattr(mmap, "MADV_DONTNEED"):  # not on Windows
        for each in tuple(_MAPS):
            each.madvise(mmap.MADV_DONTNEED)


def spool(batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> pa.Table:
    """A table of these batches whose values lie in a temporary file: the system may drop and reread its pages."""
    with spool_file() as file:
        # uncompressed, because only then are the values in the mapped file the table's own
        writer = pa.ipc.new_file(pa.PythonFile(file, "w"), schema)
        for batch in batches:
            writer.write_batch(batch)
        writer.close()  # not by `with`: after a failed write, closing fails as well and hides why
        return pa.ipc.open_file(pa.py_buffer(mapped(file))).read_all()
