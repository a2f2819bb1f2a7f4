"""Pairs of texts: two columns, given or guessed, read, checked, hashed and kept together."""

from __future__ import annotations

import hashlib
import json
import struct
from pathlib import Path
from typing import Any

import pytest

from study.data import read_batches, read_texts, write_texts
from study.data.texts import PAIR_SCHEMA
from tests.study.data.samples import assert_says, folder, load, problems, rows, write, write_csv


def pairs(one: str = "premise", two: str = "hypothesis", count: int = 40, start: int = 0) -> dict[str, list[Any]]:
    columns = rows(count, start=start)
    return {one: columns["text"], two: [f"and {n}\tso" for n in range(start, start + count)], "label": columns["label"]}


def three() -> dict[str, dict[str, list[Any]]]:
    return {"train": pairs(), "validation": pairs(count=12, start=100), "test": pairs(count=14, start=200)}


@pytest.mark.parametrize(
    "names",
    [
        ("sentence1", "sentence2"),
        ("premise", "hypothesis"),
        ("question1", "question2"),
        ("question", "sentence"),
        ("text_a", "text_b"),
        ("text1", "text2"),
        ("Premise", " hypothesis"),
    ],
)
@pytest.mark.parametrize("extension", ["csv", "tsv", "jsonl.gz", "parquet"])
def test_usual_names_are_guessed_and_said(names: tuple[str, str], extension: str, tmp_path: Path) -> None:
    columns = {"idx": list(range(40))} | pairs(*names)
    data = load(write(tmp_path / f"x.{extension}", columns))
    assert data.pair
    assert data.splits["train"].schema == PAIR_SCHEMA
    assert data.notes[0] == f"each row is a pair of texts, {names[0]!r} and {names[1]!r}"
    for table in data.splits.values():
        for row in table.to_pylist():
            assert (row["text"], row["pair"]) == (columns[names[0]][row["row"]], columns[names[1]][row["row"]])


def test_given_columns_in_the_order_given(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "x.csv", pairs() | {"a,b": ["x y"] * 40, "text": ["z"] * 40})
    data = load(path, text_column="hypothesis, premise")
    first = data.splits["train"].slice(0, 1).to_pylist()[0]
    assert first["text"] == f"and {first['row']}\tso"
    assert first["pair"] == pairs()["premise"][first["row"]]
    assert not load(path).pair, "a column called text goes before guessed pairs"
    assert not load(path, text_column="premise").pair
    assert set(load(path, text_column="a,b").splits["train"]["text"].to_pylist()) == {"x y"}


def test_columns_that_are_no_pair(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "x.csv", pairs())
    for given in ("premise,hypothesis,label", "premise,premise", "premise,"):
        (problem,) = problems(path, text_column=given)
        assert_says(problem, f"--text-column {given!r}", "neither one column nor two", "two different ones as a,b")
    (problem,) = problems(path, text_column="premise,hypotheses")
    assert_says(problem, "'hypotheses' is unknown", "Did you mean hypothesis?", "--text-column")
    (problem,) = problems(path, text_column="premise,label", label_column="label")
    assert_says(problem, "'label' is given for texts and for labels")


def test_a_blank_second_text_is_refused_like_a_first(tmp_path: Path) -> None:
    columns = pairs()
    columns["premise"][1] = " "
    columns["hypothesis"][3:5] = ["", "\t"]
    first, second = problems(write_csv(tmp_path / "x.csv", columns))
    assert_says(first, "column 'premise': 1 text is missing or blank, at row 1", "remove")
    assert_says(second, "column 'hypothesis': 2 texts are missing or blank, at rows 3, 4", "remove")


def test_the_fingerprint_covers_second_texts(tmp_path: Path) -> None:
    seen = {load(folder(tmp_path / "pairs", three())).fingerprint}
    seen.add(load(tmp_path / "pairs", text_column="premise").fingerprint)
    seen.add(load(tmp_path / "pairs", text_column="hypothesis,premise").fingerprint)
    changed = three()
    changed["test"]["hypothesis"][5] += "."
    seen.add(load(folder(tmp_path / "changed", changed)).fingerprint)
    moved = three()
    moved["train"]["premise"][0] += moved["train"]["hypothesis"][0][0]
    moved["train"]["hypothesis"][0] = moved["train"]["hypothesis"][0][1:]
    seen.add(load(folder(tmp_path / "moved", moved)).fingerprint)
    assert len(seen) == 5


def test_the_fingerprint_by_hand(tmp_path: Path) -> None:
    data = load(folder(tmp_path, three()))
    digest = hashlib.sha256(json.dumps(list(data.labels)).encode())
    for split, columns in three().items():
        digest.update(f"\n{split} {len(columns['label'])} of pairs\n".encode())
        for name in ("premise", "hypothesis"):
            texts = [text.encode() for text in columns[name]]
            digest.update(b"".join(struct.pack("<q", len(text)) for text in texts) + b"".join(texts))
        digest.update(b"".join(struct.pack("<i", label) for label in columns["label"]))
    assert data.fingerprint == digest.hexdigest()[:16]


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    data = load(folder(tmp_path / "films", three()), train_size=20)
    write_texts(data, tmp_path / "texts.parquet")
    assert read_texts(tmp_path / "texts.parquet") == data
    for split, table in data.splits.items():
        batches = list(read_batches(tmp_path / "texts.parquet", split, size=7))
        assert [row for batch in batches for row in batch.to_pylist()] == table.to_pylist()
        assert batches[0].schema == PAIR_SCHEMA
