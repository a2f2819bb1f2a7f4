"""Every formula against an independent computation: scipy, or brute force."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats as scipy_stats

from analysis.stats import (
    fold_interval,
    fold_p,
    holm,
    mean_interval,
    paired_differences,
    seeds_needed,
    sign_flip_p,
    smallest_p,
)


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


def test_pairs_are_made_by_seed_and_not_by_place() -> None:
    values = pd.Series({2: 0.9, 0: 0.7, 5: 0.1})
    baseline = pd.Series({0: 0.6, 1: 0.0, 2: 0.6})
    assert paired_differences(values, baseline).to_dict() == pytest.approx({0: 0.1, 2: 0.3})


def test_a_seed_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="two values"):
        paired_differences(pd.Series([1.0, 2.0], index=[0, 0]), pd.Series({0: 1.0}))


@pytest.mark.parametrize("n", [1, 2, 3, 6, 9])
@pytest.mark.parametrize("shift", [0.0, 0.3, -2.0])
def test_sign_flip_p_is_the_enumerated_one(n: int, shift: float) -> None:
    differences = np.random.default_rng(n).normal(shift, 1, n).round(2)
    sums = [
        abs(sum(s * d for s, d in zip(signs, differences, strict=True)))
        for signs in itertools.product((1, -1), repeat=n)
    ]
    expected = np.mean([total >= abs(differences.sum()) - 1e-9 for total in sums])
    assert sign_flip_p(differences) == pytest.approx(expected)


def test_sign_flip_p_is_scipys_permutation_test() -> None:
    differences = np.random.default_rng(4).normal(0.5, 1, 8)
    found = scipy_stats.permutation_test((differences,), np.sum, permutation_type="samples", n_resamples=np.inf)
    assert sign_flip_p(differences) == pytest.approx(found.pvalue)


def test_sign_flip_p_of_nothing_of_zeros_and_of_many() -> None:
    assert math.isnan(sign_flip_p([]))
    assert sign_flip_p([0.0, 0.0, 0.0]) == 1.0
    many = np.random.default_rng(0).normal(0.4, 1, 30)
    assert sign_flip_p(many) == sign_flip_p(many)
    assert sign_flip_p(many) == pytest.approx(scipy_stats.ttest_1samp(many, 0).pvalue, abs=0.01)


def test_sign_flip_p_rejects_at_its_level_where_there_is_no_effect() -> None:
    rng = np.random.default_rng(1)
    rejected = np.mean([sign_flip_p(rng.normal(0, 1, 8)) <= 0.05 for _ in range(1000)])
    assert rejected == pytest.approx(12 / 256, abs=0.02)  # 12 of 256 patterns lie at or below 0.05


@pytest.mark.parametrize("n", [1, 3, 5, 10])
def test_the_smallest_p_is_reached_where_all_differences_agree(n: int) -> None:
    assert smallest_p(n) == sign_flip_p(np.arange(1, n + 1)) == 2 / 2**n


def test_seeds_needed() -> None:
    assert smallest_p(seeds_needed()) <= 0.05 < smallest_p(seeds_needed() - 1)
    assert smallest_p(seeds_needed(6)) * 6 <= 0.05 < smallest_p(seeds_needed(6) - 1) * 6


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03, math.nan])[:3] == pytest.approx([0.03, 0.06, 0.06])
    assert math.isnan(holm([0.01, math.nan])[1])
    assert holm([0.9, 0.8]) == [1.0, 1.0]


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
