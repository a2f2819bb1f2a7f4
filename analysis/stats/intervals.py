"""Means and shares with the intervals that a few independent values allow."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan, sqrt

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri, stdtrit

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Estimate:
    """A mean over n values and its interval; NaN where n is too small for one."""

    n: int
    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Interval:
    """A number other than a mean, found from n values, and its interval; NaN where n is too small for one."""

    n: int
    value: float
    low: float
    high: float


def known(values: ArrayLike) -> np.ndarray:
    """The values as an array of floats; missing ones are an error of the caller's: dropping them would hide them."""
    array = np.asarray(values, dtype=float)
    if np.isnan(array).any():
        raise ValueError("a statistic of missing values; drop and count them first")
    return array


def mean_interval(values: ArrayLike, confidence: float = CONFIDENCE) -> Estimate:
    """Mean and two-sided t-interval of independent values; one value has no interval, none has no mean.

    Missing values are an error of the caller's: dropping them here would hide them. At 95 % it holds the true mean as
    often as it says where values are near normal; where one run in ten degenerates, far from the rest, three to ten
    values cover it 58 to 76 % of the time (``tests.benchmarks.null_studies``): then see the median.
    """
    array = known(values)
    n = len(array)
    if n == 0:
        return Estimate(0, nan, nan, nan)
    mean = float(array.mean())
    if n == 1:
        return Estimate(1, mean, nan, nan)
    # stdtrit is scipy.stats.t.ppf without the half second that importing scipy.stats takes
    half = float(stdtrit(n - 1, (1 + confidence) / 2)) * float(array.std(ddof=1)) / sqrt(n)
    return Estimate(n, mean, mean - half, mean + half)


def wilson(hits: float, of: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """The score interval of a share of ``hits`` in ``of`` trials (Wilson 1927); NaN without trials.

    A tie may count as half a hit. Unlike the textbook interval it stays within 0 and 1, and has a width when nothing
    or everything was hit.
    """
    if of < 1:
        return nan, nan
    z, share = float(ndtri((1 + confidence) / 2)), hits / of
    centre = (share + z**2 / (2 * of)) / (1 + z**2 / of)
    half = z / (1 + z**2 / of) * sqrt(share * (1 - share) / of + z**2 / (4 * of**2))
    return max(0.0, centre - half), min(1.0, centre + half)
