"""A synthetic study in folds: places, trials and texts of its own for every fold."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from study.record import Record
from tests.analysis.conftest import TEXTS, Place, place, trial

RATE = {1: 1e-4, 2: 1e-4, 3: 5e-4, 4: 1e-4, 5: 5e-4}
"""The learning rate that each fold's tuning chose."""

Skill = Callable[[int, int, int], float]


def fold_places(count: int = 5, whole: str = "w" * 16, train: int = 240, name: str = "reviews") -> list[Place]:
    """The folds of one data set, 60 texts tested in each."""
    return [_fold(place(data=f"{name}[fold {n}/{count}]"), n, count, whole, train) for n in range(1, count + 1)]


def _fold(where: Place, number: int, count: int, whole: str, train: int) -> Place:
    classes = {"train": {"neg": train // 4, "pos": 3 * train // 4}, "test": {"neg": 30, "pos": 30}}
    again = {"split": "test", "also_in": "train", "texts": 2, "other_class": 1, "rows": [3, 4], "their_rows": [7, 8]}
    extra = {
        "fold": {"number": number, "of": count, "whole": whole},
        "sizes": {"train": train, "validation": TEXTS, "test": TEXTS},
        "checks": {"classes": {**classes, "validation": classes["test"]}, "duplicates": [again]},
        "notes": ["validation joined to train, then folded", f"fold {number} of {count} is test"],
    }
    return replace(where, data={**where.data, **extra})


def fold_trials(
    places: Iterable[Place], depths: Iterable[int] = (0, 3), seeds: Iterable[int] = (0, 1), skill: Skill | None = None
) -> list[Record]:
    """Finished comparison trials of every fold at the rate that its tuning chose."""
    depths, seeds = list(depths), list(seeds)
    found = []
    for where in places:
        number = where.data["fold"]["number"]
        for frozen in depths:
            for seed in seeds:
                good = skill(number, frozen, seed) if skill else 0.85 - 0.03 * frozen
                setting: dict[str, Any] = {"frozen_layers": frozen, "learning_rate": RATE[number]}
                found.append(trial(where, setting, seed, skill=good))
    return found


def texts_of(folder: Path, where: Place) -> Path:
    return folder / "data" / where.data["fingerprint"] / "texts.parquet"
