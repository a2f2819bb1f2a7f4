"""What a score can be at all, and intervals no further than that."""

from __future__ import annotations

from math import inf

import numpy as np
import pandas as pd

from analysis.stats import Estimate

Ends = tuple[float, float]

ANYTHING: Ends = (-inf, inf)
POSSIBLE: dict[str, Ends] = {
    **dict.fromkeys(("accuracy", "precision", "recall", "f1"), (0.0, 1.0)),
    "mcc": (-1.0, 1.0),
    "loss": (0.0, inf),
}
"""The least and the greatest value of the scores of this package."""


def possible(column: str, *values: pd.Series) -> Ends:
    """The least and greatest value that a score's column of the frame can have; anything for what is no score of ours.

    ``values`` are those there are: where one of them lies beyond, as an F1 in percent of somebody else's table does,
    the column is another score of that name, of which nothing is known.
    """
    low, high = POSSIBLE.get(column.removeprefix("test_"), ANYTHING)
    inside = all(len(some) == 0 or (some.min() >= low and some.max() <= high) for some in values)
    return (low, high) if inside else ANYTHING


def apart(ends: Ends, times: float = 1.0) -> Ends:
    """The least and greatest difference of two such scores; ``times`` for a difference of differences and so on."""
    widest = times * (ends[1] - ends[0])
    return -widest, widest


def within(found: pd.DataFrame, ends: Ends) -> pd.DataFrame:
    """The intervals ``low`` to ``high`` without what is impossible: an F1 of five seeds is not from −0.04 to 1.09.

    The true value is possible, so that the shorter interval holds it just when the longer one does: coverage is the
    same. Missing ends stay missing.
    """
    return found.assign(low=found["low"].clip(*ends), high=found["high"].clip(*ends))


def estimate_within(found: Estimate, ends: Ends) -> Estimate:
    """The same of a single estimate."""
    low, high = (float(np.clip(end, *ends)) for end in (found.low, found.high))
    return Estimate(found.n, found.mean, low, high)
