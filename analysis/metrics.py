"""Metrics and splits in words."""

from __future__ import annotations

from collections.abc import Sequence

from analysis.language import known, say

METRIC_NAMES = {"accuracy": "accuracy", "precision": "precision", "recall": "recall"}
METRIC_NAMES |= {"f1": "F1", "mcc": "MCC", "loss": "cross-entropy (nats)"}
"""The metrics of this package in English; ``metric_name`` says them in the language spoken."""


def metric_name(metric: str, labels: Sequence[str] = ()) -> str:
    """The metric, with what it is a mean over where the classes are given; one that has no name here is its own.

    F1, precision and recall are the second class's where there are two, else means over the classes.
    """
    name = known(METRIC_NAMES[metric]) if metric in METRIC_NAMES else metric
    if metric not in ("precision", "recall", "f1") or not labels:
        return name
    if len(labels) == 2:
        return say("{metric} of class {label}", metric=name, label=labels[1])
    return say("macro {metric}", metric=name)


def split_name(split: str) -> str:
    """A split in a word that can stand in a table or before "split"; one of another name is its own."""
    return {"train": say("train"), "validation": say("validation"), "test": say("test")}.get(split, split)
