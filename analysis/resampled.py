"""Scores of trials on texts drawn anew from those they were scored on, from their predictions."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from analysis.folder import Arm, Study
from analysis.metrics import METRIC_NAMES
from analysis.stats.crossed import text_weights
from analysis.weighted import weighted_means, weighted_scores

DRAWS = 2000

MOST = 5000
"""The most trials whose draws are kept: 80 MB for each split."""


@dataclass(frozen=True)
class Resampled:
    """Scores by ``metric`` of every trial of a comparison on draws of the texts, the same draws for all trials.

    ``scores`` has an array of one score per draw by (key, split), ``texts`` how many texts a split has. A split is
    there only if every trial has predictions of the same texts of it.
    """

    metric: str
    scores: dict[tuple[str, str], np.ndarray] = field(repr=False)
    texts: dict[str, int]

    def split(self, column: str) -> str | None:
        """The split that a column of the frame is a score on, "test" for ``test_f1``; None where it has no draws."""
        name = {self.metric: "validation", f"test_{self.metric}": "test"}.get(column)
        return name if name in self.texts else None

    def draws(self, keys: Sequence[str], split: str) -> np.ndarray:
        """The scores of these trials on every draw of a split's texts, (trials, draws)."""
        return np.array([self.scores[key, split] for key in keys])

    def covers(self, keys: Sequence[str], split: str) -> bool:
        """Whether all of these trials have draws of a split."""
        return all((key, split) in self.scores for key in keys)


@dataclass(frozen=True)
class _Predicted:
    """What a trial predicted on a split's texts: their rows and labels, and the class or the loss of each."""

    rows: np.ndarray
    labels: np.ndarray
    values: np.ndarray
    classes: int


def resample(study: Study, arm: Arm, keys: Sequence[str], metric: str) -> Resampled | None:
    """Scores of an arm's trials on texts drawn anew; None where their predictions do not give them.

    That is: in folds, which have a way of their own; for a metric that is not one of classification; for more than
    ``MOST`` trials; and where for no split every trial has predictions of the same texts. The draws depend on nothing
    but the data's fingerprint and the split. A cross-entropy is from probabilities as they are stored, in float32.
    """
    if arm.of or metric not in METRIC_NAMES or not 0 < len(keys) <= MOST:
        return None
    found = _predicted(study, keys, metric)
    scores: dict[tuple[str, str], np.ndarray] = {}
    texts: dict[str, int] = {}
    for split, every in found.items():
        if len(every) < len(keys) or not _alike(every):
            continue
        labels, classes = every[0].labels, every[0].classes
        values = np.array([one.values for one in every])
        mark = hashlib.sha256(f"{arm.fingerprints[0]} {split}".encode()).digest()
        drawn = [
            weighted_means(weights, values)
            if metric == "loss"
            else weighted_scores(weights, labels, values, classes, metric)
            for weights in text_weights(len(labels), DRAWS, np.random.default_rng(int.from_bytes(mark[:8], "big")))
        ]
        scores |= {(key, split): row for key, row in zip(keys, np.concatenate(drawn, axis=1), strict=True)}
        texts[split] = len(labels)
    return Resampled(metric, scores, texts) if texts else None


def _predicted(study: Study, keys: Sequence[str], metric: str) -> dict[str, list[_Predicted]]:
    """What the trials predicted, by split; one without predictions of a split is not in its list."""
    found: dict[str, list[_Predicted]] = {"validation": [], "test": []}
    for key in keys:
        table = study.predictions(key)
        if table is None:
            return {}
        for split, every in found.items():
            rows = table[table["split"] == split]
            if len(rows) > 1:
                every.append(_one(rows.sort_values("row", kind="stable"), metric))
    return found


def _one(rows: pd.DataFrame, metric: str) -> _Predicted:
    probabilities = [name for name in rows.columns if name.startswith("p_")]
    labels = rows["label"].to_numpy()
    if metric == "loss":
        given = rows[probabilities].to_numpy()[np.arange(len(rows)), labels]
        with np.errstate(divide="ignore"):
            values = -np.log(given.astype(np.float64))
    else:
        values = rows["predicted"].to_numpy().astype(np.uint8 if len(probabilities) <= 256 else np.int32)
    return _Predicted(rows["row"].to_numpy(), labels, values, len(probabilities))


def _alike(every: Sequence[_Predicted]) -> bool:
    """Whether all are of the same texts, and none gave a text's true class a probability of zero."""
    first = every[0]
    return all(
        one.classes == first.classes
        and np.array_equal(one.rows, first.rows)
        and np.array_equal(one.labels, first.labels)
        and bool(np.isfinite(one.values).all())
        for one in every
    )
