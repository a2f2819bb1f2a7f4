"""What is read at each step: a function of seed and step, all texts in every pass, the corpora in their order."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from study.data.tokens import Tokens
from study.models.padding import Padding
from study.pretraining.batches import Batches
from study.pretraining.texts import HELD_OUT, held_out, read_from


def made(count: int, first: int = 10, seed: int = 0) -> Tokens:
    """Texts of different lengths; text i is made of the number first + i."""
    lengths = np.random.default_rng(seed).integers(2, 12, count)
    return Tokens(
        ids=np.repeat(np.arange(count) + first, lengths).astype(np.int32),
        offsets=np.concatenate([[0], np.cumsum(lengths)]),
        labels=np.zeros(count, np.int32),
        rows=np.arange(count),
    )


def noisy(batch):
    return {**batch, "noise": torch.rand(len(batch["input_ids"]))}


def batches(*texts: tuple[Tokens, int], seed: int = 0, name: str = "a") -> Batches:
    return Batches(texts, 4, seed, name, Padding(0), noisy)


def read(found: Batches, steps) -> list[int]:
    return [int(i) for step in steps for i in found[step]["input_ids"][:, 0]]


def test_every_pass_reads_every_text_once_in_an_order_of_its_own():
    found = batches((made(10), 9))  # three batches to a pass
    passes = [read(found, range(start, start + 3)) for start in (0, 3, 6)]
    assert all(sorted(one) == list(range(10, 20)) for one in passes)
    assert len({tuple(one) for one in passes}) == 3


def test_a_step_is_the_same_whatever_was_read_before_it_and_nothing_else_is_disturbed():
    found = batches((made(10), 9))
    in_order = [found[step] for step in range(9)]
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    alone = batches((made(10), 9))[7]
    assert torch.equal(torch.rand(3), expected)
    assert all(torch.equal(alone[name], in_order[7][name]) for name in alone)
    assert not torch.equal(in_order[6]["noise"], in_order[7]["noise"])


@pytest.mark.parametrize("other", [{"seed": 1}, {"name": "b"}])
def test_another_seed_or_purpose_reads_and_draws_otherwise(other):
    first, second = batches((made(40), 10)), batches((made(40), 10), **other)
    assert read(first, range(10)) != read(second, range(10))
    assert not torch.equal(first[0]["noise"], second[0]["noise"])


def test_both_corpora_take_half_the_steps_each_the_domain_first():
    task, domain = {"train": made(8)}, {"train": made(8, 100)}
    parts = read_from("both", 7, task, domain)
    assert [steps for _, steps in parts] == [4, 3]
    found = batches(*parts)
    assert len(found) == 7
    assert min(read(found, range(4))) >= 100
    assert max(read(found, range(4, 7))) < 100
    assert sum(steps for _, steps in read_from("task", 7, task, domain)) == 7
    assert sum(steps for _, steps in read_from("domain", 7, task, domain)) == 7
    with pytest.raises(ValueError, match="without a corpus"):
        read_from("domain", 7, task, None)
    with pytest.raises(IndexError):
        found[7]


def test_only_training_texts_are_read():
    splits = {"train": made(8), "validation": made(8, 50), "test": made(8, 70)}
    for corpus in ("task", "domain", "both"):
        for tokens, _ in read_from(corpus, 4, splits, splits):
            assert tokens is splits["train"]


def test_the_lengths_are_those_of_the_batch():
    found = batches((made(10), 3))
    for step in range(3):
        assert found.lengths(step).tolist() == found[step]["attention_mask"].sum(1).tolist()


def test_what_is_held_out_is_always_the_same_and_not_the_first():
    many = made(HELD_OUT + 300)
    kept = held_out(many)
    assert kept.texts == HELD_OUT
    assert np.array_equal(kept.rows, held_out(many).rows)
    assert kept.rows.max() >= HELD_OUT
    assert held_out(kept) is kept
