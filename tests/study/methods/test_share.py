"""A part of the training texts: the same for all, nested, and of every class."""

from __future__ import annotations

import itertools

import numpy as np

from study.data.tokens import Tokens
from study.methods.share import draw


def tokens(labels) -> Tokens:
    count = len(labels)
    rows = np.arange(count)
    return Tokens(np.arange(3 * count, dtype=np.int32), np.arange(0, 3 * count + 1, 3), np.array(labels), rows)


LABELS = [0] * 30 + [1] * 9 + [2]


def test_each_class_gives_its_share_and_none_is_lost():
    found = draw(tokens(LABELS), {"train_share": 0.1}, 0)
    assert np.bincount(found.labels).tolist() == [3, 1, 1]
    assert np.bincount(draw(tokens(LABELS), {"train_share": 1 / 3}, 0).labels).tolist() == [10, 3, 1]


def test_the_smaller_lies_inside_the_larger_and_no_seed_draws_another():
    shares = [set(draw(tokens(LABELS), {"train_share": share}, 0).rows) for share in (1 / 9, 1 / 3, 0.7, 1.0)]
    assert all(small < large for small, large in itertools.pairwise(shares))
    assert shares[-1] == set(range(40))
    assert shares[1] == set(draw(tokens(LABELS), {"train_share": 1 / 3}, 7).rows)
    assert shares[1] != set(range(14)), "drawn, not the first"


def test_examples_are_their_texts_own():
    found = draw(tokens(LABELS), {"train_share": 0.5}, 0)
    for i, row in enumerate(found.rows):
        assert found[i]["input_ids"].tolist() == [3 * row, 3 * row + 1, 3 * row + 2]
