"""``--set`` says one of three things about a setting: fixed, compared or tuned; whatever says none of them is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from search_spaces import QUESTIONS
from study.errors import InputError, Problems
from study.overrides import Override, parse, with_metric, with_override
from study.question import Geometry, Question, choice, loguniform, randint, uniform

GEOMETRY = Geometry(depth=3, width=32, heads=2, positions=64)


def question(**changes) -> Question:
    given = {
        "factors": {"frozen_layers": lambda geometry, point: range(geometry.depth + 1)},
        "tuned": {"learning_rate": choice(1e-4, 1e-3)},
        "fixed": {"epochs": 2},
        "baseline": {"frozen_layers": 0},
    }
    return Question(name="q", asks="Which?", source="a test", **(given | changes))


def parsed(*texts: str) -> dict[str, Override]:
    problems = Problems()
    found = parse(texts, problems)
    problems.raise_if_any()
    return found


def with_overrides(asked: Question, overrides: Mapping[str, Override]) -> Question:
    for name, value in overrides.items():
        asked = with_override(asked, name, value)
    return asked


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("learning_rate=1e-4", {"learning_rate": 1e-4}),
        ("epochs=3", {"epochs": 3}),
        ("frozen_embeddings=true", {"frozen_embeddings": True}),
        ("frozen_embeddings=False", {"frozen_embeddings": False}),
        ("pooling=mean", {"pooling": "mean"}),
        ("pooling='mean'", {"pooling": "mean"}),
        (" epochs = 3 ", {"epochs": 3}),
        ("early_stopping.metric=loss", {"early_stopping.metric": "loss"}),
        ("frozen_layers=0,3,6", {"frozen_layers": (0, 3, 6)}),
        ("frozen_layers=0, 3, 3, 0", {"frozen_layers": (0, 3)}),
        ("frozen_layers=3,", {"frozen_layers": (3,)}),
        ("pooling=mean,cls", {"pooling": ("mean", "cls")}),
        ("learning_rate=loguniform(1e-5,1e-3)", {"learning_rate": loguniform(1e-5, 1e-3)}),
        ("warmup_ratio=uniform(0, 0.2)", {"warmup_ratio": uniform(0, 0.2)}),
        ("batch_size=randint(8,33)", {"batch_size": randint(8, 33)}),
        ("batch_size=choice(8,16)", {"batch_size": choice(8, 16)}),
        ("pooling=choice(mean,cls)", {"pooling": choice("mean", "cls")}),
        ("lora.targets=query,value", {"lora.targets": "query,value"}),
        ("lora.targets=query, value", {"lora.targets": "query,value"}),
        ("lora.targets=query,value,", {"lora.targets": ("query,value",)}),
        ("lora.targets=attention,query,value,linear", {"lora.targets": ("attention", "query,value", "linear")}),
        ("lora.targets=choice(query,value,linear)", {"lora.targets": choice("query,value", "linear")}),
        ("lora.targets=query", {"lora.targets": "query"}),
        ("lora.targets=value,query", {"lora.targets": ("value", "query")}),
        ("pooling=query,value", {"pooling": ("query", "value")}),
        ("name=a=b", {"name": "a=b"}),
        ("x=1,true,1.0", {"x": (1, True)}),
    ],
)
def test_every_form_is_understood(text, expected):
    found = parsed(text)
    assert found == expected
    assert [type(v) for v in found.values()] == [type(v) for v in expected.values()]


def test_values_keep_their_types():
    (values,) = parsed("x=2,2.5,true,word").values()
    assert [type(v) for v in values] == [int, float, bool, str]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("epochs", "must be name=value"),
        ("=3", "must be name=value"),
        ("epochs=", "must be name=value"),
        ("epochs=  ", "must be name=value"),
        ("learning_rate=normal(0,1)", "normal(…) is no domain. Use choice, uniform, loguniform, randint."),
        ("learning_rate=loguniform(0,1)", "low must be above 0"),
        ("learning_rate=uniform(1)", "needs two numbers"),
        ("learning_rate=uniform(a,b)", "needs two numbers"),
        ("batch_size=randint(1.5,4)", "needs whole numbers"),
        ("batch_size=choice()", "needs at least one value"),
        ("batch_size=randint(1,1e999)", "low and high must be finite"),
        ("learning_rate=uniform(0,1e999)", "low and high must be finite"),
        ("frozen_layers=,", "holds no value"),
        ("frozen_layers= , ,", "holds no value"),
    ],
)
def test_what_is_no_override_is_told_with_the_text_given(text, says):
    with pytest.raises(InputError) as caught:
        parsed(text)
    (said,) = caught.value.problems
    assert said.startswith(f"--set {text}: ")
    assert says in said


def test_several_errors_are_told_at_once():
    with pytest.raises(InputError) as caught:
        parsed("epochs", "learning_rate=uniform(2,1)", "batch_size=8", "x=foo(1)")
    assert len(caught.value.problems) == 3


def test_what_is_right_is_understood_beside_what_is_wrong():
    problems = Problems()
    assert parse(["epochs", "batch_size=8"], problems) == {"batch_size": 8}
    assert len(problems.found) == 1


def test_a_setting_given_twice_is_refused_by_name():
    with pytest.raises(InputError, match="--set epochs is given twice"):
        parsed("epochs=1", "epochs=2")


def test_a_factor_given_values_compares_these():
    changed = with_overrides(question(), {"frozen_layers": (0, 2)})
    assert changed.points(GEOMETRY) == [{"frozen_layers": 0}, {"frozen_layers": 2}]


def test_a_factor_given_one_value_stays_a_factor():
    changed = with_overrides(question(), {"frozen_layers": 2})
    assert changed.points(GEOMETRY) == [{"frozen_layers": 2}]
    assert changed.factor_names == ("frozen_layers",)
    assert "frozen_layers" not in changed.fixed


def test_a_factor_cannot_be_tuned():
    with pytest.raises(InputError, match="frozen_layers is what q compares, so it cannot be tuned"):
        with_overrides(question(), {"frozen_layers": randint(0, 3)})


def test_a_tuned_setting_given_a_value_is_fixed_and_no_longer_tuned():
    changed = with_overrides(question(), {"learning_rate": 5e-4})
    assert changed.fixed["learning_rate"] == 5e-4
    assert changed.candidates() == []


def test_a_tuned_setting_given_another_domain_is_tuned_over_that():
    changed = with_overrides(question(), {"learning_rate": uniform(0.1, 0.2)})
    assert changed.tuned == {"learning_rate": uniform(0.1, 0.2)}


def test_a_tuned_setting_given_values_is_compared_and_no_longer_tuned():
    changed = with_overrides(question(), {"learning_rate": (1e-4, 2e-4)})
    assert changed.tuned == {}
    assert len(changed.points(GEOMETRY)) == 4 * 2
    assert changed.factor_names == ("frozen_layers", "learning_rate")


@pytest.mark.parametrize(
    ("value", "where"), [(4, "fixed"), ((1, 2), "factors"), (uniform(1, 3), "tuned")], ids=["fix", "compare", "tune"]
)
def test_a_fixed_setting_ends_in_exactly_one_place(value, where):
    changed = with_overrides(question(), {"epochs": value})
    places = {place for place in ("fixed", "factors", "tuned") if "epochs" in getattr(changed, place)}
    assert places == {where}
    assert getattr(changed, where)["epochs"] == value


def test_a_search_keeps_its_baseline_except_for_what_is_fixed():
    asked = question(
        factors={},
        tuned={"learning_rate": loguniform(1e-5, 1e-3), "batch_size": choice(8, 16)},
        baseline={"learning_rate": 5e-5, "batch_size": 16, "epochs": 3},
    )
    changed = with_overrides(asked, {"batch_size": 4, "weight_decay": 0.1})
    assert changed.baseline == {"learning_rate": 5e-5, "batch_size": 4, "epochs": 3}
    assert changed.fixed == {"epochs": 2, "batch_size": 4, "weight_decay": 0.1}


def test_the_question_given_is_not_changed():
    asked = question()
    with_overrides(asked, {"epochs": 9, "learning_rate": 1e-2, "batch_size": (1, 2)})
    assert asked.fixed == {"epochs": 2}
    assert set(asked.tuned) == {"learning_rate"}
    assert set(asked.factors) == {"frozen_layers"}


def test_a_list_of_points_cannot_be_changed_setting_by_setting():
    with pytest.raises(InputError, match="compares a list of points"):
        with_overrides(question(factors=[{"frozen_layers": 1}]), {"epochs": 1})


def test_a_metric_also_becomes_what_the_methods_watch():
    asked = question(fixed={"early_stopping": 2, "early_stopping.metric": "f1", "epochs": 2})
    changed = with_metric(asked, "loss")
    assert changed.metric == "loss"
    assert changed.fixed == {"early_stopping": 2, "early_stopping.metric": "loss", "epochs": 2}
    assert with_metric(question(), "mcc").fixed == {"epochs": 2}


def test_what_is_newly_compared_is_compared_with_its_default_or_with_the_first_value():
    asked = with_override(QUESTIONS["frozen_layers"], "truncation", ("windows", "head", "tail"))
    assert asked.baseline == {"frozen_layers": 0, "truncation": "head"}
    asked = with_override(QUESTIONS["frozen_layers"], "batch_size", (32, 8))
    assert asked.baseline == {"frozen_layers": 0, "batch_size": 32}
    assert with_override(QUESTIONS["frozen_layers"], "batch_size", (8,)).baseline == {"frozen_layers": 0}


def test_a_question_knows_whether_its_baseline_is_compared():
    for values, there in (((0, 3), True), ((3, 6), False)):
        asked = with_override(QUESTIONS["frozen_layers"], "frozen_layers", values)
        assert asked.compares_baseline(GEOMETRY) is there
    assert QUESTIONS["hyperparameters"].compares_baseline(GEOMETRY)


def test_other_values_of_a_factor_leave_the_baseline_as_it_is():
    asked = with_override(QUESTIONS["few_shot"], "shots", (2, 64))
    assert asked.baseline == {"method": "full"}
    assert asked.compares_baseline(GEOMETRY)


def test_a_factor_given_values_still_has_none_where_the_question_gives_it_none():
    awp = with_override(QUESTIONS["awp"], "awp.epsilon", (0, 0.01))
    points = with_override(awp, "awp.schedule", ("second_half", "every")).points(GEOMETRY)  # none for an attack of 0
    assert points == [
        {"awp.epsilon": 0},
        {"awp.epsilon": 0.01, "awp.schedule": "second_half"},
        {"awp.epsilon": 0.01, "awp.schedule": "every"},
    ]
    more = with_override(QUESTIONS["continued_pretraining"], "pretraining.steps", (0, 40))
    more = with_override(more, "pretraining.corpus", "task")
    found = more.points(replace(GEOMETRY, objectives=("masked",)))
    assert [point.get("pretraining.corpus") for point in found] == [None, "task"]
