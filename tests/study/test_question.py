"""A question is a value: its domains, points and draws are what they say, and it survives being written down."""

from __future__ import annotations

import itertools
import json
import random
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from study.question import (
    Domain,
    Geometry,
    Question,
    View,
    better_is_lower,
    choice,
    distinct,
    loguniform,
    randint,
    uniform,
)

ROOT = Path(__file__).parents[2]
GEOMETRY = Geometry(depth=3, width=32, heads=2, positions=64)


def question(**changes) -> Question:
    return Question(name="q", asks="Which?", source="a test", **changes)


@pytest.mark.parametrize(
    ("kind", "args", "says"),
    [
        ("normal", (0, 1), "normal(...) is no domain; use choice, uniform, loguniform, randint"),
        ("choice", (), "choice() needs at least one value"),
        ("uniform", (1,), "uniform(1): needs two numbers, low and high"),
        ("uniform", (1, 2, 3), "uniform(1, 2, 3): needs two numbers, low and high"),
        ("loguniform", ("a", "b"), "loguniform(a, b): needs two numbers, low and high"),
        ("randint", (False, True), "randint(False, True): needs two numbers, low and high"),
        ("uniform", (2, 1), "uniform(2, 1): low must be below high"),
        ("uniform", (1, 1), "uniform(1, 1): low must be below high"),
        ("uniform", (float("nan"), 1), "low and high must be finite"),
        ("loguniform", (0, 1), "loguniform(0, 1): low must be above 0"),
        ("loguniform", (-1, 1), "loguniform(-1, 1): low must be above 0"),
        ("randint", (0, 2.5), "randint(0, 2.5): needs whole numbers"),
        ("uniform", (0, float("inf")), "uniform(0, inf): low and high must be finite"),
        ("loguniform", (1, float("inf")), "loguniform(1, inf): low and high must be finite"),
        ("randint", (1, float("inf")), "randint(1, inf): low and high must be finite"),
    ],
)
def test_a_domain_that_makes_no_sense_is_refused_in_words(kind, args, says):
    with pytest.raises(ValueError) as caught:
        Domain(kind, args)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    "domain",
    [
        choice("a", 2, True),
        uniform(-1, 1),
        loguniform(1e-5, 1e-3),
        randint(2, 5),
        uniform(0.1001, 0.1004),
        loguniform(1.234e-5, 1.3e-5),
    ],
    ids=str,
)
def test_every_draw_is_in_its_domain(domain):
    draws = [domain.draw(random.Random(seed)) for seed in range(500)]
    assert all(domain.contains(value) for value in draws)
    if domain.kind in ("uniform", "loguniform"):
        low, high = domain.args
        assert all(low <= value <= high for value in draws)


def test_randint_leaves_out_its_upper_bound_and_reaches_everything_below():
    assert {randint(2, 5).draw(random.Random(seed)) for seed in range(200)} == {2, 3, 4}
    assert randint(2, 5).ends == (2, 4)
    assert not randint(2, 5).contains(5)


def test_loguniform_is_uniform_in_the_exponent_and_uniform_is_not():
    middle = sum(loguniform(1e-6, 1e-2).draw(random.Random(seed)) < 1e-4 for seed in range(2000)) / 2000
    assert middle == pytest.approx(0.5, abs=0.05)
    assert sum(uniform(0, 1).draw(random.Random(seed)) < 0.25 for seed in range(2000)) / 2000 == pytest.approx(
        0.25, abs=0.04
    )


@pytest.mark.parametrize("domain", [uniform(0, 7), loguniform(1e-5, 1e3)], ids=str)
def test_continuous_draws_have_three_digits_at_most(domain):
    for seed in range(300):
        value = domain.draw(random.Random(seed))
        assert value == float(f"{value:.3g}")
        assert len(f"{value:e}".split("e")[0].rstrip("0").replace(".", "")) <= 3


@pytest.mark.parametrize(
    ("given", "expected"), [(0.0012345, 0.00123), (98765.0, 98800.0), (3.0, 3.0), (-0.05678, -0.0568)]
)
def test_a_value_is_rounded_to_three_significant_digits(given, expected):
    assert uniform(-1e6, 1e6).rounded(given) == expected


@pytest.mark.parametrize(
    ("domain", "given", "expected"),
    [(uniform(0.1001, 0.1004), 0.1003, 0.1001), (loguniform(1.23e-5, 1.3456e-5), 1.3455e-5, 1.3456e-5)],
    ids=str,
)
def test_rounding_never_leaves_the_bounds(domain, given, expected):
    assert domain.rounded(given) == expected


@pytest.mark.parametrize(
    ("domain", "inside", "outside"),
    [
        (choice(8, 16), 8, 12),
        (choice("a", "b"), "b", "c"),
        (uniform(0, 1), 1, 1.01),
        (loguniform(0.1, 1), 0.1, 0.099),
        (uniform(0, 1), 0.5, "0.5"),
        (uniform(0, 1), 1, True),
        (randint(1, 10), 3, 3.5),
        (randint(1, 10), 1, True),
        (choice(1, 2), 1.0, True),
        (choice(True, 2), True, 1),
    ],
)
def test_contains_knows_what_is_inside(domain, inside, outside):
    assert domain.contains(inside)
    assert not domain.contains(outside)


def test_the_values_of_a_finite_domain_are_all_it_could_draw():
    assert tuple(randint(2, 5).values) == (2, 3, 4)
    assert choice("b", "a", "b").values == ("b", "a")
    assert uniform(0, 1).values is None
    assert loguniform(1, 2).values is None


def test_distinct_keeps_the_order_and_takes_one_and_true_for_two_values():
    assert [*map(repr, distinct([2, 1, True, 1.0, 2, "1", False, 0]))] == ["2", "1.0", "True", "'1'", "False", "0"]


TUNED = {"learning_rate": loguniform(1e-5, 1e-3), "batch_size": choice(8, 16, 32), "warmup_ratio": uniform(0, 0.2)}


def test_candidate_i_depends_on_i_alone():
    whole = question(tuned=TUNED).candidates(20)
    assert all(question(tuned=TUNED, trials=99).candidates(i + 1)[i] == whole[i] for i in reversed(range(20)))


def test_a_draw_does_not_change_when_another_setting_is_tuned_too():
    alone = question(tuned={"learning_rate": TUNED["learning_rate"]}).candidates(8)
    assert [c["learning_rate"] for c in question(tuned=TUNED).candidates(8)] == [c["learning_rate"] for c in alone]


def test_twenty_four_candidates_begin_with_the_same_twelve():
    asked = question(tuned=TUNED, trials=12)
    assert asked.candidates(24)[:12] == asked.candidates()
    assert len(asked.candidates()) == 12


def test_another_index_is_another_draw():
    drawn = question(tuned=TUNED).candidates(24)
    assert len({tuple(d.values()) for d in drawn}) == 24


def test_two_settings_with_one_domain_are_drawn_independently():
    domain = uniform(0, 1)
    drawn = question(tuned={"weight_decay": domain, "warmup_ratio": domain}).candidates(50)
    assert sum(d["weight_decay"] == d["warmup_ratio"] for d in drawn) < 3


GRID = {"a": choice(1, 2, 3), "b": choice("x", "y"), "c": randint(0, 2)}
CELLS = [{"a": a, "b": b, "c": c} for a, b, c in itertools.product((1, 2, 3), "xy", (0, 1))]


@pytest.mark.parametrize("trials", [12, 13, 100])
def test_a_grid_that_fits_is_tried_whole_in_its_natural_order(trials):
    assert question(tuned=GRID, trials=trials).candidates() == CELLS


@pytest.mark.parametrize("trials", [1, 5, 11])
def test_a_grid_larger_than_the_trials_is_shuffled_and_no_cell_is_tried_twice(trials):
    asked = question(tuned=GRID, trials=trials)
    whole = asked.candidates(100)
    assert asked.candidates() == whole[:trials]
    assert whole != CELLS
    assert sorted(map(str, whole)) == sorted(map(str, CELLS))


def test_the_shuffled_cells_are_the_same_for_any_number_of_trials_that_is_too_small():
    assert question(tuned=GRID, trials=11).candidates()[:5] == question(tuned=GRID, trials=5).candidates()


def test_a_grid_too_large_to_write_out_is_drawn_from():
    asked = question(tuned={"a": randint(0, 10**12), "b": choice("x", "y")}, trials=20)
    assert len(asked.candidates()) == 20
    assert all(asked.tuned[name].contains(value) for c in asked.candidates() for name, value in c.items())


def test_a_value_given_twice_in_a_choice_is_one_candidate():
    assert question(tuned={"a": choice(1, 1, 2)}).candidates(9) == [{"a": 1}, {"a": 2}]


def test_nothing_tuned_means_no_candidates():
    assert question().candidates(5) == []


def test_points_are_the_grid_in_the_order_of_the_factors():
    asked = question(factors={"a": (1, 2), "b": ("x", "y")})
    assert asked.points(GEOMETRY) == [
        {"a": 1, "b": "x"},
        {"a": 1, "b": "y"},
        {"a": 2, "b": "x"},
        {"a": 2, "b": "y"},
    ]


def test_a_factor_may_depend_on_the_geometry():
    asked = question(factors={"frozen_layers": lambda geometry, point: range(geometry.depth + 1)})
    assert [p["frozen_layers"] for p in asked.points(GEOMETRY)] == [0, 1, 2, 3]
    assert len(asked.points(Geometry(12, 768, 12, 512))) == 13


def test_a_factor_may_be_tied_to_an_earlier_one():
    asked = question(factors={"rank": (4, 8), "alpha": lambda geometry, point: (point["rank"], 2 * point["rank"])})
    assert [(p["rank"], p["alpha"]) for p in asked.points(GEOMETRY)] == [(4, 4), (4, 8), (8, 8), (8, 16)]


def test_a_list_of_points_is_taken_as_it_is_and_may_have_uneven_names():
    asked = question(factors=[{"a": 1}, {"b": 2}])
    assert asked.points(GEOMETRY) == [{"a": 1}, {"b": 2}]
    assert asked.factor_names == ("a", "b")


def test_a_question_without_factors_has_one_empty_point():
    assert question().points(GEOMETRY) == [{}]
    assert question().factor_names == ()


def test_changing_a_point_does_not_change_the_question():
    asked = question(factors=[{"a": 1}])
    asked.points(GEOMETRY)[0]["a"] = 99
    assert asked.points(GEOMETRY) == [{"a": 1}]


def test_a_question_written_out_comes_back_equal_from_json():
    asked = question(
        factors={"rank": (4, 8), "alpha": lambda geometry, point: (2 * point["rank"],)},
        tuned=TUNED,
        fixed={"epochs": 2, "frozen_embeddings": True, "pooling": "mean"},
        baseline={"rank": 4},
        metric="loss",
        seeds=(0, 1, 2, 3),
        selection_seeds=(7, 8),
        trials=5,
        keep=2,
        search="optuna",
        scheduler="asha",
        view=View("scatter", {"x": "rank"}),
    ).at(GEOMETRY)
    back = Question.from_json(json.loads(json.dumps(asked.to_json())))
    assert back == asked
    assert back.candidates() == asked.candidates()
    assert back.points(Geometry(99, 99, 99, 99)) == asked.points(GEOMETRY)
    assert type(back.fixed["frozen_embeddings"]) is bool


def test_fields_of_a_later_version_are_ignored_when_reading():
    asked = question(tuned=TUNED).at(GEOMETRY)
    assert Question.from_json(asked.to_json() | {"invented_next_year": 1}) == asked


def test_callable_factors_cannot_be_stored_and_the_error_says_what_to_do():
    asked = question(factors={"frozen_layers": lambda geometry, point: range(geometry.depth)})
    with pytest.raises(ValueError, match=r"question\.at\(geometry\)"):
        asked.to_json()


def test_seeds_that_both_select_and_compare_are_refused_by_name():
    with pytest.raises(ValueError, match=r"\[1, 2\] both select and compare"):
        question(seeds=(0, 1, 2), selection_seeds=(2, 1))


def test_a_question_cannot_be_changed():
    with pytest.raises(AttributeError):
        question().trials = 4


def test_only_a_loss_is_better_when_lower():
    assert better_is_lower("loss")
    assert not any(better_is_lower(metric) for metric in ("f1", "accuracy", "precision", "recall", "mcc"))


def test_question_imports_the_standard_library_alone():
    code = (
        "import sys; before = set(sys.modules); import study.question; "
        "print(*sorted({m.split('.')[0] for m in set(sys.modules) - before} - set(sys.stdlib_module_names)))"
    )
    done = subprocess.run([sys.executable, "-S", "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["study"]


def test_a_factor_may_leave_itself_out_and_points_may_be_kept_by_a_condition():
    tied = question(
        factors={"rank": (0, 4, 8), "alpha": lambda geometry, point: (2 * point["rank"],) if point["rank"] else ()}
    )
    assert tied.points(GEOMETRY) == [{"rank": 0}, {"rank": 4, "alpha": 8}, {"rank": 8, "alpha": 16}]
    kept = question(factors={"a": (0, 1), "b": (0, 1)}, only=lambda point: sum(point.values()) != 1)
    assert kept.points(GEOMETRY) == [{"a": 0, "b": 0}, {"a": 1, "b": 1}]
    with pytest.raises(ValueError, match="write its points out"):
        kept.to_json()
    written = kept.at(GEOMETRY)
    assert Question.from_json(json.loads(json.dumps(written.to_json()))) == written


def test_an_outline_survives_being_written_down():
    asked = question(factors=({"a": 1},), outline=(("1. The scores", "comparison"), ("2. The costs", "costs")))
    assert Question.from_json(json.loads(json.dumps(asked.to_json()))).outline == asked.outline


def test_the_names_of_many_points_are_gathered_once():
    many = Question(name="q", asks="?", source="me", factors=tuple({"frozen_layers": n} for n in range(1000)))
    assert many.factor_names == ("frozen_layers",)
    assert many.factor_names is many.factor_names, "every trial that ends asks for them"
    assert replace(many, factors={"lora.rank": (0, 8)}).factor_names == ("lora.rank",)
