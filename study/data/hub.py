"""A data set of the Hugging Face Hub, or of its cache on this machine, as splits that are not yet read."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pyarrow as pa

from study.data.hub_layout import (
    FORMATS,
    RENAMED,
    Configuration,
    by_split,
    choose,
    configurations,
    extension,
    read_card,
    tables,
)
from study.data.source import RawSplit, Source, shown
from study.data.texts import SPLITS
from study.errors import InputError
from study.hub import Snapshot, files_of, snapshot
from study.hub_refusals import full_disk, reason
from study.silence import silence_datasets

_ROWS = 2_000
"""Rows of a batch: a few MiB of texts."""


_SAVE = "Save the rows as a folder with train.parquet and give that"


def open_hub(name: str, config: str | None = None) -> Source:
    """The splits of a Hub data set: of one configuration, at the newest revision or that of ``name@revision``.

    The card (README.md) comes first, then the files of the splits that are used and nothing else. They are read as
    local files, since ``load_dataset(name)`` does not read a Hub cache without network, and serves the cached copy of
    any local folder that was once loaded under that name.
    """
    silence_datasets()
    card_at = snapshot("dataset", name, ["README.md"])
    files = files_of("dataset", card_at)
    card = read_card(card_at.folder / "README.md", name)
    found, default = configurations(card, files, name)
    _check_tables(name, card_at.repo, files)
    chosen, notes = choose(found, default, config, name)
    at, splits = _splits(name, card_at, chosen, files)
    place = next((s.place for s in (card_at, at) if not s.place.startswith("Hub cache")), at.place)
    place = f"{place}, configuration {chosen.name}" if len(found) > 1 else place
    used, others = _renamed(splits)
    if "train" not in used:
        raise InputError(
            f"{place} has the splits {shown(list(splits))} but no 'train'. A train split is needed. {_SAVE}."
        )
    if others:
        notes = (*notes, f"splits left aside: {', '.join(others)}")
    parts = [split for split in used if any("partial-" in file for file in used[split])]
    notes = (*notes, *(f"{split}: the Hub's copy holds only a part of it" for split in parts))
    classes = _class_names(card, chosen, name)
    raw = {}
    for split in (s for s in SPLITS if s in used):
        where = f"{place}, {split}"
        raw[split] = _raw_split(_load(at.folder, used[split], chosen, where), where, classes)
    return Source(name if config is None else f"{name} ({config})", place, raw, notes)


def _check_tables(name: str, repo: str, files: Sequence[str]) -> None:
    """Raise InputError where the repository has no table; where it has a script, say where the Hub's own copy is."""
    if tables(Configuration(""), files):
        return
    why, do = "it has no parquet, csv, tsv, json or jsonl file", ""
    if scripts := [f for f in files if f.endswith(".py") and "/" not in f]:
        why = f"it is a program that makes the data ({shown(scripts, 3)}), and no code of a data set is run here"
        do = f"Most often the Hub has a copy of the rows: give --data {repo}@refs/convert/parquet. Or: "
    elif files:
        why += f" (there are {shown(files, 8)})"
    raise InputError(f"Hub data set {name!r} is no table of texts and classes: {why}. {do}{_SAVE}.")


def _splits(
    name: str, card_at: Snapshot, chosen: Configuration, files: Sequence[str]
) -> tuple[Snapshot, dict[str, list[str]]]:
    """The snapshot with the files that are used, and each split's files in it."""
    pinned = f"{card_at.repo}@{card_at.commit}"
    if chosen.patterns is None and (splits := by_split(chosen, files)) is not None:
        wanted = [f for split, some in splits.items() if RENAMED.get(split, split) in SPLITS for f in some]
        return snapshot("dataset", pinned, [_literal(f) for f in wanted]), splits
    if chosen.patterns is None:
        at = snapshot("dataset", pinned, [_literal(f) for f in tables(chosen, files)])
        return at, _matched(name, at.folder, chosen, None)
    used = {s: p for s, p in chosen.patterns.items() if RENAMED.get(s, s) in SPLITS}
    prefix = f"{chosen.folder}/" if chosen.folder else ""
    near = [prefix + p.removeprefix("./") for some in used.values() for p in some]
    near += [p.replace("**/", "") for p in near] + [f"{p.rstrip('/')}/*" for p in near]  # fnmatch is not the shell
    at = snapshot("dataset", pinned, [_literal(f) for f in files if any(fnmatch(f, p) for p in near)])
    matched = _matched(name, at.folder, chosen, used) if used else {}
    return at, {split: matched.get(split, []) for split in chosen.patterns}


def _matched(
    name: str, folder: Path, chosen: Configuration, patterns: Mapping[str, Sequence[str]] | None
) -> dict[str, list[str]]:
    """Each split's files by the datasets library's own rules: those of the patterns, or of its names for splits."""
    from datasets.data_files import DataFilesDict, get_data_patterns

    base = (folder / chosen.folder).resolve()
    known = [f".{e.removesuffix('.gz')}" for some in FORMATS.values() for e in some]
    try:
        wanted = get_data_patterns(str(base)) if patterns is None else {s: list(p) for s, p in patterns.items()}
        found = DataFilesDict.from_patterns(wanted, base_path=str(base), allowed_extensions=[*known, ".gz"])
    except FileNotFoundError as error:  # the library's EmptyDatasetError among them
        raise InputError(
            f"Hub data set {name!r}: its configuration {chosen.name!r} names files that it does not have "
            f"({reason(error)}). Give another --config, or save the rows as a folder with train.parquet."
        ) from None
    return {str(s): [Path(f).relative_to(folder.resolve()).as_posix() for f in some] for s, some in found.items()}


def _renamed(splits: Mapping[str, list[str]]) -> tuple[dict[str, list[str]], list[str]]:
    """The files of train, validation and test, and the names of the splits that are none of these."""
    used: dict[str, list[str]] = {}
    others = []
    for split, files in splits.items():
        known = RENAMED.get(split, split)
        if known not in SPLITS or known in used or (known != split and known in splits):
            others.append(split)
        else:
            used[known] = files
    return used, others


def _class_names(card: Mapping[str, Any], chosen: Configuration, name: str) -> dict[str, tuple[str, ...]]:
    """The class names of each column as the card states them."""
    from datasets import ClassLabel
    from datasets.info import DatasetInfosDict
    from huggingface_hub import DatasetCardData

    try:
        told = DatasetInfosDict.from_dataset_card_data(DatasetCardData(**card, ignore_metadata_errors=True))
    except Exception as error:  # the library raises whatever its parsing of features meets
        raise InputError(
            f"Hub data set {name!r}: the columns that its README.md states cannot be read ({reason(error)}). "
            "Download its files and give their folder instead."
        ) from None
    info = told.get(chosen.name) or (next(iter(told.values())) if len(told) == 1 else None)
    features = (info.features if info else None) or {}
    return {column: tuple(f.names) for column, f in features.items() if isinstance(f, ClassLabel)}


def _raw_split(split: Any, where: str, classes: Mapping[str, tuple[str, ...]]) -> RawSplit:
    from datasets import ClassLabel

    schema = split.features.arrow_schema
    types = dict(zip(schema.names, schema.types, strict=True))
    # Names given for a column of strings say nothing: its values are the names.
    names = {c: n for c, n in classes.items() if c in types and pa.types.is_integer(types[c])}
    names |= {c: tuple(f.names) for c, f in split.features.items() if isinstance(f, ClassLabel)}

    def batches(columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        for table in split.select_columns(list(columns)).with_format("arrow").iter(batch_size=_ROWS):
            yield from table.select(list(columns)).to_batches()

    return RawSplit(where, types, batches, names)


def _load(folder: Path, files: Sequence[str], chosen: Configuration, where: str) -> Any:
    """One split, as a table that the datasets library keeps on disk.

    Each split is loaded on its own: together they would have to have the same columns, and a test split often has no
    labels. An empty field of a csv file is missing; the words NA, null or None are what somebody wrote.
    """
    from datasets import config, load_dataset

    kinds = Counter(next(k for k, some in FORMATS.items() if extension(f) in some) for f in files if extension(f))
    if not kinds:
        raise InputError(f"{where} has no file in a format that is read ({shown(files, 3)}). {_SAVE}.")
    kind = kinds.most_common(1)[0][0]
    paths = [str(folder / f) for f in files if extension(f) in FORMATS[kind]]
    options = {} if kind in ("parquet", "json") else {"keep_default_na": False, "na_values": [""]}
    options |= {"sep": "\t"} if kind == "tsv" else {}
    builder = "csv" if kind == "tsv" else kind
    try:
        with _without_log():
            return load_dataset(builder, data_files={"train": paths}, split="train", **(options | dict(chosen.options)))
    except Exception as error:  # builders raise whatever their file format raises
        if full_disk(error):
            why = f"the disk is full ({config.HF_DATASETS_CACHE})"
            do = "Free some space, or set HF_DATASETS_CACHE to a folder on another disk"
        else:
            why, do = f"the datasets library cannot read it ({reason(error)})", _SAVE
    raise InputError(f"{where}: {why}. {do}.")


@contextmanager
def _without_log() -> Iterator[None]:
    """Keep the library from logging the errors that it raises too, unless the user asked to hear it."""
    log = logging.getLogger("datasets")
    before = log.level
    if before == logging.ERROR:
        log.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        log.setLevel(before)


def _literal(file: str) -> str:
    """A file's path as a pattern that matches it alone."""
    return file.replace("[", "[[]").replace("*", "[*]").replace("?", "[?]")
