"""Ranks: the signed-rank test of paired differences, and the correlation of two orders."""

from __future__ import annotations

from math import atanh, isfinite, nan, sqrt, tanh

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri

from analysis.stats.intervals import CONFIDENCE, Interval, known

EXACT_PAIRS = 100


def signed_ranks(differences: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """The ranks of the differences' sizes and whether each difference is positive; zeros are left out.

    Equal sizes share the mean of their ranks. Sizes that differ by rounding alone (1e-12 of the largest) are equal.
    """
    array = known(differences)
    step = 1e-12 * max(1.0, float(np.abs(array).max(initial=0.0)))
    sizes = np.round(np.abs(array) / step) * step
    array, sizes = array[sizes > 0], sizes[sizes > 0]
    return _ranks(sizes), array > 0


def wilcoxon_p(differences: ArrayLike) -> float:
    """Two-sided p of Wilcoxon's (1945) signed-rank test that paired differences are symmetric about zero.

    Zeros are dropped, as Wilcoxon did; equal sizes share their mean rank, and the p-value is exact given these ranks:
    the share of all sign patterns whose rank sum is at least as far from its mean. Beyond 100 pairs the normal
    approximation with the ranks' own variance and the correction for continuity. NaN of nothing, 1 where all are zero.
    The smallest p of n pairs is the sign-flip test's, 2 / 2^n.
    """
    if np.size(differences) == 0:
        return nan
    ranks, positive = signed_ranks(differences)
    if len(ranks) == 0:
        return 1.0
    # twice the ranks are whole numbers, whatever the ties
    doubled = np.rint(2 * ranks).astype(int)
    total = int(doubled.sum())
    away = abs(2 * int(doubled[positive].sum()) - total)
    if len(doubled) > EXACT_PAIRS:
        # a rank sum moves by one, ``away`` by four: half a step is two
        return float(min(1.0, 2 * ndtr(-max(0.0, away - 2.0) / sqrt(float((doubled.astype(float) ** 2).sum())))))
    chances = np.zeros(total + 1)
    chances[0] = 1.0
    for rank in doubled:
        moved = np.zeros_like(chances)
        moved[rank:] = chances[:-rank]
        chances = (chances + moved) / 2
    return float(min(1.0, chances[np.abs(2 * np.arange(total + 1) - total) >= away].sum()))


def spearman(first: ArrayLike, second: ArrayLike, confidence: float = CONFIDENCE) -> Interval:
    """Spearman's rank correlation of pairs, equal values sharing their mean rank, and its interval.

    Fisher's transform with the standard error of Bonett and Wright (2000), sqrt((1 + r²/2) / (n - 3)). NaN for fewer
    than three pairs and where one side does not vary; no interval below four pairs or at r = ±1.
    """
    one, other = known(first), known(second)
    if len(one) != len(other):
        raise ValueError(f"{len(one)} values beside {len(other)}; a correlation is of pairs")
    n = len(one)
    if n < 3 or np.ptp(one) == 0 or np.ptp(other) == 0:
        return Interval(n, nan, nan, nan)
    ranks = [_ranks(side) for side in (one, other)]
    found = float(np.corrcoef(ranks[0], ranks[1])[0, 1])
    if n < 4 or abs(found) > 1 - 1e-12 or not isfinite(found):
        return Interval(n, found, nan, nan)
    half = float(ndtri((1 + confidence) / 2)) * sqrt((1 + found**2 / 2) / (n - 3))
    return Interval(n, found, tanh(atanh(found) - half), tanh(atanh(found) + half))


def _ranks(values: np.ndarray) -> np.ndarray:
    """Ranks from 1 on; equal values share the mean of theirs."""
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[places]
