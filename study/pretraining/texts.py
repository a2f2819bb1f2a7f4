"""What pre-training reads: the task's own training texts, the study's corpus, or one after the other."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from study.data import read_batches
from study.data.storage import splits_of
from study.data.texts import SCHEMA
from study.data.tokens import Tokens, token_key, tokens
from study.models.loading import Model, load_tokenizer
from study.models.segments import takes_segments
from study.seeding import stream

if TYPE_CHECKING:
    from study.record import Ref

HELD_OUT = 500
"""The most texts that perplexity is measured on, of each kind."""


def texts_of(path: Path, data: Ref, found: Model, max_length: int, cache: Path) -> dict[str, Tokens]:
    """Every split of a file of texts, long ones in windows, so that none is lost; pairs are cut at their end."""
    pair = any("pair" in batch.schema.names for batch in read_batches(path, "train", 1))
    truncation = "head" if pair else "windows"
    return tokens(
        lambda: {split: read_batches(path, split) for split in splits_of(path)},
        token_key(data.fingerprint, found.tokenizer_fingerprint, max_length, truncation),
        cache,
        lambda: load_tokenizer(found),
        max_length,
        truncation,
    )


def plain_texts(texts: tuple[str, ...], found: Model, max_length: int, cache: Path) -> Tokens:
    """Tokens of these texts."""
    digest = hashlib.sha256("\n".join(texts).encode()).hexdigest()[:16]
    zeros, rows = pa.array(np.zeros(len(texts)), pa.int32()), pa.array(np.arange(len(texts)), pa.int64())
    batch = pa.RecordBatch.from_arrays([pa.array(texts), zeros, rows], schema=SCHEMA)
    key = token_key(digest, found.tokenizer_fingerprint, max_length, "windows")
    made = tokens(lambda: {"all": [batch]}, key, cache, lambda: load_tokenizer(found), max_length, "windows")
    return made["all"]


def read_from(
    corpus: str, steps: int, task: Mapping[str, Tokens], domain: Mapping[str, Tokens] | None
) -> tuple[tuple[Tokens, int], ...]:
    """The training texts read, with the steps spent on each, in order.

    ``both`` gives the domain the first half of the steps and the task the rest, the order of Gururangan et al. (2020):
    as many steps as either alone, so that they cost the same. Never a validation or test split. ValueError where the
    domain is asked for and there is none.
    """
    if corpus == "task":
        return ((task["train"], steps),)
    if domain is None:
        raise ValueError(f"pretraining.corpus={corpus} without a corpus")
    if corpus == "domain":
        return ((domain["train"], steps),)
    first = (steps + 1) // 2
    return tuple(part for part in ((domain["train"], first), (task["train"], steps - first)) if part[1])


def held_out(found: Tokens) -> Tokens:
    """At most HELD_OUT of the texts, always the same ones."""
    if found.texts <= HELD_OUT:
        return found
    drawn = np.random.default_rng(stream(found.texts, "held-out texts")).choice(found.texts, HELD_OUT, replace=False)
    return found.picked(np.sort(drawn))


def without_segments(found: Tokens, network: Any) -> Tokens:
    """The tokens as this network reads them: without segments that it cannot tell apart."""
    return found if takes_segments(network, found.segments) else replace(found, types=None, segments=1)
