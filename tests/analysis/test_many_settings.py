"""Thousands of settings: sections list the first of them, and nothing is worked out setting by setting."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis import names, points
from analysis.names import names_of
from analysis.pareto import DRAWS, dominators, front_probability
from analysis.report import optimism, parameters
from analysis.report.training import training
from analysis.tables import compare, grouped
from study.question import Question
from tests.analysis.fabricated import frame_of_rows, row

SETTINGS = 300
QUESTION = Question(
    name="q", asks="?", source="", factors=tuple({"a": a} for a in range(SETTINGS)), baseline={"a": 0}, seeds=(0, 1)
)


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    return frame_of_rows(
        "q",
        [
            row({"a": a}, float(score), s, test_f1=float(score) - 0.01, test_texts=100, micro_batch_used=a % 3 + 1,
                trainable_parameters=1000 + a, total_parameters=9000, saved_bytes=a)
            for a in range(SETTINGS) for s, score in enumerate(rng.random(2))
        ],
    )  # fmt: skip


def test_the_questions_points_are_laid_out_once_for_all_names(frame: pd.DataFrame, monkeypatch: pytest.MonkeyPatch):
    calls = []
    known = points.points_of
    monkeypatch.setattr(points, "points_of", lambda question: calls.append(1) or known(question))
    table = compare(frame, QUESTION)
    before = len(calls)
    monkeypatch.setattr(names, "following", lambda question, told: calls.append(1) or frozenset())
    assert names_of(table, QUESTION)[:2] == ["baseline", "a 1"]
    assert len(calls) - before == 1


def test_tables_of_training_and_parameters_list_the_first(frame: pd.DataFrame):
    table = compare(frame, QUESTION)
    for blocks in (training(frame, QUESTION), parameters.section(table, QUESTION)):
        assert len(blocks[0].splitlines()) == 2 + 40
        assert f"{SETTINGS - 40} settings not shown." in blocks[1]


def test_only_the_best_is_named_where_nobody_reads_the_others(frame: pd.DataFrame, monkeypatch: pytest.MonkeyPatch):
    asked = []
    monkeypatch.setattr("analysis.optimism.names_of", lambda table, q: asked.append(len(table)) or names_of(table, q))
    said = optimism.section(frame, replace(QUESTION, seeds=()))
    assert "Optimism: the setting best on validation" in said[0]
    assert asked == [1]


def test_dominators_come_one_after_the_other():
    found = dominators([1.0, 2.0, 3.0], [0.5, 0.4, 0.9])
    assert next(found) == []
    assert next(found) == [0]


def test_of_very_many_settings_the_front_is_drawn_fewer_times(frame: pd.DataFrame, monkeypatch: pytest.MonkeyPatch):
    trials, table = grouped(frame, QUESTION)
    drawn = []
    monkeypatch.setattr(
        "analysis.pareto.on_front", lambda cost, score: drawn.append(len(cost)) or np.zeros(cost.shape, dtype=bool)
    )
    generator = np.random.default_rng(0)
    front_probability(trials, list(table.index), QUESTION, "trainable_parameters", generator)
    assert sum(drawn) == DRAWS
    monkeypatch.setattr("analysis.pareto._BLOCK", 250 * SETTINGS)
    drawn.clear()
    front_probability(trials, list(table.index), QUESTION, "trainable_parameters", generator)
    assert sum(drawn) == 250
