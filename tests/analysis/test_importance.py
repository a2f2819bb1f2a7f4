"""Importance ranks a known truth, agrees with Optuna's fANOVA where that is exact, and refuses what it cannot tell."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import optuna
import pandas as pd
import pytest

from analysis.importance import importance
from analysis.surrogate import Dimension, Surrogate, dimensions, fitted, main_effects
from study.question import Question, choice, loguniform, uniform
from tests.analysis.fabricated import frame_of_rows, row

SEARCH = Question(
    name="search",
    asks="?",
    source="",
    tuned={
        "learning_rate": loguniform(1e-5, 1e-3),
        "batch_size": choice(8, 16, 32),
        "warmup_ratio": uniform(0.0, 0.2),
        "pooling": choice("cls", "mean"),
    },
    trials=120,
)


@pytest.fixture(autouse=True)
def few_forests(monkeypatch):
    monkeypatch.setattr("analysis.importance.REFITS", 3)
    monkeypatch.setattr("analysis.surrogate._TREES", 24)


def generator(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def searched(truth, trials=120, question=SEARCH):
    rows = [row(c, truth(c), 1000, "tune") for c in question.candidates(trials)]
    return frame_of_rows("search", rows)


def additive(setting) -> float:
    """Variances 1/12, and by categories 0.04² 2/3 and 0: the learning rate makes most of it."""
    return (
        0.5
        + 0.15 * (math.log10(setting["learning_rate"]) + 4)
        + 0.06 * {8: -1, 16: 0, 32: 1}[setting["batch_size"]]
        + 0.02 * (setting["pooling"] == "mean")
    )


def test_importance_ranks_the_truth_and_gives_an_irrelevant_setting_next_to_nothing():
    found = importance(searched(additive), SEARCH, generator())
    assert found.refused == ""
    assert found.table["setting"].tolist()[:2] == ["learning_rate", "batch_size"]
    share = found.table.set_index("setting")["share"]
    variances = {"learning_rate": 0.3**2 / 12, "batch_size": 0.06**2 * 2 / 3, "pooling": 0.01**2}
    for name, variance in variances.items():
        assert share[name] == pytest.approx(variance / sum(variances.values()), abs=0.06)
    assert share["warmup_ratio"] < 0.02
    assert found.rest < 0.1
    assert found.r2 > 0.9
    assert ((found.table["low"] <= found.table["share"]) & (found.table["share"] <= found.table["high"])).all()


def test_what_two_settings_do_only_together_is_nobodys_alone():
    def xor(setting) -> float:
        return float((setting["learning_rate"] > 1e-4) == (setting["pooling"] == "mean"))

    found = importance(searched(xor, 400), replace(SEARCH, trials=400), generator())
    assert found.table["share"].max() < 0.15
    assert found.rest > 0.75


def test_the_same_generator_gives_the_same_and_another_nearly():
    frame = searched(additive)
    one, same, other = (importance(frame, SEARCH, generator(seed)).table for seed in (3, 3, 4))
    pd.testing.assert_frame_equal(one, same)
    assert not one.equals(other)
    assert one.set_index("setting")["share"].to_dict() == pytest.approx(
        other.set_index("setting")["share"].to_dict(), abs=0.05
    )


def test_the_order_and_size_are_optunas_on_continuous_domains():
    """Optuna integrates its forests exactly there; it averages shares over trees, which leaves more to interactions."""
    question = replace(SEARCH, tuned={"a": uniform(0.0, 1.0), "b": uniform(0.0, 1.0), "c": uniform(0.0, 1.0)})
    frame = searched(lambda s: s["a"] ** 2 + 0.5 * s["b"] + s["a"] * s["c"], 80, question)
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study()
    spaces = {name: optuna.distributions.FloatDistribution(0.0, 1.0) for name in "abc"}
    for trial in frame.to_dict("records"):
        params = {name: trial[name] for name in "abc"}
        study.add_trial(optuna.trial.create_trial(params=params, distributions=spaces, value=trial["f1"]))
    theirs = optuna.importance.FanovaImportanceEvaluator(seed=0).evaluate(study)
    mine = importance(frame, question, generator()).table.set_index("setting")["share"]
    assert list(mine.index) == list(theirs)
    assert mine.to_dict() == pytest.approx(theirs, abs=0.1)


@pytest.mark.parametrize("grid", [4096, 1])
def test_main_effects_of_a_known_function_are_its_first_order_terms(monkeypatch, grid):
    """f = a + 2b + ab, a of 4 evenly spaced values in [0, 1], b of 2: integrated by hand, over all or over a sample."""
    monkeypatch.setattr("analysis.surrogate._GRID", grid)
    a, b = np.array([0, 1 / 3, 2 / 3, 1]), np.array([0.0, 1.0])
    dims = (Dimension("a", tuple(a), True, False), Dimension("b", tuple(b), True, False))

    class Known:
        def predict(self, x):
            return x[:, 0] + 2 * x[:, 1] + x[:, 0] * x[:, 1]

    whole = (a[:, None] + 2 * b + a[:, None] * b).var()
    by_hand = [(1.5 * a).var() / whole, (2.5 * b).var() / whole]
    tolerance = 1e-12 if grid > 1 else 0.03
    assert main_effects(Surrogate(dims, Known(), 1.0), generator()) == pytest.approx(by_hand, abs=tolerance)


def test_a_sample_of_combinations_gives_what_all_of_them_give(monkeypatch):
    frame = searched(additive)
    dims = dimensions(frame.assign(score=frame["f1"]), tuple(SEARCH.tuned), SEARCH)
    model = fitted(frame.assign(score=frame["f1"]), dims, generator())
    exact = main_effects(model, generator())
    monkeypatch.setattr("analysis.surrogate._GRID", 1)
    assert main_effects(model, generator()) == pytest.approx(exact, abs=0.06)


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (searched(additive, 19), "few"),
        (searched(lambda s: 0.5), "flat"),
        (searched(lambda s: float(np.random.default_rng(int(s["learning_rate"] * 1e9)).random()), 40), "blind"),
    ],
)
def test_what_cannot_be_told_is_refused(frame, reason):
    found = importance(frame, SEARCH, generator())
    assert found.refused == reason
    assert found.table.empty


def test_settings_that_are_missing_or_tied_are_left_out_and_named():
    frame = searched(additive, 40)
    frame["adapter.width"] = [64 if i % 2 else np.nan for i in range(len(frame))]
    frame["lora.alpha"] = frame["batch_size"] * 2
    question = replace(SEARCH, tuned={**SEARCH.tuned, "adapter.width": choice(0, 64), "lora.alpha": choice(16, 32, 64)})
    found = importance(frame, question, generator())
    assert found.tried.partial == ("adapter.width",)
    assert found.tried.tied == ("lora.alpha",)
    assert "lora.alpha" not in set(found.table["setting"])


def test_folds_are_averaged_and_a_setting_that_not_all_tried_is_left_out():
    even = [
        row(c, additive(c) + fold, 1000, "tune", fold=fold, folds=2) for fold in (1, 2) for c in SEARCH.candidates(30)
    ]
    alone = [row(c, 9.0, 1000, "tune", fold=2, folds=2) for c in SEARCH.candidates(31)[30:]]
    found = importance(frame_of_rows("search", [*even, *alone]), SEARCH, generator())
    assert (len(found.tried.table), found.tried.uneven) == (30, 1)
    assert found.tried.table["score"].max() < 3


def test_a_stopped_trial_is_no_score():
    frame = searched(additive, 30)
    frame.loc[:4, "status"] = "stopped"
    found = importance(frame, SEARCH, generator())
    assert (len(found.tried.table), found.tried.unscored) == (25, 5)
