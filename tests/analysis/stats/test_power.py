"""Power against scipy's noncentral t and simulated studies."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats as scipy_stats

from analysis.stats import holm, paired_power, seeds_for, seeds_needed, sign_flip_p, smallest_difference


@pytest.mark.parametrize(
    ("effect", "n", "level"), [(2, 3, 0.01), (-0.9, 12, 0.05 / 7), (0.3, 90, 0.05), (5, 2, 0.05), (0, 6, 0.05)]
)
def test_power_is_scipys(effect: float, n: int, level: float) -> None:
    bound, away = scipy_stats.t.ppf(1 - level / 2, n - 1), abs(effect) * n**0.5
    expected = scipy_stats.nct.sf(bound, n - 1, away) + scipy_stats.nct.cdf(-bound, n - 1, away)
    assert paired_power(effect, n, level) == pytest.approx(expected, abs=1e-9)


def test_power_rises_with_everything_up_to_one() -> None:
    for n in (2, 6, 40, 10**6):
        powers = [paired_power(effect, n) for effect in (0, 1e-4, 1e-3, 0.01, 0.1, 1, 3, 10, 100, 1e4, 1e8)]
        assert powers == sorted(powers)
        assert powers[0] == pytest.approx(0.05)
        assert powers[-1] == 1
    assert math.isnan(paired_power(1.0, 1))


@pytest.mark.parametrize("effect", [0.01, 0.3, 0.9, 1.2])
@pytest.mark.parametrize("comparisons", [1, 4])
def test_seeds_are_the_fewest_that_suffice(effect: float, comparisons: int) -> None:
    n = int(seeds_for(-effect, 1.0, comparisons))
    assert paired_power(effect, n, 0.05 / comparisons) >= 0.8
    assert paired_power(effect, n - 1, 0.05 / comparisons) < 0.8 or n == seeds_needed(comparisons)
    assert seeds_for(effect * 7, 7.0, comparisons) == n


def test_seeds_are_never_fewer_than_the_exact_test_needs() -> None:
    assert seeds_for(1.0, 0.001) == seeds_needed() == 6
    assert seeds_for(1.0, 0.001, comparisons=10) == seeds_needed(10) == 9


def test_the_smallest_difference_is_the_inverse() -> None:
    for n, comparisons in ((6, 1), (10, 4), (50, 1), (10**6, 1)):
        visible = smallest_difference(0.02, n, comparisons)
        assert paired_power(visible / 0.02, n, 0.05 / comparisons) == pytest.approx(0.8)
        assert seeds_for(visible * (1 + 1e-9), 0.02, comparisons) == n


def test_what_cannot_be_known_or_reached() -> None:
    assert seeds_for(0.0, 1.0) == math.inf
    assert seeds_for(1e-12, 1.0) == math.inf
    assert smallest_difference(0.01, 5) == math.inf
    assert smallest_difference(0.01, 6, comparisons=4) == math.inf
    unknown = [seeds_for(math.nan, 1), seeds_for(0.1, 0), smallest_difference(0, 9), smallest_difference(0.1, 0)]
    assert np.isnan(unknown).all()


def test_the_exact_test_shows_about_as_much_as_promised() -> None:
    """Ten seeds and four comparisons, one of which has the effect: the first to be corrected by Holm."""
    effect, generator = smallest_difference(1.0, 10, comparisons=4), np.random.default_rng(0)
    shown = []
    for _ in range(600):
        differences = generator.normal(0, 1, (4, 10))
        differences[0] += effect
        shown.append(holm([sign_flip_p(row) for row in differences])[0] <= 0.05)
    assert np.mean(shown) == pytest.approx(0.8, abs=0.06)


def test_with_the_fewest_seeds_the_exact_test_is_weaker_by_what_is_said() -> None:
    effect = smallest_difference(1.0, 6)
    assert effect == pytest.approx(1.43, abs=0.01)
    assert scipy_stats.norm.cdf(effect) ** 6 == pytest.approx(0.62, abs=0.01)
