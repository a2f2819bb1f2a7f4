"""Labels of any type become classes: names by id, sorted by value."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from tests.study.data.samples import assert_says, folder, load, problems, rows, three, write_csv, write_parquet


@pytest.mark.parametrize(
    ("values", "names"),
    [
        ((1, 0), ("0", "1")),
        ((10, 9, -1), ("-1", "9", "10")),
        ((2.0, 1.0), ("1", "2")),
        ((True, False), ("False", "True")),
        (("positive", "negative"), ("negative", "positive")),
        (("10", "9"), ("9", "10")),
        (("007", "7"), ("007", "7")),
        (("None", "NA", "null"), ("NA", "None", "null")),
    ],
)
def test_ids_follow_the_values(values: tuple[Any, ...], names: tuple[str, ...], tmp_path: Path) -> None:
    splits = three(classes=values)
    stored = [load(folder(tmp_path / e, splits, e)) for e in ("csv", "parquet")]
    for data in stored:
        assert data.labels == tuple(sorted(names, key=names.index))
        ids = data.splits["train"]["label"].to_pylist()
        assert [data.labels[i] for i in ids[: len(values)]] == [_name(v) for v in values]
    assert stored[0].fingerprint == stored[1].fingerprint
    assert stored[0].splits == stored[1].splits


def _name(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) else str(value)


def test_categories_of_pandas_are_classes(tmp_path: Path) -> None:
    columns = {"text": rows()["text"], "label": pa.array(["b", "a"] * 20).dictionary_encode()}
    assert load(write_parquet(tmp_path / "x.parquet", columns)).labels == ("a", "b")


def test_the_datasets_library_keeps_class_names_in_parquet(tmp_path: Path) -> None:
    from datasets import ClassLabel, Dataset, Features, Value

    features = Features({"text": Value("string"), "label": ClassLabel(names=["pos", "neg", "unused"])})
    Dataset.from_dict(rows(), features=features).to_parquet(tmp_path / "train.parquet")
    write_parquet(tmp_path / "test.parquet", rows(10))
    write_csv(tmp_path / "dev.csv", rows(10, classes=("pos", "neg")))
    data = load(tmp_path)
    assert data.labels == ("pos", "neg")
    assert data.splits["test"]["label"].to_pylist() == data.splits["validation"]["label"].to_pylist() == [0, 1] * 5
    assert data.notes[0] == "classes without a row in train left out: unused"


def test_one_class_is_none(tmp_path: Path) -> None:
    (problem,) = problems(write_csv(tmp_path / "x.csv", rows(classes=("good",))))
    assert_says(problem, "x.csv", "one class only, 'good'", "two or more", "add rows")


def test_numbers_to_predict_are_refused(tmp_path: Path) -> None:
    for extension, write in (("csv", write_csv), ("parquet", write_parquet)):
        (problem,) = problems(write(tmp_path / f"x.{extension}", rows(classes=(0.5, 1.0))))
        assert_says(
            problem, f"x.{extension}", "labels such as 0.5", "number to predict", "needs classes", "--label-column"
        )


def test_identifiers_are_refused(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "x.csv", rows(1200, classes=tuple(range(1200))))
    (problem,) = problems(path)
    assert_says(
        problem, "'label'", "1,200 distinct", "number to predict or an identifier", "at most 1,000", "give another"
    )


@pytest.mark.parametrize(
    ("values", "held"), [([[1], [0]], "lists of integers"), ([b"a", b"b"], "values of type binary")]
)
def test_other_types_are_no_classes(values: list[object], held: str, tmp_path: Path) -> None:
    (problem,) = problems(write_parquet(tmp_path / "x.parquet", {"text": ["a", "b"], "label": values}))
    assert_says(problem, f"holds {held}", "A label is an integer, a string or a boolean", "give another")


@pytest.mark.parametrize("labels", [[0, None, 1, None], ["a", "", "b", " "], [0.0, float("nan"), 1.0, None]])
def test_missing_labels_are_counted_and_the_first_rows_named(labels: list[Any], tmp_path: Path) -> None:
    (problem,) = problems(write_parquet(tmp_path / "x.parquet", {"text": list("abcd"), "label": labels}))
    assert_says(problem, "'label'", "2 labels are missing", "rows 1, 3 (counted from 0)", "needs a class", "remove")


def test_a_csv_with_holes_says_missing_not_decimal(tmp_path: Path) -> None:
    (problem,) = problems(write_csv(tmp_path / "x.csv", {"text": list("abc"), "label": ["1.0", "", "0.0"]}))
    assert_says(problem, "1 label is missing, at row 1")


def test_splits_that_disagree_are_named_with_their_classes(tmp_path: Path) -> None:
    path = folder(tmp_path, {"train": rows(classes=("a", "b", "c")), "dev": rows(classes=("a", "b")), "test": rows(3)})
    dev, extra, lacking = problems(path)
    assert_says(dev, "dev.csv", "validation has no row of class 'c'", "Every class of train", "add rows")
    assert_says(
        extra, "test.csv", "test has labels that train does not have: '0', '1'", "Train has 'a', 'b', 'c'", "remove"
    )
    assert_says(lacking, "test has no row of class 'a', 'b', 'c'")
