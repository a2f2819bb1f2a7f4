"""The sign-flip test against enumeration, scipy and its own level."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats as scipy_stats

from analysis.stats import paired_differences, seeds_needed, sign_flip_p, smallest_p


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


def test_beyond_a_thousand_pairs_the_sum_over_patterns_is_normal() -> None:
    """Against patterns drawn here."""
    differences = np.random.default_rng(5).exponential(1, 1001) - 0.9
    signs = np.random.default_rng(6).choice((-1.0, 1.0), size=(20_000, 1001))
    drawn = np.mean(np.abs(signs @ differences) >= abs(differences.sum()))
    assert 0.02 < drawn < 0.5
    assert sign_flip_p(differences) == pytest.approx(drawn, abs=0.012)
    assert sign_flip_p(np.zeros(1001)) == 1.0
