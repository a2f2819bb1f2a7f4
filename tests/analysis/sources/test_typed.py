"""Values as they were meant."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.sources.statuses import ended, knows
from analysis.sources.typed import numbers, typed
from study.record import TERMINAL


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        (["0.1", "1e-4", " 5 "], [0.1, 1e-4, 5]),
        (["8", "16"], [8, 16]),
        (["True", "false"], [True, False]),
        ([True, None, False], [True, None, False]),
        (["adam", "0.1"], ["adam", "0.1"]),
        (["007", "8"], ["007", "8"]),
        (["1_000", "2"], ["1_000", "2"]),
        ([0.1, "auto", None], ["0.1", "auto", None]),
        ([True, 2], ["True", "2"]),
        ([1.0, float("nan")], [1.0, None]),
        ([np.float32(0.5), np.int64(2)], [0.5, 2]),
        ([[1, 2], [3]], ["[1, 2]", "[3]"]),
        ([{"b": 1, "a": 2}], ['{"a": 2, "b": 1}']),
        (["", "  ", "a"], [None, None, "a"]),
        ([pd.Timestamp("2026-01-01"), pd.NaT], ["2026-01-01 00:00:00", None]),
        (["-3", "+4"], [-3, 4]),
    ],
)
def test_a_column_is_of_one_kind(given: list[Any], meant: list[Any]) -> None:
    found = typed(pd.Series(given, dtype=object))
    assert found == meant
    assert [type(value) for value in found] == [type(value) for value in meant]


def test_numbers_are_finite_or_missing() -> None:
    found, wrong = numbers(pd.Series(["0.5", "NaN", "inf", None, "1e-3"], dtype=object))
    assert (found, wrong) == ([0.5, None, None, None, 1e-3], None)
    assert all(value is None or math.isfinite(value) for value in found)
    assert numbers(pd.Series(["0.5", "high"], dtype=object)) == ([], "high")


def test_ends_are_those_of_a_record() -> None:
    words = {"COMPLETE": "finished", "PRUNED": "stopped", "FAIL": "failed", "TERMINATED": "finished", "ERROR": "failed",
             "crashed": "failed", "killed": "failed", "Out of memory": "out_of_memory"}  # fmt: skip
    assert {word: ended(word) for word in words} == words
    assert {status: ended(status) for status in TERMINAL} == {status: status for status in TERMINAL}
    assert [ended(word) for word in ("RUNNING", "WAITING", "Pending", "paused")] == [None] * 4
    assert not knows("splendid")
    with pytest.raises(KeyError):
        ended("splendid")
