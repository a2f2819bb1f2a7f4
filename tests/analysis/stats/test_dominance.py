"""Almost stochastic order against a brute-force integral and a published example."""

from __future__ import annotations

import math

import numpy as np
import pytest

from analysis.stats import almost_stochastic_order, violation_ratio


def integral(one: np.ndarray, other: np.ndarray) -> float:
    """The violation ratio by a sum over a fine grid of levels, quantiles by numpy's inverted distribution function."""
    levels = (np.arange(200_000) + 0.5) / 200_000
    gaps = np.quantile(one, levels, method="inverted_cdf") - np.quantile(other, levels, method="inverted_cdf")
    return float((gaps[gaps < 0] ** 2).sum() / (gaps**2).sum())


@pytest.mark.parametrize(("n", "m"), [(1, 1), (3, 3), (5, 8), (10, 7)])
def test_the_ratio_is_the_integral_of_quantile_functions(n: int, m: int) -> None:
    one, other = np.random.default_rng(n).normal(0.2, 1, n), np.random.default_rng(m + 50).normal(0, 1.5, m)
    assert violation_ratio(one, other) == pytest.approx(integral(one, other), abs=1e-4)
    assert violation_ratio(one, other) + violation_ratio(other, one) == pytest.approx(1)


def test_dominance_equality_and_the_worse_side() -> None:
    assert violation_ratio([2, 3, 4], [1, 2.5]) == 0
    assert violation_ratio([1, 2.5], [2, 3, 4]) == 1
    assert violation_ratio([0.1, 0.2], [0.2, 0.1]) == 0.5
    assert math.isnan(violation_ratio([], [1.0]))


def test_a_published_example_is_reproduced() -> None:
    """deepsig's README: five normal scores (0.9, 0.8) against five (0, 1), seed 1234, eps_min = 0.225."""
    legacy = np.random.RandomState(1234)
    one, other = legacy.normal(0.9, 0.8, 5), legacy.normal(0, 1, 5)
    found = [almost_stochastic_order(one, other, np.random.default_rng(seed)) for seed in range(20)]
    assert np.mean(found) == pytest.approx(0.225, abs=0.01)


def test_the_bound_is_the_formula_with_the_bootstraps_deviation() -> None:
    one, other = np.random.default_rng(0).normal(0.3, 1, 12), np.random.default_rng(1).normal(0, 1, 9)
    generator, ratios = np.random.default_rng(2), []
    for _ in range(3000):
        ratios.append(violation_ratio(generator.choice(one, 12), generator.choice(other, 9)))
    for comparisons, quantile in ((1, 1.644854), (3, 2.128045)):  # Phi^-1(0.95), Phi^-1(0.98333)
        expected = min(1, violation_ratio(one, other) + quantile * float(np.std(ratios)))
        found = almost_stochastic_order(one, other, np.random.default_rng(3), comparisons, draws=3000)
        assert found == pytest.approx(expected, abs=0.02)


def test_more_comparisons_are_stricter_and_the_bound_stays_a_share() -> None:
    one, other = np.random.default_rng(0).normal(0.5, 1, 10), np.random.default_rng(1).normal(0, 1, 10)
    bounds = [almost_stochastic_order(one, other, np.random.default_rng(2), k) for k in (1, 3, 100)]
    assert bounds[0] < bounds[1] < bounds[2] <= 1
    assert almost_stochastic_order(other - 9, one, np.random.default_rng(2)) == 1
    assert almost_stochastic_order(one + 9, other, np.random.default_rng(2)) == 0
    assert math.isnan(almost_stochastic_order([1.0], [0.0, 0.1], np.random.default_rng(2)))
