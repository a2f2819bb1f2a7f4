"""Instability: how far the scores of one setting scatter over its trials, and what validation knows of test scores."""

from __future__ import annotations

from dataclasses import dataclass
from math import atanh, nan, sqrt, tanh

import numpy as np
import pandas as pd
from scipy.special import chdtri, ndtri

from analysis.frame import column_of, metric_column
from analysis.names import names_of
from analysis.replicates import in_folds
from analysis.stats import CONFIDENCE, wilson
from analysis.tables import grouped, settings_of
from study.question import Question

COLUMNS = (
    "row", "setting", "split", "trials", "broken", "share", "share_low", "share_high", "n", "deviation",
    "deviation_low", "deviation_high", "least", "median", "most", "range", "quartiles",
)  # fmt: skip


@dataclass(frozen=True)
class Agreement:
    """Whether the seed that is better on validation is better on test: a rank correlation within settings.

    ``trials`` of ``settings``; ``gain`` is what the best trial on validation of each setting has on test beyond the
    mean of its setting, on average: what picking the best seed earns.
    """

    trials: int
    settings: int
    correlation: float
    low: float
    high: float
    gain: float


def instability(frame: pd.DataFrame, question: Question) -> pd.DataFrame:
    """One row per setting compared: how its scores by ``question.metric`` scatter over its trials.

    broken: how many of the trials predicted one class only, or diverged (those have no score), with their share and its
    95% Wilson interval. Of the n scores on ``split``: the standard deviation with its 95% interval by chi-square, which
    takes them for normal; least, median, most; range and the distance of the quartiles. In folds the trials of all
    folds are taken together, folds and seeds, and the deviation has no interval as folds are not independent.
    """
    trials, table = grouped(frame, question)
    if table.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    split = table["split"].iloc[0]
    column = metric_column(question.metric, split)
    lost = _diverged(frame, table, question)
    rows = []
    for row, name in zip(table.index, names_of(table, question), strict=True):
        mine = trials[trials["row"] == row]
        of = len(mine) + lost[row]
        broken = int(mine["degenerate"].fillna(False).sum()) + lost[row]
        scores = mine[column].dropna().to_numpy(dtype=float)
        counted = (row, name, split, of, broken, broken / of, *wilson(broken, of))
        rows.append((*counted, *_scatter(scores, independent=not in_folds(mine))))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def seed_agreement(frame: pd.DataFrame, question: Question) -> Agreement | None:
    """Spearman's correlation of validation with test over the trials of one setting, all settings together; or None.

    Validation and test scores are taken as deviations from the mean of their setting (and fold), so that better
    settings do not make it; the interval is by Fisher's z with the variance 1.06 / (n - 3) (Fieller, Hartley and
    Pearson 1957), n being the trials less one for each mean but the first. None where n is below 4, or a score does not
    vary.
    """
    trials = grouped(frame, question)[0]
    validation, test = metric_column(question.metric), metric_column(question.metric, "test")
    known = trials.dropna(subset=[validation, test])
    groups = ["row", "fold"] if in_folds(known) else ["row"]
    known = known[known.groupby(groups)["key"].transform("count") > 1]
    parts = known.groupby(groups)
    settings = parts.ngroups if len(known) else 0
    n = len(known) - settings + 1
    if n < 4:
        return None
    away = known[[validation, test]] - parts[[validation, test]].transform("mean")
    if (away.round(12).nunique() < 2).any():
        return None
    correlation, low, high = _within(away[validation].to_numpy(), away[test].to_numpy(), settings)
    sign = -1 if question.lower_is_better else 1
    best = (sign * known[validation]).groupby([known[name] for name in groups]).idxmax()
    return Agreement(len(known), settings, correlation, low, high, float(away.loc[best, test].mean()))


def _within(one: np.ndarray, other: np.ndarray, groups: int) -> tuple[float, float, float]:
    """Spearman's correlation, with its interval, of deviations from the means of so many groups."""
    # rounding makes equal deviations differ
    ranks = [pd.Series(side).round(12).rank().to_numpy() for side in (one, other)]
    correlation = float(np.corrcoef(ranks[0], ranks[1])[0, 1])
    half = float(ndtri((1 + CONFIDENCE) / 2)) * sqrt(1.06 / (len(one) - groups + 1 - 3))
    z = atanh(min(max(correlation, -1 + 1e-12), 1 - 1e-12))
    return correlation, tanh(z - half), tanh(z + half)


def _scatter(scores: np.ndarray, *, independent: bool) -> tuple[float, ...]:
    """n, deviation with its interval, least, median, most, range, distance of the quartiles."""
    n = len(scores)
    if n == 0:
        return (0, *[nan] * 8)
    deviation = float(scores.std(ddof=1)) if n > 1 else nan
    ends = (nan, nan)
    if n > 1 and independent:
        tail = (1 - CONFIDENCE) / 2
        ends = deviation * sqrt((n - 1) / chdtri(n - 1, tail)), deviation * sqrt((n - 1) / chdtri(n - 1, 1 - tail))
    least, low, median, high, most = (float(q) for q in np.quantile(scores, (0, 0.25, 0.5, 0.75, 1)))
    return n, deviation, *ends, least, median, most, most - least, high - low


def _diverged(frame: pd.DataFrame, table: pd.DataFrame, question: Question) -> dict[int, int]:
    """How many comparison trials of each row of the comparison diverged."""
    gone = frame[(frame["phase"] == "compare") & (frame["status"] == "diverged") & (frame["question"] == question.name)]
    # in folds a row is a recipe whatever its folds tuned (see ``recipes``)
    tuned = {column_of(name) for name in question.tuned} if table["folds"].notna().any() else set()
    names = ["model", "data", *(name for name in settings_of(table) if name in frame and name not in tuned)]
    if gone.empty:
        return dict.fromkeys(table.index, 0)
    keys = gone[names].astype(object).where(gone[names].notna(), None)
    rows = table[names].astype(object).where(table[names].notna(), None)
    counts = keys.value_counts(dropna=False)
    return {row: int(counts.get(tuple(values), 0)) for row, values in zip(table.index, rows.to_numpy(), strict=True)}
