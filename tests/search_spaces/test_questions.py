"""The questions compare what they say: points, baselines, equal parameters; and they can be written down."""

from __future__ import annotations

import json

import pytest

from search_spaces import QUESTIONS, exam, lora_or_adapter, stability
from study.question import Geometry, Question
from study.settings import identifying, problems, resolve

MODELS = {
    "small": Geometry(depth=3, width=32, heads=2, positions=64),
    "MiniLM": Geometry(depth=6, width=384, heads=12, positions=512),
    "base": Geometry(depth=12, width=768, heads=12, positions=512),
    "large": Geometry(depth=24, width=1024, heads=16, positions=None),
}
COUNTS = {
    "lora": 15,
    "adapter_size": 14,
    "lora_or_adapter": 7,
    "awp": 16,
    "mixout": 11,
    "memory_budget": 10,
    "stability": 8,
    "exam": 10,
    "few_shot": 20,
}


@pytest.mark.parametrize("geometry", [MODELS["MiniLM"], MODELS["large"]], ids=["MiniLM", "large"])
@pytest.mark.parametrize("name", COUNTS)
def test_as_many_points_as_said_each_another_setting_with_the_baseline_among_them(name, geometry):
    question = QUESTIONS[name]
    points = question.points(geometry)
    assert len(points) == COUNTS[name]
    assert question.compares_baseline(geometry)
    told = {json.dumps(identifying(resolve({**question.fixed, **point}))) for point in points}
    assert len(told) == len(points), "two points are one trial"


@pytest.mark.parametrize("geometry", MODELS.values(), ids=MODELS)
@pytest.mark.parametrize("name", QUESTIONS)
def test_every_point_is_a_setting_that_may_be_run(name, geometry):
    question = QUESTIONS[name]
    # a model so small has no 64 tokens, which is told elsewhere
    fixed = {"max_length": 32, **question.fixed}
    for point in question.points(geometry):
        assert problems({**fixed, **point}, geometry) == []


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_written_out_for_a_model_comes_back_from_json(name):
    written = QUESTIONS[name].at(MODELS["base"])
    assert Question.from_json(json.loads(json.dumps(written.to_json()))) == written


@pytest.mark.parametrize("name", ["lora", "adapter_size", "lora_or_adapter", "awp", "mixout", "exam"])
def test_the_learning_rate_is_tuned_and_never_part_of_a_point(name):
    question = QUESTIONS[name]
    assert "learning_rate" in question.tuned
    assert all("learning_rate" not in point for point in question.points(MODELS["base"]))


def test_full_fine_tuning_and_the_head_alone_stand_beside_the_ranks_and_widths():
    for name, switch in (("lora", "lora.rank"), ("adapter_size", "adapter.width")):
        points = QUESTIONS[name].points(MODELS["base"])
        assert [p for p in points if p[switch] == 0] == [{switch: 0, "frozen_layers": k} for k in (0, 12)]


def test_alpha_is_twice_the_rank_or_sixteen():
    found = {(p["lora.rank"], p["lora.alpha"]) for p in QUESTIONS["lora"].points(MODELS["base"]) if p["lora.rank"]}
    assert found == {(r, a) for r in (1, 2, 4, 8, 16, 32, 64) for a in (2 * r, 16)}


@pytest.mark.parametrize("hidden", [384, 512, 768, 1024])
def test_lora_and_adapters_are_compared_at_equal_parameters(hidden):
    geometry = Geometry(depth=6, width=hidden, heads=8, positions=512)
    points = lora_or_adapter.QUESTION.points(geometry)
    ranks = [p["lora.rank"] for p in points if p["lora.rank"]]
    widths = [p["adapter.width"] for p in points if p["adapter.width"]]
    assert len(ranks) == len(widths) == 3
    for rank, width in zip(ranks, widths, strict=True):
        # by their matrices: A and B on two square weights; down, up and their biases
        of_lora = 2 * (rank * hidden + hidden * rank)
        of_adapter = (width * hidden + width) + (hidden * width + hidden)
        assert abs(of_lora / of_adapter - 1) <= (0.04 if width == 16 else 0.01)
        nearer = [abs(2 * (r * hidden + hidden * r) - of_adapter) for r in (rank - 1, rank, rank + 1)]
        assert min(nearer) == nearer[1]


def test_the_exam_turns_on_none_one_all_but_one_or_all():
    points = exam.QUESTION.points(MODELS["base"])
    on = [frozenset(name for name in exam.PARTS if point[name]) for point in points]
    every = frozenset(exam.PARTS)
    assert set(on) == {frozenset(), every, *(every - {n} for n in every), *(frozenset({n}) for n in every)}
    assert len(exam.QUESTION.seeds) == 10
    assert [section for _, section in exam.QUESTION.outline] == [
        "recipe", "training", "confusion", "classes", "parameters", "costs", "ablation"
    ]  # fmt: skip


def test_stability_changes_one_thing_at_a_time():
    first = dict(stability.QUESTION.baseline)
    points = stability.QUESTION.points(MODELS["base"])
    changed = [{n for n in first if point[n] != first[n]} for point in points]
    ladder = [{"bias_correction"}, {"bias_correction", "warmup_ratio"}, {"bias_correction", "warmup_ratio", "epochs"}]
    for expected in (set(), *ladder, {"reinit_layers"}, {"layer_decay"}):
        assert changed.count(expected) == 1
    assert changed.count({"mixout.p"}) == 2
    assert all(point.get("mixout.replace_dropout") is (True if point["mixout.p"] else None) for point in points)
    assert len(stability.QUESTION.seeds) == 20


def test_methods_are_compared_on_the_same_examples_with_one_pooling():
    question = QUESTIONS["few_shot"]
    settings = [resolve({**question.fixed, **point}) for point in question.points(MODELS["MiniLM"])]
    assert {setting["pooling"] for setting in settings} == {"mean"}
    assert {(s["shots"], s["method"]) for s in settings} == {
        (shots, method) for shots in (4, 8, 16, 24, 32) for method in ("full", "lora", "linear_probe", "setfit")
    }
    assert not question.tuned, "nothing is chosen on texts that nobody with few examples has"
    assert {s["lora.rank"] for s in settings if s["method"] == "lora"} == {8}
