"""Ablation path: from the default to the best setting, one change at a time, the one that gains most first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from analysis.arms import matches
from analysis.folder import points_of
from analysis.frame import column_of
from analysis.replicates import in_folds
from analysis.scored import scored, untied
from analysis.surrogate import FEWEST, Surrogate, dimensions, fitted
from analysis.tables import best_of, compare
from study.question import Question

COLUMNS = ("changed", "before", "after", "score", "gain", "run", "trials", "test")
_TREES = 320

Values = tuple[Any, ...]
Scorer = Callable[[Sequence[Values]], "list[float]"]
"""Scores of settings; NaN for one that is not known."""


@dataclass(frozen=True)
class Path:
    """The steps of a path and what they rest on.

    ``steps`` begins with the default (``changed`` is empty); ``score`` is what the order was decided on, ``gain`` the
    change by the step (positive is better), ``run`` the mean validation score of trials at that very setting and
    ``trials`` how many they are, ``test`` its mean test score; missing where there are none. ``predicted``: score is a
    forest's, with out-of-bag ``r2`` and fitted to ``settings`` settings. ``skipped`` counts changes that were not
    considered because their setting was never run. ``refused`` says why there are no steps: "none" (no default and
    best that differ in two settings), "best" (the default is the best), "folds" (each fold chose its own setting) or
    "few" (settings tried for a forest, and no way over settings that were run).
    """

    steps: pd.DataFrame
    predicted: bool = False
    r2: float = float("nan")
    settings: int = 0
    skipped: int = 0
    refused: str = ""
    names: tuple[str, ...] = field(default=())


@dataclass(frozen=True)
class _Ends:
    """The settings to change, and their values on either side."""

    names: tuple[str, ...]
    default: Values
    best: Values


def ablation_path(rows: pd.DataFrame, question: Question, generator: np.random.Generator) -> Path:
    """The path from the baseline to the setting best on validation, for the trials of one model and data set.

    After Fawcett and Hoos (2016, Journal of Heuristics 22): from the default, each setting in which the best differs is
    set to the best's value in turn, and the change that scores best is kept; and so on until the best is reached. A
    score is the mean of trials at the very setting, of one phase, so that all are over the same seeds. Where these
    trials give no way through, every score is a random forest's (Biedenkapp et al. 2017, AAAI): predictions lie nearer
    the mean than scores do, so the two are not mixed on one path.
    """
    nothing = pd.DataFrame(columns=list(COLUMNS))
    table = compare(rows, question) if len(rows) else pd.DataFrame()
    points = _points(table, question) if len(table) else table
    ends, refused = _ends(points, rows, question)
    if ends is None:
        return Path(nothing, refused=refused)
    for known in _known(points, rows, question, ends):
        way, skipped = _greedy(ends, _of_table(known, ends.names), question)
        if way:
            return Path(_steps(way, ends, points, question), skipped=skipped, names=ends.names)
    tried = points if points_of(question) else scored(rows, question).table
    tried = tried.dropna(subset=["score"])
    if len(tried) < FEWEST or not set(ends.names) <= set(tried.columns):
        return Path(nothing, settings=len(tried), refused="few", names=ends.names)
    varying = [name for name in tried.columns if name in _settings(question) and tried[name].nunique() > 1]
    model = fitted(tried, dimensions(tried, varying, question), generator, trees=_TREES)
    way, _ = _greedy(ends, _of_forest(model, ends, points, question), question)
    steps = _steps(way, ends, points, question)
    return Path(steps, predicted=True, r2=model.r2, settings=len(tried), names=ends.names)


def _settings(question: Question) -> list[str]:
    return [column_of(name) for name in (question.factor_names or question.tuned)]


def _points(table: pd.DataFrame, question: Question) -> pd.DataFrame:
    """The settings compared, one row each: of every point the chosen one, with ``score`` on validation and trials."""
    shown = table[table["chosen"]] if question.factor_names else table
    return shown.assign(score=shown["validation"]).reset_index(drop=True)


def _ends(points: pd.DataFrame, rows: pd.DataFrame, question: Question) -> tuple[_Ends | None, str]:
    if points.empty or not question.baseline or not points["is_baseline"].any():
        return None, "none"
    if not question.factor_names and in_folds(rows):
        return None, "folds"
    names = [name for name in _settings(question) if name in points and points[name].notna().all()]
    names = [name for name in names if points[name].nunique() > 1]
    # a search compares so few settings that all seem to follow from one: what it tried tells them apart
    free, _ = untied(points if question.factor_names else rows.dropna(subset=names), names)
    default, best = best_of(points[points["is_baseline"]], question), best_of(points, question)
    if default is None or best is None:
        return None, "none"
    if best["is_baseline"]:
        return None, "best"
    differing = tuple(name for name in free if default[name] != best[name])
    if len(differing) < 2:
        return None, "none"
    return _Ends(differing, tuple(default[n] for n in differing), tuple(best[n] for n in differing)), ""


def _known(points: pd.DataFrame, rows: pd.DataFrame, question: Question, ends: _Ends) -> list[pd.DataFrame]:
    """Tables of settings that were run and may give the path: those compared, and those that tuning tried.

    What varies beside the path's settings has to be as it is in the best.
    """
    tables = [points] if points_of(question) else [points, scored(rows, question, ("tune",)).table]
    best = best_of(points, question)
    found = []
    for table in tables:
        if not set(ends.names) <= set(table.columns):
            continue
        others = [name for name in _settings(question) if name in table and name not in ends.names]
        held = {name: best[name] for name in others} if best is not None else {}
        free, _ = untied(table, [*ends.names, *others])
        held = {name: value for name, value in held.items() if name in free}
        found.append(table[matches(table, {name.removeprefix("setting."): v for name, v in held.items()})])
    return found


def _of_table(table: pd.DataFrame, names: Sequence[str]) -> Scorer:
    keys = table[list(names)].astype(object).itertuples(index=False, name=None)
    scores = dict(zip(keys, table["score"], strict=True))
    return lambda settings: [float(scores.get(setting, np.nan)) for setting in settings]


def _of_forest(model: Surrogate, ends: _Ends, points: pd.DataFrame, question: Question) -> Scorer:
    best = best_of(points, question)
    others = [d.name for d in model.dimensions if d.name not in ends.names]

    def score(settings: Sequence[Values]) -> list[float]:
        columns = {name: [setting[place] for setting in settings] for place, name in enumerate(ends.names)}
        columns |= {name: [None if best is None else best[name]] * len(settings) for name in others}
        return [float(one) for one in model.predict(columns)]

    return score


def _greedy(ends: _Ends, score: Scorer, question: Question) -> tuple[list[tuple[Values, float]], int]:
    """The settings on the path with their scores, and how many changes were not known; nothing where it breaks off."""
    sign = -1.0 if question.lower_is_better else 1.0
    here = ends.default
    way, skipped = [(here, score([here])[0])], 0
    left = list(range(len(ends.names)))
    while left:
        tries = [tuple(ends.best[i] if i == place else v for i, v in enumerate(here)) for place in left]
        scores = sign * np.array(score(tries))
        skipped += int(np.isnan(scores).sum())
        if np.isnan(way[-1][1]) or np.isnan(scores).all():
            return [], skipped
        first = int(np.nanargmax(scores))
        here = tries[first]
        way.append((here, float(sign * scores[first])))
        left.pop(first)
    return way, skipped


def _steps(way: Sequence[tuple[Values, float]], ends: _Ends, points: pd.DataFrame, question: Question) -> pd.DataFrame:
    sign = -1.0 if question.lower_is_better else 1.0
    rows: list[dict[str, Any]] = []
    for number, (setting, score) in enumerate(way):
        before = way[number - 1] if number else (setting, float("nan"))
        changed = [i for i, (one, other) in enumerate(zip(setting, before[0], strict=True)) if one != other]
        at = {name.removeprefix("setting."): v for name, v in zip(ends.names, setting, strict=True)}
        compared = points[matches(points, at)]
        run = compared.iloc[0] if len(compared) else None
        rows.append(
            {
                "changed": ends.names[changed[0]] if changed else "",
                "before": before[0][changed[0]] if changed else None,
                "after": setting[changed[0]] if changed else None,
                "score": score,
                "gain": sign * (score - before[1]),
                "run": np.nan if run is None else run["validation"],
                "trials": 0 if run is None else int(run["trials"]),
                "test": np.nan if run is None else run["test"],
            }
        )
    return pd.DataFrame(rows, columns=list(COLUMNS))
