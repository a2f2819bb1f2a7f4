"""Intervals and tests of many rows of a table at once: the formulas of ``stats``, each as one vector operation."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from scipy.special import stdtr, stdtrit

from analysis.stats import CONFIDENCE, ENUMERATED, sign_flip_p
from analysis.stats.crossed import crossed_halves, text_variances
from analysis.stats.paired import DRAWN, PATTERNS

_WHOLE = 12
"""Up to so many pairs every pattern of signs is summed for many rows at once."""

_AT_ONCE = 2**12
_CELLS = 2**22


def moments(values: pd.Series, rows: pd.Series) -> pd.DataFrame:
    """n, mean and sd (n - 1) of the values of each row, by row; the sd of one value is NaN."""
    grouped = values.groupby(rows.to_numpy())
    return pd.DataFrame({"n": grouped.count(), "mean": grouped.mean(), "sd": grouped.std()})


def with_ends(found: pd.DataFrame, half: np.ndarray) -> pd.DataFrame:
    """The rows' n and mean with low and high, half a width below and above."""
    return found[["n", "mean"]].assign(low=found["mean"] - half, high=found["mean"] + half)


def mean_intervals(values: pd.Series, rows: pd.Series) -> pd.DataFrame:
    """n, mean, low and high of each row's values, as ``stats.mean_interval`` gives them."""
    found = moments(values, rows)
    return with_ends(found, _quantile(found["n"] - 1) * found["sd"] / np.sqrt(found["n"]))


def crossed_intervals(values: pd.Series, rows: pd.Series, draws: np.ndarray, texts: int) -> pd.DataFrame:
    """n, mean, low and high of each row's scores, as ``stats.crossed.crossed_interval`` gives them.

    ``draws`` has the draws of each value, (values, draws).
    """
    found = moments(values, rows)
    if found.empty:
        return with_ends(found, found["mean"].to_numpy())
    order = np.argsort(rows.to_numpy(), kind="stable")
    starts = np.searchsorted(rows.to_numpy()[order], found.index)
    of_texts = text_variances(draws[order], starts, texts)
    half = crossed_halves(found["n"].to_numpy(), found["sd"].to_numpy() ** 2, of_texts, texts, CONFIDENCE)
    return with_ends(found, half)


def fold_intervals(means: pd.Series, rows: pd.Series, ratio: pd.Series) -> pd.DataFrame:
    """n, mean, low, high and p of each row's folds, as ``stats.fold_interval`` and ``stats.fold_p`` give them."""
    found = moments(means, rows)
    largest = np.maximum(1.0, means.abs().groupby(rows.to_numpy()).max())
    spread = found["sd"].mask(found["sd"] <= 1e-12 * largest)
    error = spread * np.sqrt(1 / found["n"] + ratio.reindex(found.index))
    p = 2 * stdtr(found["n"] - 1, -found["mean"].abs() / error)
    return with_ends(found, _quantile(found["n"] - 1) * error).assign(p=p)


def sign_flip_ps(differences: pd.Series, rows: pd.Series) -> pd.Series:
    """The p of each row's differences, as ``stats.sign_flip_p`` gives it, by row."""
    order = np.argsort(rows.to_numpy(), kind="stable")
    values = differences.to_numpy(dtype=float)[order]
    names, starts, sizes = np.unique(rows.to_numpy()[order], return_index=True, return_counts=True)
    found = np.full(len(names), np.nan)
    for n in np.unique(sizes):
        mine = np.flatnonzero(sizes == n)
        flip = _enumerated if n <= _WHOLE else _halved if n <= ENUMERATED else _drawn if n <= DRAWN else _normal
        for some in _blocks(mine, 2 ** min(_WHOLE, n - 1)):
            found[some] = flip(values[starts[some][:, None] + np.arange(n)])
    return pd.Series(found, index=names)


def _enumerated(differences: np.ndarray) -> np.ndarray:
    """The exact p of each row of differences (rows, n)."""
    sums = differences[:, :1]
    for column in differences.T[1:]:
        sums = np.concatenate((sums + column[:, None], sums - column[:, None]), axis=1)
    return (np.abs(sums) >= _seen(differences)[:, None]).mean(axis=1)


def _halved(differences: np.ndarray) -> list[float]:
    """The same where there are too many patterns: the sums of either half of the pairs, combined by their order."""
    found = []
    middle = differences.shape[1] // 2
    for row, seen in zip(differences, _seen(differences), strict=True):
        halves = [np.zeros(1), np.zeros(1)]
        for place, difference in enumerate(row):
            sums = halves[place >= middle]
            halves[place >= middle] = np.concatenate((sums + difference, sums - difference))
        second = np.sort(halves[1])
        nearer = np.searchsorted(second, seen - halves[0], "left")
        nearer -= np.searchsorted(second, -seen - halves[0], "right")
        # where nothing but rounding is seen, no pattern is nearer
        found.append(1 - np.maximum(nearer, 0).sum() / 2.0 ** len(row))
    return found


def _drawn(differences: np.ndarray) -> np.ndarray:
    """The p of each row by patterns drawn with a fixed seed, the same for all."""
    generator, seen, n = np.random.default_rng(0), _seen(differences), differences.shape[1]
    hits = np.zeros(len(differences))
    for _ in range(PATTERNS // _AT_ONCE):
        signs = generator.choice((-1.0, 1.0), size=(_AT_ONCE, n))
        hits += (np.abs(signs @ differences.T) >= seen).sum(axis=0)
    return (hits + 1) / (PATTERNS + 1)


def _normal(differences: np.ndarray) -> list[float]:
    return [sign_flip_p(row) for row in differences]


def _seen(differences: np.ndarray) -> np.ndarray:
    """How far a pattern's sum must be from zero to count, for each row: what was seen, less what rounding may add."""
    return np.abs(differences.sum(axis=1)) - 1e-12 * np.maximum(1.0, np.abs(differences).sum(axis=1))


def _quantile(freedom: pd.Series) -> np.ndarray:
    return stdtrit(freedom.where(freedom > 0), (1 + CONFIDENCE) / 2)


def _blocks(places: np.ndarray, cells: int) -> Iterator[np.ndarray]:
    size = max(1, _CELLS // cells)
    for start in range(0, len(places), size):
        yield places[start : start + size]
