"""How large paired differences are, against their own scatter."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, lgamma, nan, sqrt

import numpy as np
from numpy.typing import ArrayLike

from analysis.stats.intervals import known
from analysis.stats.ranks import signed_ranks


@dataclass(frozen=True)
class PairedEffect:
    """Sizes of n paired differences without a unit; NaN where n or the differences' spread allow none."""

    n: int
    d: float
    g: float
    rank_biserial: float


def paired_effect(differences: ArrayLike) -> PairedEffect:
    """The standardised paired difference, the same without its bias, and the rank-biserial correlation.

    ``d`` is the mean over the standard deviation of the differences (Cohen's d_z); ``g`` is d times Hedges's (1981)
    factor, as d is too far from zero by a quarter with five pairs and has no expectation with two. ``rank_biserial`` is
    (R+ - R-) / (R+ + R-) of the signed ranks (Kerby 2014): 1 where all differences are positive.
    """
    array = known(differences)
    n = len(array)
    ranks, positive = signed_ranks(array)
    whole = float(ranks.sum())
    biserial = (2 * float(ranks[positive].sum()) - whole) / whole if whole else nan
    spread = float(array.std(ddof=1)) if n > 1 else 0.0
    # rounding gives equal differences a spread of its own
    if spread <= 1e-12 * max(1.0, float(np.abs(array).max(initial=0.0))):
        return PairedEffect(n, nan, nan, biserial)
    d, free = float(array.mean()) / spread, n - 1
    unbiased = exp(lgamma(free / 2) - lgamma((free - 1) / 2)) / sqrt(free / 2) if free > 1 else nan
    return PairedEffect(n, d, d * unbiased, biserial)
