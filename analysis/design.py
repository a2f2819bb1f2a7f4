"""Factorial design: every combination of two or more factors compared, as a table of scores by replicate and cell."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from analysis.folder import points_of
from analysis.frame import column_of, metric_column
from analysis.replicates import in_folds
from analysis.scored import untied
from analysis.stats import Estimate, fold_interval, fold_p, mean_interval, sign_flip_p, smallest_p
from analysis.tables import grouped
from study.question import Question

NEARLY_ALL = 0.8
"""The share of all combinations that must have trials."""

MOST = 500
"""The most combinations: where a factor has very many values, what it does is a curve, not a list of differences."""

Cell = tuple[Any, ...]


@dataclass(frozen=True)
class Design:
    """``levels`` of each factor, the baseline's first; ``scores`` with a row per replicate (index: fold and seed, or
    seed) and a column per cell, a combination of levels; ``keys`` the same of the trials' keys, ``trials`` their rows.
    ``score`` is the column of the trials that the scores are of.
    """

    levels: Mapping[str, tuple[Any, ...]]
    scores: pd.DataFrame
    keys: pd.DataFrame
    trials: pd.DataFrame
    score: str
    split: str

    @property
    def factors(self) -> tuple[str, ...]:
        return tuple(self.levels)

    @cached_property
    def cells(self) -> tuple[Cell, ...]:
        return tuple(tuple(cell) for cell in self.scores.columns)

    @cached_property
    def places(self) -> dict[Cell, int]:
        """Which column of the scores and keys each cell is."""
        return {cell: place for place, cell in enumerate(self.cells)}

    @property
    def possible(self) -> int:
        """How many cells there would be with all combinations."""
        return math.prod(map(len, self.levels.values()))

    @property
    def balanced(self) -> bool:
        """Whether every combination has every replicate."""
        return len(self.cells) == self.possible and not self.scores.isna().any(axis=None)


def design(rows: pd.DataFrame, question: Question) -> Design | None:
    """The factorial design in the comparison of one model and data set; None where there is none.

    At least two factors that every point names vary, apart from those that follow from others, and at least 80% of the
    combinations of their values, of which there are at most 500, have finished trials. Where something is tuned, a cell
    is the setting chosen for it. Scores are on test where there is any test score, as in the comparison.
    """
    points = points_of(question)
    everywhere = [name for name in question.factor_names if all(name in point for point in points)]
    if len(everywhere) < 2 or rows.empty:
        return None
    trials, table = grouped(rows, question)
    split = "" if table.empty else str(table["split"].iloc[0])
    score = metric_column(question.metric, split)
    chosen = trials[trials["row"].isin(table.index[table["chosen"]])] if len(table) else trials
    chosen = chosen[chosen[score].notna()]
    names = [column_of(name) for name in everywhere if column_of(name) in chosen]
    names = [name for name in names if chosen[name].nunique() > 1 and chosen[name].notna().all()]
    factors, _ = untied(chosen, names)
    if len(factors) < 2:
        return None
    levels = {name: _levels(chosen[name], _baseline(name, question)) for name in factors}
    if math.prod(map(len, levels.values())) > MOST:
        return None
    index = ["fold", "seed"] if in_folds(chosen) else ["seed"]
    cells = pd.Series(list(chosen[list(factors)].itertuples(index=False, name=None)), index=chosen.index)
    if _several(chosen, cells, index):
        return None
    scores, keys = (_wide(chosen, cells, index, column) for column in (score, "key"))
    found = Design(levels, scores, keys, chosen, score, split)
    return found if len(found.cells) >= NEARLY_ALL * found.possible else None


def _wide(chosen: pd.DataFrame, cells: pd.Series, index: list[str], column: str) -> pd.DataFrame:
    """A column of the trials with a row per replicate and a column per cell, in the order of the trials."""
    codes, names = pd.factorize(cells)
    # as objects: pandas keeps a block for each column of strings, which is slow where they are many
    kept = chosen[column].astype(object) if column == "key" else chosen[column]
    wide = chosen.assign(cell=codes, kept=kept).set_index([*index, "cell"])["kept"].unstack("cell")
    return wide.sort_index().set_axis(pd.Index(list(names), tupleize_cols=False), axis=1)


def combined(found: Design, weights: Mapping[Cell, float]) -> pd.Series:
    """For every replicate that has all of these cells, the sum of their scores times their weights."""
    place = [found.places[cell] for cell in weights]
    scores = found.scores.iloc[:, place].dropna()
    return pd.Series(scores.to_numpy(dtype=float) @ np.array(list(weights.values())), index=scores.index)


def estimated(found: Design, values: pd.Series) -> tuple[Estimate, float, float]:
    """The mean of replicates' values with its 95% interval, p that it is zero, and the smallest p there could be.

    Over seeds by the t-interval and the exact sign-flip test; over folds, each the mean of its seeds, by the corrected
    resampled t-test (see ``replicates``).
    """
    if not in_folds(found.trials):
        return mean_interval(values), sign_flip_p(values), smallest_p(len(values))
    means = values.groupby(level="fold").mean()
    texts = "test_texts" if found.score.startswith("test_") else "validation_texts"
    ratio = float(found.trials[texts].mean() / found.trials["train_texts"].mean())
    return fold_interval(means, ratio), fold_p(means, ratio), 0.0 if len(means) > 1 else float("nan")


def _several(chosen: pd.DataFrame, cells: pd.Series, index: list[str]) -> bool:
    """Whether a cell has two trials of one replicate: something else varies, and the factors are not the whole."""
    return bool(chosen.assign(cell=cells)[["cell", *index]].duplicated().any())


def _levels(column: pd.Series, first: Any) -> tuple[Any, ...]:
    values = list(dict.fromkeys(column))
    numeric = pd.api.types.is_numeric_dtype(column)
    ordered = sorted(values) if numeric else values
    return tuple(sorted(ordered, key=lambda value: value != first))


def _baseline(name: str, question: Question) -> Any:
    return question.baseline.get(name.removeprefix("setting."))
