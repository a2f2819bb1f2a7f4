"""What a study is said to cost before anything of it was measured."""

from dataclasses import replace

import pytest

from study import estimate
from study.launch.options import Launch
from study.plan import plan
from study.question import choice
from tests.study.fabricate import arm

RATE = 1e9


def minutes(one, characters: float, monkeypatch) -> float:
    """The minutes of one trial of this arm, alone on a machine of known speed."""
    monkeypatch.setattr(estimate, "_flops_per_second", lambda width, threads: RATE)
    result = plan([one], {})
    left = len(result.ready) + result.undecided
    return estimate.estimate([one], result, {}, Launch(device="cpu", in_process=True), [characters]).minutes / left


def by_hand(one, tokens: float, epochs: float) -> float:
    weights = one.geometry.depth * 12 * one.geometry.width**2
    trained = 6 * one.sizes["train"] * epochs
    evaluated = 2 * (one.sizes["validation"] * (epochs + 1) + one.sizes["test"])
    return weights * tokens * (trained + evaluated) / RATE / 60


def fixed(one, **settings):
    question = replace(one.question, factors=({},), tuned={}, fixed=settings)
    return replace(one, question=question)


def test_it_is_six_operations_for_a_weight_and_token_trained_and_two_for_one_evaluated(monkeypatch):
    one = fixed(arm(), epochs=2, max_length=64)
    assert minutes(one, 4.5 * 30, monkeypatch) == pytest.approx(by_hand(one, tokens=32, epochs=2))
    assert minutes(one, 4.5 * 3000, monkeypatch) == pytest.approx(by_hand(one, tokens=64, epochs=2))


def test_windows_read_all_of_a_long_text_and_a_quarter_of_each_window_twice(monkeypatch):
    one = fixed(arm(), epochs=2, max_length=64, truncation="windows")
    assert minutes(one, 4.5 * 2998, monkeypatch) == pytest.approx(by_hand(one, tokens=4000, epochs=2))


def test_points_count_as_they_are_and_tuning_with_the_most_it_may_choose(monkeypatch):
    one = arm()
    compared = replace(one, question=replace(one.question, factors=({"epochs": 1}, {"epochs": 3}), tuned={}, fixed={}))
    expected = (by_hand(one, 32, 1) + by_hand(one, 32, 3)) / 2
    assert minutes(compared, 4.5 * 30, monkeypatch) == pytest.approx(expected)
    tuned = replace(one, question=replace(one.question, factors=({},), tuned={"epochs": choice(1, 5)}, fixed={}))
    assert minutes(tuned, 4.5 * 30, monkeypatch) == pytest.approx(by_hand(one, 32, 5))


def test_a_block_that_is_applied_several_times_costs_as_often(monkeypatch):
    one = fixed(arm(), epochs=1)
    shared = replace(one, geometry=replace(one.geometry, depth=1, shared=12))
    alone = replace(one, geometry=replace(one.geometry, depth=1))
    assert minutes(shared, 90, monkeypatch) == pytest.approx(12 * minutes(alone, 90, monkeypatch))


def test_a_body_that_trials_share_is_counted_once(monkeypatch):
    monkeypatch.setattr(estimate, "_flops_per_second", lambda width, threads: RATE)
    one = fixed(arm(), epochs=2, max_length=64)
    steps = {"pretraining.steps": 100, "pretraining.batch_size": 8, "pretraining.head_steps": 50}

    def cost(seeds: tuple[int, ...], **settings):
        question = replace(one.question, factors=({},), tuned={}, fixed={"epochs": 2, **settings}, seeds=seeds)
        asked = replace(one, question=question)
        found = estimate.estimate([asked], plan([asked], {}), {}, Launch(device="cpu", in_process=True), [4.5 * 30])
        return found.minutes, found.bytes

    weights = 12 * one.geometry.depth * one.geometry.width**2
    once = weights * 8 * 32 * (6 * 100 + 2 * 2 * 50) / RATE / 60
    for seeds in ((0,), (0, 1, 2)):
        (plain, size), (with_body, larger) = cost(seeds), cost(seeds, **steps)
        assert with_body - plain == pytest.approx(once)
        assert larger - size == 4 * weights


def test_what_frozen_blocks_give_takes_a_vector_of_floats_for_each_token_and_depth():
    def disk(one, **options) -> int:
        result = plan([one], {})
        return estimate.estimate([one], result, {}, Launch(in_process=True, **options), [4.5 * 30]).bytes

    one = fixed(arm(), epochs=1, learning_rate=1e-3)
    one = replace(one, question=replace(one.question, factors={"frozen_layers": (0, 1, 2)}))
    states = disk(one) - disk(one, stored_prefix=False)
    assert states == 2 * sum(one.sizes.values()) * 32 * one.geometry.width * 4
    unfrozen = replace(one, question=replace(one.question, factors={"frozen_layers": (0,)}))
    assert disk(unfrozen) == disk(unfrozen, stored_prefix=False)
