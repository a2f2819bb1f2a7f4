"""Texts that occur twice are found, counted and named, whatever their case, Unicode form and white space."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from study.data.duplicates import Seen, find_duplicates, text_hashes
from tests.study.data.samples import folder, load, three

SAME = ["Straße  in\tKöln", " STRASSE in K\u00f6ln\n", "strasse in Ko\u0308ln", "straße in\u00a0köln"]
OTHERS = ["strasse inköln", "strasse in koln", "strasse in köln.", "strasse\u200b in köln", "", "a"]


def hashes(*columns: list[str]) -> list[int]:
    return text_hashes([pa.array(column) for column in columns]).tolist()


def test_case_form_and_white_space_do_not_matter_and_all_else_does() -> None:
    assert len(set(hashes(SAME))) == 1
    assert len(set(hashes(SAME[:1] + OTHERS))) == 1 + len(OTHERS)


def test_pairs_are_the_same_where_both_texts_are() -> None:
    found = hashes(["a b", "A  b", "a", "a b c"], ["c", "C", "b c", ""])
    assert found[0] == found[1]
    assert len(set(found)) == 3


@pytest.mark.parametrize("seed", range(30))
def test_counts_and_rows_by_comparing_all_with_all(seed: int) -> None:
    rng = np.random.default_rng(seed)
    splits = {}
    for split in ("train", "validation", "test"):
        count = int(rng.integers(1, 40))
        numbers = np.sort(rng.choice(1000, count, replace=False))
        splits[split] = Seen(rng.integers(0, 25, count).astype(np.uint64), rng.integers(0, 3, count), numbers)
    found = {(entry["split"], entry["also_in"]): entry for entry in find_duplicates(splits)}
    order = [("validation", "train"), ("test", "train"), ("test", "validation")]
    order += [(split, split) for split in splits]
    assert list(found) == [pair for pair in order if pair in found]
    for split, also_in in order:
        here, there = splits[split], splits[also_in]
        rows, other, partners = [], 0, []
        for i, text in enumerate(here.hashes):
            matches = [j for j, their in enumerate(there.hashes) if their == text]
            if not matches or (split == also_in and matches[0] == i):
                continue
            others = [j for j in matches if there.labels[j] != here.labels[i]]
            other += bool(others)
            rows.append(int(here.rows[i]))
            partners.append(int(there.rows[(others or matches)[0]]))
        if not rows:
            assert (split, also_in) not in found
            continue
        assert found[split, also_in] == {
            "split": split,
            "also_in": also_in,
            "texts": len(rows),
            "other_class": other,
            "rows": rows[:5],
            "their_rows": partners[:5],
        }


def test_they_are_noted_in_sentences(tmp_path: Path) -> None:
    splits = three()
    texts = splits["train"]["text"]
    splits["test"]["text"][:3] = [texts[0].upper(), f" {texts[1]}", texts[2]]
    splits["test"]["label"][1] = 0
    splits["train"]["text"][39] = texts[10]
    data = load(folder(tmp_path, splits))
    assert data.notes == (
        "3 of 14 test texts (21.4 %) are also in train, 1 of them with another class: scores on them reward memory",
        "1 of 40 train texts (2.5 %) repeats an earlier one, there with another class",
    )
    test, train = data.checks["duplicates"]
    assert (test["split"], test["rows"], test["their_rows"]) == ("test", [0, 1, 2], [0, 1, 2])
    assert (train["texts"], train["rows"], train["their_rows"]) == (1, [39], [10])


def test_only_rows_that_are_drawn_count(tmp_path: Path) -> None:
    splits = three()
    splits["test"]["text"] = splits["train"]["text"][:14]
    path = folder(tmp_path, splits)
    (whole,) = load(path).checks["duplicates"]
    assert whole["texts"] == 14
    drawn = load(path, train_size=6, eval_size=4)
    train, test = (set(drawn.splits[split]["row"].to_pylist()) for split in ("train", "test"))
    expected = len(train & test)
    assert [entry["texts"] for entry in drawn.checks["duplicates"]] == [expected] * bool(expected)


def test_unicode_forms_by_the_standard_library() -> None:
    """Every letter, composed and not, in both cases, has the hash of its plain form and shares it with nothing else."""
    letters = [chr(c) for c in range(0xC0, 0x250) if chr(c).isalpha()]
    plain = [unicodedata.normalize("NFC", letter.casefold()) for letter in letters]
    for form in ("NFC", "NFD"):
        assert hashes([unicodedata.normalize(form, letter) for letter in letters]) == hashes(plain)
    assert len(set(hashes(plain))) == len(set(plain))
