"""Selection optimism: how much better the chosen trial looks on validation than it is on test."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan

import numpy as np
from numpy.typing import ArrayLike

from analysis.stats.bootstrap import DRAWS, resampled
from analysis.stats.intervals import CONFIDENCE, known


@dataclass(frozen=True)
class Optimism:
    """Of n trials: the place of the one chosen, and by how much validation flatters it.

    ``difference`` is its own, ``shift`` the mean of all trials' (one split may be the easier), ``excess`` what is left
    for having been chosen: difference less shift. NaN where there are too few trials.
    """

    n: int
    chosen: int
    difference: float
    low: float
    high: float
    shift: float
    excess: float
    excess_low: float
    excess_high: float


def optimism(
    validation: ArrayLike,
    test: ArrayLike,
    generator: np.random.Generator,
    lower: bool = False,
    draws: int = DRAWS,
    confidence: float = CONFIDENCE,
) -> Optimism:
    """Validation less test score of the trial that is best on validation, so that more is more flattering.

    ``lower``: lower scores are better, and it is test less validation. Of equal trials the first is chosen. The
    intervals are percentiles over searches drawn anew from these trials: how much the optimism depends on which trials
    happened to be run. Both splits' texts are taken as they are.
    """
    sign = -1.0 if lower else 1.0
    seen, true = sign * known(validation), sign * known(test)
    if len(seen) != len(true):
        raise ValueError(
            f"{len(seen)} validation scores beside {len(true)} test scores; one of each per trial is needed"
        )
    n = len(seen)
    if n == 0:
        return Optimism(0, -1, nan, nan, nan, nan, nan, nan, nan)
    gaps, chosen = seen - true, int(seen.argmax())
    difference, shift = float(gaps[chosen]), float(gaps.mean())
    if n < 2:
        return Optimism(n, chosen, difference, nan, nan, shift, nan, nan, nan)

    def of_draws(samples: list[np.ndarray]) -> np.ndarray:
        drawn = samples[0].astype(int)
        best = np.take_along_axis(drawn, seen[drawn].argmax(axis=1)[:, None], axis=1)[:, 0]
        return np.stack((gaps[best], gaps[best] - gaps[drawn].mean(axis=1)), axis=1)

    ends = (1 - confidence) / 2, (1 + confidence) / 2
    found = np.quantile(resampled([np.arange(n)], of_draws, generator, draws), ends, axis=0).T
    (low, high), (excess_low, excess_high) = found.tolist()
    return Optimism(n, chosen, difference, low, high, shift, difference - shift, excess_low, excess_high)
