"""Kills a study with SIGKILL at several moments, resumes it, and compares its numbers with an undisturbed one's.

    python -m tests.benchmarks.kill_storm [--kills 3] [--data FOLDER --train-size 200 --eval-size 100]

Without --data it uses a tiny model and data set made here. The moments are drawn between the starts of trials with
a seed, so they fall inside training, inside writing, and between the phases. Exit status 1 if a number differs or
a finished trial ran twice.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from study.store import Store
from tests.small import small_data, small_model

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--data")
    parser.add_argument("--options", default="", help="more options of run_study.py, in one string")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        return storm(Path(name), arguments)


def storm(folder: Path, arguments: argparse.Namespace) -> int:
    options = ["--cpus-per-trial", "1", "--seeds", "2", *arguments.options.split()]
    if arguments.data:
        options += ["--data", arguments.data]
    else:
        options += ["--model", str(small_model(folder / "model")), "--data", str(small_data(folder / "data"))]

    def command(out: Path) -> list[str]:
        return [sys.executable, str(ROOT / "run_study.py"), "run", "frozen_layers", "--out", str(out), *options]

    subprocess.run(command(folder / "whole"), check=True, capture_output=True)
    whole, rng = numbers(folder / "whole"), random.Random(arguments.seed)
    out, stamps = folder / "killed", dict[str, int]()
    for kill in range(arguments.kills):
        wanted = len(whole) * (kill + 1) // (arguments.kills + 1)
        process = subprocess.Popen(command(out), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while process.poll() is None and len(list((out / "records").glob("*.json"))) < wanted:
            time.sleep(0.01)
        time.sleep(rng.random())
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        kept = {path.name: path.stat().st_mtime_ns for path in (out / "records").glob("*.json")}
        if any(kept.get(name) != stamp for name, stamp in stamps.items()):
            print("a finished trial ran twice")
            return 1
        stamps = kept
        print(f"kill {kill + 1}: {len(kept)} of {len(whole)} records kept")
        time.sleep(3)
    resume = [sys.executable, str(ROOT / "run_study.py"), "resume", str(out), "--cpus-per-trial", "1"]
    subprocess.run(resume, check=True, capture_output=True)
    again = {path.name: path.stat().st_mtime_ns for path in (out / "records").glob("*.json")}
    same = numbers(out) == whole
    twice = [name for name, stamp in stamps.items() if again[name] != stamp]
    print(f"{len(whole)} trials; numbers equal to an undisturbed run's, bit for bit: {same}; run twice: {len(twice)}")
    return 0 if same and not twice else 1


def numbers(out: Path) -> dict:
    return {key: (r.status, r.metrics, r.curve) for key, r in Store(out).records().items()}


if __name__ == "__main__":
    sys.exit(main())
