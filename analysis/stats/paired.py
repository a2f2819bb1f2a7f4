"""Two settings on the same seeds: their differences, and the exact test of them."""

from __future__ import annotations

from math import nan

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import ndtr

ENUMERATED = 20
DRAWN = 1000
PATTERNS = 2**17
LEVEL = 0.05


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
    Up to 1,000, 2^17 patterns are drawn with a fixed seed, and (hits + 1) / (draws + 1) is returned. Beyond, the sum
    over patterns is taken as normal: it is symmetric, so that the error falls with 1/n and is below that of the draws.
    """
    array = np.asarray(differences, dtype=float)
    if len(array) == 0:
        return nan
    seen = abs(array.sum()) - 1e-12 * max(1.0, np.abs(array).sum())
    if len(array) > ENUMERATED:
        if len(array) > DRAWN:
            return float(2 * ndtr(-abs(array.sum()) / np.sqrt(np.square(array).sum()))) if array.any() else 1.0
        signs = np.random.default_rng(0).choice((-1.0, 1.0), size=(PATTERNS, len(array)))
        return float(((np.abs(signs @ array) >= seen).sum() + 1) / (len(signs) + 1))
    # flipping all signs gives the same distance from zero, so the first sign may stay as it is
    sums = array[:1]
    for difference in array[1:]:
        sums = np.concatenate((sums + difference, sums - difference))
    return float((np.abs(sums) >= seen).mean())


def smallest_p(n: int) -> float:
    """The smallest two-sided p that n pairs can reach in the exact sign-flip test: 2 / 2^n."""
    return nan if n < 1 else 2.0 ** (1 - n)


def seeds_needed(comparisons: int = 1, level: float = LEVEL) -> int:
    """The fewest pairs with which the first of so many comparisons can reach the level after Holm's correction."""
    n = 1
    while smallest_p(n) * max(1, comparisons) > level:
        n += 1
    return n
