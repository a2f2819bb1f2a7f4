"""load_folds: every fold whole and named, told apart from other foldings; load_data is for fixed splits."""

from __future__ import annotations

from pathlib import Path

import pytest

from study.data import DataOptions, Fold, TextData, load_data, load_folds, read_texts, write_texts
from study.errors import InputError
from tests.study.data.samples import assert_says, folder, problems, rows, three, write_csv


def folds(path: str | Path, count: int = 4, **options: int) -> tuple[TextData, ...]:
    return load_folds(DataOptions(str(path), folds=count, **options))


def test_without_folds_there_is_one(tmp_path: Path) -> None:
    options = DataOptions(folder(tmp_path, three()))
    assert load_folds(options) == (load_data(options),)
    assert load_data(options).fold is None


def test_every_row_is_tested_once_and_its_text_is_its_own(tmp_path: Path) -> None:
    columns = rows(43, (0, 1, 2))
    found = folds(write_csv(tmp_path / "films.csv", columns))
    assert [data.name for data in found] == [f"films[fold {n}/4]" for n in (1, 2, 3, 4)]
    assert [(data.fold.number, data.fold.of) for data in found if data.fold] == [(n, 4) for n in (1, 2, 3, 4)]
    tested = [row for data in found for row in data.splits["test"]["row"].to_pylist()]
    assert sorted(tested) == list(range(43))
    for data in found:
        every = [row for table in data.splits.values() for row in table.to_pylist()]
        assert sorted(row["row"] for row in every) == list(range(43))
        assert all(row["text"] == columns["text"][row["row"]] for row in every)
        assert all(data.labels[row["label"]] == str(columns["label"][row["row"]]) for row in every)
    assert len({data.fingerprint for data in found}) == 4
    assert len({data.fold.whole for data in found if data.fold}) == 1


def test_a_validation_split_is_joined_and_its_rows_keep_numbers_of_their_own(tmp_path: Path) -> None:
    splits = {split: three()[split] for split in ("train", "validation")}
    found = folds(folder(tmp_path / "films", splits))
    texts = splits["train"]["text"] + splits["validation"]["text"]
    tested = [row for data in found for row in data.splits["test"].to_pylist()]
    assert sorted(row["row"] for row in tested) == list(range(52))
    assert all(row["text"] == texts[row["row"]] for row in tested)


def test_sizes_are_part_of_the_name_and_a_fold_is_stored(tmp_path: Path) -> None:
    found = folds(write_csv(tmp_path / "films.csv", rows()), train_size=10, eval_size=4)
    assert found[1].name == "films[fold 2/4][:10/4]"
    assert [table.num_rows for table in found[1].splits.values()] == [10, 4, 4]
    write_texts(found[1], tmp_path / "texts.parquet")
    assert read_texts(tmp_path / "texts.parquet") == found[1]


def test_foldings_that_overlap_are_not_taken_for_one(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "films.csv", rows())
    other = write_csv(tmp_path / "other.csv", rows(41))
    ways = [folds(path), folds(path, 5), folds(path, data_seed=1), folds(path, train_size=10), folds(other)]
    wholes = [data[0].fold.whole for data in ways if data[0].fold]
    assert len(set(wholes)) == 5
    assert folds(path)[0].fold == Fold(1, 4, wholes[0])
    assert int(wholes[0], 16) >= 0
    assert len(wholes[0]) == 16


def test_load_data_gives_one(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "films.csv", rows())
    (problem,) = problems(path, folds=4)
    assert_says(problem, "folds=4 gives 4 data sets", "use load_folds")
    with pytest.raises(InputError) as caught:
        folds(path, 1, train_size=0)
    size, count = caught.value.problems
    assert_says(size, "--train-size 0 is too small")
    assert_says(count, "--folds 1 is too few", "2 or more", "leave it out")
