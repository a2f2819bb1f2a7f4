"""What is asked is understood before a model loads: seeds, trials and domains that make no sense are told."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
import pytest

from study.ask import Request, _arm, _within, ask, changed, enlarge
from study.data import DataOptions, Fold, TextData
from study.describe import arm_lines
from study.errors import InputError, Problems
from study.folder import Folder
from study.models.loading import find_model
from study.plan import plan
from study.question import choice, randint, uniform
from study.question_problems import method_problems, pair_problems, question_problems
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


def texts(pair: bool = False, fold: Fold | None = None) -> TextData:
    columns = {"text": ["a", "b"], "label": pa.array([0, 1], pa.int32()), "row": [0, 1]}
    table = pa.table({"text": columns["text"], "pair": ["c", "d"], **columns} if pair else columns)
    splits = dict.fromkeys(("train", "validation", "test"), table)
    return TextData("nli", "f" * 16, ("no", "yes"), splits, "a test", (), {"classes": {}}, fold)


PAIRS = "nli has pairs of texts, which are cut at their end only"


@pytest.mark.parametrize(
    "changes",
    [
        {"fixed": {"truncation": "tail"}},
        {"factors": {"truncation": ("head", "tail")}},
        {"factors": ({"truncation": "tail"}, {"frozen_layers": 1})},
        {"tuned": {"truncation": choice("head", "tail")}},
    ],
    ids=["fixed", "compared", "a point", "tuned"],
)
def test_pairs_are_cut_at_their_end_only(changes):
    (said,) = pair_problems(question(**changes), texts(pair=True))
    assert said.startswith(f"truncation=tail: {PAIRS}")
    assert pair_problems(question(**changes), texts()) == []


def test_pairs_may_say_what_they_get_anyway():
    assert pair_problems(question(fixed={"truncation": "head"}), texts(pair=True)) == []
    assert pair_problems(question(), texts(pair=True)) == []


ENDLESS = replace(GEOMETRY, positions=None)


def test_a_model_without_a_longest_input_takes_any_length():
    asked = question(fixed={"max_length": 100_000})
    assert question_problems(asked, ENDLESS) == []
    (said,) = question_problems(asked, GEOMETRY)
    assert said.startswith("max_length=100000: must be a whole number from 4 to 64")
    assert _within(ENDLESS) == {}
    assert _within(GEOMETRY) == {"max_length": 64}
    (low,) = question_problems(question(fixed={"max_length": 1}), ENDLESS)
    assert low.startswith("max_length=1: must be a whole number from 4")
    assert " to " not in low


@pytest.fixture
def found(monkeypatch, model_folder):
    """Folds that are found whatever is asked, so that only the asking is tried."""
    made = tuple(replace(texts(fold=Fold(n, 3, "w" * 16)), fingerprint=str(n) * 16) for n in (1, 2, 3))
    monkeypatch.setattr("study.ask.load_folds", lambda options: made)
    return Request(question(factors={"frozen_layers": (0, 1)}), model=str(model_folder))


def test_every_fold_is_an_arm_with_the_same_question(found):
    asked = ask(found)
    arms = [arm for arm, _ in asked]
    assert [arm.fold.number for arm in arms] == [1, 2, 3]
    assert [data.fingerprint for _, data in asked] == [arm.data.fingerprint for arm in arms]
    assert len({str(arm.question.to_json()) for arm in arms}) == 1
    assert {arm.model_at for arm in arms} == {found.model}


def test_a_study_grows_by_all_folds_at_once_and_keeps_the_texts_of_each(found, tmp_path):
    folder = Folder(tmp_path)
    enlarge(folder, found)
    arms = enlarge(folder, replace(found, seeds=5))
    assert [(arm.fold.number, len(arm.question.seeds)) for arm in arms] == [(1, 5), (2, 5), (3, 5)]
    assert folder.arms() == arms
    assert all(folder.texts(arm.data.fingerprint).is_file() for arm in arms)
    planned = plan(arms, {})
    assert {p.trial.data.fingerprint[0] for p in planned.ready} == {"1", "2", "3"}
    assert len(planned.ready) == 3 * 2 * 4, "every fold tunes each point on its own"


def test_a_pooling_that_the_architecture_cannot_do_is_told_with_the_rest(found, monkeypatch):
    monkeypatch.setattr("study.surgery.pooling.can_pool", lambda model_type: False)
    with pytest.raises(InputError) as caught:
        ask(replace(found, settings={"pooling": ("pooler", "mean")}, seeds=0))
    seeds, pooling = caught.value.problems
    assert seeds.startswith("--seeds 0")
    assert "mean" in pooling
    assert [arm.fold.number for arm, _ in ask(replace(found, settings={"pooling": "pooler"}))] == [1, 2, 3]


def test_notes_on_the_model_carry_its_name_and_stand_under_it(found):
    made = find_model(found.model)
    noted = replace(made, notes=("its blocks share their weights",))
    arm = _arm(found.question.at(GEOMETRY), noted, replace(texts(), notes=("cut from train",)))
    assert arm.notes == ("cut from train", f"{made.ref.name}: its blocks share their weights")
    assert arm_lines([arm, replace(arm, question=question(fixed={"epochs": 9}))]) == [
        f"model {made.ref.name}: {made.source}",
        "  its blocks share their weights",
        "data nli: a test; 2/2/2 train/validation/test; 2 classes (no, yes)",
        "  cut from train",
    ]


def test_a_value_outside_the_range_that_says_without_stands_beside_others_and_not_alone(found, monkeypatch):
    from study.knobs import Knob
    from study.methods import METHODS
    from study.methods.base import Method

    knob = Knob(int, 0, "a rank", identity=0, low=1)
    scale = Knob(float, 1.0, "its scale", low=0)
    monkeypatch.setitem(METHODS, "low_rank", Method("low_rank", 1, {"rank": knob, "rank.scale": scale}))
    arms = ask(replace(found, settings={"rank": (0, 8)}))
    assert {point["rank"] for point in arms[0][0].question.points(GEOMETRY)} == {0, 8}
    with pytest.raises(InputError) as caught:
        ask(replace(found, settings={"rank": 0}))
    assert str(caught.value) == (
        "rank=0: must be a whole number from 1; 0 for none beside other values. Change it or leave it out."
    )
    with pytest.raises(InputError) as caught:
        ask(replace(found, settings={"rank": -1}))
    assert "rank=-1: must be a whole number from 1" in caught.value.problems[0]
    with pytest.raises(InputError) as caught:
        ask(replace(found, settings={"rank.scale": 2.0}))
    assert str(caught.value) == "rank.scale: does nothing while low_rank is off. Also give rank, or leave it out."
    assert ask(replace(found, settings={"rank.scale": 2.0, "rank": (0, 8)}))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"fixed": {"lora.rank": 4}}, ["frozen_layers=3: leaves none of the 3 blocks for LoRA"]),
        ({"factors": {"lora.rank": (0, 4)}, "fixed": {"frozen_layers": 3}}, ["frozen_layers=3: leaves none"]),
        ({"factors": {}, "tuned": {"lora.rank": choice(4, 8)}, "fixed": {"frozen_layers": 3}}, ["frozen_layers=3"] * 2),
        ({"factors": ({"lora.rank": 4, "frozen_layers": 2}, {"frozen_layers": 3})}, []),
        ({"factors": {"lora.rank": (0,), "frozen_layers": (3,)}}, []),
        ({}, []),
    ],
    ids=["a factor", "compared", "tuned", "points apart", "off", "not asked"],
)
def test_lora_that_would_have_no_block_is_told_point_by_point(changes, says, model_folder):
    """The small model has three blocks, and the question freezes 0, 1 and 3 of them unless it is changed."""
    found = find_model(str(model_folder))
    said = method_problems(question(**{"tuned": {}, **changes}), found)
    assert len(said) == len(says)
    assert all(f"--model {found.ref.name}: {start}" in one for one, start in zip(said, says, strict=True))


def test_lora_is_asked_about_before_a_model_loads(model_folder, data_folder):
    request = Request(
        question(fixed={"lora.rank": 4}, tuned={}), model=str(model_folder), data=DataOptions(str(data_folder))
    )
    with pytest.raises(InputError, match="frozen_layers=3: leaves none of the 3 blocks for LoRA"):
        ask(request)
    ask(replace(request, settings={"frozen_layers": (0, 1, 2)}))
    with pytest.raises(InputError, match=r"lora\.first_block=3: must be a whole number from 0 below 3"):
        ask(replace(request, settings={"frozen_layers": (0, 1), "lora.first_block": 3}))
