"""One seed, many streams: equal where they should be, unrelated everywhere else."""

from __future__ import annotations

import random

import numpy as np
import pytest

from study.seeding import seed_everything, stream


def test_a_stream_never_changes():
    assert stream(0, "order") == 5231958647509549229
    assert stream(1, "order") == 620558406644582515
    assert stream(0, "head") == 6551998802971462994


def test_a_stream_has_63_bits_and_uses_them():
    found = [stream(seed, "order") for seed in range(400)]
    assert all(0 <= value < 2**63 for value in found)
    for bit in range(63):
        assert 0.35 < sum(value >> bit & 1 for value in found) / 400 < 0.65


def test_other_seeds_and_other_purposes_share_nothing():
    found = [stream(seed, name) for seed in range(200) for name in ("order", "head", "training", "dropout")]
    assert len(set(found)) == len(found)
    assert len({value % 2**32 for value in found}) == len(found)


def test_seed_and_purpose_do_not_run_into_each_other():
    assert stream(1, "1/order") != stream(11, "/order")
    assert stream(1, "1") != stream(11, "")


def draws() -> tuple:
    import torch

    return random.random(), float(np.random.rand()), float(torch.rand(()))


def test_every_global_generator_is_set():
    seed_everything(3, "head")
    once = draws()
    draws()
    seed_everything(3, "head")
    assert draws() == once


@pytest.mark.parametrize(("seed", "name"), [(4, "head"), (3, "training")])
def test_another_seed_or_purpose_sets_each_of_them_otherwise(seed, name):
    seed_everything(3, "head")
    once = draws()
    seed_everything(seed, name)
    assert not set(draws()) & set(once)
