"""Where a data set's name leads: the bundled reviews, a local folder or file, else the Hub."""

from __future__ import annotations

import os
from importlib.resources import files
from pathlib import Path

from study.data.folder import FILES, STEMS, folder_splits, open_shards
from study.data.formats import COMPRESSED, FORMATS, open_file, split_name
from study.data.source import RawSplit, Source
from study.data.texts import SPLITS
from study.errors import InputError, Problems
from study.hub import is_address

BUNDLED = "reviews"

_NOT_HUB = (".parquet", ".csv", ".tsv", ".json", ".jsonl", ".txt", ".xlsx", ".gz", ".zip", ".arrow")


def find_source(name: str, config: str | None, problems: Problems) -> Source | None:
    """The splits that can be opened; what is wrong with the others goes to ``problems``. None where nothing is."""
    path = Path(os.path.expanduser(name))
    with problems.collecting():
        if not name.strip():
            raise InputError(f"data {name!r} is no name. Give a folder, a file ({FORMATS}), or a Hub name.")
        if name == BUNDLED:  # first, because it is the default: what lies in the working folder must not change it
            _check_config(config, "the bundled data set", problems)
            return _bundled(problems)
        if os.path.exists(path):  # says no where Path.exists raises: a name too long, a NUL in it
            _check_config(config, f"the {'folder' if path.is_dir() else 'file'} {path}", problems)
            return _local(path, problems)
        if _looks_like_path(name):
            raise InputError(
                f"data {name!r}: no such file or folder{'' if path.is_absolute() else f' in {Path.cwd()}'}. "
                f"Give a folder with {FILES}, or one such file."
            )
        from study.data.hub import open_hub

        return open_hub(name, config)
    return None


def _check_config(config: str | None, what: str, problems: Problems) -> None:
    if config is not None:
        problems.add(
            f"--config {config!r} is given for {what}. Only data sets of the Hub have configurations; leave it out."
        )


def _looks_like_path(name: str) -> bool:
    """Whether this can only mean a file or folder; what follows an @ is a revision of a Hub data set.

    A page of the Hub is none: there the answer is the name to give.
    """
    if is_address(name):
        return False
    bare = name.partition("@")[0]
    return bare.startswith(("/", ".", "~")) or "\\" in bare or bare.count("/") > 1 or bare.lower().endswith(_NOT_HUB)


def _bundled(problems: Problems) -> Source:
    folder = files("study.data").joinpath(BUNDLED)
    paths = {split: folder.joinpath(f"{split}.csv") for split in SPLITS}
    if not all(path.is_file() for path in paths.values()):
        raise InputError(
            f"the bundled data set {BUNDLED!r} is missing from this installation. Its three CSV files belong beside "
            "the package study.data; install the project again."
        )
    opened: dict[str, RawSplit] = {}
    for split, path in paths.items():
        with problems.collecting():
            opened[split] = open_file(path, f"bundled {path.name}")
    here = os.path.exists(BUNDLED)
    note = f"{BUNDLED!r} is the bundled data set; the file or folder of that name here is given as ./{BUNDLED}"
    return Source(BUNDLED, "bundled", opened, (note,) if here else ())


def _local(path: Path, problems: Problems) -> Source:
    if path.is_dir():
        name, place, paths = path.resolve().name, f"folder {path}", folder_splits(path, problems)
    else:
        name, extension = split_name(path.name)
        if not extension:
            end = "".join(path.suffixes[-2:])
            raise InputError(f"file {path} ends in {end!r}. Files that are read end in {COMPRESSED}; save it as one.")
        if name.lower() in STEMS:  # which says nothing beside another folder's train
            name = f"{path.resolve().parent.name}/{name}"
        place, paths = f"file {path}", {"train": [path]}
    opened: dict[str, RawSplit] = {}
    for split in SPLITS:
        if split in paths:
            with problems.collecting():
                opened[split] = open_shards(paths[split], f"{path}, {split}")
    return Source(name, place, opened, tuple(note for split in opened.values() for note in split.notes))
