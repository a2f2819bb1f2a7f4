"""The tokenizer of a checkpoint: its files, its fingerprint, and whether transformers can load it."""

from __future__ import annotations

import hashlib
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from study.errors import InputError
from study.models.said import said

_FILES = (
    "tokenizer.json",
    "vocab.txt",
    "vocab.json",
    "merges.txt",
    "spiece.model",
    "sentencepiece.bpe.model",
)
_FURTHER = ("spm.model", "tokenizer.model", "vocab.bpe", "bpe.codes", "tekken.json")
"""Looked at only where none of the first is: a fingerprint made without them stays what it is."""


def tokenizer_digest(name: str, folder: Path) -> Any:
    """The running sha256 of the vocabulary's files; raises InputError where there are none."""
    files = [folder / n for n in _FILES if (folder / n).is_file()]
    files = files or [folder / n for n in _FURTHER if (folder / n).is_file()]
    if not files:
        # transformers would make a tokenizer with an empty vocabulary, to which every word is unknown.
        raise InputError(
            f"--model {name}: {folder} has no tokenizer (none of {', '.join(_FILES + _FURTHER)}). "
            "Save the tokenizer into the same folder: tokenizer.save_pretrained(folder)."
        )
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.name.encode() + file.read_bytes())
    return digest


def tokenizer_at(name: str, folder: str) -> Any:
    """The tokenizer in this folder; raises InputError where transformers cannot load it, or loads one without words."""
    from transformers import AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
    except Exception as error:  # the libraries below raise anything, down to a bare Exception from Rust
        why = _why(Path(folder), error)
        raise InputError(f"--model {name}: transformers cannot load its tokenizer: {why}") from None
    if len(tokenizer) <= len(set(tokenizer.all_special_ids)):
        raise InputError(
            f"--model {name}: its tokenizer ({type(tokenizer).__name__}) has no words beside {len(tokenizer)} special "
            f"tokens: {folder} lacks the files it reads. Save the tokenizer again: tokenizer.save_pretrained(folder)."
        )
    return tokenizer


def _why(folder: Path, error: Exception) -> str:
    """The reason and what to do. Without sentencepiece transformers guesses at other forms, and complains of those."""
    if not (folder / "tokenizer.json").is_file() and any(folder.glob("*.model")) and not find_spec("sentencepiece"):
        return (
            "its vocabulary is a SentencePiece file, and the packages that read it are not installed. "
            "Run `pip install sentencepiece protobuf`."
        )
    return f"{said(error)}. Fetch or save the tokenizer again."
