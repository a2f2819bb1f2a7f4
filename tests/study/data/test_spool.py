"""Texts lie in a temporary file, not in memory; nothing of it stays behind; a full disk is an error that says so."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import IO

import pyarrow as pa
import pytest

from study.data import DataOptions, load_data, read_batches, write_texts
from study.data.spool import mapped, spool, spool_file
from study.errors import InputError
from tests.study.data.samples import assert_says, folder, load, problems, rows, three, write

SCHEMA = pa.schema([("text", pa.string())])


def test_a_spooled_table_is_what_was_given() -> None:
    batches = [pa.record_batch([pa.array(["a", "é" * n, ""])], schema=SCHEMA) for n in range(5)]
    assert spool(iter(batches), SCHEMA) == pa.Table.from_batches(batches)
    empty = spool(iter(()), SCHEMA)
    assert (empty.num_rows, empty.schema) == (0, SCHEMA)


def test_an_empty_file_is_mapped_as_nothing() -> None:
    with spool_file() as file:
        assert mapped(file) == b""


@pytest.mark.parametrize("extension", ["parquet", "csv", "tsv", "jsonl", "json", "jsonl.gz"])
def test_texts_take_no_memory_once_they_are_loaded(extension: str, tmp_path: Path) -> None:
    """20 MB of texts: Arrow holds less than 1 MB of its own for all the tables, whether all rows are drawn or not."""
    count = 2_000
    columns = {"text": [f"{n} " + "word " * 2000 for n in range(count)], "label": [n % 2 for n in range(count)]}
    path = write(tmp_path / f"x.{extension}", columns)
    del columns
    before = pa.total_allocated_bytes()
    whole, part = load(path), load(path, train_size=1000)
    assert sum(table.nbytes for table in whole.splits.values()) > 20_000_000
    assert pa.total_allocated_bytes() - before < 1_000_000
    assert part.splits["train"].num_rows == 1000


def test_reading_batches_takes_memory_for_few_rows(tmp_path: Path) -> None:
    count = 60_000
    columns = {"text": [f"{n} " + "word " * 100 for n in range(count)], "label": [n % 2 for n in range(count)]}
    data = load(write(tmp_path / "x.parquet", columns))
    write_texts(data, tmp_path / "texts.parquet")
    del columns
    before = pa.total_allocated_bytes()
    most = max(pa.total_allocated_bytes() - before for _ in read_batches(tmp_path / "texts.parquet", "train"))
    assert most < data.splits["train"].nbytes / 2


def test_nothing_is_left_in_the_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = folder(tmp_path / "films", three(), "csv.gz")
    (tmp_path / "spool").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "spool"))
    data = load(path, train_size=10)
    assert list((tmp_path / "spool").iterdir()) == []
    assert data.splits["train"].num_rows == 10


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is always full")
@pytest.mark.parametrize("extension", ["csv", "jsonl.gz"])
def test_a_full_disk_is_said_with_what_to_do(extension: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / f"x.{extension}", rows())

    def full(**given: object) -> IO[bytes]:
        return open("/dev/full", "r+b", buffering=0)

    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    (problem,) = problems(path)
    assert_says(problem, "do not fit into the temporary folder", "(No space left on device)", "Set TMPDIR to a folder")


def test_an_error_of_the_source_is_not_taken_for_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from study.data import csv_file

    def fail(*given: object) -> None:
        raise OSError(5, "Input/output error")

    path = write(tmp_path / "x.csv", rows())
    monkeypatch.setattr(csv_file, "_batches", fail)
    with pytest.raises(InputError) as caught:
        load_data(DataOptions(str(path)))
    assert_says(str(caught.value), "x.csv cannot be read (Input/output error)", "Readable files", "check")
