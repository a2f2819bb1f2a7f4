"""Effects: what each factor of a factorial design changes on average, and how far that depends on another factor."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from analysis.design import Cell, Design, combined, estimated
from analysis.paired import significant
from analysis.ranges import apart, estimate_within, possible
from analysis.replicates import FOLDS, SEEDS, TEXTS, in_folds
from analysis.resampled import Resampled
from analysis.stats import Estimate, holm
from analysis.stats.crossed import crossed_interval

NUMBERS = ("difference", "low", "high", "p", "p_holm", "smallest_p")
COLUMNS = ("kind", "effect", *NUMBERS, "n", "cells", "estimand", "significant")

Level = tuple[str, Any, Any]
"""A factor, one of its values, and the value it is compared with."""


def effects(found: Design, resampled: Resampled | None = None) -> pd.DataFrame:
    """One row per main effect and two-factor interaction of a design, with ``effect`` its levels.

    A main effect ("main") is the mean difference of a factor's value from its baseline value, over the combinations of
    the other factors that were run with both. An interaction is a difference of differences: how much more the first
    factor's value changes the score where the second has its own value than where that has its baseline's. Both are
    paired by replicate: ``n`` counts the replicates that have all of the ``cells`` (in folds: the folds). The 95%
    interval is over seeds and texts where ``resampled`` has all trials, else over replicates (``estimand``: "texts",
    "seeds" or "folds"); p is the sign-flip test's (folds: corrected t), ``p_holm`` Holm's over all rows.
    ``significant``: p_holm is at most 0.05 and the interval excludes zero. No interval goes beyond what can be.
    """
    levels = [(name, value, values[0]) for name, values in found.levels.items() for value in values[1:]]
    pairs = [(one, other) for one, other in itertools.combinations(levels, 2) if one[0] != other[0]]
    rows = [{"kind": "main", "effect": (one,), **_contrast(found, [one], resampled)} for one in levels]
    rows += [{"kind": "interaction", "effect": pair, **_contrast(found, pair, resampled)} for pair in pairs]
    table = pd.DataFrame(rows)
    table["p_holm"] = holm(table["p"].tolist())
    return table.assign(significant=significant(table["p_holm"], table["low"], table["high"]))[list(COLUMNS)]


def _contrast(found: Design, changed: Sequence[Level], resampled: Resampled | None) -> dict[str, Any]:
    """The mean over the other factors of the difference, or of the difference of differences."""
    weights = _weights(found, changed)
    if not weights:
        nothing = dict.fromkeys(("difference", "low", "high", "p", "smallest_p"), float("nan"))
        return {**nothing, "n": 0, "cells": 0, "estimand": ""}
    values = combined(found, weights)
    estimate, p, smallest = estimated(found, values)
    estimand = FOLDS if in_folds(found.trials) else SEEDS
    crossed = _crossed(found, weights, values, resampled) if estimand == SEEDS and estimate.n > 1 else None
    if crossed is not None:
        estimate, estimand = crossed, TEXTS
    # two changes: a difference of differences, which may be twice as large
    ends = apart(possible(found.score, found.trials[found.score].dropna()), 2.0 ** (len(changed) - 1))
    estimate = estimate_within(estimate, ends)
    numbers = {"difference": estimate.mean, "low": estimate.low, "high": estimate.high, "p": p, "smallest_p": smallest}
    return {**numbers, "n": estimate.n, "cells": len(weights), "estimand": estimand}


def _weights(found: Design, changed: Sequence[Level]) -> dict[Cell, float]:
    """The cells that a contrast adds and takes away, averaged over the combinations of the other factors."""
    names = [name for name, _, _ in changed]
    blocks: dict[Cell, list[tuple[Cell, int]]] = {}
    for cell in found.cells:
        at = dict(zip(found.factors, cell, strict=True))
        if all(at[name] in (value, base) for name, value, base in changed):
            lowered = sum(at[name] == base for name, _, base in changed)
            others = tuple(value for name, value in at.items() if name not in names)
            blocks.setdefault(others, []).append((cell, -1 if lowered % 2 else 1))
    whole = [cells for cells in blocks.values() if len(cells) == 2 ** len(changed)]
    return {cell: sign / len(whole) for cells in whole for cell, sign in cells}


def _crossed(
    found: Design, weights: Mapping[Cell, float], values: pd.Series, resampled: Resampled | None
) -> Estimate | None:
    """The contrast with its interval over seeds and texts; None where a trial's scores on other texts are not known."""
    split = resampled.split(found.score) if resampled else None
    if resampled is None or split is None:
        return None
    keys = found.keys.loc[values.index].iloc[:, [found.places[cell] for cell in weights]].to_numpy()
    if not resampled.covers(list(keys.ravel()), split):
        return None
    shares = np.array(list(weights.values()))
    draws = np.array([shares @ resampled.draws(list(row), split) for row in keys])
    return crossed_interval(values, draws, resampled.texts[split])
