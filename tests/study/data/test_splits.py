"""Missing splits and subsets: stratified, seeded, nested, the order of the source kept."""

from pathlib import Path

import numpy as np
import pytest

from study.data.splits import ranking
from tests.study.data.samples import assert_says, folder, load, problems, rows, three, write_csv


def sorted_rows(*counts: int) -> dict[str, list]:
    """Rows sorted by class, so that a draw which ignores the classes cannot pass."""
    labels = [c for c, count in enumerate(counts) for _ in range(count)]
    return {"text": [f"text {n}" for n in range(len(labels))], "label": labels}


def counts(table) -> list[int]:
    return np.bincount(table["label"].to_numpy()).tolist()


def test_missing_splits_are_cut_from_train_and_said(tmp_path: Path) -> None:
    data = load(write_csv(tmp_path / "x.csv", sorted_rows(700, 200, 100)))
    assert [counts(data.splits[s]) for s in data.splits] == [[420, 120, 60], [140, 40, 20], [140, 40, 20]]
    every = np.concatenate([t["row"].to_numpy() for t in data.splits.values()])
    assert sorted(every) == list(range(1000))
    for table in data.splits.values():
        numbers = table["row"].to_pylist()
        assert numbers == sorted(numbers)
        assert table["text"].to_pylist() == [f"text {n}" for n in numbers]
    assert data.notes[:2] == (
        "no validation split: 20 % of train (200 rows) cut, stratified, data seed 0",
        "no test split: 20 % of train (200 rows) cut, stratified, data seed 0",
    )


def test_one_missing_split(tmp_path: Path) -> None:
    splits = three()
    data = load(folder(tmp_path, {"train": splits["train"], "validation": splits["validation"]}))
    assert [t.num_rows for t in data.splits.values()] == [32, 12, 8]
    assert data.notes == ("no test split: 20 % of train (8 rows) cut, stratified, data seed 0",)


def test_too_few_rows_to_cut(tmp_path: Path) -> None:
    (problem,) = problems(write_csv(tmp_path / "x.csv", sorted_rows(20, 2)))
    assert_says(problem, "validation and test cannot be cut", "class '1' (2)", "needs 3 rows", "add rows, or give")
    assert [counts(t) for t in load(write_csv(tmp_path / "x.csv", sorted_rows(3, 3))).splits.values()] == [[1, 1]] * 3


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"train_size": 10}, "films[:10]"),
        ({"train_size": 10, "eval_size": 4}, "films[:10/4]"),
        ({"eval_size": 4}, "films[:/4]"),
        ({}, "films"),
    ],
)
def test_the_name_says_the_sizes(options: dict, name: str, tmp_path: Path) -> None:
    data = load(folder(tmp_path / "films", three()), **options)
    assert data.name == name
    assert data.splits["train"].num_rows == options.get("train_size", 40)
    assert data.splits["validation"].num_rows == options.get("eval_size", 12)
    assert data.splits["test"].num_rows == options.get("eval_size", 14)
    assert len(data.notes) == ("train_size" in options) + 2 * ("eval_size" in options)
    if "train_size" in options:
        assert data.notes[0] == "train: 10 of 40 rows drawn, stratified, data seed 0"


def test_same_seed_same_rows_other_seed_other_rows(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "x.csv", sorted_rows(200, 100))
    first, again, other = (load(path, train_size=50, eval_size=20, data_seed=s) for s in (3, 3, 4))
    assert first == again
    assert first.fingerprint != other.fingerprint
    for split in first.splits:
        assert first.splits[split]["row"].to_pylist() != other.splits[split]["row"].to_pylist()
    assert [counts(t) for t in first.splits.values()] == [counts(t) for t in other.splits.values()]


def test_an_eval_size_leaves_the_training_rows_alone(tmp_path: Path) -> None:
    path = folder(tmp_path, three())
    some, all_ = load(path, train_size=10, eval_size=4), load(path, train_size=10)
    assert some.splits["train"] == all_.splits["train"]


def test_sizes_that_do_not_fit(tmp_path: Path) -> None:
    path = folder(tmp_path, three())
    train, validation, test = problems(path, train_size=41, eval_size=100)
    assert_says(train, "--train-size 41", "the 40 rows of train", "Give 40 at most", "leave it out")
    assert_says(validation, "--eval-size 100", "the 12 rows of validation", "Give 12 at most")
    assert_says(test, "--eval-size 100", "the 14 rows of test", "Give 14 at most")
    (problem,) = problems(path, train_size=1)
    assert_says(problem, "--train-size 1 is too small", "a row of each class", "Give 2 or more")


@pytest.mark.parametrize("seed", range(20))
def test_every_prefix_of_a_ranking_is_stratified(seed: int) -> None:
    rng = np.random.default_rng(seed)
    classes = int(rng.integers(2, 7))
    sizes = rng.integers(1, 60, classes)
    ids = np.repeat(np.arange(classes), sizes)
    order = ranking(ids, np.random.default_rng(seed))
    assert sorted(order) == list(range(len(ids)))
    assert sorted(ids[order[:classes]]) == list(range(classes))
    for n in range(classes, len(ids) + 1):
        drawn = np.bincount(ids[order[:n]], minlength=classes)
        share = n * sizes / sizes.sum()
        assert (drawn >= 1).all()
        # rows granted to rare classes are taken from the others, never more than one per class
        assert (np.abs(drawn - share) <= classes).all()
        if (share >= 1).all():
            assert (np.abs(drawn - share) < 1.5).all()


def test_smaller_subsets_lie_inside_larger_ones(tmp_path: Path) -> None:
    path = folder(tmp_path, {s: sorted_rows(33, 21, 9) for s in ("train", "validation", "test")})
    larger: dict[str, set] = {}
    for size in range(63, 2, -1):
        data = load(path, train_size=size, eval_size=size)
        for split, table in data.splits.items():
            drawn = set(table["row"].to_pylist())
            assert len(drawn) == size
            assert drawn <= larger.get(split, drawn)
            larger[split] = drawn


def test_what_is_drawn_of_a_class_does_not_depend_on_where_its_rows_stand() -> None:
    ids = np.repeat([0, 1, 2], [30, 20, 10])
    mixed = np.random.default_rng(0).permutation(60)
    place = {c: np.flatnonzero(ids == c) for c in range(3)}
    moved = {c: np.flatnonzero(ids[mixed] == c) for c in range(3)}
    first, second = ranking(ids, np.random.default_rng(1))[:24], ranking(ids[mixed], np.random.default_rng(1))[:24]
    for c in range(3):
        assert np.flatnonzero(np.isin(place[c], first)).tolist() == np.flatnonzero(np.isin(moved[c], second)).tolist()


def test_repeated_texts_are_kept(tmp_path: Path) -> None:
    columns = rows()
    columns["text"] = ["same"] * 40
    data = load(write_csv(tmp_path / "x.csv", columns))
    assert sum(t.num_rows for t in data.splits.values()) == 40
