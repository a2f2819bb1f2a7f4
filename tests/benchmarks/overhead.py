"""What a study costs beyond its trials: tiny ones, by the trial; or 32 of about 20 seconds, as a share of the whole.

    python -m tests.benchmarks.overhead [--trials 30] [--in-process]
    python -m tests.benchmarks.overhead --data rotten_tomatoes

Start-up (Ray, and the workers' import of the stack) is reported apart. Of tiny trials, each of which trains a tiny
model for a moment, overhead is the wall time from the first record to the last, times the slots, over the trials, less
the seconds of training that those trials report. With ``--data`` the default model is trained on 150 texts and scored
on 200 and 200, frozen to depth 0, 2, 4 and 6, with eight seeds each; what the slots did not spend in trials is told as
a share of the wall time, with what it is made of. ``--of FOLDER --seconds WALL`` tells the same of a study already run.
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
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=30)
    parser.add_argument("--in-process", action="store_true")
    parser.add_argument("--data")
    parser.add_argument("--of", type=Path)
    parser.add_argument("--seconds", type=float)
    arguments = parser.parse_args()
    if arguments.of:
        told(arguments.of, arguments.seconds)
        return
    with tempfile.TemporaryDirectory() as folder:
        if arguments.data:
            share(Path(folder), arguments.data)
        else:
            measure(Path(folder), arguments.trials, arguments.in_process)


def share(folder: Path, data: str) -> None:
    """Run the study of longer trials, and say what it cost beyond them."""
    command = [
        *(sys.executable, str(ROOT / "run_study.py"), "run", "frozen_layers", "--data", data, "--out", str(folder)),
        *("--train-size", "150", "--eval-size", "200", "--set", "frozen_layers=0,2,4,6", "--epochs", "2"),
        *("--set", "learning_rate=5e-4", "--seeds", "8"),
    ]
    started = time.time()
    subprocess.run(command, check=True, capture_output=True)
    ended = time.time()
    told(folder, ended - started)
    first, last, latencies = moments(folder)
    print(
        f"start to the first trial {first - started:.0f} s, latency after the last one {latencies - last:.0f} s, "
        f"report and the end {ended - latencies:.0f} s"
    )


def moments(folder: Path) -> tuple[float, float, float]:
    """When a study's first trial began (to the second), its last record was put, and its latencies were."""
    records = Store(folder).records().values()
    begun = [datetime.fromisoformat(record.provenance["started"]).timestamp() for record in records]
    put = [file.stat().st_mtime for file in (folder / "records").glob("*.json")]
    return min(begun), max(put), (folder / "latency.json").stat().st_mtime


def told(folder: Path, wall: float) -> None:
    """What the slots of a study did with these seconds of wall time."""
    records = list(Store(folder).records().values())
    first, last, _ = moments(folder)
    slots = (os.cpu_count() or 1) // int(records[0].provenance["profile"].split(",")[1].split()[0])
    inside = sum(record.costs["trial_seconds"] for record in records)
    training = sum(record.costs["train_seconds"] for record in records)
    print(
        f"{len(records)} trials of {inside / len(records):.1f} s ({training / len(records):.1f} of it training) on "
        f"{slots} slots: {wall:.0f} s, of which {1 - inside / slots / wall:.1%} outside trials"
    )
    between = (last - first) * slots - inside
    print(f"from the first trial's start to the last one's end {last - first:.0f} s, {between:.1f} slot seconds idle")


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
