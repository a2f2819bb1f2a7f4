"""What trials predicted, one trial at a time: only counts per text are kept, so that many trials fit in memory."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from analysis.folder import Study

SURE = 0.9
"""From this probability on a prediction is called sure."""


@dataclass(frozen=True)
class Predicted:
    """One trial's predictions of a split, in the order of the rows.

    ``label`` and ``predicted`` are places in the list of classes; ``sure`` is the probability of the class predicted,
    ``true`` of the true one, NaN where probabilities were not kept.
    """

    key: str
    data: str
    rows: np.ndarray
    label: np.ndarray
    predicted: np.ndarray
    sure: np.ndarray
    true: np.ndarray

    @property
    def right(self) -> np.ndarray:
        """Whether each text was predicted as it is."""
        return self.label == self.predicted


@dataclass
class Counts:
    """Predictions of one data set's texts, added up trial by trial.

    ``votes`` says how many trials predicted each class, texts x classes; ``weights`` the sum of the probabilities they
    gave it; ``true`` the sum of those of the true class. ``right`` has, where it is kept, a bit per text by seed.
    """

    rows: np.ndarray
    label: np.ndarray
    trials: int = 0
    votes: np.ndarray = field(default_factory=lambda: np.zeros((0, 0), dtype=np.int32))
    weights: np.ndarray = field(default_factory=lambda: np.zeros((0, 0), dtype=np.float32))
    true: np.ndarray = field(default_factory=lambda: np.zeros(0))
    right: dict[int, np.ndarray] = field(default_factory=dict)

    def takes(self, one: Predicted) -> bool:
        """Whether a trial predicted these very texts."""
        return np.array_equal(self.rows, one.rows) and np.array_equal(self.label, one.label)

    def add(self, one: Predicted, classes: int, seed: int | None = None) -> None:
        """Count a trial in; given its seed, keep which texts it had right."""
        self.votes, self.weights = (_wide(array, len(self.rows), classes) for array in (self.votes, self.weights))
        at = np.arange(len(self.rows))
        self.votes[at, one.predicted] += 1
        self.weights[at, one.predicted] += np.nan_to_num(one.sure)
        self.true = one.true if self.trials == 0 else self.true + one.true
        self.trials += 1
        if seed is not None:
            self.right[seed] = np.packbits(one.right)

    @property
    def wrong(self) -> np.ndarray:
        """How many trials had each text wrong."""
        return self.trials - self.votes[np.arange(len(self.rows)), self.label]

    @property
    def majority(self) -> np.ndarray:
        """The class that most trials predicted; of equals the one with the higher probabilities, then the first."""
        # the probabilities of v votes add up to v at most, so that they decide between equals alone
        return np.asarray((self.votes + self.weights / (self.trials + 1)).argmax(axis=1))

    def right_of(self, seed: int) -> np.ndarray:
        """Which texts the trial of a seed had right."""
        return np.unpackbits(self.right[seed], count=len(self.rows)).astype(bool)


def read(study: Study, key: str, split: str, classes: dict[str, int]) -> Predicted | None:
    """A trial's predictions of a split; None where they were not kept, or are numbers and not classes.

    ``classes`` maps a class to its place; those it does not know yet are added.
    """
    table = study.predictions(key)
    if table is None or not {"row", "label", "predicted"} <= set(table.columns):
        return None
    mine = table[table["split"] == split].sort_values("row", kind="stable")
    if mine.empty or any(pd.api.types.is_float_dtype(mine[name]) for name in ("label", "predicted")):
        return None
    label, predicted = (_places(mine[name], classes) for name in ("label", "predicted"))
    given = np.full((len(mine), len(classes)), np.nan, dtype=np.float32)
    for name, place in classes.items():
        if f"p_{name}" in mine:
            given[:, place] = mine[f"p_{name}"]
    at = np.arange(len(mine))
    rows = mine["row"].to_numpy()
    data = study.records[key].data.fingerprint
    return Predicted(key, data, rows, label, predicted, given[at, predicted], given[at, label].astype(float))


def _places(column: pd.Series, classes: dict[str, int]) -> np.ndarray:
    """The places of a column's classes, whether they were stored by name or by number."""
    if not pd.api.types.is_integer_dtype(column):
        codes, names = pd.factorize(column.astype(str))
        return np.array([classes.setdefault(str(name), len(classes)) for name in names], dtype=np.int64)[codes]
    for number in range(len(classes), int(column.max()) + 1):
        classes[str(number)] = number
    return column.to_numpy(dtype=np.int64)


def _wide(array: np.ndarray, texts: int, classes: int) -> np.ndarray:
    """The array with a column for every class there is by now."""
    if array.shape == (texts, classes):
        return array
    wide = np.zeros((texts, classes), dtype=array.dtype)
    wide[: array.shape[0], : array.shape[1]] = array
    return wide
