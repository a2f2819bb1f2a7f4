"""A study's folder holds one question, grows by arms, and gives back what can be made again."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from study.data import Fold
from study.errors import InputError
from study.folder import Arm, Folder
from study.question import choice
from study.record import Ref
from study.settings import resolve
from tests.study.fabricate import GEOMETRY, arm, question

OTHER = Ref("other", "o" * 16)


@pytest.fixture
def folder(tmp_path) -> Folder:
    return Folder(tmp_path / "study")


def values(made: Arm, name: str = "frozen_layers") -> list:
    return [point[name] for point in made.question.points(GEOMETRY)]


def test_an_arm_comes_back_equal_from_json():
    made = replace(arm(), notes=("a note",), labels=("ja", "nein"))
    assert Arm.from_json(json.loads(json.dumps(made.to_json()))) == made


def test_a_fold_comes_back_with_what_was_found_out_about_its_texts():
    checks = {"classes": {"train": {"no": 3, "yes": 4}}, "duplicates": []}
    made = replace(arm(), checks=checks, fold=Fold(2, 5, "w" * 16))
    assert Arm.from_json(json.loads(json.dumps(made.to_json()))) == made


def test_an_arm_of_an_earlier_version_has_neither_checks_nor_fold():
    stored = arm().to_json()
    del stored["data"]["checks"], stored["data"]["fold"]
    assert Arm.from_json(stored) == arm()


def test_the_values_at_which_settings_do_nothing_are_kept(folder):
    folder.write([arm()])
    kept = json.loads((folder.root / "study.json").read_text())["defaults"]
    assert kept == {name: value for name, value in resolve({}).items() if name in kept}
    assert {"truncation", "weight_decay"} <= kept.keys()
    assert not {"learning_rate", "epochs"} & kept.keys(), "every record that learns has them, and a probe has none"


def test_arms_come_back_from_a_folder_without_anybodys_code(folder):
    arms = [arm(question(factors={"frozen_layers": lambda geometry, point: range(geometry.depth)})), arm(model=OTHER)]
    folder.write(arms)
    assert Folder(folder.root).arms() == arms
    assert folder.question() == "q"


def test_a_folder_without_a_study_is_an_error_that_names_it(folder):
    assert folder.question() is None
    with pytest.raises(InputError, match="holds no study"):
        folder.arms()
    assert not folder.root.exists()


def test_one_folder_holds_one_question(folder):
    folder.check_question("anything")
    folder.write([arm()])
    folder.check_question("q")
    with pytest.raises(InputError, match="holds the question 'q', not 'p'"):
        folder.check_question("p")


def test_asking_the_same_again_adds_nothing(folder):
    folder.write([arm()])
    assert folder.with_arms([arm()]) == [arm()]


def test_with_arms_writes_nothing(folder):
    folder.with_arms([arm()])
    assert not folder.root.exists()
    folder.write([arm()])
    before = (folder.root / "study.json").read_bytes()
    folder.with_arms([arm(question(factors={"frozen_layers": (2,)}))])
    assert (folder.root / "study.json").read_bytes() == before


def test_new_points_and_seeds_and_trials_grow_the_arm(folder):
    folder.write([arm()])
    (grown,) = folder.with_arms([arm(question(factors={"frozen_layers": (2, 3)}, seeds=(0, 1, 2, 3, 4), trials=9))])
    assert values(grown) == [0, 1, 2, 3]
    assert grown.question.seeds == (0, 1, 2, 3, 4)
    assert grown.question.trials == 9


def test_asking_for_less_takes_nothing_away(folder):
    folder.write([arm(question(seeds=(0, 1, 2, 3), trials=9))])
    (grown,) = folder.with_arms([arm(question(factors={"frozen_layers": (1,)}, seeds=(0,), trials=2))])
    assert values(grown) == [0, 1, 3]
    assert grown.question.seeds == (0, 1, 2, 3)
    assert grown.question.trials == 9


@pytest.mark.parametrize(
    "other",
    [
        lambda: arm(model=OTHER),
        lambda: arm(data=OTHER),
        lambda: arm(question(metric="loss")),
        lambda: arm(question(keep=2)),
        lambda: arm(question(fixed={"epochs": 3})),
        lambda: arm(question(search="optuna")),
        lambda: arm(question(scheduler="asha")),
        lambda: arm(question(selection_seeds=(7,))),
        lambda: arm(question(tuned={"learning_rate": choice(1e-4)})),
    ],
    ids=["model", "data", "metric", "keep", "fixed", "search", "scheduler", "selection seeds", "tuned"],
)
def test_another_model_data_set_or_way_of_asking_is_another_arm(folder, other):
    folder.write([arm()])
    assert folder.with_arms([other()]) == [arm(), other()]


def test_a_model_of_the_same_content_under_another_name_is_the_same_arm(folder):
    folder.write([arm()])
    assert len(folder.with_arms([arm(model=Ref("renamed", "m" * 16))])) == 1


def test_points_that_are_words_keep_their_order(folder):
    def asked(*words: str) -> Arm:
        return arm(question(factors={"pooling": words}))

    folder.write([asked("pooler", "mean")])
    assert values(folder.with_arms([asked("cls", "mean")])[0], "pooling") == ["pooler", "mean", "cls"]


def test_commands_are_kept_once_each_in_order(folder):
    for command in ("run a", "run b", "run a", None):
        folder.write([arm()], command)
    assert json.loads((folder.root / "study.json").read_text())["commands"] == ["run a", "run b"]


def test_cleaning_removes_what_can_be_made_again_and_nothing_else(folder):
    folder.write([arm()])
    keep = {"records/k.json", "predictions/k.parquet", "data/d/texts.parquet", "latency.json", "study.json"}
    remove = {"artefacts/tokens/a/ids.bin", "scratch/x/y.bin", "index.parquet", "records/k.json.12345678.tmp"}
    for name in keep | remove - {"study.json"}:
        path = folder.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if name != "study.json":
            path.write_bytes(b"x" * 100)
    assert folder.clean() == 100 * len(remove)
    left = {str(path.relative_to(folder.root)) for path in folder.root.rglob("*") if path.is_file()}
    assert left == keep
    assert folder.clean() == 0


def test_a_place_that_cannot_be_written_is_an_error_that_says_so(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        Folder(tmp_path / "file" / "study").check_writable()


def test_checking_that_a_folder_can_be_written_leaves_it_empty(folder):
    folder.check_writable()
    assert list(folder.root.iterdir()) == []


def test_a_relative_folder_stays_where_it_was_when_the_process_moves(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made = Folder("results/q")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    made.write([arm()])
    assert (tmp_path / "results" / "q" / "study.json").is_file()
    assert made.texts("fp") == Path(made.root) / "data" / "fp" / "texts.parquet"
