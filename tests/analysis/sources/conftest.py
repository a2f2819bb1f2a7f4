"""Tables as other tools leave them."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest


class Trap:
    """Whoever unpickles this makes a file."""

    def __init__(self, sprung: Path):
        self.sprung = sprung

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.sprung,)


def ray_trial(
    folder: Path,
    name: str,
    config: dict[str, Any],
    reports: Iterable[dict[str, Any]],
    *,
    error: str = "",
    sprung: Path | None = None,
) -> Path:
    """A trial's folder as Ray Tune writes it, its pickles trapped."""
    trial = folder / name
    trial.mkdir(parents=True)
    (trial / "params.json").write_text(json.dumps(config))
    lines = [
        {**one, "trial_id": name, "training_iteration": i, "time_total_s": 2.0 * i, "done": False, "config": config,
         "pid": 1, "date": "x", "hostname": "h", "node_ip": "0"}
        for i, one in enumerate(reports, start=1)
    ]  # fmt: skip
    (trial / "result.json").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    flat = [{k: v for k, v in line.items() if not isinstance(v, dict)} for line in lines]
    pd.DataFrame(flat).to_csv(trial / "progress.csv", index=False)
    if error:
        (trial / "error.txt").write_text(f"Traceback (most recent call last):\n  File 'x'\n{error}\n")
    for pickled in ("params.pkl", "error.pkl"):
        (trial / pickled).write_bytes(pickle.dumps(Trap(sprung or folder / "sprung")))
    return trial


@pytest.fixture
def experiment(tmp_path: Path) -> Path:
    """Two learning rates on three seeds; one trial failed, one was stopped after its first report."""
    folder = tmp_path / "exp"
    for rate in (0.001, 0.1):
        for seed in range(3):
            config = {"opt": {"lr": rate}, "seed": seed, "layers": [1, 2], "width": 8}
            reports = [{"eval_f1": 0.5 + rate + 0.01 * seed + 0.1 * i, "test": {"f1": 0.6 + rate}} for i in range(3)]
            if (rate, seed) == (0.1, 2):
                ray_trial(folder, f"t_{rate}_{seed}", config, [], error="ValueError: bad | rate")
                continue
            kept = reports[:1] if (rate, seed) == (0.1, 1) else reports
            ray_trial(folder, f"t_{rate}_{seed}", config, kept)
    (folder / "tuner.pkl").write_bytes(pickle.dumps(Trap(folder / "sprung")))
    return folder


@pytest.fixture
def table(tmp_path: Path) -> Callable[..., Path]:
    """A function that writes rows into a file of a name."""

    def make(name: str, rows: list[dict[str, Any]]) -> Path:
        path = tmp_path / name
        frame = pd.DataFrame(rows)
        if ".csv" in name or ".tsv" in name:
            frame.to_csv(path, index=False, sep="\t" if ".tsv" in name else ",")
        elif name.endswith(".parquet"):
            frame.to_parquet(path)
        elif name.endswith(".json"):
            path.write_text(json.dumps(rows))
        else:
            path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
        return path

    return make


def grid(seeds: Iterable[int] = range(3), **extra: Any) -> list[dict[str, Any]]:
    """Rows of a small study: two depths, a rate each, some seeds."""
    return [
        {"depth": depth, "lr": rate, "seed": seed, "eval_f1": 0.8 - 0.01 * depth + 0.001 * seed,
         "test_f1": 0.78 - 0.01 * depth + 0.002 * seed, **extra}
        for depth, rate in ((0, 1e-4), (3, 5e-4)) for seed in seeds
    ]  # fmt: skip
