"""Tokens: every split of a data set as memory-mapped arrays, made once per (data, tokenizer, length, truncation)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from study.artefacts import artefact

if TYPE_CHECKING:
    import pyarrow as pa

STATES = "prefix_states"
"""The name in an example, and in a batch, of what frozen lower blocks made of it."""

STATES_BYTES = 10 * 2**30
"""What these may take on disk, of all splits and depths together; beyond it those not read for longest go."""

_LAYOUT = 2
"""Raised whenever what is written, or how, changes: an artefact of another layout has another key and is not read."""


@dataclass(frozen=True)
class Tokens:
    """One split as a torch data set of examples ``{"input_ids": int32 (length,), "labels": int}``.

    ``ids`` holds all examples one after the other; example i is ``ids[offsets[i]:offsets[i + 1]]``. ``labels`` and
    ``rows`` (the texts' numbers in the source) have one entry per text. An example is a text, unless long texts are
    read in windows: then ``owner`` has the text's number for each example, in ascending order. ``types`` (uint8, laid
    out as ``ids``, below ``segments``) are the segments, where the tokenizer tells any apart; an example then has
    "token_type_ids".
    ``weights`` (float32, one per example) are what a method gave; an example then has "weights". ``states`` (float32,
    laid out as ``ids``, with a width) are what the frozen blocks of a network make of it; an example then has STATES.
    ``counts`` says what truncation did: texts, those longer than the longest input (cut), their tokens without the
    special ones, and how many of these were dropped. All arrays but the weights are read from disk as needed and shared
    between processes.
    """

    ids: np.ndarray
    offsets: np.ndarray
    labels: np.ndarray
    rows: np.ndarray
    owner: np.ndarray | None = None
    types: np.ndarray | None = None
    segments: int = 1
    weights: np.ndarray | None = None
    states: np.ndarray | None = None
    counts: Mapping[str, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, index: int) -> dict[str, Any]:
        start, stop = self.offsets[index], self.offsets[index + 1]
        text = index if self.owner is None else self.owner[index]
        example = {"input_ids": self.ids[start:stop], "labels": int(self.labels[text])}
        if self.types is not None:
            example["token_type_ids"] = self.types[start:stop]
        if self.weights is not None:
            example["weights"] = float(self.weights[index])
        if self.states is not None:
            example[STATES] = self.states[start:stop]
        return example

    @property
    def texts(self) -> int:
        """The number of texts."""
        return len(self.labels)

    @cached_property
    def lengths(self) -> np.ndarray:
        """Tokens per example, special tokens included: int64 (examples,)."""
        return np.diff(self.offsets)

    @property
    def classes(self) -> np.ndarray:
        """The class of every example: its text's."""
        return np.asarray(self.labels if self.owner is None else self.labels[self.owner])

    def examples_of(self, text: int) -> range:
        """The examples made of one text."""
        if self.owner is None:
            return range(text, text + 1)
        start, stop = np.searchsorted(self.owner, [text, text + 1])
        return range(int(start), int(stop))

    def picked(self, texts: np.ndarray) -> Tokens:
        """The examples of these texts alone, in this order; what truncation did is still told of all of them."""
        examples = [i for text in texts for i in self.examples_of(int(text))]
        lengths = self.lengths[examples]
        spans = [slice(self.offsets[i], self.offsets[i + 1]) for i in examples]
        owner = None
        if self.owner is not None:
            owner = np.repeat(np.arange(len(texts)), [len(self.examples_of(int(text))) for text in texts])
        return replace(
            self,
            ids=np.concatenate([self.ids[span] for span in spans]),
            types=None if self.types is None else np.concatenate([self.types[span] for span in spans]),
            offsets=np.concatenate([[0], np.cumsum(lengths)]),
            labels=np.asarray(self.labels)[texts],
            rows=np.asarray(self.rows)[texts],
            owner=owner,
            weights=None if self.weights is None else self.weights[examples],
            states=None if self.states is None else np.concatenate([self.states[span] for span in spans]),
        )

    def per_text(self, values: np.ndarray) -> np.ndarray:
        """Values (examples, …) averaged over each text's examples: (texts, …), equal to the bit where it has one."""
        if self.owner is None:
            return values
        starts = np.searchsorted(self.owner, np.arange(self.texts + 1))
        count = np.diff(starts).astype(values.dtype)
        return np.add.reduceat(values, starts[:-1], axis=0) / count.reshape(-1, *[1] * (values.ndim - 1))

    def batches(self, size: int) -> Iterator[list[int]]:
        """Examples' numbers in batches of similar length, longest first, so that memory is tried at once."""
        order = np.argsort(-self.lengths, kind="stable")
        for start in range(0, len(order), size):
            yield order[start : start + size].tolist()


def token_key(data_fingerprint: str, tokenizer_fingerprint: str, max_length: int, truncation: str = "head") -> str:
    """The name of a token artefact. That texts come in pairs is part of the data's fingerprint."""
    key = f"tokens{_LAYOUT}-{data_fingerprint}-{tokenizer_fingerprint}-{max_length}"
    return key if truncation == "head" else f"{key}-{truncation}"


def tokens(
    splits: Callable[[], Mapping[str, Iterable[pa.RecordBatch]]],
    key: str,
    cache: Path,
    tokenizer: Callable[[], Any],
    max_length: int,
    truncation: str = "head",
) -> dict[str, Tokens]:
    """Every split's tokens, from the artefact of this key, which is built if it is missing.

    ``splits`` gives the batches of every split's rows (columns text, label, row, and pair where texts come in pairs)
    and ``tokenizer`` the tokenizer; they are not called when the artefact is there. One batch is in memory at a time.
    InputError for pairs with another truncation than ``head``.
    """

    def build(folder: Path) -> None:
        from study.data.encoding import write_tokens

        make = tokenizer()
        for name, batches in splits().items():
            write_tokens(folder / name, batches, make, max_length, truncation)

    folder = artefact(cache, key, build)
    return {path.name: _read(path) for path in sorted(folder.iterdir())}


def _read(folder: Path) -> Tokens:
    arrays = {path.stem: np.load(path, mmap_mode="r") for path in folder.glob("*.npy")}
    types, told = folder / "types.bin", json.loads((folder / "told.json").read_text(encoding="utf-8"))
    return Tokens(
        ids=np.memmap(folder / "ids.bin", np.int32, "r"),
        types=np.memmap(types, np.uint8, "r") if types.exists() else None,
        **told,
        **arrays,
    )
