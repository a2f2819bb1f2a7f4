"""Pairs: the formulas against what the setfit package draws, and an order that follows the seed."""

from __future__ import annotations

import itertools

import pytest

from study.contrastive.pairs import SAMPLINGS, pairs_per_epoch, shuffled, unique_pairs
from study.contrastive.undisturbed import undisturbed

CLASSES = ((8, 8), (8, 4, 8), (1, 5), (1, 1, 1))


@pytest.mark.parametrize("classes", CLASSES)
@pytest.mark.parametrize(("sampling", "iterations"), [*((s, 0) for s in SAMPLINGS), ("unique", 3)])
def test_the_package_draws_as_many_as_the_formulas_say(classes, sampling, iterations):
    with undisturbed():
        from setfit.sampler import ContrastiveDataset
    labels = [number for number, count in enumerate(classes) for _ in range(count)]
    texts = [str(i) for i in range(len(labels))]
    drawn = [pair["label"] for pair in ContrastiveDataset(texts, labels, False, iterations or None, sampling)]
    assert (drawn.count(1.0), drawn.count(0.0)) == pairs_per_epoch(classes, sampling, iterations)


def test_unique_pairs_are_those_counted_one_by_one_with_each_example_beside_itself():
    labels = [0] * 8 + [1] * 4 + [2] * 8
    pairs = list(itertools.combinations_with_replacement(labels, 2))
    assert unique_pairs((8, 4, 8)) == (sum(a == b for a, b in pairs), sum(a != b for a, b in pairs)) == (82, 128)


@pytest.mark.parametrize("replacement", [True, False])
def test_every_pair_comes_once_in_an_order_of_the_seed(replacement):
    items = "abcdefgh"
    combine = itertools.combinations_with_replacement if replacement else itertools.combinations
    order = shuffled(0)
    first = list(order(items, replacement))
    assert sorted(first) == sorted(combine(items, 2))
    assert list(order(items, replacement)) == first, "the same list again, not a later stretch of one stream"
    assert first != sorted(first)
    assert list(shuffled(1)(items, replacement)) != first
