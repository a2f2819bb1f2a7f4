"""The noise floor of a test set against scipy's binomial test and simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats as scipy_stats

from analysis.stats import accuracy_error, visible_difference


def test_the_standard_error_is_the_spread_over_texts() -> None:
    drawn = np.random.default_rng(0).binomial(1066, 0.8, 20_000) / 1066
    assert accuracy_error(0.8, 1066) == pytest.approx(drawn.std(), rel=0.03)
    assert math.isnan(accuracy_error(0.8, 0))


@pytest.mark.parametrize(("texts", "discordance"), [(500, 0.1), (1066, 0.13), (6, 1.0), (25_000, 0.02), (59, 0.2)])
def test_it_is_the_least_uneven_split_that_scipy_rejects(texts: int, discordance: float) -> None:
    of = round(texts * discordance)
    rejected = [k for k in range(of // 2 + 1) if scipy_stats.binomtest(k, of).pvalue <= 0.05]
    assert visible_difference(texts, discordance) == pytest.approx((of - 2 * max(rejected)) / texts)


def test_five_discordant_texts_tell_nothing_apart() -> None:
    assert visible_difference(500, 0.01) == math.inf
    assert visible_difference(500, 0.0) == math.inf
    assert visible_difference(500, 0.012) == 6 / 500
    assert np.isnan([visible_difference(0, 0.1), visible_difference(10, math.nan), visible_difference(10, 1.2)]).all()
