"""Texts that occur more than once, within a split and across: a model that saw them may remember them."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

_NAMED = 5  # rows named as examples


@dataclass(frozen=True)
class Seen:
    """The rows of one split: the hash of each row's text, the id of its class, and the row's number."""

    hashes: np.ndarray
    labels: np.ndarray
    rows: np.ndarray


def text_hashes(columns: Sequence[pa.Array]) -> np.ndarray:
    """64 bits for every row, equal where the texts are, whatever their case, Unicode form and white space.

    At a million texts the odds that any two others share a hash are 1 in 40 million.
    """
    texts = [[_plain(text) for text in column.to_pylist()] for column in columns]
    joined = texts[0] if len(texts) == 1 else map("\n".join, zip(*texts, strict=True))  # no text holds a line break
    digests = b"".join(hashlib.blake2b(text.encode(), digest_size=8).digest() for text in joined)
    return np.frombuffer(digests, "<u8")


def _plain(text: str) -> str:
    text = unicodedata.normalize("NFC", text.casefold())
    if text.isprintable() and "  " not in text:  # then its only white space is single blanks
        return text.strip()
    return " ".join(text.split())


def find_duplicates(splits: Mapping[str, Seen]) -> list[dict[str, Any]]:
    """One entry for every two splits that share texts, and for every split that repeats one of its own.

    An entry says of how many rows of ``split`` the text is ``also_in`` the other (``texts``), of how many of these it
    is there with ``other_class``, the numbers of the first five (``rows``) and of a row of the other split for each
    (``their_rows``), one of another class where there is one. Where ``also_in`` is ``split`` itself, the first row of
    each text is left out.
    """
    names = list(splits)
    pairs = [(later, earlier) for i, later in enumerate(names) for earlier in names[:i]]
    found = (_entry(one, other, splits) for one, other in (*pairs, *((name, name) for name in names)))
    return [entry for entry in found if entry is not None]


def _entry(split: str, also_in: str, splits: Mapping[str, Seen]) -> dict[str, Any] | None:
    here, there = splits[split], splits[also_in]
    order = np.argsort(there.hashes, kind="stable")
    texts, first = np.unique(there.hashes[order], return_index=True)
    if not len(texts):
        return None
    place = np.minimum(np.searchsorted(texts, here.hashes), len(texts) - 1)
    shared = texts[place] == here.hashes
    if split == also_in:
        shared[order[first]] = False
    if not shared.any():
        return None
    labels = there.labels[order]
    lowest, highest = np.minimum.reduceat(labels, first), np.maximum.reduceat(labels, first)
    other = shared & ((lowest[place] != here.labels) | (highest[place] != here.labels))
    named = np.flatnonzero(shared)[:_NAMED]
    ends = np.append(first, len(order))
    partners = [_partner(order[ends[place[i]] : ends[place[i] + 1]], there.labels, here.labels[i]) for i in named]
    return {
        "split": split,
        "also_in": also_in,
        "texts": int(shared.sum()),
        "other_class": int(other.sum()),
        "rows": here.rows[named].tolist(),
        "their_rows": there.rows[partners].tolist(),
    }


def _partner(group: np.ndarray, labels: np.ndarray, own: int) -> int:
    """The first row of the group with another class, else its first."""
    others = group[labels[group] != own]
    return int(others[0] if len(others) else group[0])


def duplicate_notes(entries: Sequence[Mapping[str, Any]], sizes: Mapping[str, int], kind: str) -> Iterator[str]:
    """A sentence for each entry; ``kind`` is "text" or "pair"."""
    for entry in entries:
        split, count, total = entry["split"], entry["texts"], sizes[entry["split"]]
        one = count == 1
        where = f"{'is' if one else 'are'} also in {entry['also_in']}"
        if split == entry["also_in"]:
            where = f"repeat{'s' if one else ''} an earlier one"
        share = f"{count:,} of {total:,} {split} {kind}s ({100 * count / total:.1f} %) {where}"
        other = f", {_of_these(entry['other_class'], count)} with another class" if entry["other_class"] else ""
        yield share + other + ("" if split == entry["also_in"] else ": scores on them reward memory")


def _of_these(other: int, count: int) -> str:
    return f"{other:,} of them" if count > 1 else "there"
