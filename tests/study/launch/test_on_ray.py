"""On Ray: the same numbers as in a loop, in workers that are reused; and what a dead worker or scheduler leaves."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from study.store import Store

ROOT = Path(__file__).resolve().parents[3]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def command(model_folder, data_folder):
    """``command(out, *options)`` -> the arguments that run a small study."""

    def make(out, *options, question="frozen_layers"):
        return [
            *(sys.executable, str(ROOT / "run_study.py"), "run", question, "--model", str(model_folder)),
            *("--data", str(data_folder), "--out", str(out), "--cpus-per-trial", "1", *map(str, options)),
        ]

    return make


def records(out: Path):
    return Store(out).records()


def scores(out: Path) -> dict:
    return {key: (r.status, r.metrics, r.curve) for key, r in records(out).items()}


PROGRESS = r"\d/4 done · \d running · 0 failed · best .+"
FIXED = ("--set", "learning_rate=1e-3", "--set", "frozen_layers=0,2", "--epochs", "1", "--seeds", "2")


def test_ray_and_a_loop_give_the_same_numbers_and_ray_prints_nothing(command, tmp_path):
    on_ray = subprocess.run(command(tmp_path / "ray", *FIXED), capture_output=True, text=True)
    assert on_ray.returncode == 0, on_ray.stderr
    loop = subprocess.run(command(tmp_path / "loop", *FIXED, "--in-process"), capture_output=True, text=True)
    assert loop.returncode == 0, loop.stderr
    assert scores(tmp_path / "ray") == scores(tmp_path / "loop")
    assert len(scores(tmp_path / "ray")) == 4
    told = [line for line in on_ray.stderr.splitlines() if not re.fullmatch(PROGRESS, line)]
    assert [line.split()[0] for line in told] == ["model", "data", "4"], on_ray.stderr
    assert on_ray.stdout == f"report: {tmp_path / 'ray' / 'report.md'}\n"
    assert json.loads((tmp_path / "ray" / "latency.json").read_text())


def test_a_scheduler_stops_trials_and_they_leave_records(command, tmp_path):
    options = ("--search", "optuna", "--scheduler", "asha", "--seeds", "1", "--max-concurrent", "1")
    space = ("--set", "epochs=4", "--set", "learning_rate=loguniform(1e-6,1e-2)")
    asked = command(tmp_path, *options, *space, question="hyperparameters")
    done = subprocess.run([*asked, "--trials", "8"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    tuning = [r for r in records(tmp_path).values() if r.phase == "tune"]
    assert len(tuning) == 8
    ended = {status: [r for r in tuning if r.status == status] for status in ("finished", "stopped")}
    assert ended["stopped"], "ASHA stopped nothing"
    for record in ended["stopped"]:
        assert record.curve
        assert record.metrics["validation"]["f1"] == record.curve[-1]["f1"]
        assert len(record.curve) < 8
    compared = [r for r in records(tmp_path).values() if r.phase == "compare"]
    assert {r.status for r in compared} == {"finished"}
    assert len(compared) == 4, "the baseline and the three best"
    more = subprocess.run([*asked, "--trials", "10"], capture_output=True, text=True)
    assert more.returncode == 0, more.stderr
    assert sum(r.phase == "tune" for r in records(tmp_path).values()) == 10


def wait_for(out: Path, count: int, process: subprocess.Popen, seconds: float = 120) -> None:
    """Until that many records are there."""
    end = time.monotonic() + seconds
    while len(list((out / "records").glob("*.json"))) < count:
        assert process.poll() is None, "the study ended before it could be disturbed"
        assert time.monotonic() < end, "no records in time"
        time.sleep(0.02)


def descendants(root: int) -> dict[int, str]:
    """The processes that a process has started, and those they have: number and command. Nobody else's."""
    listed = subprocess.run(["ps", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=True).stdout
    rows = [
        (int(pid), int(parent), args) for pid, parent, args in (line.split(None, 2) for line in listed.splitlines())
    ]
    found: dict[int, str] = {}
    inside = {root}
    while new := {pid: args for pid, parent, args in rows if parent in inside and pid not in found}:
        found |= new
        inside |= set(new)
    return found


LONG = ("--set", "learning_rate=1e-3", "--set", "frozen_layers=0,1,2,3", "--epochs", "3", "--seeds", "3")


def test_ctrl_c_ends_cleanly_and_the_same_command_goes_on(command, tmp_path):
    out = tmp_path / "study"
    process = subprocess.Popen(
        command(out, *LONG), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    wait_for(out, 2, process)
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "interrupted: everything finished is kept" in errors
    assert "Traceback" not in errors
    before = {path: path.stat().st_mtime_ns for path in (out / "records").glob("*.json")}
    assert 2 <= len(before) < 12
    again = subprocess.run(command(out, *LONG), capture_output=True, text=True)
    assert again.returncode == 0, again.stderr
    assert len(scores(out)) == 12
    assert all(path.stat().st_mtime_ns == stamp for path, stamp in before.items()), "a finished trial ran twice"


def test_a_worker_that_is_killed_costs_nothing_but_time(command, tmp_path):
    out = tmp_path / "study"
    process = subprocess.Popen(command(out, *LONG), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wait_for(out, 1, process)
    workers = [pid for pid, name in descendants(process.pid).items() if name.startswith("ray::ImplicitFunc")]
    assert workers, "there is a worker to kill"
    os.kill(workers[0], signal.SIGKILL)
    _, errors = process.communicate(timeout=180)
    assert process.returncode == 0, errors
    assert {status for status, *_ in scores(out).values()} == {"finished"}
    assert len(scores(out)) == 12


KILLING = """
import os, signal, sys
from ray.tune import Callback
from study.launch import on_ray

class Killer(Callback):
    victims = 2

    def on_trial_complete(self, iteration, trials, trial, **info):
        if self.victims:
            self.victims -= 1
            os.kill(trial.last_result["pid"], signal.SIGKILL)

on_ray.trackers = lambda supply, names: [Killer()]
from run_study import main
sys.exit(main(sys.argv[1:]))
"""


def test_so_does_one_that_is_killed_between_two_trials(command, tmp_path):
    """Tune puts the dead worker aside to be used again, and counts the trial it then cannot start as over."""
    asked = command(tmp_path, *FIXED)
    done = subprocess.run([sys.executable, "-c", KILLING, *asked[2:]], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert [status for status, *_ in scores(tmp_path).values()] == ["finished"] * 4


def test_a_running_cluster_elsewhere_gets_the_package_and_the_texts(command, tmp_path):
    """The cluster is started in another folder by a Ray that knows nothing of this checkout."""
    away = tmp_path / "away"
    away.mkdir()
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    port = 20_000 + os.getpid() % 20_000
    head = subprocess.Popen(
        [
            *(str(Path(sys.executable).parent / "ray"), "start", "--head", f"--port={port}", "--num-cpus=1", "--block"),
            "--include-dashboard=false",
        ],
        cwd=away,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        asked = command(tmp_path / "study", *FIXED, "--address", f"127.0.0.1:{port}")
        for _ in range(10):
            done = subprocess.run(asked, cwd=away, env=environment, capture_output=True, text=True)
            if done.returncode != 2:
                break
            time.sleep(2)
        assert done.returncode == 0, done.stderr
        assert {status for status, *_ in scores(tmp_path / "study").values()} == {"finished"}
    finally:
        os.killpg(head.pid, signal.SIGKILL)
        head.wait()
