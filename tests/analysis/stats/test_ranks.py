"""The signed-rank test and the rank correlation against enumeration and scipy."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy import stats as scipy_stats

from analysis.stats import smallest_p, spearman, wilcoxon_p


def enumerated(differences: np.ndarray) -> float:
    left = differences[differences != 0]
    ranks = scipy_stats.rankdata(np.abs(left))
    seen = abs(ranks[left > 0].sum() - ranks.sum() / 2)
    away = [abs(np.dot(signs, ranks) - ranks.sum() / 2) for signs in itertools.product((0, 1), repeat=len(left))]
    return float(np.mean(np.array(away) >= seen - 1e-9))


@pytest.mark.parametrize("n", [1, 2, 5, 9])
@pytest.mark.parametrize("digits", [0, 1, 6])
def test_wilcoxon_is_the_enumerated_one_with_ties_and_zeros(n: int, digits: int) -> None:
    for seed in range(5):
        differences = np.random.default_rng(seed).normal(0.5, 1, n).round(digits)
        assert wilcoxon_p(differences) == pytest.approx(enumerated(differences) if differences.any() else 1.0)


@pytest.mark.parametrize("n", [8, 30, 60])
def test_wilcoxon_without_ties_is_scipys_exact_test(n: int) -> None:
    differences = np.random.default_rng(n).normal(0.2, 1, n)
    assert wilcoxon_p(differences) == pytest.approx(scipy_stats.wilcoxon(differences, method="exact").pvalue)


def test_beyond_a_hundred_pairs_it_is_scipys_approximation() -> None:
    differences = np.random.default_rng(0).normal(0.1, 1, 150).round(1)
    expected = scipy_stats.wilcoxon(differences, method="asymptotic", correction=True).pvalue
    assert wilcoxon_p(differences) == pytest.approx(expected)
    near = np.random.default_rng(1).normal(0.15, 1, 101)
    assert wilcoxon_p(near) == pytest.approx(wilcoxon_p(near[:100]), abs=0.05)


def test_equal_but_for_rounding_is_a_tie() -> None:
    assert wilcoxon_p([0.1 + 0.2, -0.3, 0.5]) == wilcoxon_p([0.3, -0.3, 0.5])


def test_wilcoxon_of_nothing_of_zeros_and_of_agreement() -> None:
    assert math.isnan(wilcoxon_p([]))
    assert wilcoxon_p([0.0, 0.0]) == 1.0
    assert wilcoxon_p([0.1, 0.4, 0.2, 0.3]) == smallest_p(4)
    with pytest.raises(ValueError, match="missing"):
        wilcoxon_p([0.1, math.nan])


def test_spearman_is_scipys_with_ties() -> None:
    one = np.random.default_rng(0).normal(size=25).round(1)
    other = (one + np.random.default_rng(1).normal(size=25)).round(1)
    found = spearman(one, other)
    assert found.value == pytest.approx(scipy_stats.spearmanr(one, other).statistic)
    assert found.low < found.value < found.high


def test_spearmans_interval_covers() -> None:
    generator, rho = np.random.default_rng(0), 0.6
    true, held = 6 / math.pi * math.asin(rho / 2), 0  # of a bivariate normal distribution (Pearson 1907)
    for _ in range(600):
        one = generator.normal(size=15)
        found = spearman(one, rho * one + (1 - rho**2) ** 0.5 * generator.normal(size=15))
        held += found.low <= true <= found.high
    assert 0.92 <= held / 600 <= 0.975


def test_spearman_where_there_is_none() -> None:
    assert math.isnan(spearman([1, 2], [1, 2]).value)
    assert math.isnan(spearman([1, 1, 1], [1, 2, 3]).value)
    perfect = spearman([1, 2, 3, 4, 5], [1, 2, 3, 4, 5])
    assert perfect.value == pytest.approx(1)
    assert math.isnan(perfect.low)
    with pytest.raises(ValueError, match="pairs"):
        spearman([1, 2, 3], [1, 2])
