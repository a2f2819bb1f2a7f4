"""Selection optimism by hand, by enumeration and where it is known."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from analysis.stats import optimism

VALIDATION, TEST = [0.80, 0.90, 0.85, 0.70], [0.78, 0.82, 0.86, 0.69]


def test_by_hand() -> None:
    found = optimism(VALIDATION, TEST, np.random.default_rng(0))
    assert (found.n, found.chosen) == (4, 1)
    assert (found.difference, found.shift) == pytest.approx((0.08, 0.025))
    assert found.excess == pytest.approx(0.055)


def test_the_intervals_are_the_enumerated_searches() -> None:
    gaps, chosen, excess = np.subtract(VALIDATION, TEST), [], []
    for drawn in itertools.product(range(4), repeat=4):
        best = max(drawn, key=VALIDATION.__getitem__)
        chosen.append(gaps[best])
        excess.append(gaps[best] - gaps[list(drawn)].mean())
    found = optimism(VALIDATION, TEST, np.random.default_rng(0), draws=20_000, confidence=0.8)
    assert (found.low, found.high) == pytest.approx(tuple(np.quantile(chosen, [0.1, 0.9])))
    assert (found.excess_low, found.excess_high) == pytest.approx(tuple(np.quantile(excess, [0.1, 0.9])), abs=0.003)


def test_losses_are_the_mirror_image() -> None:
    one = optimism(VALIDATION, TEST, np.random.default_rng(0))
    other = optimism(np.negative(VALIDATION), np.negative(TEST), np.random.default_rng(0), lower=True)
    assert other == one


def test_noise_alone_is_optimistic_and_an_easier_split_is_not_selection() -> None:
    generator = np.random.default_rng(0)
    found = [optimism(generator.normal(0.1, 1, 20), generator.normal(0, 1, 20), generator, draws=2) for _ in range(800)]
    assert np.mean([each.shift for each in found]) == pytest.approx(0.1, abs=0.04)
    assert np.mean([each.excess for each in found]) == pytest.approx(1.867, abs=0.15)  # the expected best of 20 normals


def test_few_trials() -> None:
    one, none = (optimism(VALIDATION[:n], TEST[:n], np.random.default_rng(0)) for n in (1, 0))
    assert (one.chosen, one.difference) == (0, pytest.approx(0.02))
    assert np.isnan([one.low, one.excess, one.excess_high, none.difference]).all()
    assert math.isnan(none.shift)
    with pytest.raises(ValueError, match="per trial"):
        optimism(VALIDATION, TEST[:3], np.random.default_rng(0))
