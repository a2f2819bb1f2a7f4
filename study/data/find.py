"""Where a data set's name leads: the bundled reviews, a local folder or file, else the Hub."""

from __future__ import annotations

import os
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from study.data.csv_file import open_csv
from study.data.parquet_file import open_parquet
from study.data.source import RawSplit, Source, shown
from study.data.texts import SPLITS
from study.errors import InputError, Problems

BUNDLED = "reviews"

STEMS = {"train": "train", "validation": "validation", "valid": "validation", "dev": "validation", "test": "test"}
"""The file names of a folder, without extension, and the split each holds."""

_OPENERS = (".parquet", ".csv")
_NOT_HUB = (*_OPENERS, ".tsv", ".json", ".jsonl", ".txt", ".xlsx", ".gz", ".zip", ".arrow")
_FILES = "train, validation (or valid, dev) and test, each .parquet or .csv"


def find_source(name: str, problems: Problems) -> Source | None:
    """The splits that can be opened; what is wrong with the others goes to ``problems``. None where nothing is."""
    path = Path(os.path.expanduser(name))
    with problems.collecting():
        if not name.strip():
            raise InputError(f"data {name!r} is no name. Give a folder, a .parquet or .csv file, or a Hub name.")
        if name == BUNDLED:  # first, because it is the default: what lies in the working folder must not change it
            return _bundled(problems)
        if os.path.exists(path):  # says no where Path.exists raises: a name too long, a NUL in it
            return _local(name, path, problems)
        if _looks_like_path(name):
            raise InputError(
                f"data {name!r}: no such file or folder{'' if path.is_absolute() else f' in {Path.cwd()}'}. "
                f"Give a folder with {_FILES}, or one .parquet or .csv file."
            )
        from study.data.hub import open_hub

        return open_hub(name)
    return None


def _looks_like_path(name: str) -> bool:
    return name.startswith(("/", ".", "~")) or "\\" in name or name.count("/") > 1 or name.lower().endswith(_NOT_HUB)


def _bundled(problems: Problems) -> Source:
    folder = files("study.data").joinpath(BUNDLED)
    splits = {split: folder.joinpath(f"{split}.csv") for split in SPLITS}
    if not all(path.is_file() for path in splits.values()):
        raise InputError(
            f"the bundled data set {BUNDLED!r} is missing from this installation. Its three CSV files belong beside "
            "the package study.data; install the project again."
        )
    opened = _opened({s: (p, f"bundled {p.name}") for s, p in splits.items()}, problems)
    here = os.path.exists(BUNDLED)
    note = f"{BUNDLED!r} is the bundled data set; the file or folder of that name here is given as ./{BUNDLED}"
    return Source(BUNDLED, "bundled", opened, (note,) if here else ())


def _local(name: str, path: Path, problems: Problems) -> Source:
    kind = "folder" if path.is_dir() else "file"
    if kind == "file":
        _check_extension(path)
        return Source(path.stem, f"file {path}", _opened({"train": (path, str(path))}, problems))
    opened = _opened({s: (p, str(p)) for s, p in _split_files(path, problems).items()}, problems)
    return Source(path.resolve().name, f"folder {path}", opened)


def _check_extension(path: Path) -> None:
    if path.suffix.lower() not in _OPENERS:
        raise InputError(f"file {path} ends in {path.suffix!r}. Only .parquet and .csv files are read; save it as one.")


def _split_files(folder: Path, problems: Problems) -> dict[str, Path]:
    """The file of each split; a problem where train is missing or a split has two files."""
    found: dict[str, list[Path]] = {}
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        raise InputError(_unreadable(str(folder), error)) from None
    for path in entries:
        if path.suffix.lower() in _OPENERS and path.stem.lower() in STEMS:
            found.setdefault(STEMS[path.stem.lower()], []).append(path)
    if "train" not in found:
        there = f"it holds {shown([p.name for p in entries], 8)}" if entries else "it is empty"
        problems.add(f"folder {folder} has no train.parquet or train.csv: {there}. A folder holds {_FILES}; rename.")
    for split, paths in found.items():
        if len(paths) > 1:
            names = " and ".join(path.name for path in paths)
            problems.add(f"folder {folder} has several files for {split}: {names}. Each split is one file; keep one.")
    return {split: paths[0] for split, paths in found.items() if len(paths) == 1}


def _opened(paths: dict[str, tuple[Traversable, str]], problems: Problems) -> dict[str, RawSplit]:
    """The splits whose file can be opened, in the usual order."""
    opened = {}
    for split in SPLITS:
        if split in paths:
            with problems.collecting():
                opened[split] = _open(*paths[split])
    return opened


def _open(path: Traversable, where: str) -> RawSplit:
    if not path.is_file():
        kind = "a folder" if path.is_dir() else "no regular file"
        raise InputError(f"{where} is {kind}. A .parquet or .csv file is needed; move it away or put the file there.")
    try:
        if isinstance(path, Path) and path.suffix.lower() == ".parquet":
            return open_parquet(path, where)
        return open_csv(path, where)
    except OSError as error:
        raise InputError(_unreadable(where, error)) from None


def _unreadable(where: str, error: OSError) -> str:
    return f"{where} cannot be read ({error.strerror or error}). Readable files are needed; check its permissions."
