"""What is not in the table is counted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from analysis import load_frame
from analysis.report.left_out import left_out
from tests.analysis.conftest import QUESTION, failed, place, trial, whole_study

Make = Callable[..., Path]


def test_the_whole_study_is_accounted_for(whole: Path) -> None:
    frame = load_frame(whole)
    rate = {row["frozen_layers"]: row["learning_rate"] for _, row in frame[frame["phase"] == "compare"].iterrows()}
    words = {1e-5: "1e-5", 3e-5: "3e-5", 1e-4: "1e-4"}
    assert left_out(frame, QUESTION) == [
        "1 of 21 tuning trials diverged (the loss stopped being finite).",
        "1 of 21 comparison trials failed.",
        "1 of 21 comparison trials was stopped by the scheduler.",
        f"Without seed 1: `frozen_layers` = 4, `learning_rate` = {words[rate[4]]}.",
        f"Without seed 2: `frozen_layers` = 5, `learning_rate` = {words[rate[5]]}.",
    ]


def test_a_complete_study_leaves_nothing_out(study: Make) -> None:
    records = [trial(place(), {"frozen_layers": f, "learning_rate": 3e-5}, s) for f in range(7) for s in (0, 1, 2)]
    assert left_out(load_frame(study(records)), QUESTION) == []


def test_a_seed_that_no_setting_has_is_said_once(study: Make) -> None:
    records = [trial(place(), {"frozen_layers": f, "learning_rate": 3e-5}, 0) for f in range(7)]
    assert left_out(load_frame(study(records)), QUESTION) == ["Without seeds 1, 2: all 7 settings."]


def test_why_settings_have_fewer_seeds_where_few_ran_first(study: Make) -> None:
    seeds = {0: (0, 1, 2), 6: (0, 1)}
    records = [
        trial(place(), {"frozen_layers": f, "learning_rate": 3e-5}, s)
        for f in range(7)
        for s in seeds.get(f, (0, 1, 2))
    ]
    asked = replace(QUESTION, first_seeds=2)
    assert left_out(load_frame(study(records)), asked) == [
        "Without seed 2: `frozen_layers` = 6, `learning_rate` = 3e-5.",
        "More than the first 2 seeds ran only for settings that could still be the best on validation: the means of "
        "the others rest on fewer seeds and are a little low.",
    ]
    whole = [trial(place(), {"frozen_layers": f, "learning_rate": 3e-5}, s) for f in range(7) for s in (0, 1, 2)]
    assert left_out(load_frame(study(whole)), asked) == []


def test_trials_on_a_part_of_the_texts_are_counted_by_themselves(study: Make) -> None:
    setting = {"frozen_layers": 0, "learning_rate": 3e-5}
    whole = [trial(place(), {**setting, "frozen_layers": f}, s) for f in range(7) for s in (0, 1, 2)]
    small = [
        replace(trial(place(), {**setting, "learning_rate": rate, "train_share": 1 / 3}, 1000, "screen"), status=status)
        for rate, status in ((1e-5, "finished"), (3e-5, "finished"), (1e-4, "stopped"))
    ]
    frame = load_frame(study([*whole, *small]))
    asked = replace(QUESTION, search="halving")
    assert left_out(frame, asked) == ["1 of 3 screening trials was stopped by the scheduler."]


def test_points_and_a_baseline_without_trials(study: Make) -> None:
    records = [trial(place(), {"frozen_layers": f, "learning_rate": 3e-5}, s) for f in range(1, 6) for s in (0, 1, 2)]
    assert left_out(load_frame(study(records)), QUESTION) == [
        "2 of 7 points without a finished comparison trial: `frozen_layers` = 0; `frozen_layers` = 6.",
        "The baseline (`frozen_layers` = 0) has no finished comparison trial, so no difference from it can be given.",
    ]


def test_pairs_lost_to_the_baseline(study: Make) -> None:
    records = [trial(place(), {"frozen_layers": f, "learning_rate": 3e-5}, s) for f in range(7) for s in (0, 1, 2)]
    records = [failed(r) if r.setting["frozen_layers"] == 0 and r.seed > 0 else r for r in records]
    records = [failed(r) if r.setting["frozen_layers"] == 6 and r.seed == 0 else r for r in records]
    sentences = left_out(load_frame(study(records)), QUESTION)
    assert "3 of 21 comparison trials failed." in sentences
    assert "1 setting not paired: no scored seed in common with the baseline." in sentences
    assert "5 settings paired on fewer seeds than the mean beside it, for want of the baseline's." in sentences


def test_missing_scores_are_counted(study: Make) -> None:
    records = [trial(place(), {"frozen_layers": f, "learning_rate": 3e-5}, s) for f in range(7) for s in (0, 1, 2)]
    records[0] = replace(records[0], metrics={"validation": records[0].metrics["validation"]})
    assert "1 of 21 finished comparison trials without a test score." in left_out(load_frame(study(records)), QUESTION)


def test_every_comparison_trial_is_in_the_table_or_counted(whole: Path) -> None:
    records = whole_study(place())
    compared = [r for r in records if r.phase == "compare"]
    assert len(compared) == 21
    assert sum(r.status == "finished" for r in compared) == 21 - 2
