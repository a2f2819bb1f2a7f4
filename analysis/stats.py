"""Statistics of a few replicates: means with t-intervals, plain and for folds; paired differences; sign flips; Holm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, isfinite, nan, sqrt

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import ndtri, stdtr, stdtrit

CONFIDENCE = 0.95
ENUMERATED = 20


@dataclass(frozen=True)
class Estimate:
    """A mean over n values and its interval; NaN where n is too small for one."""

    n: int
    mean: float
    low: float
    high: float


def mean_interval(values: ArrayLike, confidence: float = CONFIDENCE) -> Estimate:
    """Mean and two-sided t-interval of independent values; one value has no interval, none has no mean.

    Missing values are an error of the caller's: dropping them here would hide them.
    """
    array = np.asarray(values, dtype=float)
    n = len(array)
    if np.isnan(array).any():
        raise ValueError("a mean of missing values; drop and count them first")
    if n == 0:
        return Estimate(0, nan, nan, nan)
    mean = float(array.mean())
    if n == 1:
        return Estimate(1, mean, nan, nan)
    # stdtrit is scipy.stats.t.ppf without the half second that importing scipy.stats takes
    half = float(stdtrit(n - 1, (1 + confidence) / 2)) * float(array.std(ddof=1)) / sqrt(n)
    return Estimate(n, mean, mean - half, mean + half)


def fold_interval(means: ArrayLike, ratio: float, confidence: float = CONFIDENCE) -> Estimate:
    """Mean of J folds' values and its interval by the corrected resampled t-test, J - 1 degrees of freedom.

    The variance of the mean is taken as (1/J + ratio) s², where ``ratio`` is texts tested on by texts trained on and s²
    the values' variance: folds share most of their training texts, so that s²/J is too small (Nadeau and Bengio 2003,
    Inference for the Generalization Error, Machine Learning 52, section 4). Values that are all the same have no
    interval: what they do not show is not known to be zero.
    """
    plain = mean_interval(means, confidence)
    error = _fold_error(means, ratio)
    half = float(stdtrit(plain.n - 1, (1 + confidence) / 2)) * error if isfinite(error) else nan
    return Estimate(plain.n, plain.mean, plain.mean - half, plain.mean + half)


def fold_p(differences: ArrayLike, ratio: float) -> float:
    """Two-sided p of the corrected resampled t-test that J folds' paired differences have mean zero.

    NaN for fewer than two folds, and where the differences are all the same. See ``fold_interval``.
    """
    array = np.asarray(differences, dtype=float)
    error = _fold_error(array, ratio)
    return float(2 * stdtr(len(array) - 1, -abs(array.mean()) / error)) if isfinite(error) else nan


def _fold_error(values: ArrayLike, ratio: float) -> float:
    """The corrected standard error of the mean of J folds; NaN where they show no spread."""
    array = np.asarray(values, dtype=float)
    if len(array) < 2:
        return nan
    spread = float(array.std(ddof=1))
    # rounding gives equal values a spread of its own
    return nan if spread <= 1e-12 * max(1.0, float(np.abs(array).max())) else spread * sqrt(1 / len(array) + ratio)


def paired_differences(values: pd.Series, baseline: pd.Series) -> pd.Series:
    """``values - baseline`` at the replicates (the index: seeds, or folds and seeds) that both have, in their order."""
    for side in (values, baseline):
        if not side.index.is_unique:
            raise ValueError("two values of one replicate; a pair needs one each")
    shared = values.index.intersection(baseline.index).sort_values()
    return (values.loc[shared] - baseline.loc[shared]).dropna()


def sign_flip_p(differences: ArrayLike) -> float:
    """Two-sided p of the sign-flip (Fisher randomisation) test that paired differences are symmetric about zero.

    Exact up to 20 pairs: the share of all 2^n sign patterns whose sum is at least as far from zero as the one seen.
    Beyond, 2^17 patterns are drawn with a fixed seed, and (hits + 1) / (draws + 1) is returned.
    """
    array = np.asarray(differences, dtype=float)
    if len(array) == 0:
        return nan
    seen = abs(array.sum()) - 1e-12 * max(1.0, np.abs(array).sum())
    if len(array) > ENUMERATED:
        signs = np.random.default_rng(0).choice((-1.0, 1.0), size=(2**17, len(array)))
        return float(((np.abs(signs @ array) >= seen).sum() + 1) / (len(signs) + 1))
    # flipping all signs gives the same distance from zero, so the first sign may stay as it is
    sums = array[:1]
    for difference in array[1:]:
        sums = np.concatenate((sums + difference, sums - difference))
    return float((np.abs(sums) >= seen).mean())


def smallest_p(n: int) -> float:
    """The smallest two-sided p that n pairs can reach in the exact sign-flip test: 2 / 2^n."""
    return nan if n < 1 else 2.0 / 2.0**n


def wilson(hits: int, of: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """The score interval of a share of ``hits`` in ``of`` trials (Wilson 1927); NaN without trials.

    Unlike the textbook interval it stays within 0 and 1, and has a width when nothing or everything was hit.
    """
    if of < 1:
        return nan, nan
    z, share = float(ndtri((1 + confidence) / 2)), hits / of
    centre = (share + z**2 / (2 * of)) / (1 + z**2 / of)
    half = z / (1 + z**2 / of) * sqrt(share * (1 - share) / of + z**2 / (4 * of**2))
    return max(0.0, centre - half), min(1.0, centre + half)


def seeds_needed(comparisons: int = 1, level: float = 0.05) -> int:
    """The fewest pairs with which the first of so many comparisons can reach the level after Holm's correction."""
    n = 1
    while smallest_p(n) * max(1, comparisons) > level:
        n += 1
    return n


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's (1979) adjusted p-values, in the given order; NaN stays NaN and is no comparison."""
    order = sorted((p, i) for i, p in enumerate(p_values) if isfinite(p))
    adjusted = [nan] * len(p_values)
    highest = -inf
    for rank, (p, i) in enumerate(order):
        highest = max(highest, min(1.0, (len(order) - rank) * p))
        adjusted[i] = highest
    return adjusted
