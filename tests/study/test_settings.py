"""A setting is resolved to what was meant, reduced to what identifies it, and refused in words where it is wrong."""

from __future__ import annotations

import math

import pytest

from study.methods import METHODS
from study.question import Geometry
from study.settings import CHOICE, TRAINING, all_knobs, identifying, problems, resolve, with_defaults

GEOMETRY = Geometry(depth=3, width=32, heads=2, positions=64)


def test_an_empty_setting_resolves_to_the_defaults_of_training_and_of_no_method():
    assert resolve({}) == {name: knob.default for name, knob in TRAINING.items()}


def test_what_is_given_wins_over_the_default():
    assert resolve({"learning_rate": 1e-3})["learning_rate"] == 1e-3


def test_resolving_twice_changes_nothing():
    for given in ({}, {"early_stopping": 2}, {"frozen_layers": 3, "epochs": 1}, {"pooling": "mean"}):
        assert resolve(resolve(given)) == resolve(given)


def test_the_order_of_the_names_does_not_matter():
    given = {"learning_rate": 1e-4, "epochs": 2, "frozen_layers": 1}
    assert list(resolve(given)) == list(resolve(dict(reversed(given.items())))) == sorted(resolve(given))


def test_numbers_take_their_knobs_type():
    setting = resolve({"epochs": 2, "batch_size": 8.0, "frozen_layers": 1.0})
    assert [(setting[n], type(setting[n])) for n in ("epochs", "batch_size", "frozen_layers")] == [
        (2.0, float),
        (8, int),
        (1, int),
    ]


def test_an_active_methods_defaults_are_filled_in_and_an_inactive_ones_are_not():
    assert resolve({"early_stopping": 2})["early_stopping.metric"] == "f1"
    assert "early_stopping.metric" not in resolve({"early_stopping": 0})
    assert "frozen_embeddings" not in resolve({"frozen_layers": 2})


def test_a_users_knob_of_an_active_method_stays():
    assert resolve({"early_stopping": 2, "early_stopping.metric": "loss"})["early_stopping.metric"] == "loss"


def test_identifying_drops_what_is_at_its_identity():
    kept = identifying(resolve({"weight_decay": 0.0, "frozen_layers": 0, "pooling": "pooler"}))
    assert set(kept) == {n for n, knob in TRAINING.items() if knob.identity is None}


def test_identifying_keeps_what_has_no_identity_even_at_its_default():
    assert identifying(resolve({}))["learning_rate"] == TRAINING["learning_rate"].default


def test_identifying_drops_the_knobs_of_methods_that_are_off():
    assert "early_stopping.metric" not in identifying(resolve({"early_stopping": 0, "early_stopping.metric": "loss"}))
    assert (
        identifying(resolve({"early_stopping": 1, "early_stopping.metric": "loss"}))["early_stopping.metric"] == "loss"
    )


def test_every_default_is_valid_and_nothing_is_wrong_with_the_default_setting():
    assert problems({name: knob.default for name, knob in TRAINING.items()}) == []
    assert problems({name: knob.default for name, knob in all_knobs().items()}) == []


def test_no_two_owners_declare_the_same_setting():
    names = [name for owner in (TRAINING, CHOICE, *(m.knobs for m in METHODS.values())) for name in owner]
    assert len(names) == len(set(names))


def test_what_a_method_ignores_is_no_part_of_its_setting_or_key():
    probe = resolve({"method": "linear_probe", "learning_rate": 1e-3})
    assert not {"learning_rate", "epochs"} & probe.keys()
    assert resolve(probe) == probe
    assert identifying(probe) == identifying(resolve({"method": "linear_probe", "epochs": 9}))
    assert with_defaults(probe)["epochs"] == TRAINING["epochs"].default


def test_what_can_be_chosen_by_name_is_a_method():
    assert {"full", *(set(CHOICE["method"].choices) & set(METHODS))} == set(CHOICE["method"].choices)
    assert resolve({"method": "lora"})["lora.rank"] == 8
    assert "method" not in resolve({})


def test_an_unknown_name_is_answered_with_the_nearest_and_the_full_list():
    (said,) = problems({"learning_rat": 1})
    assert "'learning_rat' is unknown" in said
    assert "Did you mean learning_rate" in said
    assert all(name in said for name in all_knobs())


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("epochs", "three", "a number above 0"),
        ("epochs", True, "a number above 0"),
        ("epochs", 0, "a number above 0"),
        ("epochs", math.nan, "a number above 0"),
        ("learning_rate", 0, "a number above 0 to 1"),
        ("learning_rate", 1.01, "a number above 0 to 1"),
        ("learning_rate", -1e-5, "a number above 0 to 1"),
        ("batch_size", 8.5, "a whole number from 1"),
        ("batch_size", 0, "a whole number from 1"),
        ("batch_size", True, "a whole number from 1"),
        ("batch_size", "8", "a whole number from 1"),
        ("weight_decay", -0.01, "a number from 0"),
        ("warmup_ratio", 1, "a number from 0 to 0.99"),
        ("max_length", 3, "a whole number from 4"),
        ("max_length", 65, "a whole number from 4 to 64 (the longest input of the model)"),
        ("frozen_layers", 4, "a whole number from 0 to 3 (the blocks of the model)"),
        ("frozen_layers", -1, "a whole number from 0"),
        ("frozen_embeddings", 1, "true or false"),
        ("frozen_embeddings", "true", "true or false"),
        ("precision", "fp16", "one of fp32, bf16"),
        ("truncation", "middle", "one of head, tail, head_tail, windows"),
        ("class_weights", True, "one of none, balanced"),
        ("pooling", True, "one of pooler, mean, cls"),
        ("early_stopping.metric", "f2", "one of f1, accuracy"),
    ],
)
def test_a_wrong_value_is_named_with_what_is_allowed(name, value, says):
    (said,) = problems({name: value}, GEOMETRY)
    assert said.startswith(f"{name}={value}: must be ")
    assert says in said
    assert f"--set {name}=" in said


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("learning_rate", 1),
        ("learning_rate", 1e-9),
        ("batch_size", 1),
        ("batch_size", 8.0),
        ("weight_decay", 0),
        ("warmup_ratio", 0.99),
        ("max_length", 4),
        ("max_length", 64),
        ("frozen_layers", 0),
        ("frozen_layers", 3),
        ("frozen_embeddings", True),
        ("epochs", 0.5),
    ],
)
def test_the_bounds_themselves_are_allowed(name, value):
    assert problems({name: value}, GEOMETRY) == []


def test_without_a_geometry_the_models_bounds_are_not_guessed():
    assert problems({"frozen_layers": 400, "max_length": 4000}) == []
    assert problems({"frozen_layers": -1}) != []


def test_every_problem_is_told_at_once():
    assert len(problems({"epochs": 0, "batch_size": 0, "nonsense": 1, "pooling": "max"}, GEOMETRY)) == 4


@pytest.mark.parametrize("name", ["batch_size", "max_length", "learning_rate", "epochs"])
@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan], ids=str)
def test_a_number_that_is_not_finite_is_a_problem_and_no_traceback(name, value):
    (said,) = problems({name: value})
    assert said.startswith(name)
