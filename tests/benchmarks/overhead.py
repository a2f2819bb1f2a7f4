"""Seconds per trial beyond the training itself: 30 trials that each train a tiny model for a moment, on Ray.

    python -m tests.benchmarks.overhead [--trials 30] [--in-process]

Start-up (Ray, and the workers' import of the stack) is reported apart. Overhead is the wall time from the first
record to the last, times the slots, over the trials, less the seconds of training that those trials report.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

from study.store import Store
from tests.small import small_data, small_model

ROOT = Path(__file__).resolve().parents[2]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=30)
    parser.add_argument("--in-process", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), arguments.trials, arguments.in_process)


def measure(folder: Path, trials: int, in_process: bool) -> None:
    model, data = small_model(folder / "model"), small_data(folder / "data")
    command = [
        *(sys.executable, str(ROOT / "run_study.py"), "run", "frozen_layers", "--model", str(model)),
        *("--data", str(data), "--out", str(folder / "out"), "--set", "learning_rate=1e-3"),
        *("--set", "frozen_layers=0", "--epochs", "1", "--seeds", str(trials), "--cpus-per-trial", "1"),
        *(["--in-process"] if in_process else []),
    ]
    started = time.time()
    subprocess.run(command, check=True, capture_output=True)
    wall = time.time() - started
    files = sorted((folder / "out" / "records").glob("*.json"), key=lambda file: file.stat().st_mtime)
    stamps = [file.stat().st_mtime for file in files]
    records = Store(folder / "out").records()
    ordered = [records[file.stem] for file in files]
    slots = 1 if in_process else (os.cpu_count() or 1)
    steady = ordered[2 * slots :]
    span = stamps[-1] - stamps[2 * slots - 1]
    per_trial = span * slots / len(steady)
    training = sum(r.costs["train_seconds"] for r in steady) / len(steady)
    inside = sum(r.costs["trial_seconds"] for r in steady) / len(steady)
    result = {
        "trials": len(ordered),
        "slots": slots,
        "wall_seconds": round(wall, 2),
        "start_up_seconds": round(stamps[0] - started, 2),
        "after_the_last_trial_seconds": round(started + wall - stamps[-1], 2),
        "seconds_per_trial": round(per_trial, 3),
        "of_which_training": round(training, 3),
        "of_which_rest_of_run_trial": round(inside - training, 3),
        "of_which_ray_and_ledger": round(per_trial - inside, 3),
        "overhead_per_trial": round(per_trial - training, 3),
        "first_start": datetime.fromisoformat(min(r.provenance["started"] for r in ordered)).isoformat(),
    }
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
