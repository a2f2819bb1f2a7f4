"""The formats of files that are read, by extension, and how a file of each is opened."""

from __future__ import annotations

from importlib.resources.abc import Traversable
from pathlib import Path

from study.data.csv_file import open_csv, open_tsv
from study.data.json_file import open_json
from study.data.parquet_file import open_parquet
from study.data.source import RawSplit
from study.errors import InputError

_TEXT = {".csv": open_csv, ".tsv": open_tsv, ".jsonl": open_json, ".json": open_json}

FORMATS = ".parquet, .csv, .tsv, .jsonl or .json"
COMPRESSED = f"{FORMATS} (.gz as well, save for parquet)"


def split_name(name: str) -> tuple[str, str]:
    """A file's name without its extension, and the extension in lower case if such files are read, else ''."""
    stem, _, last = name.rpartition(".")
    extension = f".{last.lower()}"
    if extension == ".gz":
        stem, _, last = stem.rpartition(".")
        inner = f".{last.lower()}"
        return (stem, inner + extension) if inner in _TEXT else (name, "")
    return (stem, extension) if extension == ".parquet" or extension in _TEXT else (name, "")


def open_file(path: Traversable, where: str) -> RawSplit:
    """The split in a file whose name ends in one of the extensions; InputError where it cannot be opened."""
    if not path.is_file():
        kind = "a folder" if path.is_dir() else "no regular file"
        raise InputError(f"{where} is {kind}. A file is needed; move it away or put the file there.")
    extension = split_name(path.name)[1]
    try:
        if extension == ".parquet":
            assert isinstance(path, Path)
            return open_parquet(path, where)
        return _TEXT[extension.removesuffix(".gz")](path, where)
    except OSError as error:
        raise InputError(unreadable(where, error)) from None


def unreadable(where: str, error: OSError) -> str:
    """What is said of a file or folder that the system does not let us read."""
    return f"{where} cannot be read ({error.strerror or error}). Readable files are needed; check its permissions."
