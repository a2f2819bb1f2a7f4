"""Which files of a Hub data set make up which configuration and which split, before any of them is downloaded."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from study.data.source import shown
from study.errors import InputError, unknown
from study.hub_refusals import reason

FORMATS = {
    "parquet": ("parquet",),
    "json": ("jsonl", "json", "ndjson", "jsonl.gz", "json.gz"),
    "csv": ("csv", "csv.gz"),
    "tsv": ("tsv", "tsv.gz"),
}
"""The extensions of each format that is read; where a split is there in several, the first format is taken."""

RENAMED = {"dev": "validation", "valid": "validation", "val": "validation", "training": "train", "testing": "test"}
"""Names of splits for which the Hub has no rule, and what they are here."""

_NOT_OPTIONS = ("data_files", "data_dir", "default", "description", "version", "drop_labels", "drop_metadata")
_WORDS = ("train", "validation", "test", "data", "eval", "evaluation", "partial", *RENAMED)
_SPLIT_NAMES = (
    re.compile(r"(?:partial-)?(?P<split>\w+(?:\.\w+)*)/[\w-]*\d+\.parquet"),  # the Hub's own copies
    re.compile(r"(?P<split>\w+(?:\.\w+)*)-\d{5}-of-\d{5}(?:-[0-9a-f]+)?\.[a-z.]+"),  # shards as the library names them
    re.compile(r"(?P<split>\w+)\.[a-z.]+"),
)


@dataclass(frozen=True)
class Configuration:
    """One table of a repository: its name, the folder it lies in ("" is the top), and what the card says of it: the
    patterns of each split's files in that folder, and options of the reader (a csv file's ``sep``, for one)."""

    name: str
    folder: str = ""
    patterns: Mapping[str, Sequence[str]] | None = None
    options: Mapping[str, Any] = field(default_factory=dict)


def read_card(path: Path, name: str) -> dict[str, Any]:
    """The YAML at the head of a data set's README.md; empty where there is none."""
    if not path.is_file():
        return {}
    from huggingface_hub import DatasetCard

    try:
        return DatasetCard.load(path, ignore_metadata_errors=True).data.to_dict()
    except Exception as error:  # the YAML library raises its own
        raise _bad_card(name, error) from None


def configurations(card: Mapping[str, Any], files: Sequence[str], name: str) -> tuple[dict[str, Configuration], str]:
    """The configurations by name, from the card or else from the names of the folders, and which one is the default.

    The default is the one that the card or its name says to be, the only one, or "" where it must be asked.
    """
    from datasets.data_files import sanitize_patterns
    from datasets.utils.metadata import MetadataConfigs
    from huggingface_hub import DatasetCardData

    try:
        told = MetadataConfigs.from_dataset_card_data(DatasetCardData(**card, ignore_metadata_errors=True))
        found = {
            str(key): Configuration(
                str(key),
                str(value.get("data_dir") or "").strip("/."),
                sanitize_patterns(value["data_files"]) if value.get("data_files") else None,
                {option: given for option, given in value.items() if option not in _NOT_OPTIONS},
            )
            for key, value in told.items()
        }
        default = told.get_default_config_name()
    except ValueError as error:
        raise _bad_card(name, error) from None
    if not found:
        found = {folder or "default": Configuration(folder or "default", folder) for folder in _folders(files)}
        default = next(iter(found)) if len(found) == 1 else "default" if "default" in found else None
    return found, default or ""


def choose(
    found: Mapping[str, Configuration], default: str, config: str | None, name: str
) -> tuple[Configuration, tuple[str, ...]]:
    """The configuration asked for, or the default with a note of what else there is."""
    if config is not None:
        if config not in found:
            raise InputError(unknown(f"--config of Hub data set {name!r}", config, found, do="Give one of these."))
        return found[config], ()
    if not default:
        names = sorted(found)
        raise InputError(
            f"Hub data set {name!r} has {len(names)} configurations: {shown(names)}. One of them is used; give it, "
            f"such as --config {names[0]}."
        )
    others = sorted(set(found) - {default})
    note = f"configuration {default!r}, the default; others are {shown(others)} (--config)"
    return found[default], (note,) if others else ()


def by_split(configuration: Configuration, files: Sequence[str]) -> dict[str, list[str]] | None:
    """The files of each split by their names alone, in one format; None where the names do not tell the splits.

    ``validation_matched`` and ``validation_mismatched`` are two splits here. The datasets library's rules for folders
    without a card would take both for parts of ``validation``.
    """
    inside = tables(configuration, files)
    for extensions in FORMATS.values():
        splits: dict[str, list[str]] | None = {}
        for file in inside:
            if extension(file) in extensions and splits is not None:
                rest = file.removeprefix(f"{configuration.folder}/").removeprefix("data/")
                match = next((m for pattern in _SPLIT_NAMES if (m := pattern.fullmatch(rest))), None)
                splits = None if match is None else splits | {match["split"]: [*splits.get(match["split"], []), file]}
        if splits and any(RENAMED.get(split, split) == "train" for split in splits):
            return splits
    return None


def tables(configuration: Configuration, files: Sequence[str]) -> list[str]:
    """The files of a configuration's folder in a format that is read, hidden ones left out."""
    prefix = f"{configuration.folder}/" if configuration.folder else ""
    return [f for f in _tables(files) if f.startswith(prefix)]


def extension(file: str) -> str:
    """A file's extension as FORMATS has it, or ""."""
    known = sorted((e for some in FORMATS.values() for e in some), key=len, reverse=True)
    return next((e for e in known if file.lower().endswith(f".{e}")), "")


def _tables(files: Sequence[str]) -> list[str]:
    return [f for f in files if extension(f) and not any(part.startswith((".", "__")) for part in f.split("/"))]


def _folders(files: Sequence[str]) -> list[str]:
    """The folders at the top that look like one configuration each, or only "", the top itself."""
    tops = sorted({f.partition("/")[0] if "/" in f else "" for f in _tables(files)})
    words = {re.split(r"[-._ 0-9]", top.lower())[0] for top in tops}
    return tops if tops and not words & {"", *_WORDS} else [""]


def _bad_card(name: str, error: Exception) -> InputError:
    return InputError(
        f"Hub data set {name!r}: the description at the head of its README.md cannot be read ({reason(error)}). "
        "Download the files that you want and give their folder instead."
    )
