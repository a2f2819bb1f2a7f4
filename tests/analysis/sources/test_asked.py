"""The rule that divides settings into compared, tuned and fixed ones."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.sources.asked import FEW, question_of
from analysis.sources.declared import Declared
from study.question import Domain, Question, Setting


def asked(settings: list[Setting], **declared: object) -> Question:
    return question_of(settings, Declared(**declared), [0, 1], "f1", False)[0]  # type: ignore[arg-type]


def grid(*sizes: int, seeds: int = 2) -> list[Setting]:
    return [{f"s{i}": int(v) for i, v in enumerate(cell)} for cell in np.ndindex(*sizes) for _ in range(seeds)]


def test_few_values_are_compared() -> None:
    question = asked(grid(3, 2))
    assert question.factor_names == ("s0", "s1")
    assert len(question.factors) == 6
    assert question.tuned == {}


def test_many_values_are_a_search() -> None:
    assert asked(grid(FEW)).tuned == {}
    question = asked(grid(FEW + 1))
    assert question.factors == ()
    assert question.tuned == {"s0": Domain("randint", (0, FEW + 1))}
    assert question.view.columns == {"x": "s0"}


def test_another_value_in_every_trial_is_a_search_however_few_there_are() -> None:
    drawn: list[Setting] = [{"lr": 1e-5 * 10**i, "batch": 8 * (1 + i % 2)} for i in range(5)]
    question = asked(drawn)
    assert question.factors == ()
    assert question.tuned["lr"] == Domain("loguniform", (1e-5, 1e-5 * 10**4))
    assert question.tuned["batch"] == Domain("choice", (8, 16))
    # on two seeds, or alone, it is a row of values laid out
    assert asked(drawn * 2).factor_names == ("lr", "batch")
    assert asked([{"lr": setting["lr"]} for setting in drawn]).factor_names == ("lr",)


def test_the_argument_goes_before_the_rule() -> None:
    question = asked(grid(FEW + 1, 2), compare=["s1"])
    assert question.factors == ({"s1": 0}, {"s1": 1})
    assert list(question.tuned) == ["s0"]
    assert question.trials == FEW + 1


def test_one_value_is_fixed() -> None:
    question = asked([{**setting, "epochs": 3.0} for setting in grid(3)])
    assert question.fixed == {"epochs": 3.0}
    assert question.factor_names == ("s0",)


def test_points_are_in_the_order_of_their_values_and_the_more_particular_come_first() -> None:
    settings: list[Setting] = [{"lr": 0.1}, {"lr": 0.01, "rank": 8}, {"lr": 0.1, "rank": 8}, {"lr": 0.1, "rank": 4}]
    assert asked(settings).factors == (
        {"lr": 0.01, "rank": 8},
        {"lr": 0.1, "rank": 4},
        {"lr": 0.1, "rank": 8},
        {"lr": 0.1},
    )


def test_words_keep_their_order_and_true_is_not_one() -> None:
    settings: list[Setting] = [{"way": "b", "on": True}, {"way": "a", "on": False}]
    assert asked(settings * 2).factors == ({"way": "b", "on": True}, {"way": "a", "on": False})
    with pytest.raises(ValueError, match="no trial has this value"):
        asked([{"n": 0}, {"n": 1}], baseline={"n": True})


def test_a_stored_question_is_the_same_one() -> None:
    question = asked(grid(3, 2), baseline={"s0": 0})
    again = Question.from_json(question.to_json())
    assert again.to_json() == question.to_json()
    assert again.lower is False
