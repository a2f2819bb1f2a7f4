"""Settings tried, one row each, with the mean validation score of their finished trials."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from analysis.frame import column_of, metric_column
from study.question import Question

PHASES = ("tune", "compare")


@dataclass(frozen=True)
class Scored:
    """Distinct settings and what was left out of them.

    ``table`` has a column per name of ``names`` (the settings that vary), ``score`` (mean validation score), ``trials``
    (how many) and ``seconds`` (mean training time). ``partial`` names settings that some trials lack, ``tied`` those
    that follow from another. ``unscored`` counts trials that did not finish or have no score, ``uneven`` settings that
    were not tried in every fold.
    """

    table: pd.DataFrame
    names: tuple[str, ...]
    partial: tuple[str, ...]
    tied: tuple[str, ...]
    unscored: int
    uneven: int


def scored(rows: pd.DataFrame, question: Question, phases: Sequence[str] = PHASES) -> Scored:
    """The settings of one model and data set with their mean validation score over seeds.

    In folds the score is the mean over folds of each fold's mean, and a setting has to have been tried in all of them:
    folds differ in difficulty. A trial that a scheduler stopped was trained for less, so it is no score.
    """
    asked = rows[(rows["question"] == question.name) & rows["phase"].isin(phases)]
    mine = asked[(asked["status"] == "finished") & asked[metric_column(question.metric)].notna()]
    varying = [
        name
        for name in map(column_of, dict.fromkeys((*question.factor_names, *question.tuned)))
        if name in mine and mine[name].nunique(dropna=False) > 1
    ]
    partial = tuple(name for name in varying if mine[name].isna().any())
    names, tied = untied(mine, [name for name in varying if name not in partial])
    table = _by_setting(mine, names, metric_column(question.metric)) if names else pd.DataFrame()
    folds = mine["fold"].nunique()
    even = table if not folds or table.empty else table[table["folds"] == folds].reset_index(drop=True)
    return Scored(
        table=even,
        names=names,
        partial=partial,
        tied=tied,
        unscored=len(asked) - len(mine),
        uneven=len(table) - len(even),
    )


def untied(trials: pd.DataFrame, names: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The settings that are free, and those that go one to one with a free one before them, as alpha with the rank."""
    free: list[str] = []
    tied: list[str] = []
    for name in names:
        (tied if any(_one_to_one(trials, name, other) for other in free) else free).append(name)
    return tuple(free), tuple(tied)


def _one_to_one(trials: pd.DataFrame, name: str, other: str) -> bool:
    pairs = trials[[name, other]].drop_duplicates()
    return bool(len(pairs) == pairs[name].nunique() == pairs[other].nunique())


def _by_setting(mine: pd.DataFrame, names: Sequence[str], metric: str) -> pd.DataFrame:
    keys = list(names)
    in_fold = mine.groupby([*keys, "fold"], dropna=False, sort=False).agg(
        score=(metric, "mean"), trials=("key", "count"), seconds=("train_seconds", "mean")
    )
    found = in_fold.reset_index().groupby(keys, sort=True)
    return found.agg(
        score=("score", "mean"), trials=("trials", "sum"), seconds=("seconds", "mean"), folds=("fold", "nunique")
    ).reset_index()
