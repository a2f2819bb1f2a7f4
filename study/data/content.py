"""The bytes of a text file: mapped from disk, unpacked first where they are compressed with gzip."""

from __future__ import annotations

import codecs
import gzip
import mmap
import shutil
import zlib
from importlib.resources.abc import Traversable
from pathlib import Path

from study.data.spool import mapped, spool_file
from study.errors import InputError

Content = mmap.mmap | bytes

_SNIFFED = 1 << 16
_PIECE = 1 << 20

_STARTS = {
    b"\x1f\x8b": "compressed with gzip; add .gz to its name",
    b"PK\x03\x04": "a zip archive or a spreadsheet; unpack it, or export it as CSV",
    b"PAR1": "a parquet file; name it .parquet",
    b"version https://git-lfs": "a Git LFS pointer, not the file it stands for; run `git lfs pull`",
}


def read_content(path: Traversable, where: str) -> Content:
    """The bytes of a file without a byte order mark at the start; InputError where they are no UTF-8 text."""
    if isinstance(path, Path):
        with path.open("rb") as file:
            content = _unpacked(path, where) if path.suffix.lower() == ".gz" else mapped(file)
    else:  # in a zip archive
        content = path.read_bytes()
    for start, what in _STARTS.items():
        if content[: len(start)] == start:
            if what.endswith(".gz to its name") and path.name.lower().endswith(".gz"):
                what = "compressed with gzip twice; unpack it once"
            raise InputError(f"{where} is not UTF-8 text: it is {what}.")
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        text = decoder.decode(content[:_SNIFFED], final=len(content) <= _SNIFFED)
    except UnicodeDecodeError:
        raise not_utf8(where, content) from None
    if "\0" in text:
        raise not_utf8(where, content)
    return content


def text_start(content: Content) -> int:
    """Where the text begins: after the byte order mark, if there is one."""
    return len(codecs.BOM_UTF8) if content[:3] == codecs.BOM_UTF8 else 0


def not_utf8(where: str, content: Content = b"", line: int | None = None) -> InputError:
    """What is said of a file in another encoding."""
    utf16 = content[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    at = "" if line is None else f" (line {line:,})"
    return InputError(
        f"{where} is not UTF-8 text{' but UTF-16' if utf16 else at}. Text files are read as UTF-8; save it again with "
        "that encoding."
    )


def _unpacked(path: Path, where: str) -> Content:
    """The unpacked bytes of a gzip file, in a temporary file."""
    with spool_file() as target:
        try:
            with gzip.open(path) as source:
                shutil.copyfileobj(source, target, _PIECE)
        except EOFError:
            why = "cut off: the compressed data end too early"
        except gzip.BadGzipFile as error:
            why = "damaged: its checksum is wrong" if "CRC" in str(error) else "not compressed with gzip"
        except zlib.error:
            why = "damaged: it cannot be unpacked"
        else:
            return mapped(target)
    raise InputError(f"{where} is {why}. A .gz file is one gzip stream; write or download it again.")
