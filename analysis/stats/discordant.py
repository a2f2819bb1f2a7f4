"""Two models on the same texts: the texts on which only one of them is right."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, nan

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import bdtr, betaincinv

from analysis.stats.intervals import CONFIDENCE


@dataclass(frozen=True)
class McNemar:
    """Texts by which of two models were right on them, and what the discordant ones say.

    ``gained``: only the model was right; ``lost``: only the baseline. ``difference`` is of the shares of texts right.
    """

    both: int
    gained: int
    lost: int
    neither: int
    difference: float
    odds: float
    odds_low: float
    odds_high: float
    p: float
    mid_p: float


def mcnemar(right: ArrayLike, baseline: ArrayLike, confidence: float = CONFIDENCE) -> McNemar:
    """McNemar's exact test of a model against a baseline, from whether each was right on every text, in one order.

    The odds are gained : lost, with the exact interval (Clopper and Pearson 1934) of the share of gained among the
    discordant texts. The null hypothesis is of these two trained models: it says nothing about other seeds. Of
    two runs of one recipe, alike in all but chance, it rejected 10 % at 0.05 (``tests.benchmarks.null_studies``).
    """
    one, other = np.asarray(right), np.asarray(baseline)
    if one.dtype != bool or other.dtype != bool or one.shape != other.shape:
        raise ValueError("two arrays of True and False are needed, of the same texts in the same order")
    gained, lost = int((one & ~other).sum()), int((~one & other).sum())
    p, mid_p = mcnemar_p(gained, lost)
    low, high = (_odds(share) for share in _clopper_pearson(gained, gained + lost, confidence))
    odds = gained / lost if lost else (inf if gained else nan)
    return McNemar(
        both=int((one & other).sum()),
        gained=gained,
        lost=lost,
        neither=int((~one & ~other).sum()),
        difference=(gained - lost) / one.size if one.size else nan,
        odds=odds,
        odds_low=low,
        odds_high=high,
        p=p,
        mid_p=mid_p,
    )


def mcnemar_p(gained: int, lost: int) -> tuple[float, float]:
    """The exact two-sided binomial p that a discordant text falls to either side alike, and its mid-p; 1 without any.

    The mid-p counts half of the probability of what was seen: nearer to its level, but not bound to keep it
    (Fagerland 2013).
    """
    few, of = min(gained, lost), gained + lost
    up_to, below = float(bdtr(few, of, 0.5)), float(bdtr(few - 1, of, 0.5)) if few else 0.0
    return min(1.0, 2 * up_to), min(1.0, up_to + below)


def _clopper_pearson(hits: int, of: int, confidence: float) -> tuple[float, float]:
    if of == 0:
        return nan, nan
    tail = (1 - confidence) / 2
    low = float(betaincinv(hits, of - hits + 1, tail)) if hits else 0.0
    high = float(betaincinv(hits + 1, of - hits, 1 - tail)) if hits < of else 1.0
    return low, high


def _odds(share: float) -> float:
    return share / (1 - share) if share != 1 else inf
