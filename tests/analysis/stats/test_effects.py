"""Effect sizes by hand and by their bias."""

from __future__ import annotations

import math

import numpy as np
import pytest

from analysis.stats import paired_effect


def test_by_hand() -> None:
    found = paired_effect([1.0, 2.0, 3.0, -1.0])
    # mean 1.25, squares of deviations .0625 + .5625 + 3.0625 + 5.0625 = 8.75; ranks 1.5, 3, 4 against 1.5
    assert found.d == pytest.approx(1.25 / (8.75 / 3) ** 0.5)
    assert found.rank_biserial == pytest.approx((8.5 - 1.5) / 10)
    assert found.g == pytest.approx(found.d * 0.7236, abs=1e-4)  # Hedges's table, three degrees of freedom
    assert found.n == 4


def test_g_is_without_bias() -> None:
    generator = np.random.default_rng(0)
    found = [paired_effect(generator.normal(0.8, 1, 5)) for _ in range(3000)]
    assert np.mean([effect.g for effect in found]) == pytest.approx(0.8, abs=0.04)
    assert np.mean([effect.d for effect in found]) == pytest.approx(0.8 / 0.7979, abs=0.05)


def test_signs_turn_and_units_do_not_matter() -> None:
    values = np.array([0.01, 0.03, -0.01, 0.02])
    one, other = paired_effect(values), paired_effect(-100 * values)
    assert (other.d, other.g, other.rank_biserial) == pytest.approx((-one.d, -one.g, -one.rank_biserial))


@pytest.mark.parametrize("values", [[], [0.2], [0.1, 0.1, 0.1], [0.1 + 0.2, 0.3]])
def test_without_spread_there_is_no_standard(values: list[float]) -> None:
    found = paired_effect(values)
    assert np.isnan([found.d, found.g]).all()
    assert math.isnan(found.rank_biserial) if not values else found.rank_biserial == 1
