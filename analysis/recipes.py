"""Which row of the comparison each trial belongs to: its setting, or in folds the recipe that chose its setting."""

from __future__ import annotations

import pandas as pd

from analysis.arms import matches
from analysis.frame import column_of, metric_column
from analysis.markdown import value
from analysis.replicates import in_folds
from study.question import Question


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


def settings_of_rows(trials: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """The settings of every row, by row; where folds chose different values, each with its number of folds."""
    found = trials.drop_duplicates("row").set_index("row")[names].sort_index()
    if not in_folds(trials) or not names:
        return found
    several = trials.groupby("row")[names].nunique(dropna=False) > 1
    for name in names:
        differing = trials[trials["row"].isin(several.index[several[name]]) & trials["row"].notna()]
        if len(differing):
            words = {row: _chosen(mine, name) for row, mine in differing.groupby("row")}
            found[name] = found[name].astype(object)
            found.loc[list(words), name] = pd.Series(words, dtype=object)
    return found


def _chosen(trials: pd.DataFrame, name: str) -> str:
    """The values that folds chose, the most frequent first: "1e-4 (3), 5e-4 (2)"."""
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
    score = trials.groupby(candidate)[metric_column(question.metric)]
    ranked = trials[["row", "fold"]].assign(
        candidate=candidate, seeds=score.transform("count"), score=score.transform("mean")
    )
    ascending = [False, question.lower_is_better]
    ranked = ranked.sort_values(["seeds", "score"], ascending=ascending, kind="stable")
    best = ranked[ranked["fold"].notna()].drop_duplicates(["row", "fold"])["candidate"]
    return trials[trials["fold"].isna() | candidate.isin(best)]
