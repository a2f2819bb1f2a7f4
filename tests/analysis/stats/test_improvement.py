"""The probability of improvement against all pairs, scipy, Newcombe's equation and its coverage."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats as scipy_stats

from analysis.stats import paired_improvement, probability_of_improvement


@pytest.mark.parametrize(("n", "m"), [(1, 4), (5, 5), (12, 7)])
def test_it_is_mann_and_whitneys_u(n: int, m: int) -> None:
    one, other = np.random.default_rng(n).normal(0.4, 1, n).round(1), np.random.default_rng(m).normal(0, 1, m).round(1)
    found = probability_of_improvement(one, other)
    assert found.value == pytest.approx(scipy_stats.mannwhitneyu(one, other).statistic / (n * m))
    assert found.value == pytest.approx(np.mean([(a > b) + (a == b) / 2 for a in one for b in other]))
    assert 0 <= found.low < found.value < found.high <= 1


def test_the_bounds_solve_the_score_equation() -> None:
    one, other = np.random.default_rng(1).normal(0.7, 1, 9), np.random.default_rng(2).normal(0, 1, 6)
    found = probability_of_improvement(one, other)
    for p in (found.low, found.high):
        more = (9 + 6) / 2 - 1
        variance = p * (1 - p) * (1 + more * (1 - p) / (2 - p) + more * p / (1 + p)) / 54
        assert abs(p - found.value) == pytest.approx(scipy_stats.norm.ppf(0.975) * variance**0.5)


def test_equal_sides_are_a_half_and_turning_them_turns_it() -> None:
    values = [0.1, 0.2, 0.2, 0.5]
    assert probability_of_improvement(values, values).value == 0.5
    there, back = probability_of_improvement([3, 4, 5], [1, 4]), probability_of_improvement([1, 4], [3, 4, 5])
    assert (there.value, there.low, there.high) == pytest.approx((1 - back.value, 1 - back.high, 1 - back.low))


def test_three_better_runs_are_no_certainty() -> None:
    found = probability_of_improvement([4, 5, 6], [1, 2, 3])
    assert (found.value, found.high) == (1, 1)
    assert 0.4 < found.low < 0.6


@pytest.mark.parametrize(("n", "shift"), [(3, 1.0), (5, 0.0), (5, 2.0), (10, 0.5)])
def test_its_interval_covers(n: int, shift: float) -> None:
    generator, true, held = np.random.default_rng(0), scipy_stats.norm.cdf(shift / 2**0.5), 0
    for _ in range(500):
        found = probability_of_improvement(generator.normal(shift, 1, n), generator.normal(0, 1, n))
        held += found.low <= true <= found.high
    assert 0.9 <= held / 500 <= 0.99


def test_pairs_by_hand() -> None:
    found = paired_improvement([0.1, 0.0, -0.2, 0.3])
    expected = scipy_stats.binomtest(5, 8).proportion_ci(method="wilson")
    assert (found.n, found.value) == (4, 0.625)
    assert (found.low, found.high) != (expected.low, expected.high)  # four pairs are not eight
    centre = (0.625 + 1.959964**2 / 8) / (1 + 1.959964**2 / 4)
    assert (found.low + found.high) / 2 == pytest.approx(centre, abs=1e-6)


def test_of_nothing_and_of_one() -> None:
    assert math.isnan(probability_of_improvement([], [1.0]).value)
    assert math.isnan(paired_improvement([]).value)
    for one in (probability_of_improvement([2.0], [1.0]), paired_improvement([0.1])):
        assert one.value == 1
        assert np.isnan([one.low, one.high]).all()
    with pytest.raises(ValueError, match="missing"):
        probability_of_improvement([1.0, math.nan], [1.0])
