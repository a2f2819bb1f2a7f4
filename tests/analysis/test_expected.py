"""Expected performance of the best of n draws: only of independent draws, and equal to enumeration."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.expected import INDEPENDENT, UNDECLARED, crossings, draws, expected, why_not
from analysis.report.expected import section
from study.question import Question, choice, loguniform
from tests.analysis.fabricated import frame_of_rows, row

SEARCH = Question(
    name="search",
    asks="?",
    source="",
    tuned={"learning_rate": loguniform(1e-5, 1e-3), "batch_size": choice(8, 16)},
    baseline={"learning_rate": 1e-4, "batch_size": 16},
    trials=7,
)


def tries(question=SEARCH, scores=(0.5, 0.7, 0.6, 0.9, 0.4, 0.8, 0.65), **more):
    return [row(c, s, 1000, "tune", **more) for c, s in zip(question.candidates(len(scores)), scores, strict=True)]


def generator():
    return np.random.default_rng(0)


@pytest.mark.parametrize("metric", ["f1", "loss"])
def test_the_curve_is_the_mean_over_all_choices_of_n_draws(metric):
    question = replace(SEARCH, metric=metric)
    frame = frame_of_rows("search", tries())
    frame["loss"] = frame["f1"]
    found = expected(frame, question, generator())
    best = min if metric == "loss" else max
    for n in range(1, 8):
        every = [best(some) for some in itertools.combinations(frame["f1"], n)]
        assert found["expected"].iloc[n - 1] == pytest.approx(np.mean(every), abs=1e-12)
    assert (found["low"] <= found["expected"] + 1e-12).all()
    assert (found["expected"] <= found["high"] + 1e-12).all()
    assert set(found["model"]) == {"m"}
    assert set(found["data"]) == {"d"}


def test_seeds_of_a_draw_are_averaged_and_a_failed_draw_is_counted():
    rows = tries() + [{**one, "seed": 1001, "f1": one["f1"] + 0.1} for one in tries()]
    rows[2]["status"] = "diverged"
    rows[2]["f1"] = None
    frame = frame_of_rows("search", rows)
    found = draws(frame, replace(SEARCH, selection_seeds=(1000, 1001)))
    assert found["score"].tolist() == pytest.approx([0.55, 0.75, np.nan, 0.95, 0.45, 0.85, 0.7], nan_ok=True)
    curve = expected(frame, SEARCH, generator())
    assert (curve["draws"].iloc[0], curve["lost"].iloc[0], len(curve)) == (6, 1, 6)


def test_what_the_question_did_not_draw_is_left_out():
    foreign = row({"learning_rate": 5e-4, "batch_size": 8}, 0.99, 1000, "tune")
    found = expected(frame_of_rows("search", [foreign, *tries()]), SEARCH, generator())
    assert found["expected"].iloc[-1] == pytest.approx(0.9)


def test_a_fold_weighs_as_much_as_another():
    rows = [{**one, "fold": fold, "folds": 2, "f1": one["f1"] * fold} for fold in (1, 2) for one in tries()]
    found = expected(frame_of_rows("search", rows), SEARCH, generator())
    assert found["expected"].iloc[-1] == pytest.approx(0.9 * 1.5)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"search": "optuna"}, "adaptive"),
        ({"scheduler": "asha"}, "stopped"),
        ({"trials": 4}, "few"),
        ({"tuned": {}}, "none"),
        ({"tuned": {"batch_size": choice(8, 16), "learning_rate": choice(1e-4, 2e-4)}}, "grid"),
    ],
)
def test_draws_that_are_not_independent_are_refused(change, reason):
    question = replace(SEARCH, **change)
    frame = frame_of_rows("search", tries(scores=(0.5, 0.7, 0.6, 0.9)))
    assert why_not(frame, question) == reason
    assert expected(frame, question, generator()).empty


def test_a_grid_that_was_only_sampled_is_drawn_from():
    question = replace(SEARCH, tuned={"batch_size": choice(*range(1, 9)), "epochs": choice(1, 2)}, trials=6)
    rows = [row(c, i / 10, 1000, "tune") for i, c in enumerate(question.candidates())]
    assert why_not(frame_of_rows("search", rows), question) == ""


def test_every_point_has_its_own_curve():
    question = replace(SEARCH, factors=({"frozen_layers": 0}, {"frozen_layers": 3}), baseline={"frozen_layers": 0})
    rows = [
        row({"frozen_layers": depth, **c}, 0.1 * i + depth, 1000, "tune")
        for depth in (0, 3)
        for i, c in enumerate(question.candidates())
    ]
    found = expected(frame_of_rows("search", rows), question, generator())
    assert found.groupby("point", sort=False)["expected"].max().tolist() == pytest.approx([0.6, 3.6])
    assert len(set(found["point"])) == 2


def test_crossings_name_the_budget_at_which_another_leads():
    n = range(1, 5)
    curves = pd.concat(
        [
            pd.DataFrame({"series": "steady", "n": n, "expected": [0.7, 0.72, 0.73, 0.74]}),
            pd.DataFrame({"series": "wild", "n": n, "expected": [0.3, 0.6, 0.75, 0.8]}),
        ]
    )
    assert crossings(curves, SEARCH) == [(3, "steady", "wild")]
    assert crossings(curves, replace(SEARCH, metric="loss")) == [(3, "wild", "steady")]
    assert crossings(curves[curves["series"] == "wild"], SEARCH) == []


def table_of_draws(search, number=40, **more):
    """Somebody's table: one row per setting, of which nobody said how it was proposed."""
    rng = np.random.default_rng(5)
    question = replace(SEARCH, search=search, trials=number, baseline={})
    rows = [
        row({"learning_rate": float(10 ** rng.uniform(-5, -3)), "batch_size": 16}, float(rng.random()), i, **more)
        for i in range(number)
    ]
    return frame_of_rows("search", rows), question


def test_somebodys_search_is_refused_until_its_draws_are_declared_independent():
    frame, question = table_of_draws(UNDECLARED)
    assert why_not(frame, question) == "undeclared"
    assert "--independent-draws" in section(frame, question)[0]
    assert expected(frame, question, generator()).empty


def test_declared_draws_are_the_settings_of_the_table():
    frame, question = table_of_draws(INDEPENDENT)
    assert why_not(frame, question) == ""
    found = expected(frame, question, generator())
    assert found["draws"].iloc[0] == 40
    assert found["expected"].iloc[-1] == pytest.approx(frame["f1"].max())
    assert found["expected"].iloc[0] == pytest.approx(frame["f1"].mean())
    twice = pd.concat([frame, frame.assign(f1=frame["f1"] + 0.1, key=frame["key"] + "b")], ignore_index=True)
    again = draws(twice, question)
    assert len(again) == 40
    assert sorted(again["score"]) == pytest.approx(sorted(frame["f1"] + 0.05))
    stopped = frame.assign(status=["stopped", *["finished"] * 39])
    assert why_not(stopped, question) == "stopped"
