"""Intervals over seeds and texts against brute force, and how often they hold what they should."""

from __future__ import annotations

import itertools
from math import isnan, sqrt

import numpy as np
import pytest
from scipy import stats as scipy_stats

from analysis.stats import crossed, mean_interval
from analysis.stats.crossed import crossed_interval, text_variances, text_weights
from tests.benchmarks.coverage import World, intervals, values_of


def draws_of(values: np.ndarray, count: int, seed: int = 0) -> np.ndarray:
    weights = np.concatenate(list(text_weights(values.shape[1], count, np.random.default_rng(seed))))
    return values @ weights.T.astype(np.float64) / values.shape[1]


def test_weights_are_draws_with_replacement_whatever_the_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = np.concatenate(list(text_weights(50, 400, np.random.default_rng(3))))
    monkeypatch.setattr(crossed, "_BLOCK", 12 * 50 * 7)
    blocks = list(text_weights(50, 400, np.random.default_rng(3)))
    assert [len(block) for block in blocks] == [7] * 57 + [1]
    assert np.array_equal(np.concatenate(blocks), whole)
    assert (whole.sum(axis=1) == 50).all()
    counts = np.bincount(whole.astype(int).ravel()) / whole.size
    assert counts[:4] == pytest.approx(scipy_stats.binom.pmf(range(4), 50, 1 / 50), abs=0.01)


def test_variances_are_the_mean_covariance_of_two_seeds_and_what_is_left() -> None:
    generator = np.random.default_rng(1)
    draws = generator.normal(size=(7, 300)) + generator.normal(size=300)
    shared, own = text_variances(draws, np.array([0, 3, 4]), 100)
    for place, rows in ((0, [0, 1, 2]), (2, [4, 5, 6])):
        covariance = np.cov(draws[rows], ddof=0) * 100 / 99
        pairs = [covariance[a, b] for a, b in itertools.permutations(range(3), 2)]
        assert shared[place] == pytest.approx(np.mean(pairs))
        assert own[place] == pytest.approx(np.diag(covariance).mean() - np.mean(pairs))
    assert isnan(shared[1])
    assert isnan(own[1])


@pytest.mark.parametrize("seeds", [2, 3, 10])
def test_the_interval_is_the_one_of_its_formula(seeds: int) -> None:
    generator = np.random.default_rng(seeds)
    values = generator.normal(size=(seeds, 150)) + 2 * generator.normal(size=150) + generator.normal(size=(seeds, 1))
    draws, scores = draws_of(values, 500), values.mean(axis=1)
    covariance = np.cov(draws, ddof=0) * 150 / 149
    c = max(0.0, covariance[~np.eye(seeds, dtype=bool)].mean())
    first, e = scores.var(ddof=1) / seeds, np.diag(covariance).mean() - covariance[~np.eye(seeds, dtype=bool)].mean()
    freedom = (first + c) ** 2 / (first**2 / (seeds - 1) + c**2 / 149)
    half = max(
        scipy_stats.t.ppf(0.975, freedom) * sqrt(first + c),
        scipy_stats.t.ppf(0.975, seeds - 1) * sqrt(first),
        scipy_stats.norm.ppf(0.975) * sqrt(max(scores.var(ddof=1), e) / seeds + c),
    )
    found = crossed_interval(scores, draws, 150)
    assert (found.n, found.mean) == (seeds, pytest.approx(scores.mean()))
    assert (found.low, found.high) == (pytest.approx(scores.mean() - half), pytest.approx(scores.mean() + half))


def test_the_share_of_the_texts_is_their_variance_and_not_that_of_the_seeds() -> None:
    """For a mean, drawing texts anew has a known answer: the covariance of two seeds over texts, by the texts."""
    generator = np.random.default_rng(5)
    values = generator.normal(size=(3, 400)) + generator.normal(size=400)
    shared, own = text_variances(draws_of(values, 20_000), np.array([0]), 400)
    covariance = np.cov(values) / 400
    pairs = covariance[~np.eye(3, dtype=bool)].mean()
    assert shared[0] == pytest.approx(pairs, rel=0.05)
    assert own[0] == pytest.approx(np.diag(covariance).mean() - pairs, rel=0.05)


def test_without_an_effect_of_the_texts_it_is_the_t_interval_over_seeds() -> None:
    scores = np.array([0.7, 0.8, 0.84])
    low, high = scipy_stats.t.interval(0.95, 2, scores.mean(), scipy_stats.sem(scores))
    found = crossed_interval(scores, np.repeat(scores[:, None], 50, axis=1), 200)
    assert (found.low, found.high) == (pytest.approx(low), pytest.approx(high))


@pytest.mark.parametrize("seeds", [2, 3, 6])
def test_it_is_never_narrower_than_the_interval_over_seeds_alone(seeds: int) -> None:
    generator = np.random.default_rng(seeds)
    for _ in range(50):
        values = generator.normal(size=(seeds, 40)) + generator.normal(size=(seeds, 1)) * generator.random()
        scores = values.mean(axis=1)
        plain, both = mean_interval(scores), crossed_interval(scores, draws_of(values, 100), 40)
        assert both.low <= plain.low + 1e-12
        assert both.high >= plain.high - 1e-12


def test_seeds_that_are_all_the_same_leave_the_texts() -> None:
    right = np.random.default_rng(0).integers(0, 2, 500).astype(float)
    found = crossed_interval([right.mean()] * 3, draws_of(np.array([right] * 3), 4000), 500)
    low, high = scipy_stats.t.interval(0.95, 499, right.mean(), scipy_stats.sem(right))
    assert (found.low, found.high) == (pytest.approx(low, abs=1e-3), pytest.approx(high, abs=1e-3))


def test_nothing_varies_and_one_seed_and_none() -> None:
    same = crossed_interval([0.5, 0.5], np.full((2, 40), 0.5), 30)
    assert (same.low, same.high) == (0.5, 0.5)
    one, none = crossed_interval([0.5], np.full((1, 40), 0.5), 30), crossed_interval([], np.empty((0, 40)), 30)
    assert (one.n, one.mean, none.n) == (1, 0.5, 0)
    assert all(isnan(end) for end in (one.low, one.high, none.mean, none.low))


@pytest.mark.parametrize("paired", [False, True])
def test_it_holds_the_expected_score_on_other_texts_about_as_often_as_it_says(paired: bool) -> None:
    generator = np.random.default_rng(11)
    weights = np.concatenate(list(text_weights(200, 200, generator))).astype(np.float64)
    hits = {"crossed": 0, "t over seeds": 0}
    for _ in range(400):
        values, expected = values_of(World(), 5, 200, paired, generator)
        found = intervals(values, weights, generator)
        for name in hits:
            hits[name] += int(found[name][0] <= expected <= found[name][1])
    assert 0.92 <= hits["crossed"] / 400 <= 0.99
    assert hits["t over seeds"] < hits["crossed"]
