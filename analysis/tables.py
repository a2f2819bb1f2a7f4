"""The comparison: a row per model, data set and setting, with intervals and its difference from the baseline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from analysis.arms import matches
from analysis.components import components, point_with
from analysis.folder import points_of
from analysis.frame import COSTS, EPOCHS, LATENCIES, column_of, metric_column, setting_columns
from analysis.once import once
from analysis.paired import with_differences
from analysis.points import point_numbers
from analysis.recipes import settings_of_rows, with_rows
from analysis.replicates import estimand, estimates, in_folds
from analysis.resampled import Resampled
from study.question import Question

_SHARED = ("prefix_seconds", "trial_seconds")
"""Costs that depend on what trials before it left behind: a mean of them says nothing of a setting."""

MEANS = (*(cost for cost in COSTS if cost not in _SHARED), *EPOCHS, *LATENCIES)
SCORES = tuple(f"{split}{end}" for split in ("validation", "test") for end in ("", "_low", "_high", "_n"))
SUMMARY = ("seeds", "folds", "trials", *SCORES, *MEANS, "trainable_share", "degenerate")
ESTIMANDS = ("validation_estimand", "test_estimand")


def compare(frame: pd.DataFrame, question: Question, resampled: Resampled | None = None) -> pd.DataFrame:
    """One row per model, data set and setting that has finished comparison trials, in the order of the points.

    Columns: model, data, the settings (see ``settings_of``), seeds and folds (missing without) with a validation score,
    trials; validation and test, the mean of ``question.metric`` with _low and _high of its 95% interval and _n, how
    many seeds or folds have one; means of the costs, trainable_share, how many trials were degenerate; is_baseline;
    validation_estimand and test_estimand, what the intervals are for (see ``replicates``: with ``resampled`` scores
    other texts too, else other seeds on these texts); point (its number in the question); chosen (best of its point on
    validation among those with most seeds); split, the one that differences are taken on: test where there is any test
    score; and the paired difference from the baseline (see ``paired``). In folds a row is a point: what was tuned may
    differ between them, and is shown as "1e-4 (3), 5e-4 (2)".
    """
    return grouped(frame, question, resampled)[1]


def grouped(
    frame: pd.DataFrame, question: Question, resampled: Resampled | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The trials that the comparison is made of, with the number of their ``row`` in it, and the comparison."""
    return once(_grouped, frame, question, resampled)


def _grouped(frame: pd.DataFrame, question: Question, resampled: Resampled | None) -> tuple[pd.DataFrame, pd.DataFrame]:
    trials = compared(frame, question)
    names = shown_settings(trials, question)
    trials = with_rows(trials, question, names)
    table = _summary(trials, names, question, resampled)
    table["point"] = point_numbers(table, points_of(question))
    table["chosen"] = _chosen(table, question)
    table["split"] = "test" if trials[metric_column(question.metric, "test")].notna().any() else "validation"
    table = with_differences(table, trials, question, resampled)
    order = ["model", "data", "point", "is_baseline", "validation"]
    ascending = [True, True, True, False, question.lower_is_better]
    table = table.sort_values(order, ascending=ascending, kind="stable")
    place = pd.Series(range(len(table)), index=table.index, dtype="int64")
    return trials.assign(row=trials["row"].map(place).astype("int64")), table.reset_index(drop=True)


def settings_of(table: pd.DataFrame) -> list[str]:
    """The columns of a comparison table that are settings."""
    return [str(name) for name in table.columns[2 : table.columns.get_loc("seeds")]]


def compared(frame: pd.DataFrame, question: Question) -> pd.DataFrame:
    """The finished comparison trials of a question."""
    mine = (frame["phase"] == "compare") & (frame["status"] == "finished") & (frame["question"] == question.name)
    return frame[mine].reset_index(drop=True)


def shown_settings(trials: pd.DataFrame, question: Question) -> list[str]:
    """The settings that tell trials apart: factors, tuned ones, and whatever else varies.

    One that has a single value, and that only where the factors turn its method on, tells nothing that they do not.
    """
    asked = [column_of(name) for name in (*question.factor_names, *question.tuned) if column_of(name) in trials]
    varying = [name for name in setting_columns(trials) if trials[name].nunique(dropna=False) > 1]
    return list(dict.fromkeys([*asked, *(name for name in varying if not _follows(trials, name, asked))]))


def _follows(trials: pd.DataFrame, name: str, asked: list[str]) -> bool:
    if not asked or trials[name].nunique() > 1:
        return False
    return bool(trials[name].notna().groupby([trials[one] for one in asked], dropna=False).nunique().max() == 1)


def best_of(table: pd.DataFrame, question: Question) -> pd.Series | None:
    """The row best on validation among those with most replicates, of one model and data set; None where there is none.

    Selection never looks at the test score, and a setting with one lucky seed does not beat one with all of them.
    """
    scored = table[table["validation"].notna()]
    if scored.empty:
        return None
    return _ranked(scored, question).iloc[0]


def shown_of(table: pd.DataFrame, question: Question, most: int, kept: Sequence[int] = ()) -> pd.DataFrame:
    """The first rows of a comparison, at most so many, with the best and the baselines (and ``kept``) among them.

    Where there are more baselines than that, the first of them.
    """
    if len(table) <= most:
        return table
    best = best_of(table, question)
    first = [] if best is None else [best.name]
    asked = dict.fromkeys([*first, *kept, *table.index[table["is_baseline"]], *table.index])
    return table.loc[sorted(list(asked)[:most])]


def recipe_of(compared: pd.DataFrame, question: Question) -> pd.Series | None:
    """The row of a comparison that has every part of the question's recipe; None where there is none."""
    parts = components(question)
    if not parts or compared.empty:
        return None
    return best_of(compared[matches(compared, point_with(parts, parts, question))], question)


def _ranked(table: pd.DataFrame, question: Question) -> pd.DataFrame:
    ascending = [False, False, question.lower_is_better]
    return table.sort_values(["folds", "seeds", "validation"], ascending=ascending, kind="stable")


def _summary(trials: pd.DataFrame, names: list[str], question: Question, resampled: Resampled | None) -> pd.DataFrame:
    """What every row of the comparison is a mean of, and those means, by row."""
    by_row = trials.groupby("row")
    first = trials.drop_duplicates("row").set_index("row").sort_index()
    scores: dict[str, Any] = {}
    for split in ("validation", "test"):
        column = metric_column(question.metric, split)
        found = estimates(trials, column, resampled)
        scores |= {split: found["mean"], f"{split}_low": found["low"], f"{split}_high": found["high"]}
        scores[f"{split}_n"] = found["n"].reindex(first.index, fill_value=0).astype("int64")
        scores[f"{split}_estimand"] = estimand(trials, column, resampled)
    share = trials["trainable_parameters"] / trials["total_parameters"]
    table = pd.DataFrame(first[["model", "data"]]).join(settings_of_rows(trials, names))
    # a trial without a score is no replicate of the mean beside it
    scored = trials[trials[metric_column(question.metric)].notna()].groupby("row")
    replicates = {name: scored[name].nunique().reindex(first.index, fill_value=0) for name in ("seed", "fold")}
    none = pd.Series(pd.NA, index=first.index)
    table = table.assign(
        seeds=replicates["seed"].astype("int64"),
        folds=(replicates["fold"] if in_folds(trials) else none).astype("Int64"),
        trials=by_row.size(),
        **scores,
        **by_row[list(MEANS)].mean(),
        trainable_share=share.groupby(trials["row"]).mean(),
        degenerate=trials["degenerate"].fillna(False).astype("int64").groupby(trials["row"]).sum(),
        is_baseline=first["is_baseline"].astype(bool),
    )
    return table[["model", "data", *names, *SUMMARY, "is_baseline", *ESTIMANDS]].rename_axis(None)


def _chosen(table: pd.DataFrame, question: Question) -> pd.Series:
    """Whether a row is the best of its point; where only tuned settings vary, each row is a point."""
    if not points_of(question):
        return pd.Series(True, index=table.index)
    tuned = {column_of(name) for name in question.tuned}
    point = ["model", "data", *(name for name in settings_of(table) if name not in tuned)]
    return ~_ranked(table, question).duplicated(point).reindex(table.index)
