"""Several study folders as one study: nothing counted twice, nothing lost, names told apart."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analysis.arms import rows_of
from analysis.folder import read_studies, read_study
from analysis.frame import frame_of, load_frame, setting_columns
from analysis.tables import compare
from study.errors import InputError
from study.question import Question
from study.record import Record
from study.store import Store
from tests.analysis.conftest import QUESTION, Place, arm, failed, place, trial, whole_study, write
from tests.analysis.folded import fold_places, fold_trials

POINTS: list[dict[str, Any]] = [{"frozen_layers": depth, "learning_rate": 1e-4} for depth in range(4)]


def asked(depths: list[int], seeds: tuple[int, ...] = (0, 1, 2), **changes: Any) -> Question:
    return replace(QUESTION, factors=tuple({"frozen_layers": d} for d in depths), seeds=seeds, **changes)


def trials(depths: list[int], where: Place | None = None, seeds: tuple[int, ...] = (0, 1, 2)) -> list[Record]:
    """Trials of these depths and seeds; but for key and seed those of one depth are the same."""
    first = {depth: trial(where or place(), POINTS[depth], 0) for depth in depths}
    return [replace(one, seed=seed, key=f"{one.key[:14]}{seed:02d}") for one in first.values() for seed in seeds]


def test_one_folder_is_what_it_was(whole: Path) -> None:
    study = read_studies([whole])
    assert study.root == whole
    assert (study.origins, study.arms[0].studies) == ({}, ())
    pd.testing.assert_frame_equal(frame_of(study), load_frame(whole))
    assert "study" not in frame_of(study)


def test_folders_split_in_two_give_the_comparison_of_the_whole(whole: Path, tmp_path: Path) -> None:
    """Depths 0 to 2 in one folder, 2 to 6 in another, the shared ones in both."""
    records = whole_study(place())
    halves = [range(3), range(2, 7)]
    folders = [
        write(
            tmp_path / str(i),
            [record for record in records if record.setting["frozen_layers"] in depths],
            arm(place(), asked(list(depths))),
        )
        for i, depths in enumerate(halves)
    ]
    study = read_studies(folders)
    assert len(study.records) == len(records) < sum(len(part.records) for part in study.parts)
    assert [one.studies for one in study.arms] == [("0", "1")]
    alone, frame = load_frame(whole), frame_of(study)
    assert set(frame["study"]) == {"0", "1"}
    assert "study" not in setting_columns(frame)
    # the structure was measured in both folders, so it is one in each
    shared = [name for name in alone if name != "structure"]
    pd.testing.assert_frame_equal(frame[shared], alone[shared])
    of_whole = compare(alone, read_study(whole).arms[0].question)
    pd.testing.assert_frame_equal(compare(rows_of(study.arms[0], study.arms, frame), study.arms[0].question), of_whole)


def test_arms_grow_by_points_and_seeds_but_not_across_what_is_fixed(tmp_path: Path) -> None:
    first = write(tmp_path / "a", trials([0, 1]), arm(place(), asked([0, 1])))
    second = write(tmp_path / "b", trials([0, 3], seeds=(3, 4)), arm(place(), asked([0, 3], seeds=(0, 3, 4))))
    other = write(tmp_path / "c", [], arm(place(), asked([0], fixed={"epochs": 5.0})))
    study = read_studies([first, second, other])
    assert [one.studies for one in study.arms] == [("a", "b"), ("c",)]
    grown = study.arms[0].question
    assert [point["frozen_layers"] for point in grown.factors] == [0, 1, 3]
    assert grown.seeds == (0, 1, 2, 3, 4)
    assert len(rows_of(study.arms[0], study.arms, frame_of(study))) == 10


def test_the_same_arm_twice_in_one_folder_stays_two(tmp_path: Path) -> None:
    twice = write(tmp_path / "a", trials([0]), arm(place()), arm(place()))
    assert len(read_study(twice).arms) == 2
    assert [one.studies for one in read_studies([twice, write(tmp_path / "b", [], arm(place()))]).arms] == [
        ("a", "b"),
        ("a",),
    ]


def test_folds_in_two_folders_are_folds_of_one_whole(tmp_path: Path) -> None:
    places = fold_places()
    folders = [
        write(tmp_path / name, fold_trials(some), *(arm(one) for one in some))
        for name, some in (("a", places[:3]), ("b", places[2:]))
    ]
    study = read_studies(folders)
    assert [(one.of, len(one.folds), one.studies) for one in study.arms] == [(5, 5, ("a", "b"))]
    assert len(study.records) == len(fold_trials(places))


def test_a_trial_that_failed_elsewhere_counts_as_finished(tmp_path: Path) -> None:
    one = trial(place(), POINTS[0], 0)
    folders = [
        write(tmp_path / name, [record], arm(place())) for name, record in (("a", failed(one)), ("b", one), ("c", one))
    ]
    for order in (folders, folders[::-1]):
        study = read_studies(order)
        assert [record.status for record in study.records.values()] == ["finished"]
    assert read_studies(folders).origins == {one.key: "b"}


def test_predictions_and_texts_are_found_where_they_are(tmp_path: Path) -> None:
    books = place(data="books", mark="2")
    folders = [
        write(tmp_path / "a", trials([0], seeds=(0,)), arm(place())),
        write(tmp_path / "b", trials([0], books, seeds=(0,)), arm(books)),
    ]
    study = read_studies(folders)
    for key in study.records:
        assert study.predictions(key) is not None
    assert study.predictions("0" * 16) is None
    for one in study.arms:
        found = study.texts(one.data["fingerprint"])
        assert found is not None
        assert found.is_file()
    assert study.root is None


def test_one_name_for_two_models_is_told_apart(tmp_path: Path) -> None:
    marked = place(mark="other")
    assert marked.model["name"] == place().model["name"]
    folders = [
        write(tmp_path / "a", trials([0]), arm(place())),
        write(tmp_path / "b", trials([0], marked), arm(marked)),
    ]
    frame = frame_of(read_studies(folders))
    assert frame["model"].nunique() == frame["model_fingerprint"].nunique()
    assert len(read_studies(folders).arms) == 2


def test_folders_of_one_name_are_told_apart_by_their_path(tmp_path: Path) -> None:
    folders = [write(tmp_path / way / "study", trials([depth]), arm(place())) for depth, way in enumerate("xy")]
    assert set(read_studies(folders).origins.values()) == {"x/study", "y/study"}
    assert len(read_studies([folders[0], folders[0] / ".." / "study"]).parts) == 1


def test_latencies_of_two_machines_are_not_mixed(tmp_path: Path) -> None:
    folders = [write(tmp_path / name, trials([depth]), arm(place())) for depth, name in enumerate("ab")]
    slow = {"median": 0.1, "low": 0.1, "high": 0.1}
    Store(folders[1]).put_json("latency.json", {"bert-6-384": {"batch_1": slow}})
    frame = frame_of(read_studies(folders))
    assert dict(zip(frame["study"], frame["latency_1"], strict=True)) == {"a": 0.004, "b": 0.1}


def test_a_setting_added_later_has_its_folders_own_default(tmp_path: Path) -> None:
    """Only where a folder says one: what is not known stays missing."""
    newer = trial(place(), {**POINTS[1], "pooling": "cls"}, 0)
    folders = [
        write(tmp_path / "a", trials([0], seeds=(0,)), arm(place())),
        write(tmp_path / "b", trials([2], seeds=(0,)), arm(place())),
        write(tmp_path / "c", [newer], arm(place())),
    ]
    store = Store(folders[0])
    store.put_json("study.json", {**(store.get_json("study.json") or {}), "defaults": {"pooling": "mean"}})
    frame = frame_of(read_studies(folders)).set_index("study")
    assert frame.loc["a", "pooling"] == "mean"
    assert pd.isna(frame.loc["b", "pooling"])
    assert frame.loc["c", "pooling"] == "cls"


def test_every_folder_without_a_study_is_named(whole: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError) as told:
        read_studies([whole, tmp_path / "none", tmp_path])
    assert len(told.value.problems) == 2
    assert all("study.json is missing" in problem for problem in told.value.problems)
    with pytest.raises(InputError, match="No study was given"):
        read_studies([])


def test_damaged_records_say_which_folder_they_are_in(tmp_path: Path) -> None:
    folders = [write(tmp_path / name, trials([0]), arm(place())) for name in "ab"]
    (folders[1] / "records" / "broken.json").write_text("{")
    assert read_studies(folders).damaged == ("b/broken.json",)
    assert read_study(folders[1]).damaged == ("broken.json",)
