"""What is asked is understood before a model loads: seeds, trials and domains that make no sense are told."""

from __future__ import annotations

import pytest

from study.ask import Request, changed, question_problems
from study.errors import Problems
from study.question import choice, randint, uniform
from tests.study.fabricate import GEOMETRY, question


def test_seeds_that_would_reach_the_selection_seeds_skip_them():
    problems = Problems()
    asked = changed(Request(question(), seeds=1001), problems)
    assert problems.found == []
    assert asked.seeds == (*range(1000), 1001)


@pytest.mark.parametrize(
    ("selection", "expected"), [((1000,), (0, 1, 2)), ((0, 2), (1, 3, 4)), ((3,), (0, 1, 2)), ((1, 7), (0, 2, 3))]
)
def test_as_many_seeds_as_asked_are_left_without_those_that_select(selection, expected):
    given = question(seeds=(90,), selection_seeds=selection)
    assert changed(Request(given, seeds=3), Problems()).seeds == expected


@pytest.mark.parametrize("name", ["seeds", "trials"])
@pytest.mark.parametrize("count", [0, -1])
def test_a_count_below_one_is_told(name, count):
    problems = Problems()
    changed(Request(question(), **{name: count}), problems)
    assert problems.found == [f"--{name} {count}: must be at least 1."]


@pytest.mark.parametrize("geometry", [GEOMETRY, None], ids=["with a model", "without"])
def test_a_continuous_domain_on_a_whole_number_is_told(geometry):
    (said,) = question_problems(question(factors={}, tuned={"batch_size": uniform(8, 32)}), geometry)
    assert said.startswith("batch_size=uniform(8, 32): batch_size is a whole number.")


@pytest.mark.parametrize("domain", [choice(8, 16), randint(8, 33)], ids=str)
def test_a_finite_domain_on_a_whole_number_is_right(domain):
    assert question_problems(question(factors={}, tuned={"batch_size": domain}), GEOMETRY) == []
