"""Encoding: batches of texts in, the files of one split's tokens out, one batch in memory at a time."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from study.data.truncation import ends, pieces, room
from study.errors import InputError

if TYPE_CHECKING:
    import pyarrow as pa

_TEXTS = 2_000
_BYTES = 1_000_000
"""What is tokenized at once: a tokenizer needs several hundred bytes for every token it has not yet handed over."""


@dataclass(frozen=True)
class _Encoded:
    """One text: the ids and segments (None where the tokenizer has none) of its pieces, its tokens without special
    ones, and how many of them are in no piece."""

    ids: list[np.ndarray]
    types: list[np.ndarray] | None
    tokens: int
    dropped: int


def write_tokens(
    folder: Path, batches: Iterable[pa.RecordBatch], tokenizer: Any, max_length: int, truncation: str
) -> None:
    """Write ids.bin, types.bin if any segment is not 0, offsets, labels, rows, owner (windows), and told.json."""
    folder.mkdir()
    counts = Counter(texts=0, cut=0, tokens=0, dropped=0)
    lengths, owner, labels, rows, segments = [[0]], [], [], [], 1
    with open(folder / "ids.bin", "wb") as ids, open(folder / "types.bin", "wb") as types:
        for batch in _small(batches):
            encoded = list(_encode(batch, tokenizer, max_length, truncation))
            made = [piece for text in encoded for piece in text.ids]
            ids.write(np.concatenate(made).tobytes())
            lengths.append([len(piece) for piece in made])
            owner.append(np.repeat(np.arange(len(encoded)) + counts["texts"], [len(text.ids) for text in encoded]))
            if encoded[0].types is not None:
                told = np.concatenate([piece for text in encoded for piece in text.types or ()])
                types.write(told.tobytes())
                segments = max(segments, 1 + int(told.max()))
            labels.append(batch.column("label").to_numpy())
            rows.append(batch.column("row").to_numpy())
            counts.update(
                texts=len(encoded),
                cut=sum(text.dropped > 0 or len(text.ids) > 1 for text in encoded),
                tokens=sum(text.tokens for text in encoded),
                dropped=sum(text.dropped for text in encoded),
            )
    if segments == 1:
        (folder / "types.bin").unlink()
    np.save(folder / "offsets.npy", np.cumsum(np.concatenate(lengths), dtype=np.int64))
    np.save(folder / "labels.npy", np.concatenate(labels))
    np.save(folder / "rows.npy", np.concatenate(rows))
    if truncation == "windows":
        np.save(folder / "owner.npy", np.concatenate(owner))
    (folder / "told.json").write_text(json.dumps({"segments": segments, "counts": counts}), encoding="utf-8")


def _small(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The same rows in batches of so many bytes that their tokens fit into memory; a longer text comes alone."""
    import pyarrow.compute as pc

    for batch in batches:
        size = np.zeros(batch.num_rows, np.int64)
        for name in {"text", "pair"} & set(batch.schema.names):
            size += pc.binary_length(batch.column(name)).to_numpy(zero_copy_only=False)
        start, ended = 0, np.cumsum(size)
        while start < batch.num_rows:
            used = ended[start - 1] if start else 0
            stop = int(np.searchsorted(ended, used + _BYTES, side="right"))
            stop = max(start + 1, min(stop, start + _TEXTS))
            yield batch.slice(start, stop - start)
            start = stop


def _encode(batch: pa.RecordBatch, tokenizer: Any, max_length: int, truncation: str) -> Iterator[_Encoded]:
    if "pair" in batch.schema.names:
        if truncation != "head":
            raise InputError(
                f"truncation={truncation}: these texts come in pairs, and a pair is only ever cut at its end. "
                "Leave truncation at head."
            )
        yield from _pairs(batch, tokenizer, max_length)
        return
    # Cut here, not by the tokenizer: it would say neither how long a text was nor keep anything but its start.
    found = tokenizer(batch.column("text").to_pylist(), return_special_tokens_mask=True, verbose=False)
    for i, ids in enumerate(found["input_ids"]):
        if not ids:
            raise InputError(
                f"row {batch.column('row')[i]}: the model's tokenizer finds no token in this text. "
                "Remove the row, or take another model."
            )
        special = found["special_tokens_mask"][i]
        before, after = ends(special)
        kept = pieces(len(ids), before, after, max_length, truncation)
        content = len(ids) - before - after
        dropped = 0 if truncation == "windows" else len(ids) - len(kept[0])
        yield _Encoded(_taken(ids, kept, np.int32), _segments(found, i, kept), content, dropped)


def _pairs(batch: pa.RecordBatch, tokenizer: Any, max_length: int) -> Iterator[_Encoded]:
    """Pairs; those that are too long are cut by the tokenizer, one token after the other off the longer text."""
    columns = [batch.column(name).to_pylist() for name in ("text", "pair")]
    found = tokenizer(*columns, return_special_tokens_mask=True, verbose=False)
    for i, ids in enumerate(found["input_ids"]):
        added, whole, at = sum(found["special_tokens_mask"][i]), found, i
        if len(ids) > max_length:
            room(max_length, added, texts=2)
            pair = [[column[i]] for column in columns]
            whole, at = tokenizer(*pair, truncation="longest_first", max_length=max_length), 0
        kept = [np.arange(len(whole["input_ids"][at]))]
        dropped = len(ids) - len(kept[0])
        cut = _taken(whole["input_ids"][at], kept, np.int32)
        yield _Encoded(cut, _segments(whole, at, kept), len(ids) - added, dropped)


def _segments(found: Any, at: int, kept: list[np.ndarray]) -> list[np.ndarray] | None:
    return _taken(found["token_type_ids"][at], kept, np.uint8) if "token_type_ids" in found else None


def _taken(values: list[int], kept: list[np.ndarray], kind: type) -> list[np.ndarray]:
    array: np.ndarray = np.array(values, kind)
    return [array[piece] for piece in kept]
