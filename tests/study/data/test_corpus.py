"""Texts without classes: found, checked, and a part of them held out."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from study.data import load_corpus, read_texts, write_texts
from study.errors import InputError

TEXTS = [f"text number {i}" for i in range(40)]


def texts_of(data, split: str) -> list[str]:
    return data.splits[split]["text"].to_pylist()


def as_parquet(folder: Path, **columns) -> Path:
    folder.mkdir(exist_ok=True)
    pq.write_table(pa.table(columns), folder / "train.parquet")
    return folder


def test_a_tenth_is_held_out_and_nothing_is_lost(tmp_path):
    data = load_corpus(str(as_parquet(tmp_path / "c", text=TEXTS)))
    held, kept = texts_of(data, "validation"), texts_of(data, "train")
    assert len(held) == 4
    assert sorted(held + kept) == sorted(TEXTS)
    assert data.labels == ()
    assert data.notes == ("36 texts to pre-train on, 4 held out of them",)


def test_no_more_than_500_are_held_out(tmp_path):
    data = load_corpus(str(as_parquet(tmp_path / "c", text=[f"{i}" for i in range(6000)])))
    assert len(texts_of(data, "validation")) == 500


def test_a_file_a_folder_and_lines_of_text_are_one_corpus(tmp_path):
    folder = as_parquet(tmp_path / "c", text=TEXTS, other=list(range(40)))
    lines = tmp_path / "lines.txt"
    lines.write_text("\n\n".join(f"  {text}" for text in TEXTS) + "\n \n", encoding="utf-8")
    found = [load_corpus(str(place)) for place in (folder, folder / "train.parquet", lines)]
    assert len({one.fingerprint for one in found}) == 1
    assert load_corpus(str(as_parquet(tmp_path / "d", text=TEXTS[::-1]))).fingerprint != found[0].fingerprint


def test_blank_texts_are_left_out(tmp_path):
    data = load_corpus(str(as_parquet(tmp_path / "c", text=[*TEXTS, "", "  ", None])))
    assert sum(table.num_rows for table in data.splits.values()) == 40


def test_the_column_is_the_one_given_or_found(tmp_path):
    folder = as_parquet(tmp_path / "c", summary=["short"] * 40, body=TEXTS)
    assert sorted(texts_of(load_corpus(str(folder), "body"), "train"))[0].startswith("text number")
    with pytest.raises(InputError, match=r"cannot be told from 'summary' \(strings\), 'body' \(strings\)"):
        load_corpus(str(folder))


@pytest.mark.parametrize(("texts", "words"), [([], "0 texts"), (["one"] * 9, "9 texts"), ([" "] * 30, "0 texts")])
def test_an_empty_corpus_is_refused(tmp_path, texts, words):
    folder = as_parquet(tmp_path / "c", text=pa.array(texts, pa.string()))
    with pytest.raises(InputError, match=rf"--corpus .*{words}\. Pre-training needs 10 or more"):
        load_corpus(str(folder))
    empty = tmp_path / "empty.txt"
    empty.write_text("\n".join(texts))
    with pytest.raises(InputError, match=words):
        load_corpus(str(empty))


def test_a_table_of_texts_with_no_row_and_an_empty_folder_name_the_option(tmp_path):
    (tmp_path / "empty.csv").write_text("text\n")
    with pytest.raises(InputError, match=r"^--corpus .*empty.csv: holds no texts"):
        load_corpus(str(tmp_path / "empty.csv"))
    (tmp_path / "folder").mkdir()
    with pytest.raises(InputError, match=r"^--corpus .*it is empty"):
        load_corpus(str(tmp_path / "folder"))


def test_what_is_not_there_is_said(tmp_path):
    for name in (tmp_path / "no.txt", tmp_path / "no", tmp_path / "no.parquet"):
        with pytest.raises(InputError, match="no"):
            load_corpus(str(name))
    (tmp_path / "latin.txt").write_bytes("caf\xe9\n".encode("latin-1") * 20)
    with pytest.raises(InputError, match="not UTF-8"):
        load_corpus(str(tmp_path / "latin.txt"))


def test_it_is_stored_as_it_was_read(tmp_path):
    data = load_corpus(str(as_parquet(tmp_path / "c", text=TEXTS)))
    write_texts(data, tmp_path / "texts.parquet")
    assert read_texts(tmp_path / "texts.parquet") == data
