"""The files of a folder by split: one file each, or the shards that the Hub cuts a split into."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa

from study.data.formats import FORMATS, open_file, split_name, unreadable
from study.data.source import RawSplit, shown
from study.errors import InputError, Problems, unknown

STEMS = {"train": "train", "validation": "validation", "valid": "validation", "dev": "validation", "test": "test"}
"""The file names of a folder, without extension, and the split each holds."""

FILES = f"train, validation (or valid, dev) and test, each {FORMATS}"

_SHARD = re.compile(r"(?P<stem>.+)-(?P<number>\d{5})-of-(?P<of>\d{5})(-[0-9a-f]+)?")


def folder_splits(folder: Path, problems: Problems) -> dict[str, list[Path]]:
    """The file of each split, or its shards in order; a problem where train is missing or a split has two files."""
    entries = _entries(folder)
    found: dict[str, list[Path]] = {}
    inside = _entries(folder / "data") if (folder / "data").is_dir() else []
    for path in (*entries, *inside):
        stem, extension = split_name(path.name)
        shard = _SHARD.fullmatch(stem.lower())
        split = STEMS.get(shard["stem"] if shard else stem.lower())
        if extension and split:
            found.setdefault(split, []).append(path)
    if "train" not in found:
        there = f"it holds {shown([p.name for p in entries], 8)}" if entries else "it is empty"
        problems.add(f"folder {folder} has no train file such as train.csv: {there}. A folder holds {FILES}; rename.")
    for split, paths in found.items():
        if problem := _several(folder, split, paths):
            problems.add(problem)
            found[split] = []
    return {split: paths for split, paths in found.items() if paths}


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError as error:
        raise InputError(unreadable(str(folder), error)) from None


def _several(folder: Path, split: str, paths: Sequence[Path]) -> str | None:
    """What is wrong with the files of a split: two that are no shards of one, or shards that are missing."""
    shards = [_SHARD.fullmatch(split_name(path.name)[0].lower()) for path in paths]
    kinds = {
        (path.parent, shard["stem"], shard["of"]) if shard else path for path, shard in zip(paths, shards, strict=True)
    }
    numbers = [int(shard["number"]) for shard in shards if shard]
    if len(kinds) > 1 or len(set(numbers)) < len(numbers):
        names = [path.relative_to(folder).as_posix() for path in paths]
        more = f" and {len(names) - 8:,} more" if len(names) > 8 else ""
        listed = ", ".join(names[:8]) + more if more else " and ".join([", ".join(names[:-1]), names[-1]])
        return f"folder {folder} has several files for {split}: {listed}. Each split is one file; keep one."
    if shards[0] is None:
        return None
    of = int(shards[0]["of"])
    if absent := sorted(set(range(of)) - set(numbers)):
        return (
            f"folder {folder} has {len(numbers):,} of the {of:,} shards of {split}: "
            f"{', '.join(f'{number:05}' for number in absent[:8])}{', ...' if len(absent) > 8 else ''} "
            f"{'are' if len(absent) > 1 else 'is'} missing. A split is read whole; download the rest."
        )
    if max(numbers) >= of:
        extra = f"shard {max(numbers):05} of {split}"
        return f"folder {folder}: {extra} is one too many for the {of:,} that its name tells of. Rename or remove it."
    return None


def open_shards(paths: Sequence[Path], where: str) -> RawSplit:
    """The split in this file, or in these shards one after the other; InputError where one cannot be opened."""
    if len(paths) == 1:
        return open_file(paths[0], str(paths[0]))
    problems = Problems()
    shards = []
    for path in paths:
        with problems.collecting():
            shards.append(open_file(path, str(path)))
    problems.raise_if_any()

    def batches(columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        for shard in shards:
            for name in columns:
                if name not in shard.types:
                    do = "Shards share their columns; write them again."
                    raise InputError(f"{shard.where}: {unknown('column', name, shard.types, do=do)}")
            yield from shard.batches(columns)

    notes = tuple(note for shard in shards for note in shard.notes)
    return RawSplit(where, shards[0].types, batches, shards[0].class_names, notes)
