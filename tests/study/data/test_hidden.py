"""Splits whose labels are hidden are left aside and cut from train; single labels that lack are refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from tests.study.data.samples import assert_says, folder, load, problems, rows, three, write, write_parquet

HIDDEN = {
    "all -1": ([-1] * 14, "-1"),
    "all -1 as strings": (["-1"] * 14, "-1"),
    "all missing": (pa.nulls(14, pa.int64()), "missing"),
    "no type": (pa.nulls(14), "missing"),
    "all NaN": ([float("nan")] * 14, "missing"),
    "all blank": ([" "] * 14, "missing"),
}


@pytest.mark.parametrize("case", HIDDEN)
@pytest.mark.parametrize("classes", [(0, 1), ("no", "yes")])
def test_a_split_without_labels_counts_as_absent(case: str, classes: tuple[Any, ...], tmp_path: Path) -> None:
    labels, held = HIDDEN[case]
    splits = three(classes=classes)
    splits["test"]["label"] = labels
    data = load(folder(tmp_path / "films", splits, "parquet"))
    del splits["test"]
    without = load(folder(tmp_path / "without", splits, "parquet"))
    assert data.fingerprint == without.fingerprint
    assert data.splits == without.splits
    assert data.notes == (f"test: labels hidden ({held}), left aside", *without.notes)
    assert without.notes[0].startswith("no test split: 20 % of train")


def test_no_column_of_labels(tmp_path: Path) -> None:
    splits = three()
    del splits["test"]["label"], splits["validation"]["label"]
    for extension in ("csv", "jsonl", "parquet"):
        data = load(folder(tmp_path / extension, splits, extension))
        assert data.notes[:2] == (
            "validation: labels hidden (no column 'label'), left aside",
            "test: labels hidden (no column 'label'), left aside",
        )
        assert [table.num_rows for table in data.splits.values()] == [24, 8, 8]


def test_a_hidden_split_is_not_held_to_anything_else(tmp_path: Path) -> None:
    splits = three()
    splits["test"] = {"text": ["", "b"], "label": [-1, -1]}
    assert load(folder(tmp_path, splits)).notes[0] == "test: labels hidden (-1), left aside"


def test_stated_names_do_not_make_minus_one_a_class(tmp_path: Path) -> None:
    from datasets import ClassLabel, Dataset, Features, Value

    features = Features({"text": Value("string"), "label": ClassLabel(names=["neg", "pos"])})
    for split, columns in three().items():
        columns["label"] = [-1] * len(columns["label"]) if split == "test" else columns["label"]
        Dataset.from_dict(columns, features=features).to_parquet(tmp_path / f"{split}.parquet")
    data = load(tmp_path)
    assert data.labels == ("neg", "pos")
    assert data.notes[0] == "test: labels hidden (-1), left aside"


def test_minus_one_is_a_class_where_train_has_it(tmp_path: Path) -> None:
    data = load(folder(tmp_path / "films", three(classes=(-1, 0, 1))))
    assert data.labels == ("-1", "0", "1")
    assert data.notes == ()
    splits = three(classes=(-1, 1))
    splits["test"]["label"] = [-1] * 14
    (problem,) = problems(folder(tmp_path / "one", splits))
    assert_says(problem, "test has no row of class '1'")


@pytest.mark.parametrize("lack", [-1, None])
def test_train_without_labels_is_refused(lack: object, tmp_path: Path) -> None:
    path = write_parquet(tmp_path / "x.parquet", rows() | {"label": pa.array([lack] * 40, pa.int64())})
    (problem,) = problems(path)
    assert_says(problem, "'label': all 40 labels are", "-1" if lack else "missing", "needs a class", "give rows with")


def test_some_hidden_labels_are_counted(tmp_path: Path) -> None:
    splits = three()
    splits["test"]["label"][3:6] = [-1] * 3
    (problem,) = problems(folder(tmp_path, splits))
    assert_says(problem, "test.csv", "3 labels are -1", "hidden", "rows 3, 4, 5 (counted", "remove these rows, or the")


def test_a_label_beyond_the_stated_names(tmp_path: Path) -> None:
    from datasets import ClassLabel, Dataset, Features, Value

    features = Features({"text": Value("string"), "label": ClassLabel(names=["neg", "pos"])})
    Dataset.from_dict(rows(), features=features).to_parquet(tmp_path / "train.parquet")
    write(tmp_path / "test.parquet", rows(9, classes=(0, 1, 2)))
    (problem,) = problems(tmp_path)
    assert_says(problem, "test.parquet, column 'label'", "the label 2", "names 2 classes, 0 to 1", "Correct those rows")
