"""What is left to do is planned minus terminal, so killed, enlarged and moved studies are one case."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import pytest

from study.folder import Arm
from study.plan import Plan, Planned, chosen, plan, terminal
from study.question import choice, loguniform, randint, uniform
from study.record import TERMINAL, Record, Ref
from tests.study.fabricate import DATA, GEOMETRY, MODEL, arm, question, record

Score = Callable[[Planned], float]


def by_key(planned: Planned) -> float:
    """A score that looks like noise and depends on the trial alone."""
    return random.Random(planned.key).random()


def run(
    arms: Sequence[Arm],
    records: Mapping[str, Record] | None = None,
    most: int = 10_000,
    score: Score = by_key,
    seed=None,
) -> tuple[dict[str, Record], list[Planned]]:
    """The ledger after at most so many more trials, and these in their order; in any order with a seed."""
    known, ran = dict(records or {}), []
    rng = random.Random(seed)
    while len(ran) < most and (ready := plan(arms, known).ready):
        planned = ready[0] if seed is None else rng.choice(ready)
        assert planned.key not in known, "a trial runs twice"
        known[planned.key] = record(planned, score=score(planned))
        ran.append(planned)
    return known, ran


def keys(planned: Sequence[Planned]) -> set[str]:
    return {p.key for p in planned}


def everything(arms: Sequence[Arm], records: Mapping[str, Record]) -> set[str]:
    result = plan(arms, records)
    return keys([*result.done, *result.ready, *result.pending])


def points(planned: Sequence[Planned], name: str = "frozen_layers") -> set:
    return {p.trial.setting.get(name) for p in planned}


# What runs when


def test_an_empty_ledger_is_tuned_first_and_counts_what_follows():
    result = plan([arm()], {})
    assert {p.phase for p in result.ready} == {"tune"}
    assert len(result.ready) == 3 * 4
    assert result.undecided == 3 * 3
    assert (result.total, result.done, result.pending, result.dead) == (21, [], [], [])


def test_every_point_is_tuned_with_the_same_candidates_and_the_selection_seeds():
    ready = plan([arm(question(selection_seeds=(1000, 1001)))], {}).ready
    for point in (0, 1, 3):
        here = [p for p in ready if p.trial.setting["frozen_layers"] == point]
        assert len(here) == 8
        assert {p.trial.seed for p in here} == {1000, 1001}
        expected = [draw["learning_rate"] for draw in question().candidates()]
        assert sorted({p.trial.setting["learning_rate"] for p in here}) == sorted(expected)


def test_a_point_is_compared_once_its_own_tuning_is_over_and_not_before():
    known = {}
    tuning = [p for p in plan([arm()], {}).ready if p.trial.setting["frozen_layers"] == 1]
    for planned in tuning[:-1]:
        known[planned.key] = record(planned)
    assert {p.phase for p in plan([arm()], known).ready} == {"tune"}
    known[tuning[-1].key] = record(tuning[-1])
    compared = [p for p in plan([arm()], known).ready if p.phase == "compare"]
    assert points(compared) == {1}
    assert sorted(p.trial.seed for p in compared) == [0, 1, 2]
    assert plan([arm()], known).undecided == 6


def test_a_running_tuning_trial_is_waited_for():
    ready = plan([arm()], {}).ready
    known = {p.key: record(p) for p in ready[1:]}
    result = plan([arm()], known, pending=ready[:1])
    assert keys(result.pending) == {ready[0].key}
    assert ready[0].key not in keys(result.ready)
    assert ready[0].trial.setting["frozen_layers"] not in points(result.ready)


def test_tuning_comes_before_comparison_in_the_order_to_run():
    known, _ = run([arm()], most=7)
    phases = [p.phase for p in plan([arm()], known).ready]
    assert phases == sorted(phases, key=lambda phase: phase != "tune")
    assert set(phases) == {"tune", "compare"}


def test_the_setting_with_the_best_mean_over_the_selection_seeds_goes_on():
    asked = question(factors={}, selection_seeds=(1000, 1001), tuned={"learning_rate": choice(1e-4, 2e-4, 3e-4)})
    scores = {1e-4: (0.9, 0.1), 2e-4: (0.6, 0.6), 3e-4: (0.55, 0.56)}

    def score(planned: Planned) -> float:
        return (
            scores[planned.trial.setting["learning_rate"]][planned.trial.seed - 1000] if planned.phase == "tune" else 0
        )

    _, ran = run([arm(asked)], score=score)
    assert points([p for p in ran if p.phase == "compare"], "learning_rate") == {2e-4}


@pytest.mark.parametrize(("metric", "best"), [("f1", 3e-4), ("loss", 3e-4)])
def test_the_best_is_the_highest_score_and_for_the_loss_the_lowest(metric, best):
    asked = question(factors={}, metric=metric, tuned={"learning_rate": choice(1e-4, 3e-4, 2e-4)})
    _, ran = run([arm(asked)], score=lambda p: p.trial.setting["learning_rate"])
    assert points([p for p in ran if p.phase == "compare"], "learning_rate") == {best}


def test_the_lowest_loss_wins_even_against_a_better_f1():
    asked = question(factors={}, metric="loss", tuned={"learning_rate": choice(1e-4, 2e-4)})
    tuning = plan([arm(asked)], {}).ready
    scores = {1e-4: {"f1": 0.9, "loss": 0.7}, 2e-4: {"f1": 0.1, "loss": 0.3}}
    told = [record(p, metrics={"validation": scores[p.trial.setting["learning_rate"]]}) for p in tuning]
    assert [s["learning_rate"] for s in chosen(asked, told)] == [2e-4]


def test_keep_says_how_many_go_on_best_first():
    asked = question(factors={}, keep=2, trials=5)
    tuning = plan([arm(asked)], {}).ready
    told = [record(p, score=by_key(p)) for p in tuning]
    ranked = sorted(tuning, key=by_key, reverse=True)
    assert chosen(asked, told) == [p.trial.setting for p in ranked[:2]]


def test_a_tie_is_decided_by_the_text_of_the_setting_whatever_order_they_ended_in():
    asked = question(factors={}, trials=6)
    tuning = plan([arm(asked)], {}).ready
    first = min(str(sorted(p.trial.setting.items())) for p in tuning)
    for seed in range(20):
        order = random.Random(seed).sample(tuning, len(tuning))
        ready = plan([arm(asked)], {p.key: record(p, score=0.5) for p in order}).ready
        assert {str(sorted(p.trial.setting.items())) for p in ready} == {first}


def test_one_lucky_seed_without_the_others_is_no_score():
    asked = question(factors={}, selection_seeds=(1000, 1001), trials=2)
    tuning = plan([arm(asked)], {}).ready
    first = tuning[0].trial.setting["learning_rate"]

    def told(p: Planned) -> Record:
        if p.trial.setting["learning_rate"] == first:
            return record(p, score=0.99) if p.trial.seed == 1000 else record(p, "diverged", None)
        return record(p, score=0.3)

    assert [s["learning_rate"] for s in chosen(asked, [told(p) for p in tuning])] != [first]


def test_a_stopped_trial_goes_on_only_when_none_has_finished():
    asked = question(factors={}, tuned={"learning_rate": choice(1e-4, 2e-4, 3e-4)})
    low, middle, high = plan([arm(asked)], {}).ready
    stopped = [record(middle, "stopped", 0.8), record(high, "stopped", 0.9)]
    assert [s["learning_rate"] for s in chosen(asked, [record(low, score=0.1), *stopped])] == [1e-4]
    assert [s["learning_rate"] for s in chosen(asked, [record(low, "failed", None), *stopped])] == [3e-4]


def test_a_setting_that_predicts_one_class_goes_on_last_after_those_that_were_stopped():
    asked = question(factors={}, tuned={"learning_rate": choice(1e-4, 2e-4, 3e-4)}, keep=3)
    low, middle, high = plan([arm(asked)], {}).ready
    told = [record(low, score=0.9, degenerate=True), record(middle, "stopped", 0.5), record(high, score=0.1)]
    assert [s["learning_rate"] for s in chosen(asked, told)] == [3e-4, 2e-4, 1e-4]


@pytest.mark.parametrize("score", [float("nan"), float("inf"), float("-inf"), None], ids=str)
@pytest.mark.parametrize("turn", [0, 1, 2])
def test_a_score_that_is_no_number_is_not_chosen_whatever_order_they_ended_in(score, turn):
    asked = question(factors={}, metric="loss", tuned={"learning_rate": choice(1e-4, 2e-4, 3e-4)}, keep=3)
    tuning = plan([arm(asked)], {}).ready
    losses = zip(tuning, (score, 0.5, 0.9), strict=True)
    told = [record(p, metrics={"validation": {"loss": loss}}) for p, loss in losses]
    assert [s["learning_rate"] for s in chosen(asked, told[turn:] + told[:turn])] == [2e-4, 3e-4]


@pytest.mark.parametrize("status", ["failed", "diverged", "out_of_memory"])
def test_a_bad_end_is_never_chosen_however_good_its_last_score(status):
    asked = question(factors={}, tuned={"learning_rate": choice(1e-4, 2e-4)})
    first, second = plan([arm(asked)], {}).ready
    assert chosen(asked, [record(first, status, 0.99), record(second, score=0.01)]) == [second.trial.setting]


def test_a_point_whose_tuning_failed_is_dead_and_said_and_the_others_go_on():
    known = {
        p.key: record(p, "diverged", None) if p.trial.setting["frozen_layers"] == 1 else record(p)
        for p in plan([arm()], {}).ready
    }
    known, ran = run([arm()], known)
    result = plan([arm()], known)
    assert points(ran) == {0, 3}
    (said,) = result.dead
    assert "frozen_layers=1" in said
    assert "every tuning trial failed" in said
    assert not result.ready
    assert not result.undecided


def test_a_dead_search_is_said_and_its_baseline_is_still_run():
    asked = question(factors={}, baseline={"learning_rate": 5e-5})
    known = {p.key: record(p, "failed", None) for p in plan([arm(asked)], {}).ready if p.phase == "tune"}
    result = plan([arm(asked)], known)
    assert "the search" in result.dead[0]
    assert points(result.ready, "learning_rate") == {5e-5}


@pytest.mark.parametrize("status", TERMINAL)
def test_no_terminal_record_is_run_again(status):
    first = plan([arm()], {}).ready[0]
    result = plan([arm()], {first.key: record(first, status)})
    assert keys(result.done) == {first.key}
    assert first.key not in keys(result.ready)


@pytest.mark.parametrize("wanted", ["tune", "compare"])
@pytest.mark.parametrize("ran", ["tune", "compare"])
def test_a_tuning_record_cannot_stand_for_a_comparison_and_a_comparison_can_for_tuning(ran, wanted):
    left = record(replace(plan([arm()], {}).ready[0], phase=ran))
    assert terminal(left, wanted) == ((ran, wanted) != ("tune", "compare"))
    assert not terminal(None, wanted)
    assert not terminal(replace(left, status="running"), wanted)


@pytest.mark.parametrize("turn", [1, -1])
def test_what_one_arm_tunes_and_another_compares_is_planned_once_to_compare(turn):
    tunes = arm(question(factors={}, tuned={"learning_rate": choice(1e-4)}, trials=1))
    fixed = {"learning_rate": 1e-4, "epochs": 2}
    compares = arm(question(factors={}, tuned={}, fixed=fixed, seeds=(1000,), selection_seeds=(1,)))
    (shared,) = plan([compares], {}).ready
    both = [tunes, compares][::turn]
    assert [p.phase for p in plan(both, {}).ready if p.key == shared.key] == ["compare"]
    known, _ = run([tunes])
    assert known[shared.key].phase == "tune"
    assert [p.phase for p in plan(both, known).ready if p.key == shared.key] == ["compare"]
    known[shared.key] = record(shared)
    assert not plan(both, known).ready
    assert plan(both, known).undecided == 0


def test_a_record_that_is_not_terminal_is_run_again():
    first = plan([arm()], {}).ready[0]
    assert first.key in keys(plan([arm()], {first.key: record(first, "running")}).ready)


def test_nothing_is_tuned_where_the_learning_rate_is_fixed():
    asked = question(tuned={}, fixed={"learning_rate": 1e-4, "epochs": 2})
    result = plan([arm(asked)], {})
    assert [p.phase for p in result.ready] == ["compare"] * 9
    assert result.undecided == 0
    assert points(result.ready, "learning_rate") == {1e-4}


def test_the_baseline_of_a_search_is_compared_on_every_seed_and_needs_no_tuning():
    asked = question(factors={}, baseline={"learning_rate": 5e-5, "weight_decay": 0.01}, fixed={"epochs": 2})
    compared = [p for p in plan([arm(asked)], {}).ready if p.phase == "compare"]
    assert [p.trial.seed for p in compared] == [0, 1, 2]
    wanted = {"learning_rate": 5e-5, "weight_decay": 0.01, "epochs": 2.0}
    assert all(p.trial.setting.items() >= wanted.items() for p in compared)


def test_the_baseline_of_a_question_with_factors_is_one_of_its_points():
    asked = question(tuned={}, baseline={"frozen_layers": 0})
    assert len(plan([arm(asked)], {}).ready) == 9


def test_a_point_wins_over_what_is_fixed():
    asked = question(tuned={}, factors=[{"epochs": 5}, {"frozen_layers": 1}], fixed={"epochs": 2})
    assert {p.trial.setting["epochs"] for p in plan([arm(asked)], {}).ready} == {5.0, 2.0}


# Growing


def test_arms_that_share_trials_plan_each_once():
    one, other = arm(question(factors={"frozen_layers": (0, 1)})), arm(question(factors={"frozen_layers": (1, 3)}))
    together = plan([one, other], {}).ready
    assert len(keys(together)) == len(together) == 12
    assert keys(together) == keys(plan([arm()], {}).ready)
    assert plan([one, one], {}).ready == plan([one], {}).ready


def test_each_trial_belongs_to_the_arm_that_wants_it():
    arms = [arm(), arm(model=Ref("other", "o" * 16))]
    assert {(p.arm, p.trial.model.name) for p in plan(arms, {}).ready} == {(0, "model"), (1, "other")}


GROWTHS = {
    "a value": lambda: [arm(question(factors={"frozen_layers": (0, 1, 2, 3)}))],
    "a value in front": lambda: [arm(question(factors={"frozen_layers": (2, 3, 1, 0)}))],
    "a seed": lambda: [arm(question(seeds=(0, 1, 2, 3, 4)))],
    "a model": lambda: [arm(), arm(model=Ref("other", "o" * 16))],
    "a data set": lambda: [arm(data=Ref("other", "o" * 16)), arm()],
    "another way of asking": lambda: [arm(), arm(question(keep=2, metric="loss"))],
}


@pytest.mark.parametrize("grow", GROWTHS.values(), ids=GROWTHS)
@pytest.mark.parametrize("most", [0, 5, 13, 10_000])
def test_a_study_that_grows_keeps_every_trial_it_had(grow, most):
    known, _ = run([arm()], most=most)
    before, after = everything([arm()], known), everything(grow(), known)
    assert before <= after
    assert keys(plan([arm()], known).done) <= keys(plan(grow(), known).done)


@pytest.mark.parametrize("grow", GROWTHS.values(), ids=GROWTHS)
def test_a_finished_study_that_grows_runs_only_what_is_new(grow):
    known, _ = run([arm()])
    _, fresh = run(grow())
    _, added = run(grow(), known)
    assert keys(added) == keys(fresh) - set(known)
    assert added


def test_renaming_the_model_and_the_data_plans_nothing_new():
    known, _ = run([arm()])
    moved = arm(model=Ref("/elsewhere", MODEL.fingerprint), data=Ref("copy", DATA.fingerprint))
    assert not plan([moved], known).ready


def test_twenty_four_trials_are_the_twelve_and_exactly_twelve_more():
    few = everything([arm(question(factors={"frozen_layers": (0,)}, trials=12))], {})
    many = everything([arm(question(factors={"frozen_layers": (0,)}, trials=24))], {})
    assert few < many
    assert len(many - few) == len(few) == 12


def test_more_trials_may_change_the_winner_but_run_no_tuning_trial_again():
    asked = [arm(question(trials=n, factors={"frozen_layers": (0, 3)})) for n in (12, 24)]
    known, _ = run(asked[:1])
    _, added = run(asked[1:], known)
    assert sum(p.phase == "tune" for p in added) == 24
    assert keys(added).isdisjoint(known)


# Any order, any kill


FIXED_PLANS = {
    "factors": lambda: [arm()],
    "search": lambda: [arm(question(factors={}, keep=2, trials=6, baseline={"learning_rate": 5e-5}))],
    "two models": lambda: [arm(question(trials=2)), arm(question(trials=2, keep=2), model=Ref("other", "o" * 16))],
}


@pytest.mark.parametrize("arms", FIXED_PLANS.values(), ids=FIXED_PLANS)
def test_from_any_prefix_in_any_order_each_trial_runs_once_and_the_end_is_the_same(arms):
    expected = keys(run(arms())[1])
    for seed in range(67):
        rng = random.Random(seed)
        known, first = run(arms(), most=rng.randrange(len(expected) + 1), seed=seed)
        moved = dict(rng.sample(list(known.items()), len(known)))
        _, second = run(arms(), moved, seed=seed + 1000)
        ran = [p.key for p in first + second]
        assert len(ran) == len(set(ran))
        assert set(ran) == expected


def test_a_finished_study_has_nothing_to_do_and_counts_itself():
    known, ran = run([arm()])
    result = plan([arm()], known)
    assert (len(result.done), result.ready, result.undecided) == (len(ran), [], 0)
    assert result.total == 21


def test_the_total_does_not_change_while_a_study_runs():
    totals = {plan([arm()], run([arm()], most=n)[0]).total for n in range(0, 22, 3)}
    assert totals == {21}


def test_no_more_comparisons_are_counted_than_settings_are_tried():
    asked = question(factors={}, keep=3, trials=2)
    assert plan([arm(asked)], {}).total == plan([arm(asked)], run([arm(asked)])[0]).total == 2 + 2 * 3


def test_random_search_over_a_grid_spends_its_budget():
    asked = question(factors={}, tuned={"batch_size": choice(8, 16, 32), "epochs": choice(1, 2, 3, 4)}, trials=11)
    assert len(keys(plan([arm(asked)], {}).ready)) == 11


def test_with_trials_running_side_by_side_none_is_started_twice():
    for seed in range(30):
        rng = random.Random(seed)
        known: dict[str, Record] = {}
        pending: list[Planned] = []
        started: list[str] = []
        while True:
            result = plan([arm()], known, pending)
            while result.ready and len(pending) < 4:
                pending.append(result.ready.pop(rng.randrange(len(result.ready))))
                started.append(pending[-1].key)
            if not pending:
                break
            ended = pending.pop(rng.randrange(len(pending)))
            known[ended.key] = record(ended, score=by_key(ended))
        assert len(started) == len(set(started)) == 21


# Adaptive search


def searching(**changes) -> Arm:
    tuned = {
        "learning_rate": loguniform(1e-5, 1e-2),
        "warmup_ratio": uniform(0.0, 0.2),
        "batch_size": choice(8, 16, 32),
    }
    given = {"factors": {}, "tuned": tuned, "search": "optuna", "trials": 8, "seeds": (0, 1)}
    return arm(question(**(given | changes)))


def near_one_thousandth(planned: Planned) -> float:
    import math

    return 1 / (1 + (math.log10(planned.trial.setting["learning_rate"]) + 3) ** 2)


def tuning_of(ran: Sequence[Planned]) -> list[dict]:
    return [p.trial.setting for p in ran if p.phase == "tune"]


def test_an_adaptive_search_proposes_one_trial_at_a_time_and_counts_the_rest():
    result = plan([searching()], {})
    assert len(result.ready) == 1
    assert result.undecided == 7 + 2
    assert result.total == 10


def test_an_adaptive_search_tries_exactly_as_many_settings_as_asked_then_compares():
    _, ran = run([searching()], score=near_one_thousandth)
    assert [p.phase for p in ran] == ["tune"] * 8 + ["compare"] * 2
    settings = [tuple(s.items()) for s in tuning_of(ran)]
    assert len(set(settings)) == 8


def test_every_proposal_is_in_its_domain():
    made = searching(
        tuned={"batch_size": randint(4, 9), "epochs": choice(1, 2), "learning_rate": loguniform(1e-4, 1e-3)}
    )
    for setting in tuning_of(run([made], score=by_key)[1]):
        assert setting["batch_size"] in range(4, 9)
        assert setting["epochs"] in (1, 2)
        assert 1e-4 <= setting["learning_rate"] <= 1e-3


def test_the_proposals_are_a_function_of_the_ledger():
    known, ran = run([searching()], most=6, score=near_one_thousandth)
    again, others = run([searching()], most=6, score=near_one_thousandth)
    assert [p.key for p in ran] == [p.key for p in others]
    assert plan([searching()], known).ready == plan([searching()], again).ready


def test_an_interrupted_adaptive_search_goes_on_as_if_it_had_not_been():
    whole = [p.key for p in run([searching()], score=near_one_thousandth)[1]]
    for most in (1, 5, 7):
        known, first = run([searching()], most=most, score=near_one_thousandth)
        assert [p.key for p in first + run([searching()], known, score=near_one_thousandth)[1]] == whole


def test_more_trials_of_an_adaptive_search_begin_with_those_that_ran():
    known, _ = run([searching()], score=near_one_thousandth)
    _, added = run([searching(trials=11)], known, score=near_one_thousandth)
    assert len(tuning_of(added)) == 3
    assert keys(added).isdisjoint(known)


def test_running_trials_are_counted_and_not_proposed_again():
    known, _ = run([searching()], most=4, score=near_one_thousandth)
    pending: list[Planned] = []
    for _ in range(4):
        result = plan([searching()], known, pending)
        (new,) = result.ready
        assert new.key not in keys(pending)
        assert keys(result.pending) == keys(pending)
        pending.append(new)
    full = plan([searching()], known, pending)
    assert full.ready == []
    assert full.undecided == 2
    assert full.total == 10


def test_the_points_of_a_question_are_searched_apart():
    made = searching(factors={"frozen_layers": (0, 3)}, trials=5)
    _, ran = run([made], score=lambda p: near_one_thousandth(p) * (1 + p.trial.setting.get("frozen_layers", 0)))
    for point in (0, 3):
        assert sum(s["frozen_layers"] == point for s in tuning_of(ran)) == 5


def test_an_adaptive_search_with_two_selection_seeds_runs_every_setting_on_both():
    _, ran = run([searching(selection_seeds=(1000, 1001), trials=5)], score=near_one_thousandth)
    assert len(tuning_of(ran)) == 10
    assert len({tuple(s.items()) for s in tuning_of(ran)}) == 5


def test_a_space_smaller_than_the_trials_asked_for_ends():
    made = searching(tuned={"batch_size": choice(8, 16, 32)}, trials=20)
    known, ran = run([made], score=by_key)
    sizes = [s["batch_size"] for s in tuning_of(ran)]
    assert sorted(sizes) == [8, 16, 32]
    assert sum(p.phase == "compare" for p in ran) == 2
    result = plan([made], known)
    assert (result.ready, result.undecided) == ([], 0)


@pytest.mark.parametrize("domain", [choice(*range(1, 9)), randint(1, 9)], ids=str)
def test_a_space_as_large_as_the_trials_asked_for_is_tried_whole(domain):
    _, ran = run([searching(tuned={"batch_size": domain}, trials=8)])
    assert sorted(s["batch_size"] for s in tuning_of(ran)) == list(range(1, 9))


def test_a_domain_too_narrow_for_the_trials_does_not_strand_the_study():
    made = searching(tuned={"warmup_ratio": uniform(0.1001, 0.1004)}, trials=6)
    known, ran = run([made])
    result = plan([made], known)
    assert (result.ready, result.undecided) == ([], 0)
    assert sum(p.phase == "compare" for p in ran) == 2


@pytest.mark.parametrize("status", ["failed", "diverged", "out_of_memory", "stopped"])
def test_a_search_whose_first_trials_end_badly_goes_on_and_counts_them(status):
    known: dict[str, Record] = {}
    for _ in range(5):
        (planned,) = plan([searching()], known).ready
        known[planned.key] = record(planned, status, None)
    _, ran = run([searching()], known, score=near_one_thousandth)
    assert len(tuning_of(ran)) == 3


def test_results_of_another_model_are_not_told_to_this_search():
    other = replace(searching(), model=Ref("other", "o" * 16))
    known, _ = run([other], score=near_one_thousandth)
    assert tuning_of(run([searching()], known, score=by_key)[1]) == tuning_of(run([searching()], score=by_key)[1])


def shuffled(known: Mapping[str, Record], seed: int) -> dict[str, Record]:
    return dict(random.Random(seed).sample(list(known.items()), len(known)))


def test_a_tie_of_an_adaptive_search_does_not_depend_on_the_order_of_the_ledger():
    made = searching(tuned={"learning_rate": loguniform(1e-5, 1e-2)}, trials=5)
    known, _ = run([made], most=5, score=lambda p: 0.5)
    winners = {str(points(plan([made], shuffled(known, seed)).ready, "learning_rate")) for seed in range(10)}
    assert len(winners) == 1


def test_proposals_do_not_depend_on_the_order_of_the_ledger():
    made = searching(trials=40)
    known, _ = run([made], most=32, score=near_one_thousandth)
    assert len({plan([made], shuffled(known, seed)).ready[0].key for seed in range(6)}) == 1


def test_proposals_do_not_depend_on_the_order_of_the_running_trials():
    made = searching(trials=40)
    known, _ = run([made], most=20, score=near_one_thousandth)
    pending: list[Planned] = []
    for _ in range(5):
        pending += plan([made], known, pending).ready
    orders = [random.Random(seed).sample(pending, 5) for seed in range(6)]
    assert len({plan([made], known, order).ready[0].key for order in orders}) == 1


@pytest.mark.parametrize("other", [{"model": Ref("other", "o" * 16)}, {"data": Ref("other", "o" * 16)}], ids=str)
def test_a_running_trial_of_another_arm_is_not_this_ones(other):
    here, there = searching(), replace(searching(), **other)
    pending = plan([here], {}).ready
    beside = [p for p in plan([here, there], {}, pending).ready if p.arm == 1]
    assert keys(beside) == keys(plan([there], {}).ready)


def test_a_plan_needs_no_geometry_beyond_its_points():
    assert plan([arm(geometry=GEOMETRY)], {}).ready == plan([arm(geometry=replace(GEOMETRY, width=999))], {}).ready
    assert isinstance(plan([], {}), Plan)


@pytest.mark.parametrize(
    "asked", [arm(question(selection_seeds=(1000, 1001))), searching()], ids=["random", "adaptive"]
)
def test_records_from_before_a_knob_was_added_to_training_count_as_they_are(asked):
    def without(record: Record) -> Record:
        return replace(record, setting={n: v for n, v in record.setting.items() if n != "truncation"})

    known, ran = run([asked])
    half = {planned.key: known[planned.key] for planned in ran[: len(ran) // 2]}
    for records, every in ((known, 2), (known, 3), (half, 2), (half, 3)):
        # Old and new records alternate, so that the seeds of one setting are mixed.
        mixed = {key: one if i % every else without(one) for i, (key, one) in enumerate(records.items())}
        assert any("truncation" not in one.setting for one in mixed.values())
        assert keys(plan([asked], mixed).ready) == keys(plan([asked], records).ready)
        assert plan([asked], mixed).total == plan([asked], records).total
        assert all("truncation" in planned.trial.setting for planned in plan([asked], mixed).ready)
    assert plan([asked], {key: without(one) for key, one in known.items()}).ready == []
