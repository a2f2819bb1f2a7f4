"""The frame: one row per trial, nothing made up, nothing written."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from analysis import load_frame
from analysis.frame import setting_columns
from study.errors import InputError
from study.store import Store
from tests.analysis.conftest import TEXTS, arm, place, trial

Make = Callable[..., Path]


def test_one_row_per_trial_with_its_values(whole: Path) -> None:
    frame, records = load_frame(whole), Store(whole).records()
    assert list(frame["key"]) == sorted(records)
    for _, row in frame.iterrows():
        record = records[row["key"]]
        assert (row["phase"], row["status"], row["seed"]) == (record.phase, record.status, record.seed)
        assert row["frozen_layers"] == record.setting["frozen_layers"]
        for column, split in (("f1", "validation"), ("test_f1", "test")):
            expected = record.metrics.get(split, {}).get("f1")
            assert pd.isna(row[column]) if expected is None else row[column] == expected


def test_dtypes_and_units(whole: Path) -> None:
    frame = load_frame(whole)
    assert frame["frozen_layers"].dtype == frame["seed"].dtype == "int64"
    assert frame["learning_rate"].dtype == frame["test_f1"].dtype == frame["trainable_parameters"].dtype == "float64"
    assert frame["degenerate"].dtype == "boolean"
    assert set(frame["latency_1"].dropna()) == {0.004}
    assert set(frame["latency_32"].dropna()) == {0.001}
    assert set(frame["test_texts"].dropna()) == {TEXTS}
    assert "frozen_layers" in setting_columns(frame)
    assert not {"f1", "seed", "profile"} & set(setting_columns(frame))


def test_what_failed_has_no_numbers(whole: Path) -> None:
    frame = load_frame(whole)
    failed = frame[frame["status"] == "failed"].iloc[0]
    assert failed[["f1", "test_f1", "train_seconds", "latency_1", "degenerate"]].isna().all()
    assert failed["error"] == "RuntimeError: shape | mismatch\nat block 5"
    assert frame.loc[frame["status"] == "finished", "error"].isna().all()


def test_models_that_share_a_name_are_told_apart(study: Make) -> None:
    first, second = place(), place(mark="other weights")
    folder = study([trial(p, {"learning_rate": 3e-5}, 0) for p in (first, second)], arm(first), arm(second))
    frame = load_frame(folder)
    assert set(frame["model"]) == {f"mini-bert ({p.model['fingerprint'][:6]})" for p in (first, second)}
    assert set(frame["data"]) == {"reviews"}


def test_a_setting_named_like_a_column_does_not_overwrite_it(study: Make) -> None:
    record = trial(place(), {"loss": "focal", "merge": True}, 0)
    frame = load_frame(study([record, replace(record, key="other", setting={})]))
    assert frame.loc[frame["key"] == record.key, "setting.loss"].item() == "focal"
    assert frame.loc[frame["key"] == record.key, "loss"].item() == record.metrics["validation"]["loss"]
    assert frame["merge"].dtype == "boolean"


def test_reading_writes_nothing_however_many_records(study: Make) -> None:
    folder = study([trial(place(), {"learning_rate": 1e-5}, seed) for seed in range(120)])
    before = {path: os.stat(path).st_mtime_ns for path in folder.rglob("*")}
    assert len(load_frame(folder)) == 120
    assert {path: os.stat(path).st_mtime_ns for path in folder.rglob("*")} == before


def test_no_records_is_an_empty_frame(study: Make) -> None:
    frame = load_frame(study([]))
    assert frame.empty
    assert {"key", "f1", "test_f1", "degenerate", "error"} <= set(frame.columns)


def test_a_folder_that_is_no_study_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"is no study: its study.json is missing; give the folder"):
        load_frame(tmp_path)
    (tmp_path / "study.json").write_text("{broken")
    with pytest.raises(InputError, match="cannot be read; run the study again"):
        load_frame(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["study.json"]
