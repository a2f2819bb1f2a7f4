"""How many rows each class has, and what to say where the classes are far from equal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

_FAR = 2  # times as many rows


def count_classes(ids: Mapping[str, np.ndarray], labels: Sequence[str]) -> dict[str, dict[str, int]]:
    """Rows by split and class name, classes in the order of their ids."""
    counts = {split: np.bincount(found, minlength=len(labels)).tolist() for split, found in ids.items()}
    return {split: dict(zip(labels, rows, strict=True)) for split, rows in counts.items()}


def balance_notes(train: Mapping[str, int]) -> list[str]:
    """One sentence where the largest class of train has more than twice the rows of the smallest."""
    total = sum(train.values())
    largest, smallest = max(train, key=train.__getitem__), min(train, key=train.__getitem__)
    if train[largest] <= _FAR * train[smallest]:
        return []
    return [
        f"train is imbalanced: {100 * train[largest] / total:.1f} % of its rows are {largest!r}, "
        f"{100 * train[smallest] / total:.1f} % {smallest!r}; --set class_weights=balanced weighs them equally"
    ]
