"""Tables and figures of whatever is at hand: a folder, a study, its frame, or some of the frame's rows."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from analysis import comparison, conclusion, figure, load_frame, load_trials, open_studies, read_study, section
from study.errors import InputError
from tests.analysis.sources.conftest import grid, table

__all__ = ["table"]

SAID = {"settings": ("depth", "lr"), "seed": "seed", "metric": "eval_f1", "test_metric": "test_f1"}


def test_a_frame_answers_as_its_study(whole: Path) -> None:
    frame, study = load_frame(whole), read_study(whole)
    pd.testing.assert_frame_equal(comparison(frame), comparison(study))
    assert conclusion(frame) == conclusion(whole)
    assert section(frame, "tuning") == section(study, "tuning")
    for view in ("strip", "confusion", "scatter"):
        assert len(figure(frame, view).axes) == len(figure(study, view).axes)


def test_a_foreign_frame_has_every_view(table: Callable[..., Path]) -> None:
    path = table("trials.csv", grid())
    frame = load_trials(path, **SAID)
    pd.testing.assert_frame_equal(comparison(frame), comparison(open_studies([path], **SAID)))
    assert figure(frame, "strip").axes
    assert section(frame, "comparison")
    with pytest.raises(InputError, match="has nothing to show"):
        figure(frame, "curves")


def test_of_some_rows_these_alone_are_compared(whole: Path) -> None:
    frame = load_frame(whole)
    some = frame[frame["frozen_layers"] < 2].copy()
    assert len(comparison(some)) < len(comparison(frame))
    assert set(comparison(some.sort_values("seed"))["frozen_layers"]) == {0, 1}


def test_a_frame_that_does_not_know_its_study_says_what_to_give(whole: Path, tmp_path: Path) -> None:
    frame = load_frame(whole)
    frame.to_parquet(tmp_path / "frame.parquet")
    both = pd.concat([frame, load_frame(whole)])
    for lost in (pd.read_parquet(tmp_path / "frame.parquet"), both, pickle.loads(pickle.dumps(frame))):
        with pytest.raises(InputError, match=r"open_studies\(\[TABLE\]"):
            comparison(lost)
