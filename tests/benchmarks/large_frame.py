"""Seconds and memory to read a study of many trials, in a fresh process for each: its frame, its records, its index.

    python -m tests.benchmarks.large_frame [--trials 100000] [--folder FOLDER]

The records are fabricated, of the size and shape of real ones (two scored splits, a curve, provenance). The files are
in the system's cache when they are read: "without index" is no cold disk. Memory is the peak of the process less what
it held once everything was imported.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from study.question import Question, choice
from study.record import Record, Ref
from study.store import Store

ROOT = Path(__file__).resolve().parents[2]
MODEL = Ref("sentence-transformers/all-MiniLM-L6-v2", "364fce7d4e8ca50c")
DATA = Ref("rotten_tomatoes[:1000]", "1b0e8d8701898049")
VERSIONS = dict.fromkeys(("python", "finetune-study", "torch", "transformers", "datasets", "ray"), "5.23.0+cpu")
RATES = (1e-5, 3e-5, 1e-4, 3e-4)
QUESTION = Question(
    name="frozen_layers",
    asks="How many layers can be frozen before the score suffers?",
    source="a benchmark",
    factors=tuple({"frozen_layers": k} for k in range(7)),
    tuned={"learning_rate": choice(*RATES)},
    baseline={"frozen_layers": 0},
)
MEASURED = {
    "frame": "from analysis import load_frame; n = len(load_frame(folder))",
    "records, each parsed": "from study.store import Store; n = sum(1 for r in Store(folder).records().values())",
    "write_index": "from study.store import Store; Store(folder).write_index(); n = 1",
}
CODE = """
import json, resource, sys, time
import numpy, pandas, pyarrow.parquet
from analysis import load_frame
folder = sys.argv[1]
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
before, started, cpu = peak(), time.perf_counter(), time.process_time()
{}
print(json.dumps([time.perf_counter() - started, time.process_time() - cpu, peak() - before, n]))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=100_000)
    parser.add_argument("--folder", type=Path, help="keep the fabricated study here, or use the one that is here")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        measure(arguments.folder or Path(temporary), arguments.trials)


def measure(folder: Path, trials: int) -> None:
    """Print a line for each thing measured."""
    index = folder / "index.parquet"
    if not (folder / "study.json").is_file():
        started = time.perf_counter()
        size = fabricate(folder, trials)
        took = time.perf_counter() - started
        print(
            f"{trials:,} records put in {took:.1f} s, {1e3 * took / trials:.2f} ms each; {size:,.0f} bytes on average"
        )
    index.unlink(missing_ok=True)
    for name in ("frame", "records, each parsed", "write_index"):
        report(f"{name}, without index", MEASURED[name], folder)
    print(f"index.parquet: {index.stat().st_size / 2**20:.1f} MiB")
    for name in ("frame", "records, each parsed", "write_index"):
        report(f"{name}, with index", MEASURED[name], folder)


def report(name: str, code: str, folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE.format(code), str(folder)], cwd=ROOT, check=True, capture_output=True, text=True
    )
    seconds, cpu, memory, _ = json.loads(done.stdout)
    print(f"{name}: {seconds:.2f} s ({cpu:.2f} s of CPU), {memory:.0f} MiB")


def fabricate(folder: Path, trials: int) -> float:
    """Bytes per record of the study written there."""
    store = Store(folder)
    for record in records(trials):
        store.put(record)
    data = {"name": DATA.name, "fingerprint": DATA.fingerprint, "source": "Hub", "labels": ["neg", "pos"]}
    sizes = {"train": 1000, "validation": 1066, "test": 1066}
    model = {"name": MODEL.name, "fingerprint": MODEL.fingerprint, "source": "a package"}
    arm = {"model": model, "data": data | {"sizes": sizes}, "question": QUESTION.to_json()}
    store.put_json("study.json", {"question": QUESTION.name, "asks": QUESTION.asks, "arms": [arm], "commands": []})
    batch = {"median": 0.004, "low": 0.003, "high": 0.005}
    store.put_json("latency.json", {"32254ccd130e": {"batch_1": batch, "batch_32": batch}})
    return sum(file.stat().st_size for file in (folder / "records").iterdir()) / trials


def records(trials: int) -> Iterator[Record]:
    """Trials with distinct keys and scores: seven depths, four learning rates, as many seeds as it takes."""
    rng = random.Random(0)
    for number in range(trials):
        frozen, rate, seed = number % 7, RATES[number // 7 % 4], number // 28
        phase = "compare" if number % 2 else "tune"
        yield one(f"{rng.getrandbits(64):016x}", phase, {"frozen_layers": frozen, "learning_rate": rate}, seed, rng)


def one(key: str, phase: str, setting: dict[str, Any], seed: int, rng: random.Random) -> Record:
    full = {"batch_size": 16, "epochs": 2.0, "evaluations_per_epoch": 1, "max_length": 128, "pooling": "mean"}
    curve = [{"step": 63 * n, "epoch": float(n), "train_loss": rng.random()} | scores(rng) for n in (1, 2)]
    return Record(
        key=key,
        question=QUESTION.name,
        phase=phase,
        status="finished",
        task="classification",
        model=MODEL,
        data=DATA,
        setting=full | {"precision": "fp32", "warmup_ratio": 0.0, "weight_decay": 0.0} | setting,
        seed=seed,
        metrics={split: split_scores(rng) for split in ("validation", "test")[: 1 + (phase == "compare")]},
        curve=tuple(curve),
        costs={
            "trainable_parameters": 22_566_146 - 1_774_464 * setting["frozen_layers"],
            "total_parameters": 22_566_146,
            "train_seconds": 60 * rng.random(),
            "examples_per_second": 100 * rng.random(),
            "peak_memory_bytes": rng.randrange(2**30),
            "saved_bytes": 28_402_008,
            "trial_seconds": 90 * rng.random(),
        },
        structure="32254ccd130e",
        degenerate=False,
        provenance={
            "versions": VERSIONS,
            "commit": "f7ca3f5f370a42a0ad4008a8a936a24eccbbf0af",
            "uncommitted": False,
            "hardware": {"cpu": "AMD EPYC", "cores": 2, "memory_bytes": 25_276_510_208, "gpu": None},
            "profile": "cpu, 1 thread, fp32",
            "started": "2026-11-21T13:40:24+00:00",
            "ended": "2026-11-21T13:41:57+00:00",
        },
    )


def scores(rng: random.Random) -> dict[str, Any]:
    return {name: rng.random() for name in ("f1", "accuracy", "precision", "recall", "mcc", "loss")}


def split_scores(rng: random.Random) -> dict[str, Any]:
    right, wrong = rng.randrange(300, 533), rng.randrange(300, 533)
    classes = {
        name: {n: rng.random() for n in ("precision", "recall", "f1")} | {"support": 533} for name in ("neg", "pos")
    }
    return scores(rng) | {"confusion": [[right, 533 - right], [533 - wrong, wrong]], "per_class": classes}


if __name__ == "__main__":
    main()
