"""Expected validation performance against enumeration and worked numbers."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from analysis.stats import expected_best, expected_best_interval

WORKED = [0.80, 0.85, 0.90, 0.70, 0.88]


def test_worked_numbers() -> None:
    assert expected_best(WORKED)[[1, 2, 4]] == pytest.approx([0.8740, 0.8890, 0.9000])
    assert expected_best(WORKED, unbiased=False)[[1, 2, 4]] == pytest.approx([0.8644, 0.87928, 0.89057], abs=1e-5)


@pytest.mark.parametrize("scores", [WORKED, [0.5], [0.3, 0.3, 0.3], [0.2, 0.9, 0.2, 0.7, 0.7, -1.0]])
@pytest.mark.parametrize("lower", [False, True])
def test_both_are_the_enumerated_means(scores: list[float], lower: bool) -> None:
    best = min if lower else max
    for n in range(1, len(scores) + 1):
        without = [best(chosen) for chosen in itertools.combinations(scores, n)]
        replaced = [best(drawn) for drawn in itertools.product(scores, repeat=n)]
        assert expected_best(scores, lower=lower)[n - 1] == pytest.approx(np.mean(without))
        assert expected_best(scores, unbiased=False, lower=lower)[n - 1] == pytest.approx(np.mean(replaced))


def test_the_first_is_the_mean_and_the_curve_rises_to_the_best() -> None:
    scores = np.random.default_rng(0).normal(size=1000)
    found = expected_best(scores)
    assert found.shape == (1000,)
    assert (found[0], found[-1]) == pytest.approx((scores.mean(), scores.max()))
    assert (np.diff(found) >= -1e-12).all()


def test_unbiased_is_unbiased_and_the_other_too_low() -> None:
    """The expected best of four uniform draws is 4/5."""
    generator = np.random.default_rng(0)
    samples = generator.random((2000, 6))
    assert np.mean([expected_best(row)[3] for row in samples]) == pytest.approx(0.8, abs=0.005)
    assert np.mean([expected_best(row, unbiased=False)[3] for row in samples]) < 0.78


def test_the_interval_is_the_bootstraps() -> None:
    scores = np.random.default_rng(1).normal(size=8)
    low, high = expected_best_interval(scores, np.random.default_rng(2), draws=2000)
    generator = np.random.default_rng(3)
    drawn = np.array([expected_best(generator.choice(scores, 8)) for _ in range(2000)])
    assert low == pytest.approx(np.quantile(drawn, 0.025, axis=0), abs=0.08)
    assert high == pytest.approx(np.quantile(drawn, 0.975, axis=0), abs=0.08)
    assert high[-1] == scores.max()


def test_lower_is_the_mirror_image() -> None:
    scores = np.random.default_rng(1).normal(size=8)
    low, high = expected_best_interval(scores, np.random.default_rng(2), draws=100)
    mirrored = expected_best_interval(-scores, np.random.default_rng(2), lower=True, draws=100)
    assert mirrored[0] == pytest.approx(-high)
    assert mirrored[1] == pytest.approx(-low)


def test_the_interval_covers_well_inside_the_search() -> None:
    generator, held = np.random.default_rng(4), 0
    for _ in range(300):
        low, high = expected_best_interval(generator.random(30), generator, draws=200)
        held += low[4] <= 5 / 6 <= high[4]  # the best of five uniform draws
    assert 0.88 <= held / 300 <= 0.99


def test_nothing_one_and_missing() -> None:
    generator = np.random.default_rng(0)
    assert expected_best([]).shape == (0,)
    assert expected_best([0.4]).tolist() == [0.4]
    assert all(math.isnan(end[0]) for end in expected_best_interval([0.4], generator))
    with pytest.raises(ValueError, match="missing"):
        expected_best([0.4, math.nan])
