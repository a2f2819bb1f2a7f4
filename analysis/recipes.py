"""Which row of the comparison each trial belongs to: its setting, or in folds the recipe that chose its setting."""

from __future__ import annotations

from typing import Any

import pandas as pd

from analysis.arms import matches
from analysis.frame import column_of
from analysis.markdown import value
from analysis.replicates import in_folds
from study.question import Question, better_is_lower


def with_rows(trials: pd.DataFrame, question: Question, names: list[str]) -> pd.DataFrame:
    """The trials with the number of their ``row`` and whether it ``is_baseline``.

    On fixed splits a row is a setting: the values of ``names``. In folds each fold tunes on its own, so that a row is a
    recipe: everything but the tuned values. Where a fold compared several candidates of one point, the one best on its
    validation split is what the recipe gives there, and the others are left out.
    """
    trials = trials.assign(is_baseline=matches(trials, question.baseline) & bool(question.baseline))
    if not in_folds(trials):
        return _numbered(trials, names)
    tuned = [name for name in map(column_of, question.tuned) if name in names]
    keys = trials[names].astype(object)
    keys.loc[trials["fold"].notna(), tuned] = None
    recipe = trials.assign(**{f"key {name}": keys[name] for name in names})
    # a search has its baseline among the values it tunes
    numbered = _numbered(recipe, [*(f"key {name}" for name in names), "is_baseline"])
    return _best_of_each_fold(numbered[[*trials.columns, "row"]], question, tuned)


def setting_of(trials: pd.DataFrame, name: str) -> Any:
    """A setting's value in the trials of one row; where folds chose different ones, each with its number of folds."""
    values = trials[name]
    if not in_folds(trials) or values.nunique(dropna=False) == 1:
        return values.iloc[0]
    chosen = trials.drop_duplicates(["fold", name])[name].value_counts(dropna=False)
    ordered = sorted(chosen.items(), key=lambda entry: (-entry[1], str(entry[0])))
    return ", ".join(f"{value(one)} ({folds})" for one, folds in ordered)


def _numbered(trials: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    keys = [trials["model"], trials["data"], *(trials[name] for name in names)]
    return trials.assign(row=trials.groupby(keys, dropna=False, sort=False).ngroup())


def _best_of_each_fold(trials: pd.DataFrame, question: Question, tuned: list[str]) -> pd.DataFrame:
    """The trials without the candidates that lost on validation within their row and fold."""
    if not tuned:
        return trials
    candidate = trials.groupby(["row", "fold", *tuned], dropna=False, sort=False).ngroup()
    score = trials.groupby(candidate)[question.metric]
    ranked = trials[["row", "fold"]].assign(
        candidate=candidate, seeds=score.transform("count"), score=score.transform("mean")
    )
    ascending = [False, better_is_lower(question.metric)]
    ranked = ranked.sort_values(["seeds", "score"], ascending=ascending, kind="stable")
    best = ranked[ranked["fold"].notna()].drop_duplicates(["row", "fold"])["candidate"]
    return trials[trials["fold"].isna() | candidate.isin(best)]
