"""Trials as dots and settings' means, as the figures of scores show them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.folder import points_of
from analysis.frame import METRICS, column_of, metric_column
from analysis.language import say
from analysis.markdown import count
from analysis.metrics import metric_name, split_name
from analysis.replicates import TEXTS, estimand, estimates, in_folds
from analysis.resampled import Resampled
from analysis.tables import grouped
from analysis.views.series import series_of
from study.question import Question


def comparison_dots(
    frame: pd.DataFrame, question: Question, x: str, y: str, resampled: Resampled | None = None
) -> pd.DataFrame:
    """The compared trials with their x and y, and the mean, low, high and n of their setting, where it has one x."""
    trials, table = grouped(frame, question)
    if trials.empty:
        return _dots(trials, x, y).assign(panel="", series="")
    rows = _dots(trials.join(table["chosen"], on="row").sort_values("row", kind="stable"), x, y)
    found = estimates(rows, y, resampled)
    # folds that tuned x to different values have no place for their mean
    found = found[rows.groupby("row")["x"].nunique().reindex(found.index) == 1]
    means = {name: rows["row"].map(found[name]).astype("float64") for name in ("n", "mean", "low", "high")}
    numeric = pd.api.types.is_numeric_dtype(rows["x"])
    joined = rows["chosen"] & bool(points_of(question)) & numeric & (x in map(column_of, question.factor_names))
    panel = {
        data: str(data) if question.factor_names else say("{data}: comparison", data=data)
        for data in rows["data"].unique()
    }
    return rows.assign(
        series=series_of(rows, question, x), setting=rows["row"], **means, estimand=estimand(rows, y, resampled),
        joined=joined, panel=rows["data"].astype(object).map(panel),
    )  # fmt: skip


def search_dots(frame: pd.DataFrame, question: Question, x: str) -> pd.DataFrame:
    """The tuning trials of a search with their x and validation score; none has a mean."""
    tries = frame[(frame["phase"] == "tune") & (frame["question"] == question.name)]
    rows = _dots(tries[tries["status"].isin(["finished", "stopped"])], x, metric_column(question.metric))
    panel = {data: say("{data}: search", data=data) for data in rows["data"].unique()}
    nothing = dict.fromkeys(("n", "mean", "low", "high"), np.nan)
    return rows.assign(
        **nothing, estimand="", is_baseline=False, joined=False, series="", setting=range(len(rows)),
        panel=rows["data"].astype(object).map(panel),
    )  # fmt: skip


def mean_words(prepared: pd.DataFrame) -> str:
    """What the legend says of the means: over how many replicates, and what their intervals are over."""
    known = prepared[prepared["mean"].notna()]
    fewest, most = int(known["n"].min()), int(known["n"].max())
    if "fold" in known and in_folds(known):
        over = count(most, "fold") if fewest == most else say("{fewest}–{most} folds", fewest=fewest, most=most)
    else:
        over = count(most, "seed") if fewest == most else say("{fewest}–{most} seeds", fewest=fewest, most=most)
    if known["low"].isna().all():
        return say("mean of {over}", over=over)
    if (known["estimand"] == TEXTS).all():
        return say("mean of {over}, 95% CI (seeds, texts)", over=over)
    return say("mean of {over}, 95% CI", over=over)


def _dots(trials: pd.DataFrame, x: str, y: str) -> pd.DataFrame:
    """The trials that have both values, renamed to what they are in the figure."""
    rows = trials.assign(x=trials[x], y=trials[y], ylabel=_label(trials, y))
    return rows.dropna(subset=["x", "y"])


def _label(trials: pd.DataFrame, y: str) -> str:
    """The score, and how many texts it is on where that is one number; a column that is no score by its name."""
    split, metric = ("test", y.removeprefix("test_")) if y.startswith("test_") else ("validation", y)
    if metric not in METRICS and not metric.startswith("metric."):
        return y
    texts = trials.get(f"{split}_texts", pd.Series(dtype=float)).dropna()
    words = {"split": split_name(split), "metric": metric_name(metric.removeprefix("metric."))}
    if texts.nunique() != 1:
        return say("{split} {metric}", **words)
    return say("{split} {metric}, {texts}", texts=count(int(texts.iloc[0]), "text"), **words)
