"""The ablation path finds a known order, uses only what was run, and says what it predicted."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from analysis.path import ablation_path
from study.question import Question, choice, loguniform, uniform
from tests.analysis.fabricated import frame_of_rows, row

NAMES = ("a", "b", "c")
FACTORIAL = Question(
    name="factorial",
    asks="?",
    source="",
    factors=tuple(dict(zip(NAMES, p, strict=True)) for p in itertools.product((0, 1), repeat=3)),
    baseline=dict.fromkeys(NAMES, 0),
)
SEARCH = Question(
    name="search",
    asks="?",
    source="",
    tuned={"learning_rate": loguniform(1e-5, 1e-3), "batch_size": choice(8, 16, 32), "warmup_ratio": uniform(0.0, 0.2)},
    baseline={"learning_rate": 1e-5, "batch_size": 8, "warmup_ratio": 0.0},
    trials=100,
)


@pytest.fixture(autouse=True)
def small_forest(monkeypatch):
    monkeypatch.setattr("analysis.path._TREES", 96)


def generator() -> np.random.Generator:
    return np.random.default_rng(0)


def compared(truth, question=FACTORIAL, leave_out=()):
    points = [point for point in question.factors if tuple(point.values()) not in leave_out]
    rows = [
        row(p, truth(*p.values()) + s / 100, s, test_f1=truth(*p.values()), test_texts=9)
        for p in points
        for s in (0, 1)
    ]
    return frame_of_rows("factorial", rows)


def test_the_path_makes_the_change_that_gains_most_first():
    found = ablation_path(compared(lambda a, b, c: 0.5 + 0.01 * a + 0.1 * b + 0.04 * c), FACTORIAL, generator())
    assert found.steps["changed"].tolist() == ["", "b", "c", "a"]
    assert found.steps["gain"].tolist()[1:] == pytest.approx([0.1, 0.04, 0.01])
    assert found.steps["score"].tolist() == pytest.approx([0.505, 0.605, 0.645, 0.655])
    assert found.steps["test"].tolist() == pytest.approx([0.5, 0.6, 0.64, 0.65])
    assert found.steps["trials"].tolist() == [2, 2, 2, 2]
    assert (found.predicted, found.refused, found.skipped) == (False, "", 0)


def test_a_change_that_pays_only_after_another_comes_after_it():
    def truth(a, b, c):
        return 0.5 + 0.02 * b + 0.2 * a * b - 0.05 * a * (1 - b) + 0.01 * c

    found = ablation_path(compared(truth), FACTORIAL, generator())
    assert found.steps["changed"].tolist() == ["", "b", "a", "c"]


def test_of_equal_changes_the_first_named_is_made_first():
    found = ablation_path(compared(lambda a, b, c: 0.5 + 0.1 * (a + b + c)), FACTORIAL, generator())
    assert found.steps["changed"].tolist() == ["", "a", "b", "c"]


def test_less_is_better_where_it_is():
    frame = compared(lambda a, b, c: 0.5 + 0.01 * a + 0.1 * b + 0.04 * c)
    frame["loss"], frame["test_loss"] = 1 - frame["f1"], 1 - frame["test_f1"]
    found = ablation_path(frame, replace(FACTORIAL, metric="loss"), generator())
    assert found.steps["changed"].tolist() == ["", "b", "c", "a"]
    assert found.steps["gain"].tolist()[1:] == pytest.approx([0.1, 0.04, 0.01])


def test_a_way_round_what_was_not_run_is_taken_and_counted():
    frame = compared(lambda a, b, c: 0.5 + 0.01 * a + 0.1 * b + 0.04 * c, leave_out={(0, 1, 0)})
    found = ablation_path(frame, FACTORIAL, generator())
    assert found.steps["changed"].tolist() == ["", "c", "b", "a"]
    assert (found.predicted, found.skipped) == (False, 1)


def test_where_there_is_no_way_and_too_little_for_a_forest_it_is_refused():
    frame = compared(lambda a, b, c: 0.5 + 0.1 * b, leave_out={(1, 0, 0), (0, 1, 0), (0, 0, 1)})
    # a and c make no difference, so that the best is the first of those with b
    found = ablation_path(frame.assign(f1=frame["f1"] + 0.01 * (frame["a"] + frame["c"])), FACTORIAL, generator())
    assert (found.refused, found.steps.empty) == ("few", True)


@pytest.mark.parametrize(
    ("truth", "reason"),
    [(lambda a, b, c: 0.5 - 0.1 * (a + b + c), "best"), (lambda a, b, c: 0.5 + 0.1 * a - 0.1 * (b + c), "none")],
)
def test_there_is_no_path_where_less_than_two_changes_lead_to_the_best(truth, reason):
    assert ablation_path(compared(truth), FACTORIAL, generator()).refused == reason


def searched(truth, trials=100):
    candidates = SEARCH.candidates(trials)
    rows = [row(c, truth(**c), 1000, "tune") for c in candidates]
    best = max(candidates, key=lambda c: truth(**c))
    for setting in (best, SEARCH.baseline):
        rows += [row(setting, truth(**setting), s, test_f1=truth(**setting), test_texts=9) for s in (0, 1, 2)]
    return frame_of_rows("search", rows)


def truth(learning_rate, batch_size, warmup_ratio) -> float:
    return 0.5 + 0.1 * (np.log10(learning_rate) + 5) + 0.03 * (batch_size == 32) + 0.1 * warmup_ratio


def test_a_search_has_a_predicted_path_in_the_order_of_the_truth():
    found = ablation_path(searched(truth), SEARCH, generator())
    assert found.predicted
    assert found.steps["changed"].tolist() == ["", "learning_rate", "batch_size", "warmup_ratio"]
    assert found.steps["gain"].iloc[1] == pytest.approx(0.18, abs=0.05)
    assert found.steps["trials"].tolist() == [3, 0, 0, 3]
    assert found.steps["run"].notna().tolist() == [True, False, False, True]
    assert (found.settings, found.r2 > 0.8) == (101, True)


def test_a_predicted_path_is_the_same_each_time():
    frame = searched(truth)
    one, other = (ablation_path(frame, SEARCH, generator()).steps for _ in range(2))
    assert one.equals(other)


def test_too_few_trials_for_a_forest_are_refused():
    assert ablation_path(searched(truth, 12), SEARCH, generator()).refused == "few"


def test_a_grid_that_was_tuned_over_gives_a_path_of_runs():
    question = replace(
        SEARCH,
        tuned={"learning_rate": choice(1e-5, 1e-4), "batch_size": choice(8, 32), "warmup_ratio": choice(0.0, 0.1)},
    )
    rows = [row(c, truth(**c), 1000, "tune") for c in question.candidates(8)]
    best = {"learning_rate": 1e-4, "batch_size": 32, "warmup_ratio": 0.1}
    rows += [row(s, truth(**s) + 0.5, 0, test_f1=0.1, test_texts=9) for s in (question.baseline, best)]
    found = ablation_path(frame_of_rows("search", rows), question, generator())
    assert not found.predicted
    assert found.steps["score"].tolist() == pytest.approx([0.5, 0.6, 0.63, 0.64])


def test_folds_that_each_chose_have_no_single_best():
    rows = [
        row(setting, 0.5 + 0.1 * (setting is not SEARCH.baseline), 0, test_f1=0.5, test_texts=9, fold=fold, folds=2)
        for fold in (1, 2)
        for setting in (SEARCH.baseline, SEARCH.candidates(2)[fold - 1])
    ]
    assert ablation_path(frame_of_rows("search", rows), SEARCH, generator()).refused == "folds"
