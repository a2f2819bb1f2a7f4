"""The adaptive search learns from the ledger: it comes closer than chance, and hears of every kind of end."""

from __future__ import annotations

import math
from statistics import fmean

import pytest

from study.plan import Planned
from study.question import Question, choice, loguniform, randint, uniform
from study.record import Record
from study.search import _ending, propose
from study.settings import resolve
from study.trial import Trial
from tests.study.fabricate import DATA, MODEL, question, record

TUNED = {"learning_rate": loguniform(1e-6, 1e-1), "warmup_ratio": uniform(0.0, 0.9)}


def searching(name: str = "q", **changes) -> Question:
    from dataclasses import replace

    given = {"factors": {}, "fixed": {}, "tuned": TUNED, "trials": 40, "search": "optuna"}
    return replace(question(**(given | changes)), name=name)


def told(setting: dict, status: str = "finished", score: float | None = 0.5, **changes) -> Record:
    made = Trial("classification", MODEL, DATA, resolve(setting), 1000)
    return record(Planned(made, "tune", 0), status, score, **changes)


def distance(setting: dict) -> float:
    """How far from the optimum, learning rate 1e-3 and warm-up 0.2."""
    return math.hypot((math.log10(setting["learning_rate"]) + 3) / 5, (setting["warmup_ratio"] - 0.2) / 0.9)


def search(asked: Question, count: int = 40) -> list[dict]:
    """The settings tried, each told before the next is proposed."""
    records: list[Record] = []
    for index in range(count):
        setting = propose(asked, records, [], index)
        records.append(told(setting, score=1 - distance(setting)))
    return [{name: r.setting[name] for name in asked.tuned} for r in records]


def test_it_concentrates_near_the_optimum_of_a_known_function_and_random_does_not():
    late, chance = [], []
    for name in ("a", "b", "c"):
        asked = searching(name)
        late.append(fmean(distance(s) for s in search(asked)[20:]))
        chance.append(fmean(distance(s) for s in asked.candidates(40)[20:]))
    assert fmean(late) < 0.7 * fmean(chance)
    assert max(late) < min(chance)


def test_a_loss_is_minimised():
    asked, records = searching(metric="loss"), []
    for index in range(40):
        setting = propose(asked, records, [], index)
        records.append(
            told(setting, score=None, metrics={"validation": {"loss": distance(setting), "f1": distance(setting)}})
        )
    late = fmean(distance(r.setting) for r in records[20:])
    assert late < 0.75 * fmean(distance(s) for s in asked.candidates(40)[20:])


def test_the_first_proposals_are_the_questions_own_draws():
    asked = searching(trials=40)
    assert [propose(asked, [], [], i) for i in range(10)] == asked.candidates(10)
    few = searching(trials=8)
    assert [propose(few, [], [], i) for i in range(4)] == few.candidates(4)


def test_a_proposal_depends_on_what_was_told():
    asked = searching()
    good = [told(c, score=0.1 * i) for i, c in enumerate(asked.candidates(8))]
    bad = [told(c, score=1 - 0.1 * i) for i, c in enumerate(asked.candidates(8))]
    assert propose(asked, good, [], 20) == propose(asked, good, [], 20)
    assert propose(asked, good, [], 20) != propose(asked, bad, [], 20)


def test_proposals_are_in_their_domains_and_have_three_digits():
    tuned = {
        "batch_size": randint(4, 9),
        "epochs": choice(1, 2.5),
        "learning_rate": loguniform(1e-4, 1e-3),
        "pooling": choice("cls", "mean"),
    }
    asked = searching(tuned=tuned, trials=16)
    records = [told(c, score=i / 10) for i, c in enumerate(asked.candidates(10))]
    for index in range(10, 40):
        found = propose(asked, records, [], index)
        assert set(found) == set(tuned)
        assert found["batch_size"] in range(4, 9)
        assert type(found["batch_size"]) is int
        assert found["epochs"] in (1, 2.5)
        assert found["pooling"] in ("cls", "mean")
        assert 1e-4 <= found["learning_rate"] <= 1e-3
        assert found["learning_rate"] == float(f"{found['learning_rate']:.3g}")


def test_running_trials_keep_the_next_proposal_away():
    asked = searching(tuned={"learning_rate": loguniform(1e-6, 1e-1)})
    records = [told({"learning_rate": 10**-e}, score=1 - abs(e - 3) / 5) for e in (1, 2, 2.5, 3, 3.5, 4, 5, 6)]
    alone = [propose(asked, records, [], i)["learning_rate"] for i in range(20, 50)]
    running = [{"learning_rate": rate} for rate in alone[:10]]
    low, high = min(alone), max(alone)
    beside = [propose(asked, records, running, i)["learning_rate"] for i in range(20, 50)]
    assert sum(low <= rate <= high for rate in beside) < 15


CURVE = (
    {"step": 4, "f1": 0.2, "loss": 0.9},
    {"step": 8, "f1": None, "loss": 0.8},
    {"step": 12, "f1": 0.4, "loss": 0.7},
)


def test_a_finished_trial_is_told_with_its_value():
    found = _ending(searching(), told({}, score=0.7))
    assert (found["state"].name, found["value"]) == ("COMPLETE", 0.7)


def test_a_stopped_trial_is_told_as_pruned_with_the_values_it_had():
    found = _ending(searching(), told({}, "stopped", 0.4, curve=CURVE))
    assert found["state"].name == "PRUNED"
    assert found["intermediate_values"] == {1: 0.2, 3: 0.4}
    assert "value" not in found


@pytest.mark.parametrize("status", ["diverged", "out_of_memory", "failed"])
def test_a_bad_end_is_told_as_pruned_without_values_whatever_its_curve(status):
    found = _ending(searching(), told({}, status, 0.9, curve=CURVE))
    assert found["state"].name == "PRUNED"
    assert found["intermediate_values"] == {}


def test_a_finished_trial_without_a_score_is_not_told_as_a_success():
    assert _ending(searching(), told({}, "finished", None))["state"].name == "PRUNED"


def test_a_region_that_diverges_is_left():
    asked, records = searching(tuned={"learning_rate": loguniform(1e-6, 1e-1)}), []
    for index in range(40):
        setting = propose(asked, records, [], index)
        high = setting["learning_rate"] > 1e-3
        records.append(told(setting, "diverged" if high else "finished", None if high else 0.5))
    diverged = [r.status == "diverged" for r in records]
    drawn = [c["learning_rate"] > 1e-3 for c in asked.candidates(40)]
    assert sum(diverged[15:]) < 0.5 * sum(drawn[15:])


def test_a_search_that_only_ever_failed_still_proposes():
    asked = searching()
    records = [told(c, "failed", None) for c in asked.candidates(12)]
    found = propose(asked, records, [], 12)
    assert all(asked.tuned[name].contains(value) for name, value in found.items())


@pytest.mark.parametrize(
    "outside", [{"learning_rate": 0.5, "warmup_ratio": 0.1}, {"learning_rate": 1e-3, "warmup_ratio": 0.95}], ids=str
)
def test_records_outside_the_domains_are_ignored(outside):
    asked = searching()
    records = [told(c, score=0.1 * i) for i, c in enumerate(asked.candidates(8))]
    assert propose(asked, [*records, told(outside, score=1e9)], [], 20) == propose(asked, records, [], 20)
    assert propose(asked, records, [resolve(outside)], 20) == propose(asked, records, [], 20)
