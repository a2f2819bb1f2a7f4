"""Pairs: how many SetFit draws from so many examples of each class, and in which order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

SAMPLINGS = ("oversampling", "undersampling", "unique")
"""What is done where positive and negative pairs are not equally many."""


def unique_pairs(classes: Sequence[int]) -> tuple[int, int]:
    """How many pairs of one class and of two there are among so many examples of each class.

    A class of n has n (n + 1) / 2 positive pairs: the setfit package pairs an example with itself, too. Two classes of
    n and m have n m negative ones.
    """
    whole = sum(classes)
    return sum(n * (n + 1) // 2 for n in classes), (whole**2 - sum(n**2 for n in classes)) // 2


def pairs_per_epoch(classes: Sequence[int], sampling: str, iterations: int = 0) -> tuple[int, int]:
    """How many positive and negative pairs an epoch has.

    With ``iterations`` as many of each as that times the examples, whatever the sampling says. Else ``unique`` takes
    every pair once, ``undersampling`` as many of each kind as the rarer has, ``oversampling`` as many as the other has,
    the rarer being gone through again in its order.
    """
    if iterations:
        return iterations * sum(classes), iterations * sum(classes)
    positive, negative = unique_pairs(classes)
    if sampling == "unique":
        return positive, negative
    number = min(positive, negative) if sampling == "undersampling" else max(positive, negative)
    return number, number


def shuffled(seed: int) -> Callable[..., Iterator[tuple[Any, Any]]]:
    """A function that goes through all pairs of a list in the order of this seed, each once.

    It takes the place of the package's ``shuffle_combinations``, which has one order for all seeds. The order decides
    more than when a pair comes: with iterations and undersampling it decides which are drawn.
    """
    import numpy as np

    def pairs(items: Sequence[Any], replacement: bool = True) -> Iterator[tuple[Any, Any]]:
        first, second = np.triu_indices(len(items), 0 if replacement else 1)
        for place in np.random.default_rng(seed).permutation(len(first)):
            yield items[first[place]], items[second[place]]

    return pairs
