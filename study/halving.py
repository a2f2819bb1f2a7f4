"""Halving: candidates tried on a part of the training texts, the best third of them then on three times as many."""

from __future__ import annotations

import math

REDUCTION = 3
"""Of so many candidates one goes on, to so many times the texts."""

_RUNGS = 3
"""At most: below a ninth of the texts a ranking says little about the whole."""


def rungs(candidates: int) -> list[tuple[float, int]]:
    """The share of the training texts and the number of candidates of each rung: (1/9, 9), (1/3, 3), (1, 1).

    A third of the candidates of each rung go on to the next; fewer than nine candidates have two rungs, fewer than
    three are all tried on everything. Every rung costs about the same, so that nine candidates cost a third of trying
    each of them on everything.
    Sources: Jamieson and Talwalkar (2016), "Non-stochastic best arm identification and hyperparameter optimization",
    AISTATS, for successive halving; Klein and others (2017) for the size of the training set as its resource.

    Limits: candidates that only pay on much data go early. A comparison of the decision with that of the whole grid is
    ``tests/benchmarks/less_work.py``.
    """
    count = min(_RUNGS, 1 + int(math.log(max(1, candidates), REDUCTION) + 1e-9))
    sizes = [math.ceil(candidates / REDUCTION**i) for i in range(count)]
    return [(REDUCTION ** (i + 1 - count), size) for i, size in enumerate(sizes)]
