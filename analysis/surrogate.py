"""A random forest that predicts the score of a setting from those tried, and what it says of settings' domains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.frame import column_of
from study.question import Domain, Question

if TYPE_CHECKING:
    from sklearn.ensemble import RandomForestRegressor

FEWEST = 20
"""The fewest settings tried that a forest is fitted to."""

MOST = 1000
"""The most settings that a forest is fitted to; of more, so many are taken evenly."""

POOR = 0.5
"""Out-of-bag R² below which a forest is said to predict poorly."""

_TREES = 64
_PARTS = 16
_GRID = 4096
_DRAWN = 1024


@dataclass(frozen=True)
class Dimension:
    """A setting as the forest has it: ``values`` that are evenly likely, numbers (``log``) or categories."""

    name: str
    values: tuple[Any, ...]
    numeric: bool
    log: bool

    def encode(self, values: Sequence[Any]) -> np.ndarray:
        """The values as columns: a number, its logarithm, or one column per category."""
        if not self.numeric:
            words = np.array([str(value) for value in values])
            return np.column_stack([words == str(value) for value in self.values]).astype(float)
        numbers = np.asarray(values, dtype=float)
        return (np.log10(numbers) if self.log else numbers)[:, None]


@dataclass(frozen=True)
class Surrogate:
    """A forest over settings and its out-of-bag R²: the share of the scores' variance that it predicts unseen."""

    dimensions: tuple[Dimension, ...]
    forest: RandomForestRegressor
    r2: float

    def predict(self, columns: Mapping[str, Sequence[Any]]) -> np.ndarray:
        """The predicted scores of settings given as columns."""
        return np.asarray(self.forest.predict(np.hstack([d.encode(columns[d.name]) for d in self.dimensions])))


def dimensions(table: pd.DataFrame, names: Sequence[str], question: Question) -> tuple[Dimension, ...]:
    """The settings as dimensions; a tuned one over its domain, others over the values they have in the table.

    A continuous domain is cut into 16 parts of equal probability, logarithmically where it is so drawn, and stands for
    itself by their middles.
    """
    domains = {column_of(name): domain for name, domain in question.tuned.items()}
    return tuple(_dimension(name, table[name], domains.get(name)) for name in names)


def fitted(
    table: pd.DataFrame, dims: Sequence[Dimension], generator: np.random.Generator, trees: int | None = None
) -> Surrogate:
    """A forest (Breiman 2001) fitted to the column ``score``; its trees are grown fully, as in Hutter et al. (2014)."""
    from sklearn.ensemble import RandomForestRegressor

    if len(table) > MOST:
        table = table.iloc[np.linspace(0, len(table) - 1, MOST).astype(int)]
    seed = int(generator.integers(2**31))
    forest = RandomForestRegressor(n_estimators=trees or _TREES, oob_score=True, random_state=seed)
    forest.fit(np.hstack([d.encode(table[d.name].tolist()) for d in dims]), table["score"].to_numpy(dtype=float))
    return Surrogate(tuple(dims), forest, float(forest.oob_score_))


def main_effects(model: Surrogate, generator: np.random.Generator) -> np.ndarray:
    """For each dimension the share of the predictions' variance that it makes alone, 0 where there is no variance.

    The first-order terms of functional ANOVA (Hutter, Hoos and Leyton-Brown 2014) with every dimension drawn by itself
    and evenly over its values: over all combinations where they are at most 4,096, else over 1,024 of them. They are
    those of the forest's mean prediction, not means over its trees' own, which put what a tree has learnt of noise down
    to settings acting together.
    """
    sizes = [len(d.values) for d in model.dimensions]
    if np.prod(sizes, dtype=float) <= _GRID:
        at = np.stack([axis.ravel() for axis in np.meshgrid(*map(np.arange, sizes), indexing="ij")])
        every = _at(model, at)
        means = [
            np.array([every[places == value].mean() for value in range(size)])
            for places, size in zip(at, sizes, strict=True)
        ]
    else:
        # every value equally often, as in a Latin hypercube, so that the sample has the marginals of the whole
        at = np.stack([generator.permutation(np.arange(_DRAWN) % size) for size in sizes])
        moved = [_moved(at, i, value) for i, size in enumerate(sizes) for value in range(size)]
        every, *each = np.split(_at(model, np.hstack([at, *moved])), len(moved) + 1)
        means = np.split(np.mean(each, axis=1), np.cumsum(sizes)[:-1])
    whole = float(every.var())
    # rounding gives equal predictions a variance of its own
    flat = whole <= 1e-18 * max(1.0, float(np.square(every).mean()))
    return np.zeros(len(sizes)) if flat else np.array([float(np.var(one)) for one in means]) / whole


def _moved(at: np.ndarray, dimension: int, value: int) -> np.ndarray:
    """The same places but for one dimension, which is at one value throughout."""
    return np.where(np.arange(len(at))[:, None] == dimension, value, at)


def _at(model: Surrogate, at: np.ndarray) -> np.ndarray:
    columns = [d.encode(d.values)[places] for d, places in zip(model.dimensions, at, strict=True)]
    return np.asarray(model.forest.predict(np.hstack(columns)))


def _dimension(name: str, column: pd.Series, domain: Domain | None) -> Dimension:
    numeric = pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
    if domain is None:
        values = sorted(column.unique(), key=None if numeric else str)
        return Dimension(name, tuple(values), numeric, False)
    log = domain.kind == "loguniform"
    if not domain.continuous and domain.values is not None and len(domain.values) <= _PARTS:
        return Dimension(name, tuple(domain.values), numeric, False)
    low, high = (float(end) for end in domain.ends[:2])
    middles = (np.arange(_PARTS) + 0.5) / _PARTS
    places = np.exp(np.log(low) + middles * (np.log(high) - np.log(low))) if log else low + middles * (high - low)
    return Dimension(name, tuple(map(float, places)), True, log)
