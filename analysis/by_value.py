"""Value by value: where every value of a factor has a baseline of its own, what is best at each, and how far ahead."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from analysis.folder import points_of
from analysis.frame import column_of, metric_column
from analysis.names import baseline_name, names_of
from analysis.replicates import difference
from analysis.resampled import Resampled
from analysis.tables import best_of, grouped
from study.question import Question

_DIFFERENCE = ("difference", "difference_low", "difference_high")
COLUMNS = (
    "factor", "value", "name", "row", "is_baseline", "split", "score", "low", "high", "difference", "difference_low",
    "difference_high", "is_best", "ahead", "ahead_low", "ahead_high", "pairs",
)  # fmt: skip


def along(table: pd.DataFrame, question: Question) -> str | None:
    """The column of the factor at every value of which the baseline was run; None where there is no such factor.

    That is a number which every point names and the baseline leaves open, as ``shots`` where each method is compared
    with full fine-tuning on as many examples.
    """
    points = points_of(question)
    if table.empty or not table["is_baseline"].any():
        return None
    for name in question.factor_names:
        column = column_of(name)
        if name in question.baseline or column not in table or not all(name in point for point in points):
            continue
        numeric = pd.api.types.is_numeric_dtype(table[column]) and not pd.api.types.is_bool_dtype(table[column])
        if numeric and table.loc[table["is_baseline"], column].nunique() > 1:
            return column
    return None


def by_value(rows: pd.DataFrame, question: Question, resampled: Resampled | None = None) -> pd.DataFrame:
    """One row per value of the factor ``along`` and setting compared there, in the order of the points; else empty.

    Columns: factor (the setting's name) and value; name (what is compared there, without the value); row (of the
    comparison table); is_baseline; split (test, else validation); score with low and high; difference, from the
    baseline at the same value, with _low and _high; is_best (on validation, among those of the value with most seeds);
    ahead, the paired difference of that best minus this setting with its 95% interval, over ``pairs``; missing for the
    best itself. Rows are of one model and data set.
    """
    trials, table = grouped(rows, question, resampled) if len(rows) else (rows, pd.DataFrame())
    column = along(table, question)
    if column is None:
        return pd.DataFrame(columns=list(COLUMNS))
    table = table[table["chosen"].astype(bool)]
    names = dict(zip(table.index, names_at(table, question, column), strict=True))
    found = []
    for value, mine in table.groupby(column):
        best = best_of(mine, question)
        for number, row in mine.iterrows():
            split = str(row["split"])
            is_best = best is not None and number == best.name
            lead = {} if best is None or is_best else _ahead(trials, best.name, number, split, question, resampled)
            known = {name: row[name] for name in ("is_baseline", *_DIFFERENCE)}
            scores = {"split": split, "score": row[split], "low": row[f"{split}_low"], "high": row[f"{split}_high"]}
            here = {"factor": column.removeprefix("setting."), "value": value, "name": names[number], "row": number}
            found.append({**here, **known, **scores, "is_best": is_best, **lead})
    return pd.DataFrame(found, columns=list(COLUMNS))


def names_at(table: pd.DataFrame, question: Question, column: str) -> list[str]:
    """What each row of a comparison compares at its value of a factor: the short name without the value itself."""
    without = table.assign(**{column: None}).astype({column: object})
    full = baseline_name(question)
    # what was tuned may differ from value to value, and is in the comparison
    named = names_of(without, replace(question, tuned={}))
    return [full if row else name for name, row in zip(named, table["is_baseline"], strict=True)]


def _ahead(
    trials: pd.DataFrame, best: object, other: object, split: str, question: Question, resampled: Resampled | None
) -> dict[str, float]:
    """How far the best is ahead of another setting of the same value, paired."""
    sides = [trials[trials["row"] == row] for row in (best, other)]
    found, _, _, _ = difference(sides[0], sides[1], metric_column(question.metric, split), resampled)
    return {"ahead": found.mean, "ahead_low": found.low, "ahead_high": found.high, "pairs": found.n}
