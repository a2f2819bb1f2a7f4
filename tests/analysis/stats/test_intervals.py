"""Intervals of means and shares against scipy."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats as scipy_stats

from analysis.stats import mean_interval, wilson


@pytest.mark.parametrize("n", [2, 3, 10, 40])
@pytest.mark.parametrize("confidence", [0.95, 0.8])
def test_mean_interval_is_scipys(n: int, confidence: float) -> None:
    values = np.random.default_rng(n).normal(0.8, 0.02, n)
    low, high = scipy_stats.t.interval(confidence, n - 1, loc=values.mean(), scale=scipy_stats.sem(values))
    found = mean_interval(values, confidence)
    assert (found.n, found.mean) == (n, pytest.approx(values.mean()))
    assert (found.low, found.high) == (pytest.approx(low), pytest.approx(high))


def test_one_value_has_no_interval_and_none_has_no_mean() -> None:
    one, none = mean_interval([0.8]), mean_interval([])
    assert (one.n, one.mean) == (1, 0.8)
    assert math.isnan(one.low)
    assert math.isnan(one.high)
    assert none.n == 0
    assert math.isnan(none.mean)


def test_missing_values_are_refused_rather_than_dropped() -> None:
    with pytest.raises(ValueError, match="missing"):
        mean_interval([0.8, math.nan])


@pytest.mark.parametrize(("hits", "of"), [(0, 3), (1, 7), (5, 5), (40, 90)])
def test_wilson_is_scipys(hits: int, of: int) -> None:
    expected = scipy_stats.binomtest(hits, of).proportion_ci(method="wilson")
    assert wilson(hits, of) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_half_a_hit_lies_between_none_and_one() -> None:
    assert wilson(0, 4)[1] < wilson(0.5, 4)[1] < wilson(1, 4)[1]
    assert np.isnan(wilson(0, 0)).all()
