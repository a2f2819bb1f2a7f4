"""Sentences and tables at their edges: very small p, a single setting, no test score, candidates that came last."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from analysis import comparison, conclusion, figure, load_frame, load_trials, read_study, section
from analysis.answers import answers_of
from analysis.language import speaking
from analysis.markdown import p_is
from analysis.report import together, tuning
from study.question import choice
from tests.analysis.conftest import QUESTION, arm, place, trial
from tests.analysis.sources.conftest import table

__all__ = ["table"]
Make = Callable[..., Path]


def test_a_very_small_p_has_one_sign() -> None:
    assert p_is(0.0001) == "p < 0.001"
    assert p_is(0.03125) == "p = 0.031"


def test_the_conclusion_writes_a_very_small_p_so(study: Make) -> None:
    records = [
        trial(place(), {"frozen_layers": depth, "learning_rate": 3e-5}, seed, skill=0.95 - 0.05 * depth)
        for depth in (0, 9)
        for seed in range(14)
    ]
    question = replace(QUESTION, baseline={"frozen_layers": 9}, seeds=tuple(range(14)))
    said = " ".join(conclusion(study(records, arm(place(), question))))
    assert "p < 0.001" in said
    assert "= <" not in said


@pytest.mark.filterwarnings("error::UserWarning")
def test_a_single_setting_is_named_by_what_is_fixed(table: Callable[..., Path]) -> None:
    path = table("single.csv", [{"lr": 1e-4, "seed": 0, "eval_f1": 0.7}])
    frame = load_trials(path, settings=["lr"], seed="seed", metric="eval_f1")
    assert conclusion(frame)[0].startswith("Best on validation: `lr` = 1e-4, mean")
    assert section(frame, "comparison").startswith("| `lr` | seeds |")
    axes = figure(frame).axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["lr 1e-4"]
    low, high = axes.get_xlim()
    assert low < 0.7 < high


def test_without_any_test_score_there_is_neither_its_column_nor_its_count(table: Callable[..., Path]) -> None:
    rows = [{"lr": lr, "seed": seed, "eval_f1": 0.7 + seed / 100} for lr in (1e-4, 1e-3) for seed in (0, 1)]
    said = {"settings": ["lr"], "seed": "seed", "metric": "eval_f1", "test_metric": "test_f1"}
    without = load_trials(table("a.csv", rows), **{k: v for k, v in said.items() if k != "test_metric"})
    shown = section(without, "comparison")
    assert "test F1" not in shown
    assert "without a test score" not in shown
    some = [{**row, "test_f1": 0.6 if row["seed"] else None} for row in rows]
    shown = section(load_trials(table("b.csv", some), **said), "comparison")
    assert "test F1" in shown
    assert "2 of 4 finished comparison trials without a test score." in shown


def test_a_candidate_that_came_last_whatever_its_score_has_a_dagger(study: Make) -> None:
    question = replace(QUESTION, tuned={"learning_rate": choice(1e-5, 3e-5, 1e-4)})
    rates = {1e-5: 0.9, 3e-5: 0.8, 1e-4: 0.7}

    settings = [({"frozen_layers": 0, "learning_rate": rate}, skill) for rate, skill in rates.items()]
    tries = [trial(place(), setting, 1000, "tune", skill) for setting, skill in settings]
    compared = trial(place(), {"frozen_layers": 0, "learning_rate": 3e-5}, 0)
    plain = tuning.section(load_frame(study([*tries, compared], arm(place(), question))), question)
    assert "†" not in "".join(plain)
    for flaw in ({"degenerate": True}, {"status": "stopped"}):
        marked = [replace(tries[0], **flaw), *tries[1:], compared]
        folder = study(marked, arm(place(), question))
        cells, said = tuning.section(load_frame(folder), question)
        assert cells.count("†") == 1
        assert "comes behind all others in the choice" in said


def test_scores_have_one_name_in_spanish(whole: Path) -> None:
    with speaking("es"):
        study = read_study(whole)
        blocks = "\n".join(together.section(study, 2 * answers_of(study)))
    assert " de validación |" in blocks
    assert "| validación F1" not in blocks


def test_the_comparison_is_unchanged_where_something_varies(whole: Path) -> None:
    assert "frozen_layers" in comparison(whole)
    assert "`frozen_layers` = " in conclusion(whole)[0]
