"""A data set of the Hugging Face Hub, or of its cache on this machine, as splits that are not yet read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from study.data.source import RawSplit, Source, shown
from study.data.texts import SPLITS
from study.errors import InputError
from study.silence import silence_datasets

_FILES = ("*.parquet", "*.csv", "*.json", "*.jsonl", "README.md")
"""What is downloaded of a repository: its tables and the page that describes them, not its images or sound."""

_DO = "Give a folder or file instead, or `--data reviews`, which needs no network"


def open_hub(name: str) -> Source:
    """The splits of a Hub data set at the newest revision that can be had.

    The snapshot is fetched (or found in the cache) first and read as a folder of its own, since
    ``load_dataset(name)`` does not read a Hub cache without network, and serves the cached copy of any local folder
    that was once loaded under that name.
    """
    folder = _snapshot(name)
    place = f"Hub {name} at revision {folder.name}"
    found = _load(name, folder)
    if "train" not in found:
        raise InputError(
            f"{place} has the splits {shown(list(found))} but no 'train'. A train split is needed; save the rows as a "
            "folder with train.parquet and give that."
        )
    others = [split for split in found if split not in SPLITS]
    notes = (f"splits left aside: {', '.join(others)}",) if others else ()
    return Source(name, place, {s: _raw_split(found[s], f"{place}, {s}") for s in SPLITS if s in found}, notes)


def _snapshot(name: str) -> Path:
    from huggingface_hub import errors, snapshot_download

    try:
        return Path(snapshot_download(name, repo_type="dataset", allow_patterns=list(_FILES)))
    except errors.HFValidationError:
        why = "and cannot be a data set's name on the Hub, which is 'name' or 'owner/name'"
        do = "Check the spelling, or give a folder, a .parquet or .csv file, or `--data reviews`"
    except errors.GatedRepoError:
        why = "and the Hub gives it only to people who accepted its terms"
        do = f"Accept them on its page and log in with `hf auth login`. {_DO}"
    except errors.RepositoryNotFoundError:
        why = "and the Hub has no such data set, or it is private"
        do = f"Check the spelling ('owner/name'), log in with `hf auth login` if it is private. {_DO}"
    except errors.LocalEntryNotFoundError as error:
        why, do = _unreachable(error)
    except Exception as error:  # the HTTP library, and with it the error for "no network", differs between versions
        why = f"and the Hub cannot be reached ({_reason(error)})"
        do = f"Check the network and the proxy. {_DO}"
    raise InputError(f"data set {name!r} is no local folder or file, {why}. {do}.")


def _unreachable(error: Exception) -> tuple[str, str]:
    """Why nothing could be had from the cache either, and what to do."""
    from huggingface_hub import constants, errors

    state = "only partly" if isinstance(error, getattr(errors, "IncompleteSnapshotError", ())) else "not"
    if constants.HF_HUB_OFFLINE:
        return (
            f"and is {state} in the Hub's cache, while HF_HUB_OFFLINE forbids downloading",
            f"Unset HF_HUB_OFFLINE to download it. {_DO}",
        )
    return f"and the Hub cannot be reached, while it is {state} in the Hub's cache", f"Check the network. {_DO}"


def _load(name: str, folder: Path) -> Any:
    """The data set's splits by name, read by the datasets library."""
    silence_datasets()
    from datasets import load_dataset

    try:
        return load_dataset(str(folder))
    except FileNotFoundError:
        why = "it has no parquet or csv file that the datasets library finds"
    except Exception as error:  # builders raise whatever their file format raises
        why = f"the datasets library cannot read it ({_reason(error)})"
    raise InputError(
        f"Hub data set {name!r} is no table of texts and classes: {why}. One configuration with parquet or csv "
        "files is read; save the part that you want as a folder with train.parquet and give that."
    )


def _raw_split(split: Any, where: str) -> RawSplit:
    from datasets import ClassLabel

    names = {c: tuple(f.names) for c, f in split.features.items() if isinstance(f, ClassLabel)}

    def read(columns: Sequence[str]) -> pa.Table:
        return split.select_columns(list(columns)).with_format("arrow")[:]

    schema = split.features.arrow_schema
    return RawSplit(where, dict(zip(schema.names, schema.types, strict=True)), read, names)


def _reason(error: BaseException) -> str:
    """The innermost error in one line."""
    while error.__cause__ is not None:
        error = error.__cause__
    message = " ".join(str(error).split())
    message = message if len(message) <= 200 else f"{message[:200]}..."
    return f"{type(error).__name__}: {message}".rstrip(".: ")
