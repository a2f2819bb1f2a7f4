"""Scores of predictions on texts that count more than once or not at all, as they do in a bootstrap draw."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array

_BLOCK = 64 * 2**20
"""Bytes of indicators that are in memory at once."""

_DENSE = 8
"""Up to so many classes a dense product is the faster one."""


def weighted_scores(
    weights: np.ndarray, labels: np.ndarray, predicted: np.ndarray, classes: int, metric: str
) -> np.ndarray:
    """A score of every trial under every draw's weights, (trials, draws).

    ``weights`` (draws, texts) say how often a text counts, ``labels`` (texts,) and ``predicted`` (trials, texts) are
    class numbers. ``metric`` is accuracy, precision, recall, f1 or mcc: the second class's where there are two, else
    the mean over classes; a ratio 0/0 counts as 0. Where every weight is 1 they are scikit-learn's.
    """
    every = np.ones((1, len(labels)), dtype=bool)
    true = _counts(weights, labels, labels[None], every, classes)
    size = max(1, _BLOCK // (4 * classes * len(labels)))
    parts = []
    for start in range(0, len(predicted), size):
        some = predicted[start : start + size]
        given = _counts(weights, labels, some, np.broadcast_to(every, some.shape), classes)
        parts.append(_score(true, given, _counts(weights, labels, some, some == labels, classes), metric))
    return np.concatenate(parts)


def weighted_means(weights: np.ndarray, values: np.ndarray) -> np.ndarray:
    """The mean of every trial's values (trials, texts) under every draw's weights, (trials, draws)."""
    weights = weights.astype(np.float64)
    return values @ weights.T / weights.sum(axis=1)


def _counts(weights: np.ndarray, labels: np.ndarray, given: np.ndarray, which: np.ndarray, classes: int) -> np.ndarray:
    """How much weight the texts of each class have, by ``given``, of those that ``which`` marks: (trials, classes,
    draws). Sums of whole numbers below 2^24 are exact in float32, in any order."""
    trial, text = np.nonzero(which)
    row = trial * classes + given[trial, text]
    shape = (len(given) * classes, len(labels))
    marks = csr_array((np.ones(len(row), dtype=weights.dtype), (row, text)), shape=shape)
    product = (marks.toarray() if classes <= _DENSE else marks) @ np.ascontiguousarray(weights.T)
    return product.reshape(len(given), classes, len(weights)).astype(np.float64)


def _score(true: np.ndarray, given: np.ndarray, right: np.ndarray, metric: str) -> np.ndarray:
    """The score from weights by class: of the class, predicted as it, and both."""
    whole = true.sum(axis=1)
    if metric == "accuracy":
        return right.sum(axis=1) / whole
    if metric == "mcc":
        shared = right.sum(axis=1) * whole - (given * true).sum(axis=1)
        spread = (whole**2 - (given**2).sum(axis=1)) * (whole**2 - (true**2).sum(axis=1))
        return _ratio(shared, np.sqrt(spread))
    below = {"precision": given, "recall": np.broadcast_to(true, given.shape), "f1": (given + true) / 2}[metric]
    each = _ratio(right, below)
    return each[:, 1] if each.shape[1] == 2 else each.mean(axis=1)


def _ratio(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    return np.divide(above, below, out=np.zeros_like(above), where=below != 0)
