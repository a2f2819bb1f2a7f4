"""Expected performance: the score of the best of n settings drawn, against n."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from analysis.frame import column_of, metric_column
from analysis.names import names_of
from analysis.stats import expected_best, expected_best_interval
from study.question import Question, Setting

FEWEST = 5
"""The fewest draws with a score that a curve is drawn of."""

MOST = 2000
"""The most draws of a point that a curve is of: the first ones, which are as independent as all."""

UNDECLARED, INDEPENDENT = "unknown", "independent"
"""How a table of somebody's trials was searched over: it does not say; or draws are declared to be independent."""

COLUMNS = ("model", "data", "point", "n", "expected", "low", "high", "draws", "lost", "seconds")


def why_not(rows: pd.DataFrame, question: Question) -> str:
    """Why there can be no curve of independent draws: "" (there can), else a word.

    "none": nothing was tuned; "adaptive": the search proposed by what it had seen; "stopped": a scheduler ended weak
    trials early; "grid": every combination was tried, none was drawn; "few": no point has five draws with a score;
    "undeclared": a table of somebody's trials, of which nobody said that its settings were drawn independently.
    """
    tries = _tries(rows, question)
    if not question.tuned or tries.empty:
        return "none"
    if question.search == UNDECLARED:
        return "undeclared"
    if question.search not in ("random", INDEPENDENT):
        return "adaptive"
    if question.scheduler != "none" or (question.search == INDEPENDENT and (tries["status"] == "stopped").any()):
        return "stopped"
    if _whole_grid(question):
        return "grid"
    scored = draws(rows, question)
    enough = len(scored) and scored.groupby(["model", "data", "point"])["score"].count().max() >= FEWEST
    return "" if enough else "few"


def draws(rows: pd.DataFrame, question: Question) -> pd.DataFrame:
    """One row per model, data set, point and draw of the question: its number, score and training seconds.

    The score is the mean of ``question.metric`` on validation over the selection seeds; missing where a trial did not
    finish. In folds it is the mean over them, missing unless all have it. A setting that is not among the question's
    own draws was proposed in another way, and is left out. Of somebody's table every setting is a draw of its own.
    """
    tries = _tries(rows, question)
    factors = [column_of(name) for name in question.factor_names if column_of(name) in tries]
    number = _numbers(tries, question)
    names = pd.Series(names_of(tries[factors], question) if factors else "", index=tries.index, dtype=object)
    score = tries[metric_column(question.metric)].where(tries["status"] == "finished")
    tries = tries.assign(draw=number, point=names, score=score, seconds=tries["train_seconds"])
    tries = tries.explode("draw").dropna(subset=["draw"]).sort_values([*factors, "draw"], kind="stable")
    keys = ["model", "data", "point", "draw"]
    in_fold = _means(tries.groupby([*keys, "fold"], dropna=False, sort=False))
    return _means(in_fold.reset_index().groupby(keys, sort=False)).reset_index()


def _tries(rows: pd.DataFrame, question: Question) -> pd.DataFrame:
    """The trials that tried what was tuned: all of somebody's table, which has no comparison apart from them."""
    phase = "compare" if question.search in (UNDECLARED, INDEPENDENT) else "tune"
    return rows[(rows["question"] == question.name) & (rows["phase"] == phase)]


def _numbers(tries: pd.DataFrame, question: Question) -> pd.Series:
    """The numbers of the draws that each trial is of, as a list."""
    tuned = list(question.tuned)
    if question.search == INDEPENDENT:
        columns = [tries[column_of(name)] for name in tuned]
        return tries.groupby(columns, dropna=False, sort=False).ngroup().astype(object)
    numbers: dict[tuple[object, ...], list[int]] = {}
    for place, drawn in enumerate(question.candidates()):
        numbers.setdefault(_key(drawn, tuned), []).append(place)
    settings = tries[[column_of(name) for name in tuned]].set_axis(tuned, axis=1).to_dict("records")
    # a setting drawn twice was run once, and is two draws
    return pd.Series([numbers.get(_key(setting, tuned), []) for setting in settings], index=tries.index, dtype=object)


def expected(rows: pd.DataFrame, question: Question, generator: np.random.Generator) -> pd.DataFrame:
    """One row per model, data set, point and n: the expected best validation score of n draws, with its 95% band.

    The estimator is unbiased (Tang et al. 2020); the band is a bootstrap's over draws. ``draws`` counts those with a
    score, ``lost`` those without; ``seconds`` is a draw's mean training time. Empty where ``why_not`` says why.
    """
    if why_not(rows, question):
        return pd.DataFrame(columns=list(COLUMNS))
    lower = question.lower_is_better
    parts = []
    for place, same in draws(rows, question).groupby(["model", "data", "point"], sort=False):
        scores = same["score"].dropna().to_numpy(dtype=float)[:MOST]
        if len(scores) < FEWEST:
            continue
        low, high = expected_best_interval(scores, generator, lower=lower)
        curve = expected_best(scores, lower=lower)
        part = pd.DataFrame({"n": range(1, len(scores) + 1), "expected": curve, "low": low, "high": high})
        part = part.assign(draws=len(scores), lost=int(same["score"].isna().sum()), seconds=same["seconds"].mean())
        part[["model", "data", "point"]] = list(map(str, place))
        parts.append(part[list(COLUMNS)])
    return pd.concat(parts, ignore_index=True)


def crossings(curves: pd.DataFrame, question: Question) -> list[tuple[int, str, str]]:
    """Where the best curve changes: n, the series that led up to n - 1, and the one that leads from n on.

    The series of ``curves`` (columns series, n, expected) are compared for every n that all of them have.
    """
    wide = curves.pivot(index="n", columns="series", values="expected").dropna()
    wide = wide[list(dict.fromkeys(curves["series"]))]
    if wide.shape[1] < 2 or wide.empty:
        return []
    leads = wide.idxmin(axis=1) if question.lower_is_better else wide.idxmax(axis=1)
    return [
        (int(n), str(before), str(now))
        for n, before, now in zip(leads.index[1:], leads.iloc[:-1], leads.iloc[1:], strict=True)
        if before != now
    ]


def _whole_grid(question: Question) -> bool:
    values = [domain.values for domain in question.tuned.values()]
    sizes = [len(some) for some in values if some is not None]
    return len(sizes) == len(values) and float(np.prod(sizes, dtype=float)) <= question.trials


def _means(groups: Any) -> pd.DataFrame:
    """The mean score and seconds of each group, missing where any value is."""
    numbers = groups[["score", "seconds"]]
    return numbers.mean().where(numbers.count().eq(groups.size(), axis=0))


def _key(setting: Setting | dict[Any, Any], names: list[str]) -> tuple[object, ...]:
    return tuple(_plain(setting[name]) for name in names)


def _plain(amount: Any) -> object:
    if amount is None or pd.isna(amount):
        return None
    if isinstance(amount, (bool, np.bool_)):
        return ("bool", bool(amount))
    return amount if isinstance(amount, str) else float(amount)
