"""Many rows at once are what the plain functions say of each."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.rowwise import crossed_intervals, fold_intervals, mean_intervals, sign_flip_ps
from analysis.stats import fold_interval, fold_p, mean_interval, sign_flip_p
from analysis.stats.crossed import crossed_interval

ENDS = ["n", "mean", "low", "high"]


def groups(sizes: list[int], seed: int = 0) -> tuple[pd.Series, pd.Series]:
    """Values near each other in rows of these sizes, in no order; a row all of whose values are the same."""
    generator = np.random.default_rng(seed)
    rows = np.repeat(np.arange(len(sizes)) * 3, sizes)
    values = generator.normal(0.01, 0.03, len(rows)).round(3)
    values[rows == rows.max()] = 0.25
    order = generator.permutation(len(rows))
    return pd.Series(values[order], index=order), pd.Series(rows[order], index=order)


def test_intervals_of_means() -> None:
    values, rows = groups([1, 2, 3, 10, 500, 4])
    found = mean_intervals(values, rows)
    for row, mine in values.groupby(rows):
        told = mean_interval(mine)
        assert found.loc[row, ENDS].tolist() == pytest.approx(  # type: ignore[index]
            [told.n, told.mean, told.low, told.high], abs=1e-12, nan_ok=True
        )


def test_intervals_over_seeds_and_texts() -> None:
    values, rows = groups([1, 2, 3, 10, 4], seed=1)
    draws = values.to_numpy()[:, None] + np.random.default_rng(2).normal(0, 0.01, (len(values), 60))
    found = crossed_intervals(values, rows, draws, 90)
    for row in rows.unique():
        mine = (rows == row).to_numpy()
        told = crossed_interval(values[mine], draws[mine], 90)
        assert found.loc[row, ENDS].tolist() == pytest.approx(
            [told.n, told.mean, told.low, told.high], abs=1e-12, nan_ok=True
        )


def test_intervals_and_p_of_folds() -> None:
    values, rows = groups([1, 2, 5, 10, 4], seed=2)
    ratio = pd.Series({row: 0.1 + row / 10 for row in rows.unique()})
    found = fold_intervals(values, rows, ratio)
    for row, mine in values.groupby(rows):
        told, p = fold_interval(mine, ratio[row]), fold_p(mine, ratio[row])
        assert found.loc[row, [*ENDS, "p"]].tolist() == pytest.approx(  # type: ignore[index]
            [told.n, told.mean, told.low, told.high, p], abs=1e-12, nan_ok=True
        )


def test_sign_flips_enumerated_halved_drawn_and_normal() -> None:
    values, rows = groups([1, 2, 3, 3, 3, 8, 12, 13, 16, 17, 24, 24, 1500, 6], seed=3)
    found = sign_flip_ps(values, rows)
    for row, mine in values.groupby(rows):
        assert found[row] == pytest.approx(sign_flip_p(mine), abs=1e-12), len(mine)


def test_sign_flips_that_tie_and_that_sum_to_nothing() -> None:
    tied = [*[0.1] * 7, *[-0.1] * 7], [0.1, 0.2, -0.3] * 5, [0.0] * 14, [0.1] * 14
    values = pd.Series(np.concatenate(tied))
    rows = pd.Series(np.repeat(range(4), [len(one) for one in tied]))
    found = sign_flip_ps(values, rows)
    assert found.tolist() == [sign_flip_p(one) for one in tied]
    assert found[0] == found[2] == 1.0
    assert found[3] == 2 / 2**14


def test_nothing_gives_nothing() -> None:
    values, rows = pd.Series(dtype="float64"), pd.Series(dtype="int64")
    assert mean_intervals(values, rows).empty
    assert crossed_intervals(values, rows, np.empty((0, 5)), 10).empty
    assert sign_flip_ps(values, rows).empty
