"""What is recognised, and what is said where nothing is."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from analysis import load_trials
from analysis.sources import open_studies, read
from study.errors import InputError
from tests.analysis.sources.conftest import grid

Table = Callable[..., Path]
DECLARED = {"settings": ["depth", "lr"], "metric": "eval_f1", "test_metric": "test_f1"}


@pytest.mark.parametrize("name", ["t.csv", "t.tsv", "t.parquet", "t.jsonl", "t.json", "t.csv.gz"])
def test_a_table_is_the_same_in_every_file(name: str, table: Table) -> None:
    frame = load_trials(table(name, grid()), **DECLARED)
    first = load_trials(table("first.csv", grid()), **DECLARED)
    other = ["key", "data", "model_fingerprint", "data_fingerprint"]
    order = ["depth", "seed"]
    pd.testing.assert_frame_equal(
        frame.drop(columns=other).sort_values(order, ignore_index=True),
        first.drop(columns=other).sort_values(order, ignore_index=True),
        check_dtype=False,
    )
    assert (frame["data"] == "t").all()


def test_nested_json_becomes_columns_with_dots(table: Table) -> None:
    rows = [{"args": {"opt": {"lr": rate}}, "f1": rate} for rate in (0.1, 0.2)]
    assert list(read(table("t.jsonl", rows))["args.opt.lr"]) == [0.1, 0.2]


def test_what_is_not_there_names_what_is_near(table: Table, tmp_path: Path) -> None:
    table("trials.csv", grid())
    with pytest.raises(InputError, match=r"trails.csv: there is no such file or folder. Did you mean trials.csv\?"):
        read(tmp_path / "trails.csv")


def test_what_is_not_recognised_says_what_was_looked_for(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("a")
    (tmp_path / "t.csv").write_text("a\n1\n")
    for path in (tmp_path / "notes.txt", tmp_path):
        with pytest.raises(InputError) as told:
            read(path)
        for word in ("Ray Tune", "params.json", "Optuna", "W&B", ".parquet"):
            assert word in str(told.value)
    assert "Files in it: t.csv" in str(told.value)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("t.csv", b"", "No columns to parse"),
        ("t.csv", b"a,b\n", "no rows"),
        ("t.jsonl", b'{"a": 1}\nnonsense\n{"a": 2}\n', "line 2 is no JSON"),
        ("t.jsonl", b"[1]\n", "line 1 is no JSON object"),
        ("t.json", b'{"a": 1}', "a list of objects is needed"),
        ("t.parquet", b"PAR1nonsense", "cannot be read as parquet"),
        ("t.csv.gz", gzip.compress(b"a\n1", mtime=0)[:-9], "cannot be read"),
    ],
)
def test_a_damaged_file_is_named(name: str, content: bytes, said: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=said) as told:
        read(tmp_path / name)
    assert name in str(told.value)


def test_a_study_of_ours_is_read_as_one(whole: Path) -> None:
    with pytest.raises(InputError, match="is a study of this package"):
        read(whole)
    assert open_studies([whole]).root == whole
    with pytest.raises(InputError, match=r"--metric-column \(metric=\): said of foreign tables only"):
        open_studies([whole], metric="f1")


def test_ours_and_a_foreign_table_stand_together(whole: Path, table: Table) -> None:
    study = open_studies([whole, table("t.csv", grid())], **DECLARED)
    assert [arm.studies for arm in study.arms] == [("study",), ("t",)]
    assert study.root is None
    ours = sum(len(part.records) for part in study.parts if part.store)
    assert len(study.records) == ours + len(grid())


def test_everything_wrong_is_told_at_once(table: Table, tmp_path: Path) -> None:
    with pytest.raises(InputError) as told:
        open_studies([tmp_path / "none.csv", table("t.csv", grid())], settings=["depht"], metric="eval_f2")
    assert len(told.value.problems) == 3
    assert "none.csv" in told.value.problems[0]
    assert "Did you mean eval_f1" in str(told.value)
    assert "Did you mean depth" in str(told.value)


def test_a_study_name_is_for_optuna_alone(table: Table) -> None:
    with pytest.raises(InputError, match="is no Optuna storage"):
        read(table("t.csv", grid()), study_name="a")
