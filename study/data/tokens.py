"""Tokens: every split of a data set as memory-mapped arrays, made once per (data, tokenizer, length)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from study.artefacts import artefact

if TYPE_CHECKING:
    import pyarrow as pa

_BATCH = 2_000


@dataclass(frozen=True)
class Tokens:
    """One split as a torch data set of ``{"input_ids": int32 (length,), "labels": int}``.

    ``ids`` holds all texts one after the other; text i is ``ids[offsets[i]:offsets[i + 1]]``. ``rows`` are the
    texts' numbers in the source. All arrays are read from disk as they are needed and shared between processes.
    """

    ids: np.ndarray
    offsets: np.ndarray
    labels: np.ndarray
    rows: np.ndarray

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> dict[str, Any]:
        return {
            "input_ids": self.ids[self.offsets[index] : self.offsets[index + 1]],
            "labels": int(self.labels[index]),
        }

    @property
    def lengths(self) -> list[int]:
        """Tokens per text, special tokens included."""
        return np.diff(self.offsets).tolist()

    def batches(self, size: int) -> Iterator[list[int]]:
        """Indices in batches of similar length, longest first, so that memory is tried at once."""
        order = np.argsort(-np.diff(self.offsets), kind="stable")
        for start in range(0, len(order), size):
            yield order[start : start + size].tolist()


def token_key(data_fingerprint: str, tokenizer_fingerprint: str, max_length: int) -> str:
    """The name of a token artefact."""
    return f"tokens-{data_fingerprint}-{tokenizer_fingerprint}-{max_length}"


def tokens(
    splits: Callable[[], Mapping[str, pa.Table]], key: str, cache: Path, tokenizer: Callable[[], Any], max_length: int
) -> dict[str, Tokens]:
    """Every split's tokens, from the artefact of this key, which is built if it is missing.

    ``splits`` and ``tokenizer`` give the texts and the tokenizer; they are not called when the artefact is there.
    """

    def build(folder: Path) -> None:
        make = tokenizer()
        for name, table in splits().items():
            _write(folder / name, table, make, max_length)

    folder = artefact(cache, key, build)
    return {path.name: _read(path) for path in sorted(folder.iterdir())}


def _write(folder: Path, table: pa.Table, tokenizer: Any, max_length: int) -> None:
    folder.mkdir()
    lengths = [np.zeros(1, np.int64)]
    with open(folder / "ids.bin", "wb") as file:
        for batch in table.select(["text"]).to_batches(max_chunksize=_BATCH):
            texts = batch.column(0).to_pylist()
            encoded = tokenizer(texts, truncation=True, max_length=max_length)["input_ids"]
            file.writelines(np.asarray(ids, np.int32).tobytes() for ids in encoded)
            lengths.append(np.fromiter(map(len, encoded), np.int64, len(encoded)))
    np.save(folder / "offsets.npy", np.cumsum(np.concatenate(lengths)))
    np.save(folder / "labels.npy", table.column("label").to_numpy())
    np.save(folder / "rows.npy", table.column("row").to_numpy())


def _read(folder: Path) -> Tokens:
    arrays = {name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in ("offsets", "labels", "rows")}
    return Tokens(ids=np.memmap(folder / "ids.bin", np.int32, "r"), **arrays)
