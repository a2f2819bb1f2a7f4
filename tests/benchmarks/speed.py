"""What the same depths of freezing cost as a study, and as what one would otherwise write, run in turns.

    python -m tests.benchmarks.speed --data rotten_tomatoes --train-size 1000 [--repeats 2] [--only study,loop]

Four ways to train frozen_layers 0, 2, 4 and 5 (``--depths``) on one seed (``--seeds``, which ``search`` does not heed),
two epochs, learning rate 1e-4, validation after each epoch: one script per trial; a loop of Trainer in one process;
Trainer.hyperparameter_search on Ray; and ``run_study.py run``, whose time has everything in it, from start-up to the
latency pass and the report with its figures. The first three are as the documentation of transformers shows them:
random batches padded to their longest text, all threads for the first two, and one each for two trials side by side on
Ray. The scores are validation F1 of the first seed; on 1,066 texts a score near 0.76 is known to ±0.026.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

from study.store import Store

ROOT = Path(__file__).resolve().parents[2]
QUIET = {"TRANSFORMERS_VERBOSITY": "error", "RAY_AIR_NEW_OUTPUT": "0", "TOKENIZERS_PARALLELISM": "false"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="reviews")
    parser.add_argument("--train-size", type=int)
    parser.add_argument("--depths", default="0,2,4,5")
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--only", default=",".join(WAYS))
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--precision", choices=("fp32", "bf16"), default="fp32", help="the study's")
    arguments = parser.parse_args()
    depths = [int(depth) for depth in arguments.depths.split(",")]
    data = ["--data", arguments.data, *(["--train-size", str(arguments.train_size)] if arguments.train_size else [])]
    seconds: dict[str, list[float]] = {name: [] for name in arguments.only.split(",")}
    for _ in range(arguments.repeats):
        for name, taken in seconds.items():
            started = time.perf_counter()
            scores = WAYS[name](depths, data, arguments)
            taken.append(time.perf_counter() - started)
            said = ", ".join(f"{depth}: {score:.3f}" for depth, score in scores.items())
            print(f"{name}: {taken[-1]:.1f} s; F1 by depth {said}", flush=True)
    base = median(seconds["loop"]) if "loop" in seconds else None
    for name, taken in seconds.items():
        ratio = f", {base / median(taken):.2f} times as fast as the loop" if base else ""
        print(f"{name}: median {median(taken):.1f} s of {len(taken)}{ratio}")


def scripts(depths: Sequence[int], data: list[str], asked: argparse.Namespace) -> dict[int, float]:
    return {depth: score for one in depths for depth, score in loop([one], data, asked).items()}


def loop(depths: Sequence[int], data: list[str], asked: argparse.Namespace) -> dict[int, float]:
    rates = ",".join(f"{depth}:1e-4" for depth in depths)
    command = [sys.executable, "-m", "tests.benchmarks.plain_trainer", *data, "--rates", rates, "--validate"]
    command += ["--seeds", str(asked.seeds)]
    return _scores(_run(command))


def search(depths: Sequence[int], data: list[str], asked: argparse.Namespace) -> dict[int, float]:
    given = ["--depths", ",".join(map(str, depths))]
    return _scores(_run([sys.executable, "-m", "tests.benchmarks.trainer_search", *data, *given]))


def study(depths: Sequence[int], data: list[str], asked: argparse.Namespace) -> dict[int, float]:
    with tempfile.TemporaryDirectory() as folder:
        settings = [f"frozen_layers={','.join(map(str, depths))}", "learning_rate=1e-4", f"precision={asked.precision}"]
        command = [sys.executable, "run_study.py", "run", "frozen_layers", *data, "--out", folder, "--epochs", "2"]
        _run([*command, "--seeds", str(asked.seeds), *(word for setting in settings for word in ("--set", setting))])
        records = [record for record in Store(Path(folder)).records().values() if record.seed == 0]
        found = {int(r.setting.get("frozen_layers", 0)): float(r.metrics["validation"]["f1"]) for r in records}
    return dict(sorted(found.items()))


WAYS: dict[str, Callable[[Sequence[int], list[str], argparse.Namespace], dict[int, float]]] = {
    "scripts": scripts,
    "loop": loop,
    "search": search,
    "study": study,
}


def _run(command: list[str]) -> str:
    done = subprocess.run(command, cwd=ROOT, env=os.environ | QUIET, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return done.stdout


def _scores(printed: str) -> dict[int, float]:
    """The scores in the last line that is JSON, by depth; Ray may print behind it."""
    last = [line for line in printed.splitlines() if line.startswith("{")][-1]
    return {int(depth): score for depth, score in json.loads(last).items()}


if __name__ == "__main__":
    main()
