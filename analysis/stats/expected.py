"""Expected validation performance: what the best of n random draws of a search scores."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from analysis.stats.bootstrap import DRAWS, resampled
from analysis.stats.intervals import CONFIDENCE, known


def expected_best(scores: ArrayLike, unbiased: bool = True, lower: bool = False) -> np.ndarray:
    """The expected best of n of the N scores, for n = 1 .. N: an array of length N.

    With the scores sorted, v_(1) <= ... <= v_(N): unbiased, sum of v_(i) C(i-1, n-1) / C(N, n), the mean over all
    choices without replacement (Tang 2020); else sum of v_(i) ((i/N)^n - ((i-1)/N)^n), the mean over all draws with
    replacement (Dodge 2019), which is too low. The scores must be independent draws, as of a random search without
    early stopping: a grid's, a guided search's or stopped trials' are not. ``lower``: the lowest is the best.
    """
    array = known(scores)
    sign = -1.0 if lower else 1.0
    return sign * (_weights(len(array), unbiased) @ np.sort(sign * array))


def expected_best_interval(
    scores: ArrayLike,
    generator: np.random.Generator,
    unbiased: bool = True,
    lower: bool = False,
    draws: int = DRAWS,
    confidence: float = CONFIDENCE,
) -> tuple[np.ndarray, np.ndarray]:
    """The lower and upper ends, for n = 1 .. N, of the percentile bootstrap's intervals of ``expected_best``.

    Whole searches are drawn anew from the N scores. No draw has a better score than the best one seen, so the interval
    is too narrow on that side as n nears N: trust it for n well below N (say N / 3). NaN below two scores.
    """
    array = known(scores)
    if len(array) < 2:
        missing = np.full(len(array), np.nan)
        return missing, missing.copy()
    sign = -1.0 if lower else 1.0
    weights = _weights(len(array), unbiased).T
    drawn = resampled([sign * array], lambda samples: np.sort(samples[0], axis=-1) @ weights, generator, draws)
    ends = np.sort(sign * np.quantile(drawn, [(1 - confidence) / 2, (1 + confidence) / 2], axis=0), axis=0)
    return ends[0], ends[1]


def _weights(size: int, unbiased: bool) -> np.ndarray:
    """The weight of the i-th smallest score (columns) in the expected best of n (rows)."""
    if size == 0:
        return np.empty((0, 0))
    ranks, counts = np.arange(1, size + 1), np.arange(1, size + 1)[:, None]
    if not unbiased:
        return (ranks / size) ** counts - ((ranks - 1) / size) ** counts
    # C(i-1, n-1) / C(N, n) is n / N for i = N; each step down multiplies by (i - n) / (i - 1), 0 from i = n on
    steps = np.clip(ranks[::-1][:-1] - counts, 0, None) / (ranks[::-1][:-1] - 1)
    falling = np.concatenate((counts / size, steps), axis=1).cumprod(axis=1)
    return falling[:, ::-1]
