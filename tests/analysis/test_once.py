"""What is asked for several times is worked out once, but only where nobody changes a frame in between."""

from __future__ import annotations

import pandas as pd

from analysis.once import once, once_each


def test_the_same_objects_are_worked_on_once_within_and_anew_without():
    calls = []

    def compute(frame: pd.DataFrame, by: str) -> int:
        calls.append(by)
        return int(frame["a"].sum())

    frame = pd.DataFrame({"a": [1, 2]})
    assert once(compute, frame, "x") == once(compute, frame, "x") == 3
    assert len(calls) == 2
    with once_each():
        with once_each():
            assert once(compute, frame, "x") == 3
        assert once(compute, frame, "x") == 3
        assert len(calls) == 3
        assert once(compute, frame.assign(a=5), "x") == 10
        assert once(compute, frame, "y") == 3
    assert len(calls) == 5
    frame["a"] = 7
    with once_each():
        assert once(compute, frame, "x") == 14
