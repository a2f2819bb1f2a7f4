"""Folds: every row is tested once, classes stay in proportion, and a draw depends on the data seed alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from study.data import DataOptions, load_folds
from study.data.folds import fold_rows
from study.data.splits import Drawn
from study.data.texts import SPLITS
from study.errors import InputError
from tests.study.data.samples import assert_says, folder, rows, three, write_csv

LABELS = ("a", "b", "c")


def source(seed: int = 0, validation: int = 0) -> dict[str, np.ndarray]:
    """Class ids of 137 shuffled rows of three unequal classes, and of so many more in a validation split."""
    rng = np.random.default_rng(seed)
    found = {"train": rng.permutation(np.repeat([0, 1, 2], [83, 37, 17]))}
    return found | ({"validation": rng.permutation(np.arange(validation) % 3)} if validation else {})


def folds(ids: dict[str, np.ndarray], **options: Any) -> list[Drawn]:
    return [drawn for drawn, _ in fold_rows(ids, LABELS, DataOptions("x", **{"folds": 5, **options}))]


def members(rows: dict[str, np.ndarray]) -> list[tuple[str, int]]:
    return [(split, int(row)) for split, numbers in rows.items() for row in numbers]


def classes(rows: dict[str, np.ndarray], ids: dict[str, np.ndarray]) -> np.ndarray:
    return np.bincount([ids[split][row] for split, row in members(rows)], minlength=3)


def plain(found: list[Drawn]) -> list[dict[str, list[tuple[str, int]]]]:
    return [{split: members(rows) for split, rows in fold.items()} for fold in found]


@pytest.mark.parametrize("count", [2, 3, 5, 10, 17])
@pytest.mark.parametrize("validation", [0, 31])
def test_every_row_is_tested_in_one_fold_and_used_once_in_each(count: int, validation: int) -> None:
    ids = source(validation=validation)
    every = sorted((split, row) for split, found in ids.items() for row in range(len(found)))
    found = folds(ids, folds=count)
    assert len(found) == count
    assert sorted(member for fold in found for member in members(fold["test"])) == every
    for fold in found:
        assert list(fold) == list(SPLITS)
        assert sorted(member for split in SPLITS for member in members(fold[split])) == every
        assert all((np.diff(numbers) > 0).all() for split in SPLITS for numbers in fold[split].values())


@pytest.mark.parametrize("seed", range(5))
def test_folds_have_their_share_of_every_class(seed: int) -> None:
    ids = source(seed)
    found = folds(ids, data_seed=seed)
    tested = np.array([classes(fold["test"], ids) for fold in found])
    assert (np.ptp(tested, axis=0) <= 1).all()
    assert np.ptp(tested.sum(axis=1)) <= 1
    for fold in found:
        rest = classes(fold["train"], ids) + classes(fold["validation"], ids)
        cut = classes(fold["validation"], ids)
        assert cut.sum() == rest.sum() // 5
        assert (np.abs(cut - rest / 5) < 1.5).all()


def test_the_data_seed_alone_decides() -> None:
    ids = source()
    first = plain(folds(ids))
    np.random.seed(7)
    before = np.random.get_state()[1].copy()
    assert plain(folds(ids)) == first
    assert (np.random.get_state()[1] == before).all()
    other = plain(folds(ids, data_seed=1))
    assert all(one["test"] != two["test"] for one, two in zip(first, other, strict=True))


def test_folds_cut_their_validation_by_streams_of_their_own() -> None:
    """With one stream the same places of the rest would be cut in every fold."""
    ids = {"train": np.arange(120) % 3}
    cuts = []
    for fold in folds(ids, folds=5):
        rest = np.sort(np.concatenate([fold["train"]["train"], fold["validation"]["train"]]))
        cuts.append(np.flatnonzero(np.isin(rest, fold["validation"]["train"])).tolist())
    assert len({tuple(cut) for cut in cuts}) == 5


def test_smaller_subsets_lie_inside_larger_ones_and_leave_the_folds_alone() -> None:
    ids = source(validation=12)
    whole = folds(ids)
    larger: list[dict[str, set]] = [{split: set(members(fold[split])) for split in SPLITS} for fold in whole]
    for size in (20, 13, 7, 3):
        for place, fold in enumerate(folds(ids, train_size=3 * size, eval_size=size)):
            for split in SPLITS:
                drawn = set(members(fold[split]))
                assert len(drawn) == (3 * size if split == "train" else size)
                assert drawn <= larger[place][split]
                assert len({ids[source][row] for source, row in drawn}) == 3
                larger[place][split] = drawn


def test_what_each_fold_says() -> None:
    (_, first), *_, (_, last) = fold_rows(source(validation=10), LABELS, DataOptions("x", folds=5, eval_size=9))
    assert first[0] == last[0] == "validation (10 rows) joined to train, then folded"
    assert first[1].startswith(
        "fold 1 of 5 is test (30 of 147 rows), 20 % of the rest validation (23 rows), stratified"
    )
    assert last[1].startswith("fold 5 of 5 is test (29 of 147 rows)")
    assert last[1].endswith("data seed 0")
    assert first[2:] == [
        "validation: 9 of 23 rows drawn, stratified, data seed 0",
        "test: 9 of 30 rows drawn, stratified, data seed 0",
    ]


def refused(ids: dict[str, np.ndarray], **options: Any) -> tuple[str, ...]:
    with pytest.raises(InputError) as caught:
        folds(ids, **options)
    return caught.value.problems


def test_a_labelled_test_split_is_refused() -> None:
    (said,) = refused({**source(), "test": np.zeros(9, int)})
    assert_says(said, "--folds 5: x has a test split of its own (9 labelled rows)", "give the train file alone")


@pytest.mark.parametrize(("count", "needed"), [(2, 4), (3, 3), (5, 5)])
def test_a_class_with_too_few_rows_is_refused_and_one_with_just_enough_is_folded(count: int, needed: int) -> None:
    def with_rare(rare: int) -> dict[str, np.ndarray]:
        return {"train": np.repeat([0, 1, 2], [20, 20, rare])}

    (said,) = refused(with_rare(needed - 1), folds=count)
    assert_says(said, f"--folds {count}: x has too few rows of class 'c' ({needed - 1})", f"each needs {needed} rows")
    ids = with_rare(needed)
    for fold in folds(ids, folds=count):
        assert all((classes(fold[split], ids) > 0).all() for split in SPLITS)


def test_sizes_that_no_fold_has_are_told_once() -> None:
    train, validation, test = refused(source(), train_size=120, eval_size=100)
    assert_says(train, "--train-size 120 is more than the 88 rows of train")
    assert_says(validation, "--eval-size 100 is more than the 21 rows of validation")
    assert_says(test, "--eval-size 100 is more than the 28 rows of test")


def test_the_texts_of_all_folds_are_those_of_the_source(tmp_path: Path) -> None:
    splits = three()
    path = folder(tmp_path / "films", {"train": splits["train"], "validation": splits["validation"]})
    found = load_folds(DataOptions(path, folds=4))
    assert [data.name for data in found] == [f"films[fold {n}/4]" for n in (1, 2, 3, 4)]
    assert len({data.fingerprint for data in found}) == 4
    assert len({data.fold.whole for data in found if data.fold}) == 1
    tested = [text for data in found for text in data.splits["test"]["text"].to_pylist()]
    assert sorted(tested) == sorted(splits["train"]["text"] + splits["validation"]["text"])
    numbers = [row for data in found for row in data.splits["test"]["row"].to_pylist()]
    assert sorted(numbers) == list(range(52)), "a row's number names it among all that were folded"


def test_the_same_rows_in_other_folds_are_another_whole(tmp_path: Path) -> None:
    path = str(write_csv(tmp_path / "x.csv", rows(60)))
    wholes = {
        data.fold.whole
        for options in ({"folds": 3}, {"folds": 4}, {"folds": 3, "data_seed": 1}, {"folds": 3, "train_size": 20})
        for data in load_folds(DataOptions(path, **options))  # type: ignore[arg-type]
        if data.fold
    }
    assert len(wholes) == 4
