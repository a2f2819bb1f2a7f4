"""Rows per class are counted, and classes far from equal are said."""

from pathlib import Path

import pytest

from study.data.balance import balance_notes
from tests.study.data.samples import folder, load, rows


def test_counts_are_of_the_rows_that_are_used(tmp_path: Path) -> None:
    splits = {
        "train": rows(40, ("b", "a", "b", "c")),
        "validation": rows(12, tuple("abc")),
        "test": rows(6, tuple("cba")),
    }
    data = load(folder(tmp_path, splits), train_size=20)
    assert data.checks["classes"] == {
        "train": {"a": 5, "b": 10, "c": 5},
        "validation": {"a": 4, "b": 4, "c": 4},
        "test": {"a": 2, "b": 2, "c": 2},
    }
    for split, counts in data.checks["classes"].items():
        labels = [data.labels[i] for i in data.splits[split]["label"].to_pylist()]
        assert counts == {name: labels.count(name) for name in data.labels}


@pytest.mark.parametrize(("counts", "noted"), [((10, 10), False), ((20, 10), False), ((21, 10), True), ((3, 1), True)])
def test_more_than_twice_is_said(counts: tuple[int, int], noted: bool) -> None:
    assert bool(balance_notes({"a": counts[0], "b": counts[1]})) == noted


def test_the_sentence_has_shares_and_what_to_do() -> None:
    (note,) = balance_notes({"no": 10, "maybe": 30, "yes": 160})
    assert note.startswith(
        "train is imbalanced: 80.0 % of its rows are 'yes', 5.0 % 'no'; --set class_weights=balanced"
    )
