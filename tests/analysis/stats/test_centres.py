"""Median and interquartile mean against scipy, the binomial distribution and their coverage."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy import stats as scipy_stats

from analysis.stats import iqm, iqm_interval, iqm_over_tasks, mean_interval, median_interval


@pytest.mark.parametrize("n", [1, 3, 4, 7, 8, 30])
def test_iqm_is_scipys_trimmed_mean(n: int) -> None:
    values = np.random.default_rng(n).normal(size=n)
    assert iqm(values) == pytest.approx(scipy_stats.trim_mean(values, 0.25))


def test_iqm_pools_runs_and_tasks() -> None:
    scores = np.random.default_rng(0).normal(size=(5, 3))
    found = iqm_over_tasks(list(scores.T), np.random.default_rng(1), 100)
    assert (found.n, found.value) == (15, pytest.approx(scipy_stats.trim_mean(scores, 0.25, axis=None)))


@pytest.mark.parametrize("n", [6, 7, 10, 20])
def test_the_medians_interval_is_scipys(n: int) -> None:
    values = np.random.default_rng(n).normal(size=n)
    found = median_interval(values)
    expected = scipy_stats.quantile_test(values, q=0, p=0.5).confidence_interval()
    assert (found.low, found.high) == (expected.low, expected.high)
    assert found.value == np.median(values)


@pytest.mark.parametrize("n", [6, 9])
def test_the_medians_interval_keeps_its_confidence_exactly(n: int) -> None:
    """Every pattern of which values lie below the median, each as probable as any other."""
    held = []
    for below in itertools.product((False, True), repeat=n):
        values = np.where(below, -1.0, 1.0) * np.arange(1, n + 1)  # the true median is zero
        found = median_interval(values)
        held.append(found.low <= 0 <= found.high)
    k = {6: 1, 9: 2}[n]
    missed = 2 * sum(math.comb(n, i) for i in range(k)) / 2**n
    assert np.mean(held) == pytest.approx(1 - missed)
    assert np.mean(held) >= 0.95


def test_too_few_values_have_a_centre_without_an_interval() -> None:
    five = median_interval([1, 2, 3, 4, 5])
    assert (five.n, five.value) == (5, 3)
    assert np.isnan([five.low, five.high]).all()
    assert median_interval([1, 2, 3, 4, 5], confidence=0.9).low == 1
    generator = np.random.default_rng(0)
    one, none = iqm_interval([0.7], generator), iqm_interval([], generator)
    assert (one.n, one.value, none.n) == (1, 0.7, 0)
    assert np.isnan([one.low, one.high, none.value, median_interval([]).value, iqm([])]).all()
    lonely = iqm_over_tasks([[0.1, 0.2, 0.3], [0.5]], generator)
    assert lonely.n == 4
    assert math.isnan(lonely.low)


def test_missing_values_are_refused() -> None:
    for function in (iqm, median_interval):
        with pytest.raises(ValueError, match="missing"):
            function([0.1, math.nan])


def test_of_three_values_the_iqms_interval_is_the_means_but_for_the_draws() -> None:
    values = [0.70, 0.74, 0.72]
    found, expected = iqm_interval(values, np.random.default_rng(0), 20_000), mean_interval(values)
    assert (found.value, found.low, found.high) == pytest.approx((expected.mean, expected.low, expected.high), abs=1e-3)


def test_tasks_are_fixed_and_only_their_runs_are_drawn() -> None:
    """Two tasks far apart, without spread inside: pooled drawing would move the centre, drawing within does not."""
    found = iqm_over_tasks([[0.1] * 4, [0.9] * 4], np.random.default_rng(0), 200)
    assert (found.low, found.high) == (found.value, found.value) == (0.5, 0.5)


def test_the_same_generator_gives_the_same_interval() -> None:
    values = np.random.default_rng(0).normal(size=9)
    assert iqm_interval(values, np.random.default_rng(7)) == iqm_interval(values, np.random.default_rng(7))


@pytest.mark.parametrize("n", [3, 5, 10])
def test_iqms_interval_covers_the_middle_of_a_skewed_distribution(n: int) -> None:
    generator = np.random.default_rng(n)
    quantiles = scipy_stats.gamma.ppf(np.linspace(0.25, 0.75, 20_001), 2)
    true, held = np.trapezoid(quantiles) / 20_000, 0
    for _ in range(400):
        found = iqm_interval(generator.gamma(2, 1, n), generator, 300)
        held += found.low <= true <= found.high
    assert 0.91 <= held / 400 <= 0.995
