"""Batches of similar length, in a random order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch.utils.data import Sampler

_GROUP = 8
"""Batches whose texts are sorted together: more pad less and mix the texts less."""


class SimilarLengths(Sampler[int]):
    """Every index once per pass; each ``size`` in a row are of similar length, and only the last may be fewer.

    The texts are shuffled, sorted by length within groups of eight batches, cut into batches, and the batches shuffled.
    transformers' LengthGroupedSampler leaves them in descending length, so that every group ends on its shortest
    texts. The order comes from a generator of its own: dropout and other draws do not change it.
    """

    def __init__(self, lengths: Sequence[int], size: int, seed: int):
        self.lengths, self.size = lengths, size
        self.generator = torch.Generator().manual_seed(seed)

    def __len__(self) -> int:
        return len(self.lengths)

    def __iter__(self) -> Iterator[int]:
        indices, group = self._permutation(len(self.lengths)), self.size * _GROUP
        batches = []
        for start in range(0, len(indices), group):
            together = sorted(indices[start : start + group], key=self.lengths.__getitem__)
            batches += [together[i : i + self.size] for i in range(0, len(together), self.size)]
        # The one that is not full stays last, or all after it would be cut elsewhere.
        full = len(indices) // self.size
        order = [*self._permutation(full), *range(full, len(batches))]
        return iter([index for number in order for index in batches[number]])

    def _permutation(self, count: int) -> list[int]:
        return torch.randperm(count, generator=self.generator).tolist()
