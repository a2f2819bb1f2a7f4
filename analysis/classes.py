"""What happened class by class: confusion counts and per-class scores as tidy frames."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from analysis.folder import Study
from study.record import Record

CELLS = ("key", "split", "true", "predicted", "count")
SCORES = ("precision", "recall", "f1", "support")


def cells_of(study: Study, frame: pd.DataFrame) -> pd.DataFrame:
    """The trials of a frame with their confusion counts: one row per trial, split, true and predicted class."""
    labels = {arm.data["fingerprint"]: arm.labels for arm in study.arms}
    rows = [
        (key, split, true, predicted, number)
        for key in frame["key"]
        for split, scores in study.records[key].metrics.items()
        for true, predicted, number in _cells(study.records[key], scores, labels)
    ]
    return frame.merge(pd.DataFrame(rows, columns=list(CELLS)), on="key")


def per_class(study: Study, keys: list[str], split: str) -> pd.DataFrame:
    """Precision, recall, F1 and support of every class, averaged over the trials of these keys."""
    rows = [
        {"class": name, **{score: scores.get(score) for score in SCORES}}
        for key in keys
        for name, scores in study.records[key].metrics.get(split, {}).get("per_class", {}).items()
    ]
    frame = pd.DataFrame(rows, columns=["class", *SCORES]).astype(dict.fromkeys(SCORES, "float64"))
    return frame.groupby("class", sort=False).mean().reset_index()


def _cells(
    record: Record, scores: Mapping[str, Any], labels: Mapping[str, tuple[str, ...]]
) -> list[tuple[str, str, int]]:
    matrix = scores.get("confusion") or []
    names = labels.get(record.data.fingerprint) or tuple(scores.get("per_class", {}))
    if len(names) != len(matrix):
        names = tuple(str(i) for i in range(len(matrix)))
    return [(names[i], names[j], number) for i, counts in enumerate(matrix) for j, number in enumerate(counts)]
