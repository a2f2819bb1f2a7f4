"""Batches of similar length, in a random order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch.utils.data import Sampler

_GROUP = 8
"""Batches whose examples are sorted together: more pad less and mix the examples less."""

_HANDED = 65_536  # indices made into Python integers at once, which are several times as large


class SimilarLengths(Sampler[int]):
    """Every index once per pass; each ``size`` in a row are of similar length, and only the last may be fewer.

    The examples are shuffled, sorted by length within groups of eight batches, cut into batches, and the batches
    shuffled. transformers' LengthGroupedSampler leaves them in descending length, so that every group ends on its
    shortest texts. The order comes from a generator of its own: dropout and other draws do not change it.
    """

    def __init__(self, lengths: Sequence[int] | np.ndarray, size: int, seed: int):
        self.lengths, self.size = np.asarray(lengths), size
        self.generator = torch.Generator().manual_seed(seed)

    def __len__(self) -> int:
        return len(self.lengths)

    def __iter__(self) -> Iterator[int]:
        order = self._order()
        return (index for start in range(0, len(order), _HANDED) for index in order[start : start + _HANDED].tolist())

    def _order(self) -> np.ndarray:
        """One pass: every index once, int64."""
        indices, group = self._permutation(len(self.lengths)), self.size * _GROUP
        for start in range(0, len(indices), group):
            together = indices[start : start + group]
            indices[start : start + group] = together[np.argsort(self.lengths[together], kind="stable")]
        # The batch that is not full stays last, or all after it would be cut elsewhere.
        full = len(indices) // self.size
        batches = indices[: full * self.size].reshape(full, self.size)
        return np.concatenate([batches[self._permutation(full)].ravel(), indices[full * self.size :]])

    def _permutation(self, count: int) -> np.ndarray:
        return torch.randperm(count, generator=self.generator).numpy()
