"""What may be given from Python, and that it means what the command line would have meant."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import run_study
from study.arguments import request
from study.errors import InputError, Problems
from study.keywords import from_keywords
from study.question import Question, choice, uniform

QUESTION = Question(name="one", asks="", source="")


def settings(**given):
    return from_keywords({"question": "one", "set": given}).set


def problems(**options) -> list[str]:
    """Everything that is found wrong, whether it stops at once or is kept for later."""
    try:
        return from_keywords({"question": "one", **options}).unknown
    except InputError as error:
        return list(error.problems)


def test_paths_are_given_on_as_text():
    given = from_keywords({"question": "one", "data": Path("a") / "b", "model": Path("/m"), "out": Path("results")})
    assert (given.data, given.model, given.out) == ("a/b", "/m", "results")


@pytest.mark.parametrize("columns", [["premise", "claim"], ("premise", "claim"), "premise,claim"])
def test_two_text_columns_are_those_of_the_command_line(columns):
    given = from_keywords({"question": "one", "text_column": columns})
    assert request(given, QUESTION, Problems()).data.text_column == "premise,claim"


@pytest.mark.parametrize("columns", [["a"], ["a", "b", "c"], [1, 2], ["a,b", "c"], 3, {"a", "b"}])
def test_other_text_columns_are_refused(columns):
    assert problems(text_column=columns) == [
        f"text_column={columns!r}: must be a column's name, or a list or tuple of two names without a comma, for pairs."
    ]


def test_things_in_memory_are_refused_together_with_what_to_do_about_them():
    found = problems(data=pd.DataFrame({"text": ["a"]}), model=object(), out=3, epochs="two", set={"seed": []})
    assert len(found) == 5
    by = {problem.split()[0].split("=")[0]: problem for problem in found}
    assert by["data"].startswith("data is of type DataFrame: must be a folder or a file (a str or a pathlib.Path), ")
    assert by["data"].endswith("frame.to_parquet('texts.parquet').")
    assert by["model"].startswith("model is of type object: must be a folder (a str or a pathlib.Path), or a name on")
    assert by["out"] == "out is of type int: must be a folder (a str or a pathlib.Path)."
    assert by["epochs"] == "epochs='two': must be a number."
    assert by["settings:"] == "settings: seed has no values; give one or more."


@pytest.mark.parametrize(
    ("given", "plain"),
    [
        ([0, 3, 6], (0, 3, 6)),
        (range(0, 7, 3), (0, 3, 6)),
        ({6, 0, 3}, (0, 3, 6)),
        ({"b", "c", "a", 2, 1}, (1, 2, "a", "b", "c")),
        (np.array([0, 3, 6]), (0, 3, 6)),
        (np.linspace(0, 1, 3), (0.0, 0.5, 1.0)),
        ((np.int64(3), np.float64(0.5), np.bool_(True), np.str_("a")), (3, 0.5, True, "a")),
        (pd.Series(["mean", "cls"]), ("mean", "cls")),
        ([4], (4,)),
        ([3, 3, 0], (3, 0)),
        (np.float64(1e-4), 1e-4),
        (np.array(2), 2),
        (np.str_("mean"), "mean"),
        ("mean", "mean"),
        (True, True),
    ],
)
def test_collections_and_arrays_become_plain_values(given, plain):
    found = settings(name=given)["name"]
    assert found == plain
    ones, wanted = (x if isinstance(x, tuple) else (x,) for x in (found, plain))
    assert [type(one) for one in ones] == [type(one) for one in wanted]
    assert isinstance(found, tuple) == isinstance(plain, tuple)
    json.dumps(found)


def test_a_domain_stays_one_with_plain_ends():
    found = settings(a=uniform(np.float64(0.0), np.float64(0.5)), b=choice(np.int64(1), 2))
    assert found == {"a": uniform(0.0, 0.5), "b": choice(1, 2)}
    assert [type(one) for domain in found.values() for one in domain.args] == [float, float, int, int]


@pytest.mark.parametrize("empty", [[], (), set(), range(0), np.array([]), {}.keys()])
def test_no_values_are_a_problem(empty):
    assert problems(set={"frozen_layers": empty}) == ["settings: frozen_layers has no values; give one or more."]


@pytest.mark.parametrize("value", [None, {"a": 1}, b"ab", len, np.zeros((2, 2)), [[1], [2]], [None], choice([1], [2])])
def test_values_of_no_use_are_a_problem(value):
    (found,) = problems(set={"frozen_layers": value})
    assert found.startswith("settings: frozen_layers has a value of type ")


@pytest.mark.parametrize("given", [5, ["epochs=2"], "epochs=2", [("epochs", 2)]])
def test_settings_that_are_no_mapping_are_a_problem(given):
    (found,) = problems(set=given)
    assert found.startswith(f"settings is of type {type(given).__name__}: must be a mapping")


def test_a_name_that_is_no_word_is_a_problem():
    assert problems(set={3: 1}) == ["settings: 3 is no name of a setting, which is a str."]


def test_what_is_wrong_with_settings_is_told_with_all_the_rest(tmp_path):
    with pytest.raises(InputError) as caught:
        run_study.run(
            "no_such_question",
            model=tmp_path / "nowhere",
            data=tmp_path / "nothing",
            settings={"frozen_layers": [], "epochs": None, "pooling": ["sum"]},
            out=tmp_path / "out",
        )
    found = caught.value.problems
    for part in ("no_such_question", "frozen_layers has no", "epochs has a", "pooling=sum", "nowhere", "nothing"):
        assert sum(part in problem for problem in found) == 1, (part, found)
    assert not (tmp_path / "out").exists()


def test_a_question_that_begins_like_an_option_is_a_name():
    assert from_keywords({"question": "--quiet"}).question == "--quiet"
