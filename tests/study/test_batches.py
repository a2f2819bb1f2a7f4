"""Batches of similar length, every text once per pass, in an order that is the seed's and not the lengths'."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from study.batches import SimilarLengths
from study.micro_batches import micro_batch

LENGTHS = np.random.default_rng(0).integers(5, 60, 1003).tolist()


def batches(sampler: SimilarLengths, size: int) -> list[list[int]]:
    indices = list(sampler)
    return [indices[i : i + size] for i in range(0, len(indices), size)]


@pytest.mark.parametrize(("count", "size"), [(1003, 16), (1003, 1), (128, 16), (129, 16), (7, 16), (1, 4)])
def test_every_index_comes_once_per_pass_and_another_pass_is_another_order(count, size):
    sampler = SimilarLengths(LENGTHS[:count], size, seed=1)
    first, second = list(sampler), list(sampler)
    assert sorted(first) == sorted(second) == list(range(count))
    assert len(sampler) == count
    assert count < 20 or first != second


def plainly(lengths: list[int], size: int, generator: torch.Generator) -> list[int]:
    """One pass, with nothing but lists."""
    indices, batches = torch.randperm(len(lengths), generator=generator).tolist(), []
    for start in range(0, len(indices), size * 8):
        together = sorted(indices[start : start + size * 8], key=lambda index: lengths[index])
        batches += [together[i : i + size] for i in range(0, len(together), size)]
    full = len(indices) // size
    order = [*torch.randperm(full, generator=generator).tolist(), *range(full, len(batches))]
    return [index for number in order for index in batches[number]]


@pytest.mark.parametrize(("count", "size"), [(1003, 16), (1003, 1), (1024, 16), (129, 16), (7, 16), (1, 4)])
def test_the_order_is_that_of_the_plain_algorithm_pass_after_pass(count, size):
    sampler, generator = SimilarLengths(LENGTHS[:count], size, seed=9), torch.Generator().manual_seed(9)
    for _ in range(3):
        found = list(sampler)
        assert found == plainly(LENGTHS[:count], size, generator)
        assert {type(index) for index in found} == {int}


def test_many_examples_are_handed_over_in_pieces_without_a_gap(monkeypatch):
    whole = list(SimilarLengths(LENGTHS, 16, seed=2))
    monkeypatch.setattr("study.batches._HANDED", 100)
    assert list(SimilarLengths(LENGTHS, 16, seed=2)) == whole


def test_little_is_padded():
    def padding(order: list[list[int]]) -> float:
        padded = sum(max(LENGTHS[i] for i in batch) * len(batch) for batch in order)
        return padded / sum(LENGTHS) - 1

    grouped = padding(batches(SimilarLengths(LENGTHS, 16, seed=0), 16))
    shuffled = np.random.default_rng(0).permutation(1003)
    plain = padding([list(shuffled[i : i + 16]) for i in range(0, 1003, 16)])
    assert grouped < 0.2 * plain


def test_long_and_short_batches_come_in_no_order():
    means = [np.mean([LENGTHS[i] for i in batch]) for batch in batches(SimilarLengths(LENGTHS, 16, seed=0), 16)]
    neighbours = np.corrcoef(means[:-1], means[1:])[0, 1]
    assert abs(neighbours) < 0.35
    assert abs(np.corrcoef(range(len(means)), means)[0, 1]) < 0.35


def test_the_seed_alone_decides():
    first = list(SimilarLengths(LENGTHS, 16, seed=3))
    torch.rand(100)
    assert list(SimilarLengths(LENGTHS, 16, seed=3)) == first
    assert list(SimilarLengths(LENGTHS, 16, seed=4)) != first


@pytest.mark.parametrize(
    ("batch", "most", "size"), [(16, 0, 16), (16, 4, 4), (16, 6, 4), (12, 5, 4), (7, 3, 1), (8, 99, 8)]
)
def test_a_micro_batch_divides_the_batch_and_is_no_larger_than_asked(batch, most, size):
    assert micro_batch(batch, most) == size
