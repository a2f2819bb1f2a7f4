"""Optimism: how much better the chosen settings looked when they were chosen than they are on the test split."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.frame import column_of, metric_column
from analysis.names import names_of
from analysis.ranges import apart, possible, within
from analysis.remembered import SEED
from analysis.replicates import estimates, in_folds
from analysis.stats import DRAWS, Interval, Optimism, spearman
from analysis.stats import optimism as chosen_optimism
from analysis.tables import compare, grouped
from study.question import Question

FEWEST = 5
"""The fewest settings whose order on validation is compared with that on test."""

_PLACES = 20_000_000  # settings drawn: of very many, fewer times
SPLITS = ("validation", "test")
COLUMNS = ("setting", "selected", "validation", "test", "luck", "gap", "gap_low", "gap_high", "n", "best")


def optimism(rows: pd.DataFrame, question: Question, *, names: bool = True) -> pd.DataFrame:
    """One row per chosen setting with a test score, for the trials of one model and data set.

    ``selected`` is the validation score that it was chosen by, over the selection seeds (missing where nothing was
    tuned), ``validation`` and ``test`` its means over the comparison's seeds. ``luck`` is how much better selected is
    than validation: the seeds. ``gap`` is how much better validation is than test, with its 95% interval over ``n``
    seeds or folds: the texts. Positive is optimistic, whichever way the metric goes. ``best`` marks the setting best on
    validation. In folds selected is not set beside the rest: each fold chose its own. Without ``names`` only the best
    has the name of its setting: naming all of a large search takes long.
    """
    trials, table = grouped(rows, question) if len(rows) else (rows, pd.DataFrame())
    if table.empty or not table["chosen"].any() or trials[metric_column(question.metric, "test")].isna().all():
        return pd.DataFrame(columns=list(COLUMNS))
    sign = -1.0 if question.lower_is_better else 1.0
    trials = trials.assign(
        gap=sign * (trials[metric_column(question.metric)] - trials[metric_column(question.metric, "test")])
    )
    shown = table[table["chosen"] & ~(table["is_baseline"] & (not question.factor_names))]
    scores = [trials[metric_column(question.metric, split)].dropna() for split in SPLITS]
    ends = apart(possible(question.metric, *scores))
    gaps = within(estimates(trials, "gap"), ends).reindex(shown.index)
    selected = pd.Series(float("nan"), index=shown.index)
    if not in_folds(trials):
        selected = _selected(trials[trials["row"].isin(shown.index)], rows, question).reindex(shown.index)
    best = shown.index == (shown["validation"] * sign).idxmax() if shown["validation"].notna().any() else False
    found = pd.DataFrame({
        "setting": None,
        "selected": selected,
        "validation": shown["validation"],
        "test": shown["test"],
        "luck": sign * (selected - shown["validation"]),
        "gap": gaps["mean"],
        "gap_low": gaps["low"],
        "gap_high": gaps["high"],
        "n": gaps["n"],
        "best": best,
    }, columns=list(COLUMNS), index=shown.index)  # fmt: skip
    found = found[found["gap"].notna()].astype({"n": "int64"})
    named = found if names else found[found["best"]]
    found["setting"] = pd.Series(names_of(shown.loc[named.index], question), index=named.index, dtype=object)
    return found.reset_index(drop=True)


def choosing(rows: pd.DataFrame, question: Question) -> Optimism | None:
    """How much validation flatters the best of all settings of a search that were scored on both splits, and how much
    of it is for having been chosen (see ``stats.optimism``).

    None where settings were tuned on trials without a test score (those that went on are not all), in folds, where
    something is compared that is not tuned, and with fewer than five settings.
    """
    table = compare(rows, question) if len(rows) else pd.DataFrame()
    mine = rows[rows["question"] == question.name]
    if table.empty or question.factor_names or (mine["phase"] == "tune").any() or in_folds(mine):
        return None
    known = table[["validation", "test"]].dropna()
    if len(known) < FEWEST:
        return None
    generator, draws = np.random.default_rng(SEED), max(200, min(DRAWS, _PLACES // len(known)))
    lower = question.lower_is_better
    return chosen_optimism(known["validation"], known["test"], generator, lower=lower, draws=draws)


def agreement(rows: pd.DataFrame, question: Question) -> Interval:
    """Spearman's rank correlation of validation with test means over all settings compared, with its 95% interval.

    NaN with fewer than five settings, or where one of the two is the same for all.
    """
    table = compare(rows, question) if len(rows) else pd.DataFrame(columns=["validation", "test"])
    known = table[["validation", "test"]].dropna()
    if len(known) < FEWEST:
        return Interval(len(known), float("nan"), float("nan"), float("nan"))
    return spearman(known["validation"], known["test"])


def _selected(compared: pd.DataFrame, rows: pd.DataFrame, question: Question) -> pd.Series:
    """The mean validation score over the selection seeds of the setting that each row's trials have, by row."""
    names = [column_of(name) for name in (*question.factor_names, *question.tuned) if column_of(name) in rows]
    tries = rows[(rows["question"] == question.name) & (rows["phase"] == "tune") & (rows["status"] == "finished")]
    settings = compared.drop_duplicates("row")[["row", *names]]
    if tries.empty or not names:
        return pd.Series(float("nan"), index=settings["row"])
    score = metric_column(question.metric)
    means = tries.groupby(names, dropna=False)[score].mean().rename("selected").reset_index()
    return settings.merge(means, on=names, how="left").set_index("row")["selected"]
