"""McNemar's exact test against scipy's binomial test and enumeration."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats as scipy_stats

from analysis.stats import mcnemar, mcnemar_p


@pytest.mark.parametrize(("gained", "lost"), [(0, 1), (5, 0), (3, 3), (7, 2), (2, 9), (130, 90)])
def test_p_and_odds_are_scipys(gained: int, lost: int) -> None:
    right = np.array([True] * gained + [False] * lost + [True] * 4 + [False] * 2)
    baseline = np.array([False] * gained + [True] * lost + [True] * 4 + [False] * 2)
    found, expected = mcnemar(right, baseline), scipy_stats.binomtest(gained, gained + lost)
    assert (found.both, found.gained, found.lost, found.neither) == (4, gained, lost, 2)
    assert found.p == pytest.approx(expected.pvalue)
    share = expected.proportion_ci(method="exact")
    assert found.odds_low / (1 + found.odds_low) == pytest.approx(share.low)
    assert (1 if math.isinf(found.odds_high) else found.odds_high / (1 + found.odds_high)) == pytest.approx(share.high)
    assert found.difference == pytest.approx(right.mean() - baseline.mean())


@pytest.mark.parametrize("of", [1, 2, 5, 8, 13])
def test_mid_p_counts_half_of_what_was_seen(of: int) -> None:
    chances = [math.comb(of, k) / 2**of for k in range(of + 1)]
    for gained in range(of + 1):
        seen = abs(2 * gained - of)
        beyond = sum(c for k, c in enumerate(chances) if abs(2 * k - of) > seen)
        same = sum(c for k, c in enumerate(chances) if abs(2 * k - of) == seen)
        assert mcnemar_p(gained, of - gained) == pytest.approx((beyond + same, beyond + same / 2 if seen else 1.0))


def test_turning_the_pair_turns_the_odds() -> None:
    generator = np.random.default_rng(0)
    one, other = generator.random(60) < 0.8, generator.random(60) < 0.6
    there, back = mcnemar(one, other), mcnemar(other, one)
    assert (there.p, there.mid_p, there.difference) == (back.p, back.mid_p, -back.difference)
    assert (there.odds, there.odds_low) == pytest.approx((1 / back.odds, 1 / back.odds_high))


def test_without_discordant_texts_there_are_no_odds() -> None:
    same = np.array([True, False, True])
    found = mcnemar(same, same)
    assert (found.p, found.mid_p, found.difference) == (1.0, 1.0, 0.0)
    assert np.isnan([found.odds, found.odds_low, found.odds_high]).all()
    assert math.isnan(mcnemar(same[:0], same[:0]).difference)


@pytest.mark.parametrize("other", [np.array([True]), np.array([1, 0, 1]), np.array([0.9, 0.1, 0.8])])
def test_other_arrays_are_refused(other: np.ndarray) -> None:
    with pytest.raises(ValueError, match="True and False"):
        mcnemar(np.array([True, False, True]), other)
