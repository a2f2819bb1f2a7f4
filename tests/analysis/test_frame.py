"""The frame: one row per trial, nothing made up, nothing written."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from analysis import load_frame
from analysis.folder import read_study
from analysis.frame import COSTS, METRICS, RESERVED, frame_of, metric_column, setting_columns
from study.errors import InputError
from study.store import Store
from tests.analysis.conftest import QUESTION, TEXTS, arm, place, trial

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


def plain(folder: Path) -> pd.DataFrame:
    """The scores, costs and settings of every readable record file, read without the package."""
    rows = {}
    for file in (folder / "records").glob("*.json"):
        try:
            stored = json.loads(file.read_bytes())
            scores = {split: stored["metrics"].get(split) or {} for split in ("validation", "test")}
        except (ValueError, KeyError, TypeError):
            continue
        rows[file.stem] = (
            {name: stored[name] for name in ("question", "phase", "status", "seed", "structure", "degenerate")}
            | {name: scores["validation"].get(name) for name in METRICS}
            | {f"test_{name}": scores["test"].get(name) for name in METRICS}
            | {
                f"{split}_texts": sum(sum(row) for row in scores[split].get("confusion") or []) or None
                for split in scores
            }
            | {name: stored["costs"].get(name) for name in COSTS}
            | {"profile": stored["provenance"].get("profile"), "model_fingerprint": stored["model"]["fingerprint"]}
            | {"epochs_run": stored["curve"][-1]["epoch"] if stored["curve"] else None}
            | {f"setting.{name}" if name in RESERVED else name: value for name, value in stored["setting"].items()}
        )
    return pd.DataFrame.from_dict(rows, orient="index").sort_index()


def same(frame: pd.DataFrame, expected: pd.DataFrame) -> None:
    """Every value of the plain reading is in the frame, at the same key."""
    assert list(frame["key"]) == list(expected.index)
    for name, column in expected.items():
        for mine, its in zip(frame[name], column, strict=True):
            assert (pd.isna(mine) and pd.isna(its)) or mine == its, name


def changed(folder: Path) -> None:
    """What may happen to a folder after its index was written: records damaged, replaced, deleted, added, older."""
    store = Store(folder)
    keys = list(store.records())
    path = {key: folder / "records" / f"{key}.json" for key in keys}
    path[keys[0]].write_bytes(path[keys[0]].read_bytes()[:200])
    path[keys[1]].unlink()
    store.put(replace(store.records()[keys[2]], metrics={}, status="failed", setting={"frozen_layers": "all"}))
    store.put(replace(store.records()[keys[3]], key="added", setting={"frozen_layers": True, "new": 2**40}))
    older = json.loads(path[keys[4]].read_bytes())
    for name in ("unmerged", "notes", "degenerate"):
        older.pop(name, None)
    path[keys[4]].write_text(json.dumps(older | {"degenerate": None, "of_a_later_version": [1]}))


@pytest.mark.parametrize("indexed", ["before", "after", "twice", "never"])
def test_the_frame_is_what_the_files_say_whatever_the_index_says(whole: Path, tmp_path: Path, indexed: str) -> None:
    folder = Path(shutil.copytree(whole, tmp_path / "study"))
    if indexed in ("before", "twice"):
        Store(folder).write_index()
    changed(folder)
    if indexed in ("after", "twice"):
        Store(folder).write_index()
    frame, study = load_frame(folder), read_study(folder)
    same(frame, plain(folder))
    assert len(study.damaged) == 1
    pd.testing.assert_frame_equal(frame_of(replace(study, records=dict(study.records))), frame)
    (folder / "index.parquet").unlink(missing_ok=True)
    pd.testing.assert_frame_equal(load_frame(folder), frame)


def test_an_index_of_another_version_is_not_taken_for_one_of_this(whole: Path, tmp_path: Path, monkeypatch) -> None:
    folder = Path(shutil.copytree(whole, tmp_path / "study"))
    with monkeypatch.context() as patched:
        patched.setattr("study.index.VERSION", "0")
        patched.setattr("study.records.row", lambda record: [("status", "of another version")])
        Store(folder).write_index()
    pd.testing.assert_frame_equal(load_frame(folder), load_frame(whole))


def test_with_an_index_no_record_is_parsed(whole: Path, tmp_path: Path, monkeypatch) -> None:
    folder = Path(shutil.copytree(whole, tmp_path / "study"))
    Store(folder).write_index()
    monkeypatch.setattr("study.record.Record.from_json", lambda stored: pytest.fail("a record was parsed"))
    assert len(load_frame(folder)) == len(plain(whole))


def test_scores_of_other_names_have_columns_of_their_own(study: Make) -> None:
    one = trial(place(), {"learning_rate": 1e-5, "metric.x": 3}, 0)
    scores = {"rougeL": 0.25, "f1": 0.5, "exact": 1, "per_class": {"a": {"f1": 1.0}}, "said": "no number", "good": True}
    records = [
        replace(one, metrics={"validation": scores, "test": {"rougeL": 0.5}}),
        replace(one, key="other", metrics={}),
    ]
    frame = load_frame(study(records)).set_index("key")
    assert [c for c in frame.columns if "metric." in c] == [
        *("setting.metric.x", "metric.exact", "metric.rougeL", "test_metric.exact", "test_metric.rougeL")
    ]
    assert frame.loc[one.key, [metric_column("rougeL"), metric_column("rougeL", "test")]].tolist() == [0.25, 0.5]
    assert frame.loc[one.key, [metric_column("exact"), metric_column("f1")]].tolist() == [1.0, 0.5]
    assert frame.loc["other", ["metric.rougeL", "metric.exact", "f1"]].isna().all()
    assert frame["metric.exact"].dtype == "float64"
    assert metric_column("f1", "test") == "test_f1"
    unscored = load_frame(study([], arm(place(), replace(QUESTION, metric="bleu"))))
    assert {"metric.bleu", "test_metric.bleu"} <= set(unscored.columns)
    settings = setting_columns(frame)
    assert "setting.metric.x" in settings
    assert not [name for name in settings if name.startswith(("metric.", "test_metric."))]
