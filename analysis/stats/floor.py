"""The noise floor of a test set: what so many texts can show of one model, and of two."""

from __future__ import annotations

from math import inf, nan, sqrt

import numpy as np
from scipy.special import bdtr

from analysis.stats.paired import LEVEL


def accuracy_error(accuracy: float, texts: int) -> float:
    """The standard error of an accuracy over so many texts drawn independently, sqrt(a (1 - a) / N), as a share.

    Of one trained model over other texts; what other seeds would add is not in it. NaN without texts.
    """
    return sqrt(accuracy * (1 - accuracy) / texts) if texts > 0 else nan


def visible_difference(texts: int, discordance: float, level: float = LEVEL) -> float:
    """The smallest difference of two models' accuracies on the same texts that McNemar's exact test shows, as a share.

    ``discordance`` is the share of texts on which just one of the two is right; so many texts, rounded, are split as
    unevenly as it takes for p to reach the level. ``inf`` where no split does (fewer than six discordant texts at
    0.05): the two cannot be told apart. NaN without texts, or without a discordance between 0 and 1.
    """
    if texts < 1 or not 0 <= discordance <= 1:
        return nan
    of = round(texts * discordance)
    # the exact p of every split, from the most uneven on; it rises with the smaller side
    shown = int((2 * bdtr(np.arange(of // 2 + 1), of, 0.5) <= level).sum()) if of else 0
    return (of - 2 * (shown - 1)) / texts if shown else inf
