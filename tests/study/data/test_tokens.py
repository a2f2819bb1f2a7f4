"""Tokens are what the tokenizer says of each text alone, on disk once, for every process and every trial."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from study.data.texts import SCHEMA
from study.data.tokens import Tokens, token_key, tokens
from study.errors import InputError
from tests.small import rows

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def tokenizer(model_folder):
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(model_folder)


def table(count: int, seed: int) -> pa.Table:
    texts = [text for text, _ in rows(count, seed)]
    texts[0], texts[1] = "ünknown ¿wörds? " * 30, "x"
    columns = [pa.array(texts), pa.array([i % 3 for i in range(count)], pa.int32()), pa.array(range(100, 100 + count))]
    return pa.table(columns, schema=SCHEMA)


SPLITS = {"train": table(50, 0), "validation": table(9, 1), "test": table(7, 2)}


def batches() -> dict[str, list[pa.RecordBatch]]:
    return {name: part.to_batches() for name, part in SPLITS.items()}


def made(cache: Path, tokenizer, length: int = 12, key: str | None = None) -> dict[str, Tokens]:
    return tokens(batches, key or token_key("data", "tok", length), cache, lambda: tokenizer, length)


@pytest.mark.parametrize("length", [4, 12, 64])
def test_each_text_has_the_tokens_the_tokenizer_gives_it_alone_and_cut(tmp_path, tokenizer, length):
    found = made(tmp_path, tokenizer, length)
    assert set(found) == set(SPLITS)
    for split, rows_of in SPLITS.items():
        texts = rows_of["text"].to_pylist()
        assert len(found[split]) == len(texts)
        for i, text in enumerate(texts):
            expected = tokenizer(text, truncation=True, max_length=length)["input_ids"]
            assert found[split][i]["input_ids"].tolist() == expected
            assert len(expected) <= length
        assert found[split].lengths.tolist() == [len(found[split][i]["input_ids"]) for i in range(len(texts))]


@pytest.mark.parametrize(("limit", "value"), [("_TEXTS", 3), ("_BYTES", 90), ("_BYTES", 1)])
def test_many_texts_are_the_same_as_few(tmp_path, tokenizer, monkeypatch, limit, value):
    from study.data import encoding

    whole = made(tmp_path / "a", tokenizer)
    monkeypatch.setattr(encoding, limit, value)
    asked = []

    def watched(texts, **given):
        asked.append(texts)
        return tokenizer(texts, **given)

    pieces = made(tmp_path / "b", watched)
    for split in SPLITS:
        assert np.array_equal(whole[split].ids, pieces[split].ids)
        assert np.array_equal(whole[split].offsets, pieces[split].offsets)
    assert len(asked) > 10
    size = len if limit == "_TEXTS" else lambda texts: sum(len(text.encode()) for text in texts)
    assert all(len(texts) == 1 or size(texts) <= value for texts in asked)


def test_rows_in_several_batches_are_the_same_as_in_one(tmp_path, tokenizer):
    chunked = {name: [*part.slice(0, 2).to_batches(), *part.slice(2).to_batches()] for name, part in SPLITS.items()}
    found = tokens(lambda: chunked, "key", tmp_path, lambda: tokenizer, 12)
    whole = made(tmp_path, tokenizer)
    for name in ("ids", "offsets", "labels", "rows"):
        assert np.array_equal(getattr(found["train"], name), getattr(whole["train"], name))


def test_no_more_than_one_batch_is_asked_for_at_a_time(tmp_path, tokenizer):
    waiting = []

    def stream():
        for batch in table(50, 0).to_batches(max_chunksize=5):
            assert not waiting, "the batch before was not used yet"
            waiting.append(batch)
            yield batch

    def use(texts, **given):
        waiting.clear()
        return tokenizer(texts, **given)

    found = tokens(lambda: {"train": stream()}, "key", tmp_path, lambda: use, 12)
    assert found["train"].texts == 50


def test_labels_and_row_numbers_stay_with_their_texts(tmp_path, tokenizer):
    for split, found in made(tmp_path, tokenizer).items():
        assert found.labels.tolist() == SPLITS[split]["label"].to_pylist()
        assert found.rows.tolist() == SPLITS[split]["row"].to_pylist()
        assert [found[i]["labels"] for i in range(len(found))] == found.labels.tolist()
        assert type(found[0]["labels"]) is int


def test_everything_is_mapped_from_disk_and_cannot_be_changed(tmp_path, tokenizer):
    for found in made(tmp_path, tokenizer).values():
        for array in (found.ids, found.offsets, found.labels, found.rows):
            assert isinstance(array, np.memmap)
            assert str(tmp_path) in str(array.filename)
            with pytest.raises(ValueError, match="read-only"):
                array[0] = 1


def test_tokens_are_made_once_and_then_need_neither_texts_nor_tokenizer(tmp_path, tokenizer):
    first = made(tmp_path, tokenizer)

    def never():
        pytest.fail("made again")

    again = tokens(never, token_key("data", "tok", 12), tmp_path, never, 12)
    assert all(np.array_equal(first[split].ids, again[split].ids) for split in SPLITS)


def test_another_data_set_tokenizer_or_length_is_another_artefact(tmp_path, tokenizer):
    keys = {token_key(*parts) for parts in [("d", "t", 12), ("e", "t", 12), ("d", "u", 12), ("d", "t", 13)]}
    for key in keys:
        made(tmp_path, tokenizer, key=key)
    assert len({path for path in tmp_path.iterdir() if path.is_dir()}) == 4


@pytest.mark.parametrize("size", [1, 4, 64])
def test_batches_cover_every_text_once(tmp_path, tokenizer, size):
    found = made(tmp_path, tokenizer)["train"]
    numbers = list(found.batches(size))
    assert sorted(i for batch in numbers for i in batch) == list(range(50))
    assert all(len(batch) == size for batch in numbers[:-1])


def test_batches_have_similar_lengths_longest_first(tmp_path, tokenizer):
    found = made(tmp_path, tokenizer, 64)["train"]
    lengths = [[found.lengths[i] for i in batch] for batch in found.batches(8)]
    for longer, shorter in itertools.pairwise(lengths):
        assert min(longer) >= max(shorter)
    assert lengths[0][0] == max(found.lengths)
    assert len(set(found.lengths.tolist())) > 3


def test_a_text_in_which_the_tokenizer_finds_nothing_is_named(tmp_path):
    def nothing(texts, **given):
        return {"input_ids": [[1], []], "special_tokens_mask": [[0], []]}

    rows_of = {"train": table(2, 0).to_batches()}
    with pytest.raises(InputError, match="row 101: the model's tokenizer finds no token"):
        tokens(lambda: rows_of, "key", tmp_path, lambda: nothing, 12)
    assert not (tmp_path / "key").exists()


def test_the_key_has_the_layout_and_truncation_only_where_it_is_not_head():
    assert token_key("d", "t", 12) == token_key("d", "t", 12, "head") == "tokens2-d-t-12"
    assert token_key("d", "t", 12, "windows") == "tokens2-d-t-12-windows"


KILLED = """
import os, signal, sys
from pathlib import Path
from study.data.tokens import tokens
from tests.study.data.test_tokens import SPLITS, batches

def tokenizer(texts, **given):
    if len(texts) == SPLITS["validation"].num_rows:
        os.kill(os.getpid(), signal.SIGKILL)
    return {"input_ids": [[2, 3]] * len(texts), "special_tokens_mask": [[1, 1]] * len(texts)}

tokens(batches, "key", Path(sys.argv[1]), lambda: tokenizer, 12)
"""


def test_killed_while_writing_it_leaves_no_tokens_and_the_next_process_makes_them_whole(tmp_path, tokenizer):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], cwd=ROOT, env=environment)
    assert done.returncode == -signal.SIGKILL
    (leftover,) = (path for path in tmp_path.iterdir() if path.is_dir())
    assert (leftover / "train").is_dir()
    assert not (tmp_path / "key").exists()
    found = made(tmp_path, tokenizer, key="key")
    assert set(found) == set(SPLITS)
    assert (
        found["train"][2]["input_ids"].tolist()
        == tokenizer(SPLITS["train"]["text"][2].as_py(), truncation=True, max_length=12)["input_ids"]
    )
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == ["key"]
