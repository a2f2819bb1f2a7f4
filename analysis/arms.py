"""Which trials belong to which arm of a study."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from analysis.folder import Arm, points_of
from analysis.frame import column_of
from analysis.points import point_numbers


def rows_of(arm: Arm, arms: Sequence[Arm], frame: pd.DataFrame) -> pd.DataFrame:
    """The rows of a frame that an arm asked for.

    A trial of a more closely specified arm (the same fixed settings and further ones) belongs to that arm alone.
    """
    mine = _asked(arm, frame)
    for other in arms:
        narrower = set(arm.question.fixed.items()) < set(other.question.fixed.items())
        if narrower and _place(other) == _place(arm):
            mine &= ~_asked(other, frame)
    return frame[mine]


def unasked(arms: Sequence[Arm], frame: pd.DataFrame) -> pd.DataFrame:
    """The rows of a frame that no arm asked for: points of an earlier form of the question, say."""
    asked = pd.Series(False, index=frame.index)
    for arm in arms:
        asked |= _asked(arm, frame)
    return frame[~asked]


def matches(frame: pd.DataFrame, point: Mapping[str, Any], *, missing: bool = False) -> pd.Series:
    """Which rows have every value of a point; ``missing`` says what a value that is not there counts as."""
    found = pd.Series(True, index=frame.index)
    for name, value in point.items():
        if column_of(name) not in frame:
            return found & missing
        column = frame[column_of(name)]
        equal = (column == value).astype("boolean").fillna(False).astype(bool)
        found &= equal | (column.isna() & missing)
    return found


def _asked(arm: Arm, frame: pd.DataFrame) -> pd.Series:
    question = arm.question
    rows = (
        (frame["question"] == question.name)
        & (frame["model_fingerprint"] == arm.model["fingerprint"])
        & frame["data_fingerprint"].isin(arm.fingerprints)
        & matches(frame, question.fixed, missing=True)
    )
    points = points_of(question)
    if not points:
        return rows
    at_point = matches(frame, question.baseline) if question.baseline else pd.Series(False, index=frame.index)
    return rows & (at_point | (point_numbers(frame, points) < len(points)))


def _place(arm: Arm) -> tuple[str, str, tuple[str, ...]]:
    return arm.question.name, arm.model["fingerprint"], arm.fingerprints
