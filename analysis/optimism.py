"""Optimism: how much better the chosen settings looked when they were chosen than they are on the test split."""

from __future__ import annotations

import pandas as pd

from analysis.frame import column_of, metric_column
from analysis.names import names_of
from analysis.replicates import estimate, in_folds
from analysis.stats import Interval, spearman
from analysis.tables import compare, grouped
from study.question import Question

FEWEST = 5
"""The fewest settings whose order on validation is compared with that on test."""

COLUMNS = ("setting", "selected", "validation", "test", "luck", "gap", "gap_low", "gap_high", "n", "best")


def optimism(rows: pd.DataFrame, question: Question) -> pd.DataFrame:
    """One row per chosen setting with a test score, for the trials of one model and data set.

    ``selected`` is the validation score that it was chosen by, over the selection seeds (missing where nothing was
    tuned), ``validation`` and ``test`` its means over the comparison's seeds. ``luck`` is how much better selected is
    than validation: the seeds. ``gap`` is how much better validation is than test, with its 95% interval over ``n``
    seeds or folds: the texts. Positive is optimistic, whichever way the metric goes. ``best`` marks the setting best on
    validation. In folds selected is not set beside the rest: each fold chose its own.
    """
    trials, table = grouped(rows, question) if len(rows) else (rows, pd.DataFrame())
    if table.empty or not table["chosen"].any() or trials[metric_column(question.metric, "test")].isna().all():
        return pd.DataFrame(columns=list(COLUMNS))
    sign = -1.0 if question.lower_is_better else 1.0
    trials = trials.assign(
        gap=sign * (trials[metric_column(question.metric)] - trials[metric_column(question.metric, "test")])
    )
    shown = table[table["chosen"] & ~(table["is_baseline"] & (not question.factor_names))]
    ranked = shown["validation"] * sign
    found = []
    for (number, row), name in zip(shown.iterrows(), names_of(shown, question), strict=True):
        mine = trials[trials["row"] == number]
        gap = estimate(mine, "gap")
        selected = float("nan") if in_folds(mine) else _selected(mine, rows, question)
        found.append(
            {
                "setting": name,
                "selected": selected,
                "validation": row["validation"],
                "test": row["test"],
                "luck": sign * (selected - row["validation"]),
                "gap": gap.mean,
                "gap_low": gap.low,
                "gap_high": gap.high,
                "n": gap.n,
                "best": number == ranked.idxmax(),
            }
        )
    every = pd.DataFrame(found, columns=list(COLUMNS))
    return every[every["gap"].notna()].reset_index(drop=True)


def agreement(rows: pd.DataFrame, question: Question) -> Interval:
    """Spearman's rank correlation of validation with test means over all settings compared, with its 95% interval.

    NaN with fewer than five settings, or where one of the two is the same for all.
    """
    table = compare(rows, question) if len(rows) else pd.DataFrame(columns=["validation", "test"])
    known = table[["validation", "test"]].dropna()
    if len(known) < FEWEST:
        return Interval(len(known), float("nan"), float("nan"), float("nan"))
    return spearman(known["validation"], known["test"])


def _selected(compared: pd.DataFrame, rows: pd.DataFrame, question: Question) -> float:
    """The mean validation score over the selection seeds of the setting that these trials have."""
    names = [column_of(name) for name in (*question.factor_names, *question.tuned) if column_of(name) in rows]
    tries = rows[(rows["question"] == question.name) & (rows["phase"] == "tune") & (rows["status"] == "finished")]
    for name in names:
        value = compared[name].iloc[0]
        tries = tries[tries[name].isna() if pd.isna(value) else (tries[name] == value).fillna(False).astype(bool)]
    return float(tries[metric_column(question.metric)].mean()) if len(tries) else float("nan")
