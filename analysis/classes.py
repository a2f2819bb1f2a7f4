"""What happened class by class: confusion counts and per-class scores as tidy frames."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from analysis.folder import Study
from study.record import Record

CELLS = ("key", "split", "true", "predicted", "count")
SCORES = ("precision", "recall", "f1", "support")


def cells_of(study: Study, frame: pd.DataFrame) -> pd.DataFrame:
    """The trials of a frame with their confusion counts: one row per trial, split, true and predicted class."""
    labels = {fingerprint: arm.labels for arm in study.arms for fingerprint in arm.fingerprints}
    rows = [
        (key, split, true, predicted, number)
        for key in frame["key"]
        for split, scores in study.records[key].metrics.items()
        for true, predicted, number in _cells(study.records[key], scores, labels)
    ]
    return frame.merge(pd.DataFrame(rows, columns=list(CELLS)), on="key")


def per_class(study: Study, keys: list[str], split: str) -> pd.DataFrame:
    """Precision, recall, F1 and support of every class, averaged over the trials of these keys.

    In folds they are those of the confusion counts added up over all the trials, as a fold may have few texts of a
    class; support is added up over the folds.
    """
    records = [study.records[key] for key in keys]
    folds = {record.data.fingerprint for record in records if record.data.fingerprint in study.folds}
    if folds:
        return _pooled(study, records, split, len(records) / len(folds))
    rows = [
        {"class": name, **{score: scores.get(score) for score in SCORES}}
        for record in records
        for name, scores in record.metrics.get(split, {}).get("per_class", {}).items()
    ]
    frame = pd.DataFrame(rows, columns=["class", *SCORES]).astype(dict.fromkeys(SCORES, "float64"))
    return frame.groupby("class", sort=False).mean().reset_index()


def _pooled(study: Study, records: Sequence[Record], split: str, seeds: float) -> pd.DataFrame:
    """The scores of every class by the counts of all trials together; a score without a text or prediction is 0."""
    labels = {fingerprint: arm.labels for arm in study.arms for fingerprint in arm.fingerprints}
    cells = [cell for record in records for cell in _cells(record, record.metrics.get(split, {}), labels)]
    counts = pd.DataFrame(cells, columns=["true", "predicted", "count"])
    if counts.empty:
        return pd.DataFrame(columns=["class", *SCORES])
    matrix = counts.groupby(["true", "predicted"], sort=False)["count"].sum().unstack()
    names = list(dict.fromkeys(counts["true"]))
    matrix = matrix.loc[names, names].astype("float64")
    right, true, predicted = np.diag(matrix), matrix.sum(axis=1).to_numpy(), matrix.sum(axis=0).to_numpy()
    scores = {
        "precision": right / np.maximum(predicted, 1),
        "recall": right / np.maximum(true, 1),
        "f1": 2 * right / np.maximum(true + predicted, 1),
        "support": true / seeds,
    }
    return pd.DataFrame({"class": names, **scores})


def _cells(
    record: Record, scores: Mapping[str, Any], labels: Mapping[str, tuple[str, ...]]
) -> list[tuple[str, str, int]]:
    matrix = scores.get("confusion") or []
    names = labels.get(record.data.fingerprint) or tuple(scores.get("per_class", {}))
    if len(names) != len(matrix):
        names = tuple(str(i) for i in range(len(matrix)))
    return [(names[i], names[j], number) for i, counts in enumerate(matrix) for j, number in enumerate(counts)]
