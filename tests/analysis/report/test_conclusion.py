"""The conclusion says what the numbers say, and no more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.frame import RESERVED
from analysis.report.conclusion import conclude
from analysis.tables import compare
from study.question import Question
from tests.analysis.conftest import QUESTION


def frame_with(scores: Mapping[int, np.ndarray], **columns: Any) -> pd.DataFrame:
    """Finished comparison trials with these test scores by frozen layers; validation scores are the same."""
    rows = [
        {
            "frozen_layers": frozen,
            "learning_rate": 3e-5,
            "seed": seed,
            "f1": score,
            "test_f1": score,
            "key": f"{frozen}-{seed}",
        }
        for frozen, values in scores.items()
        for seed, score in enumerate(values)
    ]
    frame = pd.DataFrame(rows).assign(question="frozen_layers", phase="compare", status="finished", model="m", data="d")
    frame = frame.assign(degenerate=pd.array([False] * len(frame), dtype="boolean"), **columns)
    return frame.assign(**{name: np.nan for name in RESERVED if name not in frame})


def said(frame: pd.DataFrame, question: Question = QUESTION) -> str:
    return " ".join(conclude(compare(frame, question), question))


NOISE = np.array([0.0, 0.01, -0.01, 0.005, -0.005, 0.002, 0.003, -0.002])
WIGGLE = np.array([1, -1, 1, -1, 1, -1, 1, -1]) * 0.001


def depths(seeds: int, *levels: float) -> dict[int, np.ndarray]:
    """Scores by depth: the seeds' shared noise, and a little of each depth's own."""
    return {f: level + NOISE[:seeds] + np.roll(WIGGLE, f)[:seeds] * f for f, level in enumerate(levels)}


def test_three_seeds_are_never_called_significant() -> None:
    text = said(frame_with(depths(3, 0.8, 0.8, 0.5)))
    assert "the smallest p that a sign-flip test can reach is 0.25" in text
    assert "nothing here is called significant; 6 seeds are needed for one comparison, 7 for the 2 made here" in text
    assert "Significantly" not in text
    assert "on the worse side, for `frozen_layers` = 2 (−0." in text


def test_eight_seeds_can_be_significant_after_correction() -> None:
    text = said(frame_with(depths(8, 0.8, 0.8, 0.5)))
    assert "Significantly worse than the baseline at 0.05, after Holm's correction: `frozen_layers` = 2." in text
    assert "Significantly better" not in text
    assert "nothing here is called significant" not in text
    text = said(frame_with(depths(8, 0.6, 0.8, 0.3)))
    assert "Significantly worse than the baseline at 0.05, after Holm's correction: `frozen_layers` = 2." in text
    assert "Significantly better than the baseline at 0.05, after Holm's correction: `frozen_layers` = 1." in text


def test_how_far_one_can_freeze_and_what_is_not_ruled_out() -> None:
    frame = frame_with(depths(3, 0.8, 0.8, 0.8, 0.6))
    row = compare(frame, QUESTION).set_index("frozen_layers").loc[2]
    text = said(frame)
    assert "The largest `frozen_layers` whose interval still includes no loss is 2" in text
    assert f"A loss of {-row['difference_low']:.3f} is inside it too" in text


def test_a_loss_before_the_largest_is_told() -> None:
    assert "Smaller values already exclude it: 1." in said(frame_with(depths(3, 0.8, 0.6, 0.8)))


def test_depths_with_fewer_pairs_do_not_decide_how_far() -> None:
    scores = depths(3, 0.8, 0.8, 0.7)
    scores[2] = scores[2][:2]
    text = said(frame_with(scores))
    assert "still includes no loss is 1" in text
    assert "Not considered, for want of pairs: 2." in text


def test_for_a_loss_higher_is_worse() -> None:
    frame = frame_with(depths(3, 0.3, 0.6, 0.7))
    frame = frame.assign(loss=frame["f1"], test_loss=frame["test_f1"])
    text = said(frame, replace(QUESTION, metric="loss"))
    assert "This is the baseline itself" in text
    assert "on the worse side, for `frozen_layers` = 1" in text
    assert "Every other value of `frozen_layers` loses" in text


def test_the_best_is_chosen_on_validation_even_where_test_disagrees() -> None:
    frame = frame_with(depths(3, 0.8, 0.82, 0.81))
    frame["test_f1"] = np.where(frame["frozen_layers"] == 1, 0.5 + frame["seed"] / 100, frame["test_f1"])
    text = said(frame)
    assert text.startswith("Best on validation: `frozen_layers` = 1")
    assert "what validation selected did not hold on test" in text


def test_one_seed_has_no_interval_and_no_verdict() -> None:
    text = said(frame_with(depths(1, 0.8, 0.9)))
    assert "One seed gives no interval." in text
    assert "One pair says nothing about other seeds." in text
    assert "the smallest p that a sign-flip test can reach is 1," in text
    assert "excludes zero" not in text


def test_without_test_scores_or_a_baseline() -> None:
    frame = frame_with(depths(3, 0.8, 0.9)).assign(test_f1=np.nan)
    assert "There is no test score yet." in said(frame)
    text = said(frame[frame["frozen_layers"] == 1])
    assert "It cannot be compared with the baseline (`frozen_layers` = 0): they share no scored seed." in text
    without = replace(QUESTION, factors=({"frozen_layers": 1}, {"frozen_layers": 2}))
    text = said(frame[frame["frozen_layers"] == 1], without)
    assert "baseline (`frozen_layers` = 0): that is not among the values compared; add it to them." in text


def test_degenerate_trials_and_mixed_profiles_are_told() -> None:
    frame = frame_with(depths(3, 0.8, 0.9))
    frame["degenerate"] = pd.array([True, *[False] * 5], dtype="boolean")
    frame["profile"] = ["cpu"] * 5 + ["gpu"]
    text = said(frame)
    assert "1 of 6 compared trials predicted one class only" in text
    assert "mix execution profiles" in text


@pytest.mark.parametrize("column", ["f1", "key"])
def test_nothing_to_conclude(column: str) -> None:
    frame = frame_with(depths(3, 0.8)).assign(f1=np.nan)
    frame = frame if column == "f1" else frame.iloc[:0]
    assert said(frame) == "No finished comparison trial has a validation score yet, so there is nothing to compare."


def test_a_mean_is_over_the_seeds_that_have_a_score() -> None:
    scores = depths(5, 0.8, 0.7)
    scores[0][[1, 3]] = np.nan
    scores[1][[0, 2]] = np.nan
    frame = frame_with(scores)
    assert "mean validation F1 0.795 [0.783, 0.807] over 3 seeds; on test" in said(frame)
    fewer = frame.assign(f1=frame["f1"].fillna(0.8))
    assert "over 5 seeds; on test 0.795 [0.783, 0.807] (n = 3)" in said(fewer)
