"""The comparison table, its legend and what is marked in it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis import load_frame
from analysis.ablation import ablation, in_words
from analysis.answers import answers_of
from analysis.folder import read_study
from analysis.language import speaking
from analysis.report import render, sections, tuning
from analysis.report.conclusion import conclude
from analysis.report.left_out import left_out
from analysis.report.legend import legend
from analysis.resampled import Resampled
from analysis.tables import best_of, compare, shown_of
from search_spaces import QUESTIONS
from study.question import Question, choice
from tests.analysis.asked import study_of
from tests.analysis.conftest import QUESTION, arm, write
from tests.analysis.folded import fold_places, fold_trials
from tests.analysis.report.test_conclusion import depths, frame_with
from tests.analysis.report.test_in_spanish import english


def rendered(frame: pd.DataFrame, question: Question = QUESTION, resampled: Resampled | None = None) -> list[list[str]]:
    table = compare(frame, question, resampled)
    lines = render.comparison(table, question, best_of(table, question)).splitlines()
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def shaken(frame: pd.DataFrame, spread: float) -> Resampled:
    """Draws on which every trial's score moves on its own, as much as ``spread``."""
    generator = np.random.default_rng(0)
    moved = {(key, "test"): generator.normal(0.8, spread, 400) for key in frame["key"]}
    # what is common to two seeds of one setting is the texts' doing
    for key in frame["key"]:
        moved[key, "test"] = 0.8 + (moved[f"{key.partition('-')[0]}-0", "test"] - 0.8)
    return Resampled("f1", moved, {"test": 100})


@pytest.mark.parametrize(("seeds", "starred"), [(3, False), (5, False), (6, True), (8, True)])
def test_bold_and_a_star_are_for_what_so_many_seeds_can_show(seeds: int, starred: bool) -> None:
    """One setting far below the baseline on every seed: five seeds' smallest p is above 0.05 all the same."""
    frame = frame_with(depths(seeds, 0.8, 0.5))
    head, _, *rows = rendered(frame)
    cell = rows[1][head.index("difference")]
    assert cell.startswith("**−0.3") == cell.endswith(r"]**\*") == starred
    assert "**" not in "".join("".join(row) for row in rows).replace(cell, "")
    text = legend(compare(frame, QUESTION), QUESTION)
    assert ("Bold and \\*: significant" in text) == starred


def test_a_small_p_is_not_starred_where_other_texts_could_turn_it() -> None:
    frame = frame_with(depths(8, 0.8, 0.79))
    table = compare(frame, QUESTION)
    assert table["significant"].tolist() == [False, True]
    drawn = shaken(frame, 0.05)
    wide = compare(frame, QUESTION, drawn)
    assert wide["p_holm"].tolist()[1] == table["p_holm"].tolist()[1] <= 0.05
    assert wide.loc[1, "difference_low"] < 0 < wide.loc[1, "difference_high"]
    assert not wide["significant"].any()
    assert "*" not in render.comparison(wide, QUESTION, None)
    said = " ".join(conclude(wide, QUESTION))
    assert "other texts could turn it: `frozen_layers` = 1." in said
    assert "Significant" not in said
    assert "would have been visible" in said


def test_what_would_have_been_visible_is_half_the_interval() -> None:
    frame = frame_with(depths(8, 0.8, 0.8))
    row = compare(frame, QUESTION).iloc[1]
    half = (row["difference_high"] - row["difference_low"]) / 2
    assert f"differences beyond about ±{half:.3f} would have been visible" in " ".join(
        conclude(compare(frame, QUESTION), QUESTION)
    )


def test_the_best_is_named_and_not_bold() -> None:
    head, _, *rows = rendered(frame_with(depths(3, 0.8, 0.82, 0.81)))
    assert head[-1] == ""
    assert [row[-1] for row in rows] == ["", "best on validation", ""]
    assert rendered(frame_with(depths(3, 0.8)))[0][-1] != ""


def test_the_legend_says_what_intervals_are_for_and_why_not_more() -> None:
    frame = frame_with(depths(3, 0.8, 0.7))
    plain = legend(compare(frame, QUESTION), QUESTION)
    assert "with other seeds, on these very texts" in plain
    assert "takes the estimand `texts`, and predictions of the same texts from every trial" in plain
    mixed = legend(compare(frame, QUESTION, shaken(frame, 0.01)), QUESTION)
    assert "Those of test scores are over seeds and texts" in mixed
    assert "those of validation scores are over seeds, on these very texts; they do not cover the choice" in mixed
    assert "that takes predictions of the same texts from every trial" in mixed
    assert "estimand" not in mixed
    own = frame.assign(**{"metric.rougeL": frame["f1"], "test_metric.rougeL": frame["test_f1"]})
    foreign = replace(QUESTION, metric="rougeL")
    assert "this score cannot be computed anew from predictions" in legend(compare(own, foreign), foreign)
    one = legend(compare(frame_with(depths(1, 0.8, 0.7)), QUESTION), QUESTION)
    assert one.startswith("Means over seeds. One seed has no interval.")
    assert "They estimate what the recipe scores with other seeds, on these very texts." in one


def test_with_predictions_of_every_trial_the_report_is_for_other_texts(whole: Path) -> None:
    answer = answers_of(read_study(whole))[0]
    table, said = sections.comparison(answer.table, answer.arm)
    assert "Those of test scores are over seeds and texts, for the recipe with other seeds" in said
    seeds = answers_of(read_study(whole), "seeds")[0]
    assert "do not cover the choice of the texts" in sections.comparison(seeds.table, seeds.arm)[1]
    assert table != sections.comparison(seeds.table, seeds.arm)[0]


def many(settings: int) -> tuple[pd.DataFrame, Question]:
    generator = np.random.default_rng(0)
    frame = frame_with({f: generator.normal(0.7 - 0.1 * (f % 2), 0.01, 3) for f in range(settings)})
    frame.loc[frame["frozen_layers"] == settings - 2, ["f1", "test_f1"]] += 0.2
    base = settings - 3
    return frame, replace(QUESTION, factors={"frozen_layers": range(settings)}, baseline={"frozen_layers": base})


def test_of_many_settings_the_first_are_shown_with_the_best_and_the_baseline() -> None:
    frame, question = many(100)
    table = compare(frame, question)
    shown = shown_of(table, question, 40)
    assert shown["frozen_layers"].tolist() == [*range(38), 97, 98]
    head, _, *rows = rendered(frame, question)
    assert len(rows) == 40
    assert rows[-1][-1] == "best on validation"
    assert rows[-2][head.index("difference")] == "baseline"
    assert render.further(table) == "60 more settings in table.csv."
    assert render.costs(table.assign(train_seconds=1.0), question).count("\n") == 41
    assert shown_of(table.head(40), question, 40).equals(table.head(40))
    better = int((table["difference_low"] > 0).sum())
    assert better > 8
    assert f"and {better - 8} more" in " ".join(conclude(table, question))


def test_what_went_on_to_the_comparison_has_an_arrow(whole: Path) -> None:
    shown, said = tuning.section(load_frame(whole), QUESTION)
    assert "←: compared" in said
    assert "*" not in shown
    rows = shown.splitlines()[2:]
    assert len(rows) == 7
    assert all(row.count("←") == 1 for row in rows)


def test_a_search_that_halved_says_so(whole: Path) -> None:
    _, plain = tuning.section(load_frame(whole), QUESTION)
    _, said = tuning.section(load_frame(whole), replace(QUESTION, search="halving"))
    assert "part of the training texts" in said
    assert "part of the training texts" not in plain


def test_of_many_candidates_forty_are_listed() -> None:
    frame, question = many(60)
    tries = frame[frame["seed"] == 0].assign(phase="tune")
    shown, said = tuning.section(tries, question)
    assert len(shown.splitlines()) == 42
    assert said.endswith("20 more points in trials.csv.")
    wide = replace(question, factors=({},), tuned={"frozen_layers": choice(*range(60))}, baseline={})
    shown, said = tuning.section(tries, wide)
    assert len(shown.splitlines()) == 42
    assert said.endswith("20 more candidates in trials.csv.")


def test_of_many_missing_seeds_twenty_are_named() -> None:
    frame = frame_with(depths(2, 0.8, 0.7))
    question = replace(QUESTION, seeds=tuple(range(100)), factors={"frozen_layers": (0, 1)})
    (said,) = left_out(frame, question)
    assert said.startswith("Without seeds 2, 3, 4,")
    assert said.endswith(", 20, 21 and 78 more: all 2 settings.")


def spoken(folder: Path) -> str:
    """All that these rooms say of a study."""
    blocks = []
    study = read_study(folder)
    for answer in answers_of(study):
        rows, table, question = answer.rows, answer.table, answer.arm.question
        blocks += [*sections.comparison(table, answer.arm), *sections.costs(table, question)]
        blocks += [
            *conclude(table, question, answer.arm.labels, answer.arm.of),
            *left_out(rows, question, answer.arm.of),
        ]
        blocks += [*tuning.section(rows, question), *sections.scores(rows, table, answer.arm)]
        blocks += [*sections.ablated(rows, question), *in_words(ablation(rows, question))]
        blocks += sections.classes(study, rows, table, answer.arm)
    return "\n".join(blocks)


def test_in_spanish_no_english_is_left(whole: Path, tmp_path: Path) -> None:
    places = fold_places(3)
    folded = write(tmp_path / "folds", fold_trials(places), *(arm(where) for where in places))
    exam, _ = study_of(tmp_path / "exam", replace(QUESTIONS["exam"], seeds=(0, 1)), lambda point: 0.8)
    for folder in (whole, folded, exam):
        assert english(spoken(folder))
        with speaking("es"):
            text = spoken(folder)
        # a setting's own name stays what it is
        assert set(english(text)) <= {"width"}
        assert "semilla" in text
