"""Metrics in words."""

from __future__ import annotations

from collections.abc import Sequence

METRIC_NAMES = {"accuracy": "accuracy", "precision": "precision", "recall": "recall"}
METRIC_NAMES |= {"f1": "F1", "mcc": "MCC", "loss": "cross-entropy (nats)"}


def metric_name(metric: str, labels: Sequence[str] = ()) -> str:
    """The metric with what it is a mean over: F1, precision and recall are the second class's where there are two."""
    name = METRIC_NAMES.get(metric, metric)
    if metric not in ("precision", "recall", "f1") or not labels:
        return name
    return f"{name} of class {labels[1]}" if len(labels) == 2 else f"macro {name}"
