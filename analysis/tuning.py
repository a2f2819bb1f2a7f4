"""What was tried before the comparison: every candidate's validation score, and which went on."""

from __future__ import annotations

import pandas as pd

from analysis.frame import column_of, metric_column
from study.question import Question


def at_the_edge(tries: pd.DataFrame, question: Question) -> dict[tuple[str, float], int]:
    """How many chosen candidates have the lowest or highest value tried, by tuned number and value.

    The best value may lie beyond. Only for choices of at least three values: two have nothing but edges.
    """
    found = {}
    chosen = tries[tries["chosen"]]
    for name, domain in question.tuned.items():
        column = column_of(name)
        if domain.kind != "choice" or column not in tries or not pd.api.types.is_numeric_dtype(tries[column]):
            continue
        if tries[column].nunique() > 2:
            for edge in (tries[column].min(), tries[column].max()):
                found[column, edge] = int((chosen[column] == edge).sum())
    return {place: times for place, times in found.items() if times}


def tuned(frame: pd.DataFrame, question: Question) -> pd.DataFrame:
    """One row per factor point and candidate: its settings, trials, scored, validation (mean), chosen and last.

    ``chosen`` says whether the candidate has comparison trials, ``last`` whether it stood behind all others in the
    choice, whatever its score, as it predicted one class or was stopped (see ``study.plan.chosen``). Points keep the
    question's order; within one, the best candidate comes first.
    """
    mine = frame[frame["question"] == question.name]
    names = [column_of(name) for name in (*question.factor_names, *question.tuned) if column_of(name) in frame]
    tries = mine[mine["phase"] == "tune"]
    if tries.empty or not names:
        return pd.DataFrame(columns=[*names, "trials", "scored", "validation", "chosen", "last"])
    scored = tries.assign(
        scored=tries[metric_column(question.metric)].where(tries["status"].isin(["finished", "stopped"])),
        last=tries["degenerate"].fillna(False).astype(bool) | (tries["status"] == "stopped"),
    )
    table = scored.groupby(names, dropna=False, sort=False).agg(
        trials=("key", "count"), scored=("scored", "count"), validation=("scored", "mean"), last=("last", "any")
    )
    compared = mine.loc[mine["phase"] == "compare", names].drop_duplicates()
    table["chosen"] = table.index.isin(pd.MultiIndex.from_frame(compared) if len(names) > 1 else compared[names[0]])
    table = table.reset_index()
    factors = [column_of(name) for name in question.factor_names if column_of(name) in names]
    order = [*factors, "validation"]
    ascending = [True] * len(factors) + [question.lower_is_better]
    return table.sort_values(order, ascending=ascending, kind="stable", ignore_index=True)
