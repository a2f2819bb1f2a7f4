"""Points are found at once as they are one by one."""

from __future__ import annotations

import pandas as pd

from analysis.arms import matches
from analysis.points import point_numbers, points_without
from study.question import Setting

ROWS = pd.DataFrame(
    {
        "frozen_layers": [0, 3, 3, 6, 0, 2],
        "lora.rank": [None, 8.0, None, 8.0, 16.0, None],
        "pooling": pd.array(["cls", "mean", "cls", None, "mean", "max"], dtype="str"),
        "bitfit": pd.array([True, False, None, True, None, False], dtype="boolean"),
        "setting.seed": [1, 2, 1, 2, 1, 2],
    },
    index=[5, 3, 9, 1, 0, 7],
)
POINTS: list[Setting] = [
    {"frozen_layers": 3, "pooling": "mean"},
    {"pooling": "cls"},
    {"frozen_layers": 3},
    {"lora.rank": 8},
    {"bitfit": True},
    {"pooling": "cls", "frozen_layers": 0},
    {"seed": 2},
    {"no such setting": 1},
    {"frozen_layers": 99},
]


def test_the_first_point_that_a_row_is_at() -> None:
    for points in (POINTS, POINTS[::-1], POINTS[3:], []):
        told = pd.Series(len(points), index=ROWS.index)
        for number, point in reversed(list(enumerate(points))):
            told[matches(ROWS, point)] = number
        assert point_numbers(ROWS, points).tolist() == told.tolist()


def test_points_that_no_row_is_at() -> None:
    assert points_without(ROWS, POINTS) == [point for point in POINTS if not matches(ROWS, point).any()]
    assert points_without(ROWS, POINTS) == [{"no such setting": 1}, {"frozen_layers": 99}]
    assert points_without(ROWS.iloc[:0], POINTS) == POINTS
