"""Means and paired differences over the folds of a cross-validation, which share their training texts."""

from __future__ import annotations

from math import isfinite, nan, sqrt

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtr, stdtrit

from analysis.stats.intervals import CONFIDENCE, Estimate, mean_interval


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
