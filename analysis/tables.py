"""The comparison: a row per model, data set and setting, with intervals and its difference from the baseline."""

from __future__ import annotations

from typing import Any

import pandas as pd

from analysis.arms import matches
from analysis.components import components, point_with
from analysis.folder import points_of
from analysis.frame import COSTS, EPOCHS, LATENCIES, column_of, setting_columns
from analysis.paired import with_differences
from analysis.recipes import setting_of, with_rows
from analysis.replicates import estimate, in_folds
from study.question import Question, better_is_lower

MEANS = (*(cost for cost in COSTS if cost != "trial_seconds"), *EPOCHS, *LATENCIES)
SCORES = tuple(f"{split}{end}" for split in ("validation", "test") for end in ("", "_low", "_high"))
SUMMARY = ("seeds", "folds", "trials", *SCORES, *MEANS, "trainable_share", "degenerate")


def compare(frame: pd.DataFrame, question: Question) -> pd.DataFrame:
    """One row per model, data set and setting that has finished comparison trials, in the order of the points.

    Columns: model, data, the settings (see ``settings_of``), seeds, folds (missing without), trials; validation and
    test, the mean of ``question.metric`` with _low and _high of its 95% interval over replicates; means of the costs,
    trainable_share, how many trials were degenerate; is_baseline; point (its number in the question); chosen (best of
    its point on validation among those with most seeds); split, the one that differences are taken on: test where there
    is any test score; and the paired difference from the baseline (see ``paired``). In folds a row is a point: what was
    tuned may differ between them, and is shown as "1e-4 (3), 5e-4 (2)".
    """
    return grouped(frame, question)[1]


def grouped(frame: pd.DataFrame, question: Question) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The trials that the comparison is made of, with the number of their ``row`` in it, and the comparison."""
    trials = compared(frame, question)
    names = shown_settings(trials, question)
    trials = with_rows(trials, question, names)
    rows = [_summary(group, names, question) for _, group in trials.groupby("row")]
    table = pd.DataFrame(rows, columns=["model", "data", *names, *SUMMARY, "is_baseline"])
    table["folds"] = table["folds"].astype("Int64")
    table["is_baseline"] = table["is_baseline"].astype(bool)
    table["point"] = _points(table, question)
    table["chosen"] = _chosen(table, question)
    table["split"] = "test" if trials[f"test_{question.metric}"].notna().any() else "validation"
    table = with_differences(table, trials, question, names)
    order = ["model", "data", "point", "is_baseline", "validation"]
    ascending = [True, True, True, False, better_is_lower(question.metric)]
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


def recipe_of(compared: pd.DataFrame, question: Question) -> pd.Series | None:
    """The row of a comparison that has every part of the question's recipe; None where there is none."""
    parts = components(question)
    if not parts or compared.empty:
        return None
    return best_of(compared[matches(compared, point_with(parts, parts, question))], question)


def _ranked(table: pd.DataFrame, question: Question) -> pd.DataFrame:
    ascending = [False, False, better_is_lower(question.metric)]
    return table.sort_values(["folds", "seeds", "validation"], ascending=ascending, kind="stable")


def _summary(group: pd.DataFrame, names: list[str], question: Question) -> dict[str, Any]:
    row: dict[str, Any] = {name: group[name].iloc[0] for name in ("model", "data")}
    row |= {name: setting_of(group, name) for name in names}
    row["seeds"], row["trials"] = group["seed"].nunique(), len(group)
    row["folds"] = group["fold"].nunique() if in_folds(group) else None
    row["is_baseline"] = group["is_baseline"].iloc[0]
    for split, column in (("validation", question.metric), ("test", f"test_{question.metric}")):
        found = estimate(group, column)
        row |= {split: found.mean, f"{split}_low": found.low, f"{split}_high": found.high}
    row |= {cost: group[cost].mean() for cost in MEANS}
    row["trainable_share"] = (group["trainable_parameters"] / group["total_parameters"]).mean()
    row["degenerate"] = int(group["degenerate"].fillna(False).sum())
    return row


def _points(table: pd.DataFrame, question: Question) -> pd.Series:
    """Which point of the question each row is, by number; rows at none of them come last."""
    points = points_of(question)
    found = pd.Series(len(points), index=table.index)
    for number, point in reversed(list(enumerate(points))):
        found[matches(table, point)] = number
    return found


def _chosen(table: pd.DataFrame, question: Question) -> pd.Series:
    """Whether a row is the best of its point; where only tuned settings vary, each row is a point."""
    if not points_of(question):
        return pd.Series(True, index=table.index)
    tuned = {column_of(name) for name in question.tuned}
    point = ["model", "data", *(name for name in settings_of(table) if name not in tuned)]
    return ~_ranked(table, question).duplicated(point).reindex(table.index)
