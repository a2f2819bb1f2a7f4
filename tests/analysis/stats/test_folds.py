"""The corrected resampled t-test by hand and against scipy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats as scipy_stats

from analysis.stats import fold_interval, fold_p, mean_interval


@pytest.mark.parametrize("folds", [2, 5, 10])
@pytest.mark.parametrize("ratio", [0.0, 0.25, 1.0])
def test_fold_intervals_and_p_by_hand(folds: int, ratio: float) -> None:
    values = np.random.default_rng(folds).normal(0.02, 0.03, folds)
    variance = sum((v - sum(values) / folds) ** 2 for v in values) / (folds - 1)
    error = ((1 / folds + ratio) * variance) ** 0.5
    found = fold_interval(values, ratio)
    low, high = scipy_stats.t.interval(0.95, folds - 1, values.mean(), error)
    assert (found.n, found.mean, found.low, found.high) == pytest.approx((folds, values.mean(), low, high))
    assert fold_p(values, ratio) == pytest.approx(2 * scipy_stats.t.sf(abs(values.mean()) / error, folds - 1))


def test_without_overlap_folds_are_a_plain_t_test() -> None:
    values = [0.01, 0.03, -0.02, 0.04]
    assert fold_interval(values, 0.0) == mean_interval(values)
    assert fold_p(values, 0.0) == pytest.approx(scipy_stats.ttest_1samp(values, 0).pvalue)
    assert fold_p(values, 0.25) > fold_p(values, 0.0)


def test_five_folds_of_a_fifth_widen_the_interval_by_the_known_factor() -> None:
    values = [0.70, 0.72, 0.69, 0.74, 0.71]
    plain, corrected = mean_interval(values), fold_interval(values, 1 / 4)
    assert (corrected.high - corrected.low) / (plain.high - plain.low) == pytest.approx(((1 / 5 + 1 / 4) * 5) ** 0.5)


@pytest.mark.parametrize("values", [[], [0.3], [0.1, 0.1, 0.1], [0.1 + 0.2, 0.3, 0.3]])
def test_folds_without_spread_have_neither_interval_nor_p(values: list[float]) -> None:
    found = fold_interval(values, 0.25)
    assert found.n == len(values)
    assert np.isnan([found.low, found.high, fold_p(values, 0.25)]).all()
