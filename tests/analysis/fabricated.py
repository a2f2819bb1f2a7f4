"""Frames of trials that nobody ran, with the scores they are given: truth is known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from analysis.frame import IDENTITY, NUMBERS, STRINGS, column_of

Row = Mapping[str, Any]


def row(setting: Row, score: float | None, seed: int = 0, phase: str = "compare", **more: Any) -> dict[str, Any]:
    """One trial: its setting, validation score, seed and phase, and whatever else a column should have."""
    return {"setting": dict(setting), "f1": score, "seed": seed, "phase": phase, **more}


def frame_of_rows(name: str, rows: Iterable[dict[str, Any]]) -> pd.DataFrame:
    """A frame as ``load_frame`` gives it, of the question of this name; finished trials of one model and data set."""
    every = []
    for number, given in enumerate(rows):
        setting = {column_of(key): value for key, value in given["setting"].items()}
        rest = {key: value for key, value in given.items() if key != "setting"}
        every.append({"key": f"{number:06d}", "question": name, "status": "finished", **setting, **rest})
    frame = pd.DataFrame(every)
    for column, value in {
        "model": "m",
        "data": "d",
        "train_texts": 400,
        "validation_texts": 100,
        "profile": "cpu",
    }.items():
        frame[column] = frame.get(column, value)
    for column in (*NUMBERS, *IDENTITY, *STRINGS):
        if column not in frame:
            frame[column] = float("nan") if column in NUMBERS else None
    for column in ("fold", "folds"):
        frame[column] = pd.array(frame[column] if column in frame else [None] * len(frame), dtype="Int64")
    frame["degenerate"] = pd.array([False] * len(frame), dtype="boolean")
    return frame.astype(dict.fromkeys(NUMBERS, "float64"))
