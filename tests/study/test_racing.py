"""Few seeds first: who goes on, who goes, and that the plan follows from the ledger alone."""

from __future__ import annotations

import random
from dataclasses import replace
from statistics import fmean

import numpy as np
import pytest
from scipy import stats

from study.errors import Problems
from study.plan import plan
from study.racing import race, stages, worse
from study.record import Record
from tests.study.fabricate import arm, question, record

SEEDS = tuple(range(8))
OFFSETS = {0: 0.0, 1: 0.001, 3: -0.2}
"""What a frozen depth adds to a score: two that cannot be told apart, and one that is clearly worse."""


def asked(**changes):
    return question(tuned={}, seeds=SEEDS, first_seeds=3, baseline={"frozen_layers": 0}, **changes)


def score(planned, offsets=OFFSETS) -> float:
    noise = random.Random(planned.key).gauss(0, 0.01)
    return 0.7 + 0.02 * (planned.trial.seed % 3) + offsets[planned.trial.setting["frozen_layers"]] + noise


def run(arms, scores=score) -> dict[str, Record]:
    known: dict[str, Record] = {}
    while ready := plan(arms, known).ready:
        known[ready[-1].key] = record(ready[-1], score=scores(ready[-1]))
    return known


def seeds_of(known) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for one in known.values():
        found.setdefault(one.setting["frozen_layers"], []).append(one.seed)
    return {depth: sorted(found[depth]) for depth in sorted(found)}


def test_only_what_may_still_be_the_best_gets_more_seeds():
    arms = [arm(asked())]
    first = plan(arms, {})
    assert (len(first.ready), first.undecided) == (9, 15)
    known = run(arms)
    assert seeds_of(known) == {0: list(SEEDS), 1: list(SEEDS), 3: [0, 1, 2]}
    assert plan(arms, known).total == 8 + 8 + 3


def test_without_it_all_seeds_are_run_at_once():
    assert len(plan([arm(replace(asked(), first_seeds=None))], {}).ready) == 24


def test_the_baseline_stays_however_bad_since_differences_are_taken_from_it():
    known = run([arm(replace(asked(), baseline={"frozen_layers": 3}))])
    assert seeds_of(known) == {0: list(SEEDS), 1: list(SEEDS), 3: list(SEEDS)}


def test_it_is_over_when_one_is_left():
    apart = {0: 0.0, 1: -0.2, 3: -0.3}
    known = run([arm(replace(asked(), baseline={}))], lambda planned: score(planned, apart))
    assert seeds_of(known) == {0: [0, 1, 2], 1: [0, 1, 2], 3: [0, 1, 2]}


def test_a_smaller_loss_is_better():
    arms = [arm(replace(asked(), metric="loss"))]
    assert seeds_of(run(arms, lambda planned: score(planned, {0: -0.2, 1: 0.0, 3: 0.001}))) == {
        0: list(SEEDS),  # the baseline
        1: list(SEEDS),
        3: list(SEEDS),
    }


def test_nobody_goes_before_every_setting_is_known():
    arms = [arm(replace(question(seeds=SEEDS, first_seeds=3, trials=2), baseline={"frozen_layers": 0}))]
    known: dict[str, Record] = {}
    while ready := plan(arms, known).ready:
        tuning = [p for p in ready if p.phase == "tune"]
        # One point's tuning is held back: the others' comparisons run meanwhile, their first seeds and no more.
        free = [p for p in ready if p not in tuning or p.trial.setting["frozen_layers"] != 3]
        if not free:
            compared = [one for one in known.values() if one.phase == "compare"]
            assert {one.seed for one in compared} == {0, 1, 2}
            break
        known[free[0].key] = record(free[0], score=score(free[0]))
    else:
        pytest.fail("nothing was held back")


def test_one_that_failed_is_neither_judged_nor_waited_for():
    arms = [arm(asked())]
    known: dict[str, Record] = {}
    while ready := plan(arms, known).ready:
        failed = ready[0].trial.setting["frozen_layers"] == 3 and ready[0].trial.seed == 1
        status = {"status": "diverged", "score": None} if failed else {"score": score(ready[0])}
        known[ready[0].key] = record(ready[0], **status)
    assert seeds_of(known) == {0: list(SEEDS), 1: list(SEEDS), 3: list(SEEDS)}


def test_the_stages_end_on_all_seeds():
    assert stages(10, 3) == [3, 4, 6, 9, 10]
    assert stages(3, 3) == [3]
    assert stages(5, 2) == [2, 3, 4, 5]


def test_the_interval_is_that_of_a_two_way_layout():
    """The residual variance and its quantile against an independent computation by least squares."""
    rows = np.random.default_rng(0).normal(size=(4, 5)) * 0.01 + np.array([[0.7], [0.69], [0.68], [0.66]])
    runners, seeds = rows.shape
    design = np.zeros((rows.size, runners + seeds))
    for number, (runner, seed) in enumerate(np.ndindex(rows.shape)):
        design[number, [runner, runners + seed]] = 1
    _, _, rank, _ = np.linalg.lstsq(design, rows.ravel(), rcond=None)
    residuals = rows.ravel() - design @ np.linalg.lstsq(design, rows.ravel(), rcond=None)[0]
    freedom = rows.size - rank
    assert freedom == (runners - 1) * (seeds - 1)
    pooled = residuals @ residuals / freedom
    leader = rows[rows.mean(1).argmax()]
    expected = []
    for row in rows:
        own = (leader - row).var(ddof=1)
        margins = [stats.t.isf(0.05 / 2 / 2 / 3 / 3, seeds - 1) * (own / seeds) ** 0.5]
        if own <= 2 * pooled:
            margins.append(stats.t.isf(0.05 / 2 / 2 / 3 / 3, freedom) * (2 * pooled / seeds) ** 0.5)
        expected.append(bool(0 < (leader - row).mean() > min(margins)))
    assert worse(rows.tolist(), looks=3) == expected
    assert any(expected)
    assert not all(expected)


def test_a_runner_that_scatters_does_not_keep_another_in_the_race():
    rng = np.random.default_rng(3)
    steady, worse_one = rng.normal(0.68, 0.01, 8), rng.normal(0.6, 0.02, 8)
    wild = np.array([0.6, 0.3, 0.7, 0.7, 0.4, 0.7, 0.6, 0.65])
    assert worse([steady.tolist(), worse_one.tolist(), wild.tolist()], 3) == [False, True, False]


def test_of_one_seed_or_one_runner_nothing_is_told():
    assert worse([[0.9], [0.1]], 1) == [False, False]
    assert worse([[0.9, 0.8]], 1) == [False]
    assert worse([], 1) == []
    now = race([{0: 0.9}, {0: 0.1}], (0, 1, 2), 1, [False, False])
    assert (now.seeds, now.open) == ((2, 2), (True, True))


@pytest.mark.parametrize("spread", [(0.01,) * 5, (0.002, 0.005, 0.01, 0.03, 0.06)], ids=["alike", "unlike"])
def test_the_best_is_rarely_sent_away(spread):
    """Where nothing differs somebody is sent away in few races: the level is kept over all looks at once."""
    rng = np.random.default_rng(1)
    away = 0
    for _ in range(400):
        noise = rng.normal(0, np.array(spread)[:, None], (5, 8)) + rng.normal(0, 0.01, 8)
        now = race([dict(enumerate(row)) for row in noise.tolist()], SEEDS, 3, [False] * 5)
        away += any(count < 8 for count in now.seeds)
    assert away / 400 < 0.1


def test_means_decide_and_not_their_order():
    rng = np.random.default_rng(2)
    rows = (rng.normal(0, 0.01, (4, 6)) + np.array([[0.8], [0.7], [0.79], [0.6]])).tolist()
    told = worse(rows, 3)
    order = [2, 0, 3, 1]
    assert worse([rows[i] for i in order], 3) == [told[i] for i in order]
    assert told[[fmean(row) for row in rows].index(max(fmean(row) for row in rows))] is False


def test_an_arm_grows_to_all_seeds_when_they_are_asked_for_without_it():
    few, every = arm(asked()), arm(replace(asked(), first_seeds=None))
    merged = few.merged(every)
    assert merged is not None
    assert merged.question.first_seeds is None
    assert every.merged(few).question.first_seeds is None
    assert few.merged(arm(replace(asked(), first_seeds=5))).question.first_seeds == 5


def test_a_question_without_it_is_stored_as_before():
    assert "first_seeds" not in question().at(arm().geometry).to_json()
    stored = asked().at(arm().geometry).to_json()
    assert type(question()).from_json(stored).first_seeds == 3


@pytest.mark.parametrize(("first", "seeds"), [(1, 5), (5, 5), (0, 5), (3, 3)])
def test_a_useless_number_is_refused(first, seeds):
    from study.ask import Request, changed

    problems = Problems()
    changed(Request(question(), seeds=seeds, first_seeds=first), problems)
    assert [p for p in problems.found if p.startswith(f"--first-seeds {first}: must be from 2")], problems.found


def test_folds_are_not_raced_one_by_one():
    from study.ask import Request, changed
    from study.data import DataOptions

    problems = Problems()
    changed(Request(question(), data=DataOptions("mine", folds=3), seeds=5, first_seeds=3), problems)
    assert problems.found == [
        "--first-seeds decides on each data set by itself, and folds are one together. Leave out one of them."
    ]
