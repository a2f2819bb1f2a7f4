"""Instability: how far the scores of one setting scatter over its trials, and what validation knows of test scores."""

from __future__ import annotations

from dataclasses import dataclass
from math import atanh, sqrt, tanh

import numpy as np
import pandas as pd
from scipy.special import chdtri, ndtri

from analysis.frame import column_of, metric_column
from analysis.names import names_of
from analysis.ranges import possible
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


def instability(frame: pd.DataFrame, question: Question, most: int | None = None) -> pd.DataFrame:
    """One row per setting compared: how its scores by ``question.metric`` scatter over its trials.

    trials: those with a score on ``split``, and those that diverged and have none. broken: how many of them predicted
    one class only, or diverged, with their share and its 95% Wilson interval. Of the n scores: the standard deviation
    with its 95% interval by chi-square, which takes them for normal; least, median, most; range and the distance of the
    quartiles. In folds the trials of all folds are taken together, folds and seeds, and the deviation has no interval
    as folds are not independent. Only the first ``most`` rows have ``setting``, its name: naming all of a large search
    takes long.
    """
    trials, table = grouped(frame, question)
    if table.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    split = table["split"].iloc[0]
    # what finished without a score is known neither to scatter nor to be broken
    scored = trials[trials[metric_column(question.metric, split)].notna()]
    diverged = _diverged(frame, table, question)
    counts = scored.groupby("row")["degenerate"].agg(["size", "sum"]).reindex(table.index, fill_value=0).astype("int64")
    of, broken = counts["size"] + diverged, counts["sum"] + diverged
    ends = {pair: wilson(*pair) for pair in set(zip(broken, of, strict=True))}
    low, high = ([ends[pair][side] for pair in zip(broken, of, strict=True)] for side in (0, 1))
    named = names_of(table.head(len(table) if most is None else most), question)
    found = _scatter(scored[metric_column(question.metric, split)].astype("float64"), scored, table.index)
    return found.assign(
        row=table.index,
        setting=pd.Series([*named, *[None] * (len(table) - len(named))], index=table.index, dtype=object),
        split=split,
        trials=of,
        broken=broken,
        share=(broken / of).where(of > 0),
        share_low=low,
        share_high=high,
    )[list(COLUMNS)].reset_index(drop=True)


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


def _scatter(scores: pd.Series, trials: pd.DataFrame, index: pd.Index) -> pd.DataFrame:
    """By row: n, deviation with its interval (none over folds), least, median, most, range, distance of quartiles."""
    grouped_scores = scores.groupby(trials["row"])
    at = {"least": 0.0, "lower": 0.25, "median": 0.5, "upper": 0.75, "most": 1.0}
    quantiles = pd.DataFrame({name: grouped_scores.quantile(place) for name, place in at.items()}).reindex(index)
    n = grouped_scores.count().reindex(index, fill_value=0)
    deviation = grouped_scores.std().reindex(index)
    folded = trials["fold"].notna().groupby(trials["row"]).any().reindex(index, fill_value=False).astype(bool)
    # no score of a range scatters by more than half of it (Popoviciu 1935)
    low, high = possible(str(scores.name), scores)
    widest = np.fmax(deviation, (high - low) / 2)
    free, tail = (n - 1).where((n > 1) & ~folded), (1 - CONFIDENCE) / 2
    return quantiles.assign(
        n=n,
        deviation=deviation,
        deviation_low=deviation * np.sqrt(free / chdtri(free, tail)),
        deviation_high=np.minimum(deviation * np.sqrt(free / chdtri(free, 1 - tail)), widest),
        range=quantiles["most"] - quantiles["least"],
        quartiles=quantiles["upper"] - quantiles["lower"],
    )


def _diverged(frame: pd.DataFrame, table: pd.DataFrame, question: Question) -> pd.Series:
    """How many comparison trials of each row of the comparison diverged."""
    gone = frame[(frame["phase"] == "compare") & (frame["status"] == "diverged") & (frame["question"] == question.name)]
    # in folds a row is a recipe whatever its folds tuned (see ``recipes``)
    tuned = {column_of(name) for name in question.tuned} if table["folds"].notna().any() else set()
    names = ["model", "data", *(name for name in settings_of(table) if name in frame and name not in tuned)]
    if gone.empty:
        return pd.Series(0, index=table.index)
    keys = gone[names].astype(object).where(gone[names].notna(), None)
    rows = table[names].astype(object).where(table[names].notna(), None)
    counts = keys.value_counts(dropna=False)
    return pd.Series([int(counts.get(tuple(values), 0)) for values in rows.to_numpy()], index=table.index)
