"""Variance: how much of the scores' variation each factor of a design, each pair of them and the seeds make."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
import pandas as pd

from analysis.design import Design

Source = tuple[str, ...]
COLUMNS = ("source", "share", "df", "by_chance")


def variance_shares(found: Design) -> pd.DataFrame:
    """One row per source: its share of the scores' sum of squares, its degrees of freedom, and the share that as many
    would have on average if nothing but noise were there.

    Sources are tuples: a factor, a pair of factors, ("replicate",) and, as what is left, ("rest",): noise and what
    three or more factors do together. Sums of squares are of type II: a source's is what it explains beyond all that
    do not contain it. In a balanced design they add up to the whole; in another they need not. Empty where no trial is
    left over to tell noise from effects, or all scores are equal.
    """
    cells, scores = _long(found)
    model = _Model(_terms(found, cells), scores)
    names = list(model.columns)
    everything = float(((scores - scores.mean()) ** 2).sum())
    full, rank = model.left(names)
    left = len(scores) - rank
    if everything <= 1e-18 * len(scores) or left < 1:
        return pd.DataFrame(columns=list(COLUMNS))
    rows = []
    for source in names:
        others = [name for name in names if name != source and not set(source) < set(name)]
        without, smaller = model.left(others)
        beyond, larger = model.left([*others, source])
        rows.append((source, (without - beyond) / everything, larger - smaller))
    rows.append((("rest",), full / everything, left))
    table = pd.DataFrame(rows, columns=["source", "share", "df"])
    return table.assign(share=table["share"].clip(lower=0.0), by_chance=table["df"] / (len(scores) - 1))


class _Model:
    """Linear models of scores by their sources, from one matrix of products: there are as many models as sources."""

    def __init__(self, blocks: Mapping[Source, np.ndarray], scores: np.ndarray):
        ends = np.cumsum([1, *(block.shape[1] for block in blocks.values())])
        self.columns = {name: range(*span) for name, span in zip(blocks, pairwise(ends), strict=True)}
        design = np.hstack([np.ones((len(scores), 1)), *blocks.values()])
        centred = scores - scores.mean()
        self._squares, self._products, self._whole = design.T @ design, design.T @ centred, float(centred @ centred)

    def left(self, names: Sequence[Source]) -> tuple[float, int]:
        """The sum of squares that the model of these sources leaves, and the model's rank."""
        used = [0, *(column for name in names for column in self.columns[name])]
        squares, products = self._squares[np.ix_(used, used)], self._products[used]
        values, vectors = np.linalg.eigh(squares)
        kept = values > 1e-9 * values[-1]
        explained = float(((vectors.T @ products)[kept] ** 2 / values[kept]).sum())
        return max(0.0, self._whole - explained), int(kept.sum())


def _long(found: Design) -> tuple[pd.DataFrame, np.ndarray]:
    """The cells' levels and replicate of every score that is there, and the scores."""
    at = [(row, column) for row, column in itertools.product(*map(range, found.scores.shape))]
    values = found.scores.to_numpy(dtype=float)
    known = [(row, column) for row, column in at if not np.isnan(values[row, column])]
    table = pd.DataFrame([found.cells[column] for _, column in known], columns=list(found.factors), dtype=object)
    table["replicate"] = [row for row, _ in known]
    return table, np.array([values[place] for place in known])


def _terms(found: Design, cells: pd.DataFrame) -> dict[Source, np.ndarray]:
    """The columns of each source in the linear model."""
    single: dict[Source, np.ndarray] = {(name,): _dummies(cells[name]) for name in found.factors}
    pairs: dict[Source, np.ndarray] = {
        (one, other): _products(single[one,], single[other,]) for one, other in itertools.combinations(found.factors, 2)
    }
    return {**single, **pairs, ("replicate",): _dummies(cells["replicate"])}


def _dummies(column: pd.Series) -> np.ndarray:
    values = list(dict.fromkeys(column))
    return np.column_stack([(column == value).to_numpy(dtype=float) for value in values])


def _products(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return np.einsum("ni,nj->nij", one, other).reshape(len(one), -1)
