"""Halving: a part of the texts first, and what its scores let through."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from study.halving import rungs
from study.plan import plan
from study.question import loguniform
from study.question_problems import question_problems
from study.record import Record
from tests.study.fabricate import GEOMETRY, arm, question, record


def asked(trials=9, **changes):
    return question(search="halving", trials=trials, factors={"frozen_layers": (0, 1)}, **changes)


def score(planned) -> float:
    """The larger the learning rate, the better; a little worse on fewer texts."""
    return planned.trial.setting["learning_rate"] - 0.001 * (1 - planned.trial.setting.get("train_share", 1.0))


def run(arms, order=0, known=None) -> dict[str, Record]:
    known, rng = dict(known or {}), random.Random(order)
    while ready := plan(arms, known).ready:
        planned = rng.choice(ready)
        known[planned.key] = record(planned, score=score(planned))
    return known


@pytest.mark.parametrize(
    ("candidates", "expected"),
    [
        (1, [(1, 1)]),
        (2, [(1, 2)]),
        (3, [(1 / 3, 3), (1, 1)]),
        (8, [(1 / 3, 8), (1, 3)]),
        (9, [(1 / 9, 9), (1 / 3, 3), (1, 1)]),
        (24, [(1 / 9, 24), (1 / 3, 8), (1, 3)]),
        (81, [(1 / 9, 81), (1 / 3, 27), (1, 9)]),
    ],
)
def test_the_rungs(candidates, expected):
    assert [(share, size) for share, size in rungs(candidates)] == expected


def test_the_best_third_goes_on_at_each_point_and_the_best_of_all_is_compared():
    arms = [arm(asked())]
    first = plan(arms, {})
    assert Counter(p.phase for p in first.ready) == {"screen": 18}
    assert first.undecided == 2 * (3 + 1) + 2 * 3
    known = run(arms)
    told = Counter((r.phase, r.setting["frozen_layers"], r.setting.get("train_share", 1.0)) for r in known.values())
    assert told == {
        **{("screen", depth, share): size for depth in (0, 1) for share, size in ((1 / 9, 9), (1 / 3, 3))},
        **{("tune", depth, 1.0): 1 for depth in (0, 1)},
        **{("compare", depth, 1.0): 3 for depth in (0, 1)},
    }
    best = max(candidate["learning_rate"] for candidate in asked().candidates())
    assert {r.setting["learning_rate"] for r in known.values() if r.phase != "screen"} == {best}


def test_the_order_in_which_trials_end_changes_nothing():
    arms = [arm(asked())]
    assert set(run(arms, order=1)) == set(run(arms, order=2))


def test_what_fails_on_few_texts_goes_no_further():
    arms = [arm(asked())]
    best = max(candidate["learning_rate"] for candidate in asked().candidates())
    known: dict[str, Record] = {}
    while ready := plan(arms, known).ready:
        planned = ready[0]
        failed = planned.trial.setting["learning_rate"] == best
        known[planned.key] = record(planned, "diverged" if failed else "finished", None if failed else score(planned))
    assert best not in {r.setting["learning_rate"] for r in known.values() if r.phase != "screen"}


def test_where_all_of_them_fail_there_is_nothing_to_compare():
    arms, known = [arm(asked())], {}
    while ready := plan(arms, known).ready:
        known[ready[0].key] = record(ready[0], "failed", None)
    result = plan(arms, known)
    assert {r.phase for r in known.values()} == {"screen"}
    assert len(result.dead) == 2
    assert result.undecided == 0


def test_a_search_without_halving_shares_the_trials_on_all_texts():
    whole = [arm(question(trials=9, factors={"frozen_layers": (0, 1)}))]
    every = {p.key for p in plan(whole, {}).ready}
    assert {key for key, r in run([arm(asked())]).items() if r.phase == "tune"} <= every


def test_train_share_is_the_searchs_own():
    wrong = question_problems(asked(fixed={"train_share": 0.5}), GEOMETRY)
    assert wrong == ["--search halving sets train_share itself. Leave train_share out, or take another --search."]
    assert not question_problems(asked(tuned={"learning_rate": loguniform(1e-5, 1e-2)}), GEOMETRY)
