"""Trackers are told what the records say, once, and no trial is lost to one that fails."""

from __future__ import annotations

import importlib.util
import json
import os
import sqlite3
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from study.errors import InputError
from study.folder import Folder
from study.launch import tracking
from study.launch.options import Launch
from study.launch.supply import Supply
from study.launch.tracking import Tracker, tracker_names, trackers
from study.plan import Planned
from study.record import Record
from study.store import Store
from study.trial import Trial
from tests.study.fabricate import DATA, MODEL, arm, record

ROOT = Path(__file__).resolve().parents[3]
POINTS = ({"step": 4, "epoch": 1.0, "train_loss": None, "f1": 0.5}, {"step": 8, "epoch": 2.0, "f1": 0.75})


class Logger:
    """Writes down what it is told; ``breaks`` is the name of what it cannot do."""

    def __init__(self, breaks: str = ""):
        self.told: list[tuple[Any, ...]] = []
        self.breaks = breaks

    def __getattr__(self, name: str) -> Any:
        def tell(*given: Any, **named: Any) -> None:
            if name == self.breaks:
                raise ConnectionError("no such host\nmore")
            self.told.append((name, *given, *named.values()))

        return tell

    def results(self) -> list[tuple[int, dict[str, Any]]]:
        return [(told[1], told[3]) for told in self.told if told[0] == "log_trial_result"]


@pytest.fixture
def tracked(tmp_path, monkeypatch):
    """``tracked(logger)`` -> the callback, the supply and what happens to the trial of seed 7, step by step."""

    def make(logger: Logger) -> SimpleNamespace:
        def tracker(folder: Path, question: str) -> Tracker:
            return Tracker("wandb", logger, folder, lambda *given: None)

        monkeypatch.setitem(tracking._MAKE, "wandb", tracker)  # type: ignore[arg-type]
        supply = Supply(Folder(tmp_path / "study"), [arm()], Launch())
        (callback,) = trackers(supply, ["wandb"])
        setting = {"frozen_layers": 1, "learning_rate": 1e-3, "epochs": 2}
        planned = Planned(Trial("classification", MODEL, DATA, setting, 7), "tune", 0)
        trial = SimpleNamespace(config={"key": planned.key})

        def evaluated(count: int) -> None:
            so_far = record(planned, "running", curve=POINTS[:count])
            callback.on_trial_result(0, [], trial, {"record": so_far.to_json()})

        def ended(status: str = "finished") -> None:
            last = record(planned, status, 0.75, curve=POINTS, costs={"train_seconds": 3.5, "gpu": None})
            callback.on_trial_result(0, [], trial, {"record": last.to_json()})
            supply.records[planned.key] = last
            callback.on_trial_complete(0, [], trial)

        return SimpleNamespace(callback=callback, evaluated=evaluated, ended=ended, trial=trial, supply=supply)

    return make


def test_a_trial_is_told_from_its_first_evaluation_to_its_scores_and_costs(tracked):
    logger = Logger()
    steps = tracked(logger)
    steps.evaluated(1)
    steps.evaluated(2)
    steps.ended()
    assert [told[0] for told in logger.told] == [
        *("setup", "log_trial_start", "log_trial_result", "log_trial_result", "log_trial_result", "log_trial_end")
    ]
    run = logger.told[1][1]
    assert str(run) == "frozen_layers=1 learning_rate=0.001 seed=7 tune"
    assert run.config["learning_rate"] == 1e-3
    assert (run.config["seed"], run.config["phase"], run.config["key"]) == (7, "tune", run.trial_id)
    assert Path(run.local_path).parent == steps.supply.folder.logs / "wandb"
    assert Path(run.local_path).name == f"frozen_layers=1_learning_rate=0.001_seed=7_tune-{run.trial_id[:8]}"
    assert logger.results() == [
        (1, {"training_iteration": 1, "timesteps_total": 4, "epoch": 1.0, "f1": 0.5}),
        (2, {"training_iteration": 2, "timesteps_total": 8, "epoch": 2.0, "f1": 0.75}),
        (
            2,
            {
                "training_iteration": 2,
                "timesteps_total": 8,
                "validation/f1": 0.75,
                "validation/loss": 0.25,
                "costs/train_seconds": 3.5,
            },
        ),
    ]
    assert logger.told[-1][2] is False, "it did not fail"


def test_a_trial_that_is_run_again_on_a_new_worker_is_not_told_twice(tracked):
    logger = Logger()
    steps = tracked(logger)
    for count in (1, 2, 1, 2):
        steps.evaluated(count)
    steps.ended()
    assert [number for number, _ in logger.results()] == [1, 2, 2]
    assert sum(told[0] == "log_trial_start" for told in logger.told) == 1


def test_one_that_failed_or_was_interrupted_is_closed_as_failed(tracked):
    for happens in ("failed", "interrupted", "lost"):
        logger = Logger()
        steps = tracked(logger)
        steps.evaluated(1)
        if happens == "failed":
            steps.ended("diverged")
        elif happens == "lost":
            steps.callback.on_trial_error(0, [], steps.trial)
        steps.callback.on_experiment_end([])
        ends = [told for told in logger.told if told[0] == "log_trial_end"]
        assert [told[2] for told in ends] == [True], happens
        assert logger.told[-1][0] == "on_experiment_end"


@pytest.mark.parametrize("breaks", ["log_trial_start", "log_trial_result", "log_trial_end", "on_experiment_end"])
def test_a_tracker_that_fails_is_told_once_and_left_out(tracked, capsys, breaks):
    logger = Logger(breaks)
    steps = tracked(logger)
    for _ in range(2):
        steps.evaluated(1)
        steps.ended()
        steps.callback.on_experiment_end([])
    said = capsys.readouterr().err.splitlines()
    assert said == ["warning: wandb failed (no such host); the study goes on, and is not logged there any more"]


def test_a_tracker_that_cannot_be_reached_is_an_error_before_anything_runs(tracked):
    with pytest.raises(InputError, match=r"--log-to wandb: no such host\. Put that right, or leave wandb out\."):
        tracked(Logger("setup"))


def test_names_are_checked_and_packages_must_be_there(monkeypatch):
    assert tracker_names(None) == tracker_names("") == tracker_names([]) == ()
    assert tracker_names("tensorboard, tensorboard") == tracker_names(["tensorboard"]) == ("tensorboard",)
    with pytest.raises(InputError, match="log_to=3: must be"):
        tracker_names(3)  # type: ignore[arg-type]
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "wandb" else object())
    with pytest.raises(InputError) as caught:
        tracker_names("tensorbord,wandb")
    assert [problem.split(".")[:2] for problem in caught.value.problems] == [
        ["--log-to 'tensorbord' is unknown", " Did you mean tensorboard?"[:-1] + "? Known: mlflow, tensorboard, wandb"],
        ["--log-to wandb: wandb is not installed", " pip install wandb"],
    ]


def test_without_ray_there_is_nothing_to_log_with():
    with pytest.raises(InputError, match="--in-process starts no Ray, whose loggers --log-to uses"):
        Launch(in_process=True, log_to=("tensorboard",)).check(set())


def test_cleaning_keeps_the_logs(tmp_path):
    folder = Folder(tmp_path)
    folder.logs.mkdir()
    (folder.logs / "events").write_text("x")
    folder.clean()
    assert (folder.logs / "events").is_file()


def events(file: Path) -> Iterator[tuple[str, int, float]]:
    """Tag, step and value of every scalar of an event file: length, its checksum, the event, its checksum."""
    from tensorboardX.proto.event_pb2 import Event

    content, at = file.read_bytes(), 0
    while at < len(content):
        (length,) = struct.unpack("<Q", content[at : at + 8])
        event = Event.FromString(content[at + 12 : at + 12 + length])
        at += 16 + length
        for value in event.summary.value:
            if value.HasField("simple_value"):
                yield value.tag, event.step, value.simple_value


def killed_and_resumed(tmp_path: Path, tracker: str) -> Path:
    """The tracker's folder after a study was killed in a trial's middle and a new process ran that trial whole."""
    setting = {"frozen_layers": 1, "learning_rate": 1e-3, "epochs": 2}
    planned = Planned(Trial("classification", MODEL, DATA, setting, 7), "compare", 0)
    for status in ("running", "finished"):
        supply = Supply(Folder(tmp_path / "study"), [arm()], Launch())
        (callback,) = trackers(supply, [tracker])
        trial = SimpleNamespace(config={"key": planned.key})
        so_far = record(planned, "running", curve=POINTS[:1])
        callback.on_trial_result(0, [], trial, {"record": so_far.to_json()})
        if status == "finished":
            supply.records[planned.key] = record(planned, status, 0.75, curve=POINTS)
            callback.on_trial_complete(0, [], trial)
            callback.on_experiment_end([])
    return supply.folder.logs / tracker


def test_a_trial_that_is_begun_anew_by_a_resumed_study_has_one_curve_in_tensorboard(tmp_path):
    (file,) = killed_and_resumed(tmp_path, "tensorboard").glob("*/events*")
    assert [(step, value) for tag, step, value in events(file) if tag == "ray/tune/f1"] == [(4, 0.5), (8, 0.75)]


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("mlflow") is None, reason="mlflow is not installed")
def test_a_trial_that_is_begun_anew_by_a_resumed_study_is_one_run_in_mlflow(tmp_path, monkeypatch):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    database = sqlite3.connect(killed_and_resumed(tmp_path, "mlflow") / "mlflow.db")
    runs = database.execute("SELECT status, lifecycle_stage FROM runs ORDER BY lifecycle_stage").fetchall()
    assert runs == [("FINISHED", "active"), ("RUNNING", "deleted")]


@pytest.fixture(scope="module")
def logged(model_folder, data_folder, tmp_path_factory):
    """``logged(tracker)`` -> the folder of a study of two trials that was logged there, run twice; and its records."""

    def make(tracker: str) -> tuple[Path, dict[str, Record]]:
        out = tmp_path_factory.mktemp(tracker) / "study"
        asked = {"model": str(model_folder), "data": str(data_folder), "out": str(out), "log_to": [tracker]}
        asked |= {"settings": {"learning_rate": 1e-3, "frozen_layers": [0, 2]}, "epochs": 2, "seeds": 1}
        command = [
            sys.executable,
            "-c",
            f"from run_study import run; run('frozen_layers', cpus_per_trial=1, **{asked})",
        ]
        own = {name: value for name, value in os.environ.items() if not name.startswith(("WANDB", "MLFLOW"))}
        for _ in range(2):
            done = subprocess.run(
                command, cwd=ROOT, capture_output=True, text=True, env=own | {"WANDB_MODE": "offline"}
            )
            assert done.returncode == 0, done.stderr
            assert "is not logged there any more" not in done.stderr
        return out / "logs" / tracker, dict(Store(out).records())

    return make


@pytest.mark.slow
def test_tensorboard_has_each_curve_once(logged):
    folder, records = logged("tensorboard")
    assert len(list(folder.iterdir())) == len(records) == 2
    for kept in records.values():
        (file,) = folder.glob(f"frozen_layers={kept.setting['frozen_layers']}_seed=0-{kept.key[:8]}/events*")
        found = [(tag, step, value) for tag, step, value in events(file) if tag.endswith("/loss")]
        curve = [(point["step"], pytest.approx(point["loss"])) for point in kept.curve]
        assert [(step, value) for tag, step, value in found if tag == "ray/tune/loss"] == curve
        final = {tag: value for tag, _, value in events(file)}
        assert final["ray/tune/test/loss"] == pytest.approx(kept.metrics["test"]["loss"])


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("mlflow") is None, reason="mlflow is not installed")
def test_mlflow_has_each_trial_once(logged):
    folder, records = logged("mlflow")
    database = sqlite3.connect(folder / "mlflow.db")
    runs = database.execute("SELECT run_uuid, name, status FROM runs").fetchall()
    assert sorted((name, status) for _, name, status in runs) == [
        ("frozen_layers=0 seed=0", "FINISHED"),
        ("frozen_layers=2 seed=0", "FINISHED"),
    ]
    for run, *_ in runs:
        (key,) = database.execute("SELECT value FROM tags WHERE run_uuid = ? AND key = 'key'", [run]).fetchone()
        asked = "SELECT step, value FROM metrics WHERE run_uuid = ? AND key = ? ORDER BY step"
        curve = [(point["step"], point["loss"]) for point in records[key].curve]
        assert database.execute(asked, [run, "loss"]).fetchall() == curve
        assert database.execute(asked, [run, "test/loss"]).fetchone()[1] == records[key].metrics["test"]["loss"]
        parameters = dict(database.execute("SELECT key, value FROM params WHERE run_uuid = ?", [run]).fetchall())
        assert float(parameters["learning_rate"]) == 1e-3


def pieces(file: Path) -> Iterator[bytes]:
    """The records of a .wandb file, a log in LevelDB's format: blocks of 32 KiB, of pieces with a header of 7 bytes."""
    content, at, begun = file.read_bytes(), 7, b""
    while at + 7 <= len(content):
        if (left := -at % 2**15) and left < 7:
            at += left  # what is too short for a header is padding
            continue
        _, length, kind = struct.unpack("<IHB", content[at : at + 7])
        begun, at = begun + content[at + 7 : at + 7 + length], at + 7 + length
        if kind in (1, 4):  # a whole record, or the last piece of one
            yield begun
            begun = b""


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("wandb") is None, reason="wandb is not installed")
def test_wandb_has_each_trial_once(logged):
    from wandb.proto.wandb_internal_pb2 import Record as Kept

    folder, records = logged("wandb")
    for key, ended in records.items():
        (file,) = folder.rglob(f"run-{key}.wandb")
        every = [Kept.FromString(piece) for piece in pieces(file)]
        assert {one.run.display_name for one in every} - {""} == {
            f"frozen_layers={ended.setting['frozen_layers']} seed=0"
        }
        told = [item for one in every for item in one.history.item]
        loss = [json.loads(item.value_json) for item in told if (item.key or "/".join(item.nested_key)) == "loss"]
        assert loss == [point["loss"] for point in ended.curve]
        final = [json.loads(i.value_json) for i in told if (i.key or "/".join(i.nested_key)) == "test/loss"]
        assert final == [ended.metrics["test"]["loss"]]
