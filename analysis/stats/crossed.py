"""Scores of several seeds on the same texts: what they say of other seeds and other texts at once."""

from __future__ import annotations

from collections.abc import Iterator
from math import nan

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri, stdtrit

from analysis.stats.intervals import CONFIDENCE, Estimate

_BLOCK = 64 * 2**20
"""Bytes of weights that are in memory at once."""


def text_weights(texts: int, draws: int, generator: np.random.Generator) -> Iterator[np.ndarray]:
    """How often each text is in each bootstrap draw, in blocks of draws: float32 of shape (draws in a block, texts).

    Every draw takes as many texts as there are, with replacement, so that its weights add up to ``texts``.
    """
    size = max(1, _BLOCK // (12 * texts))
    for start in range(0, draws, size):
        rows = min(size, draws - start)
        drawn = generator.integers(0, texts, size=(rows, texts))
        drawn += texts * np.arange(rows)[:, None]
        yield np.bincount(drawn.ravel(), minlength=rows * texts).reshape(rows, texts).astype(np.float32)


def text_variances(draws: np.ndarray, starts: np.ndarray, texts: int) -> tuple[np.ndarray, np.ndarray]:
    """For each group of seeds two variances due to the choice of texts; NaN for one seed.

    The first is that of the group's mean, whatever the seeds; the second that of one seed's score which other seeds do
    not share. ``draws`` (seeds, draws) are the scores of each seed on texts drawn anew, the same texts for all; a
    group's seeds follow each other, from its place in ``starts`` on. What two seeds share on a draw is due to the
    texts, so that the first is the mean covariance of two seeds of the group (zero where sampling makes it negative),
    and the second what the seeds' own variances have beyond it.
    """
    centred = draws - draws.mean(axis=1, keepdims=True)
    n = np.diff(np.append(starts, len(draws)))
    own = np.add.reduceat(np.square(centred).mean(axis=1), starts)
    whole = np.square(np.add.reduceat(centred, starts, axis=0)).mean(axis=1)
    unbiased = texts / (texts - 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        shared = np.where(n > 1, unbiased * (whole - own) / (n * (n - 1)), nan)
    return np.maximum(shared, 0.0), np.maximum(unbiased * own / n - shared, 0.0)


def crossed_halves(
    n: np.ndarray, spread: np.ndarray, of_texts: tuple[np.ndarray, np.ndarray], texts: int, confidence: float
) -> np.ndarray:
    """Half the width of each crossed interval (see ``crossed_interval``); NaN for fewer than two seeds.

    ``n`` seeds have scores of variance ``spread``; ``of_texts`` are the variances of ``text_variances``.
    """
    shared, crossed = of_texts
    share = (1 + confidence) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        of_seeds = np.where(n > 1, spread / n, nan)
        variance = of_seeds + shared
        freedom = variance**2 / (of_seeds**2 / (n - 1) + shared**2 / (texts - 1))
        halves = np.where(variance == 0, 0.0, stdtrit(freedom, share) * np.sqrt(variance))
        over_seeds = stdtrit(n - 1, share) * np.sqrt(of_seeds)
        least = ndtri(share) * np.sqrt(np.maximum(spread, crossed) / n + shared)
    return np.maximum(np.maximum(halves, over_seeds), least)


def crossed_interval(scores: ArrayLike, draws: np.ndarray, texts: int, confidence: float = CONFIDENCE) -> Estimate:
    """Mean of the seeds' scores and its interval over seeds and texts: for other seeds, on other texts like these.

    ``scores`` (seeds,) are those on the texts as they are, ``draws`` (seeds, draws) those on ``texts`` texts drawn
    anew.

    Let the score of seed s on text i be m + a_s + b_i + e_si. The mean over n seeds and N texts then has the variance
    A/n + B/N + E/(nN), A, B and E being the variances of a, b and e. The variance s² of the seeds' scores has the mean
    A + E/N, so that s²/n has the first part and the last. On texts drawn anew two seeds have the covariance B/N, for
    they share b alone: their mean covariance c is the second part. So s²/n + c has the interaction once. (Seeds and
    texts resampled together, the pigeonhole bootstrap of Owen 2007, Annals of Applied Statistics 1, have it three
    times; the variance over seeds plus that of the mean over draws has it twice.) Scores that are no means, such as F1,
    behave so to the first order.

    The interval is mean ± t sqrt(s²/n + c), t with the degrees of freedom of Satterthwaite (1946), n - 1 for the first
    part and N - 1 for the second. It is never narrower than the t-interval over seeds alone, which is for less: with
    few seeds the degrees of freedom that the texts add could make it so. Nor is it narrower than
    z sqrt(max(s², E/N)/n + c), z being the normal quantile: two or three seeds may lie together by chance, but their
    variance cannot be below E/N, which the draws show well. ``tests.benchmarks.coverage`` measures how often it holds
    the expected score.
    """
    values = np.asarray(scores, dtype=float)
    n = len(values)
    if n < 2:
        return Estimate(n, float(values.mean()) if n else nan, nan, nan)
    of_texts = text_variances(draws, np.array([0]), texts)
    half = float(crossed_halves(np.array([n]), np.array([values.var(ddof=1)]), of_texts, texts, confidence)[0])
    mean = float(values.mean())
    return Estimate(n, mean, mean - half, mean + half)
