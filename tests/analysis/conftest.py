"""A synthetic but realistic study folder: how much can be frozen, seven depths, three seeds, tuned learning rates."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sklearn.metrics import confusion_matrix, matthews_corrcoef, precision_recall_fscore_support

from study.question import Question, View, choice
from study.record import Record, Ref
from study.store import Store

LABELS = ("neg", "pos")
TEXTS = 60
RATES = (1e-5, 3e-5, 1e-4)
DEPTH = 6
SKILL = (0.85, 0.86, 0.85, 0.84, 0.82, 0.72, 0.60)
"""The chance that a text is predicted rightly, by frozen layers."""

QUESTION = Question(
    name="frozen_layers",
    asks="How many layers can be frozen before quality falls?",
    source="Lee, Tang & Lin 2019, arXiv 1911.03090",
    factors={"frozen_layers": range(DEPTH + 1)},
    tuned={"learning_rate": choice(*RATES)},
    fixed={"epochs": 3.0},
    baseline={"frozen_layers": 0},
    view=View("scatter", {"x": "frozen_layers"}),
).at(None)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Place:
    """A model and a data set, as an arm of study.json has them."""

    model: Mapping[str, Any]
    data: Mapping[str, Any]


def place(model: str = "mini-bert", data: str = "reviews", mark: str = "") -> Place:
    return Place(
        model={
            "name": model,
            "fingerprint": hashlib.sha256((model + mark).encode()).hexdigest()[:16],
            "source": "a folder",
            "geometry": {"depth": DEPTH, "width": 384, "heads": 12},
        },
        data={
            "name": data,
            "fingerprint": hashlib.sha256(data.encode()).hexdigest()[:16],
            "source": "bundled",
            "labels": list(LABELS),
            "sizes": {"train": 400, "validation": TEXTS, "test": TEXTS},
            "notes": ["The validation split was cut from the training texts."],
        },
    )


def arm(where: Place, question: Question = QUESTION) -> dict[str, Any]:
    return {"model": where.model, "data": where.data, "question": question.to_json()}


def study_json(*arms: dict[str, Any]) -> dict[str, Any]:
    return {
        "question": "frozen_layers",
        "asks": QUESTION.asks,
        "source": QUESTION.source,
        "arms": list(arms),
        "commands": ["run_study.py run frozen_layers --model mini-bert --data reviews --out S"],
    }


def scored(skill: float, rng: np.random.Generator) -> tuple[dict[str, Any], np.ndarray, np.ndarray, np.ndarray]:
    """Scores, labels, predictions and the probability of the second class of a classifier of some skill."""
    labels = np.arange(TEXTS) % 2
    predicted = np.where(rng.random(TEXTS) < skill, labels, 1 - labels) if skill > 0 else np.ones(TEXTS, dtype=int)
    probability = np.clip(predicted + np.where(predicted == 1, -1, 1) * rng.random(TEXTS) / 2, 0.01, 0.99)
    parts = precision_recall_fscore_support(labels, predicted, labels=[0, 1], zero_division=0)
    scores = {
        "accuracy": float((labels == predicted).mean()),
        "precision": float(parts[0][1]),
        "recall": float(parts[1][1]),
        "f1": float(parts[2][1]),
        "mcc": float(matthews_corrcoef(labels, predicted)),
        "loss": float(-np.log(np.where(labels == 1, probability, 1 - probability)).mean()),
        "confusion": confusion_matrix(labels, predicted, labels=[0, 1]).tolist(),
        "per_class": {
            name: dict(zip(("precision", "recall", "f1"), (float(p[i]) for p in parts[:3]), strict=True))
            | {"support": int(parts[3][i])}
            for i, name in enumerate(LABELS)
        },
    }
    return scores, labels, predicted, probability


def trial(where: Place, setting: Mapping[str, Any], seed: int, phase: str = "compare", skill: float = 0.8) -> Record:
    """One finished trial; comparison trials have a test score and predictions."""
    full = {"batch_size": 16, "epochs": 3.0, "max_length": 64, "precision": "fp32", "weight_decay": 0.0, **setting}
    key = hashlib.sha256(
        repr((where.model["fingerprint"], where.data["fingerprint"], sorted(full.items()), seed, phase)).encode()
    ).hexdigest()[:16]
    rng = np.random.default_rng(int(key[:8], 16))
    frozen = int(setting.get("frozen_layers", 0))
    validation, _, _, _ = scored(skill, rng)
    metrics, predictions = {"validation": validation}, None
    if phase == "compare":
        metrics["test"], labels, predicted, probability = scored(skill, rng)
        columns = {"split": ["test"] * TEXTS, "row": range(TEXTS), "label": labels, "predicted": predicted}
        predictions = pa.table({**columns, "p_neg": 1 - probability, "p_pos": probability})
    return Record(
        key=key,
        question="frozen_layers",
        phase=phase,
        status="finished",
        task="classification",
        model=Ref(where.model["name"], where.model["fingerprint"]),
        data=Ref(where.data["name"], where.data["fingerprint"]),
        setting=full,
        seed=seed,
        metrics=metrics,
        costs={
            "trainable_parameters": 22_700_000 - 1_770_000 * frozen - (11_800_000 if frozen else 0),
            "total_parameters": 22_700_000,
            "train_seconds": 30.0 - 3 * frozen + seed,
            "trial_seconds": 40.0,
            "examples_per_second": 40.0 + 5 * frozen,
            "peak_memory_bytes": 2**30,
        },
        structure="bert-6-384",
        degenerate=skill == 0,
        provenance={
            "versions": {"torch": "2.9.1", "transformers": "5.20.0"},
            "commit": "0123abc",
            "hardware": {"cpu": "a CPU", "cores": 2, "memory_bytes": 8 * 2**30, "gpu": None},
            "profile": "cpu, 1 thread, fp32",
            "started": "2026-01-01T10:00:00+00:00",
            "ended": "2026-01-01T10:01:00+00:00",
        },
        predictions=predictions,
    )


def failed(record: Record, status: str = "failed") -> Record:
    """The same trial, had it ended badly."""
    error = {"type": "RuntimeError", "message": "shape | mismatch\nat block 5", "traceback": "..."}
    return replace(
        record, status=status, metrics={}, predictions=None, costs={}, structure=None, degenerate=None, error=error
    )


def whole_study(where: Place) -> list[Record]:
    """21 comparison trials at 7 depths, one of them failed (depth 5, seed 2), one stopped (depth 4, seed 1) and one
    degenerate (depth 6, seed 0); 21 tuning trials, one of them diverged."""
    records = []
    for frozen, skill in enumerate(SKILL):
        tries = [trial(where, {"frozen_layers": frozen, "learning_rate": rate}, 1000, "tune", skill) for rate in RATES]
        best = max(tries[: 2 if frozen == 0 else 3], key=lambda record: record.metrics["validation"]["f1"])
        chosen = {name: best.setting[name] for name in ("frozen_layers", "learning_rate")}
        records += [failed(t, "diverged") if (frozen, i) == (0, 2) else t for i, t in enumerate(tries)]
        for seed in (0, 1, 2):
            compared = trial(where, chosen, seed, skill=0 if (frozen, seed) == (6, 0) else skill)
            if (frozen, seed) == (5, 2):
                compared = failed(compared)
            if (frozen, seed) == (4, 1):
                compared = replace(compared, status="stopped")
            records.append(compared)
    return records


def write(folder: Path, records: list[Record], *arms: dict[str, Any]) -> Path:
    """A study folder with these records and arms, its latencies and texts."""
    store = Store(folder)
    store.put_json("study.json", study_json(*arms))
    for record in records:
        store.put(record)
    batch = {"median": 0.004, "low": 0.003, "high": 0.005}
    store.put_json("latency.json", {"bert-6-384": {"batch_1": batch, "batch_32": {**batch, "median": 0.001}}})
    texts = [f"text {row} with a | pipe, *stars*\nand a line" for row in range(TEXTS)]
    columns = {"split": ["test"] * TEXTS, "row": range(TEXTS), "text": texts, "label": [i % 2 for i in range(TEXTS)]}
    for one in arms:
        path = folder / "data" / one["data"]["fingerprint"] / "texts.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.table(columns), path)
    return folder


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole study, read by many tests and changed by none."""
    return write(tmp_path_factory.mktemp("whole") / "study", whole_study(place()), arm(place()))


@pytest.fixture
def study(tmp_path: Path) -> Callable[..., Path]:
    """A function that writes a study of given records, by default of the one arm, into a fresh folder."""

    def make(records: list[Record], *arms: dict[str, Any]) -> Path:
        return write(tmp_path / "study", records, *(arms or (arm(place()),)))

    return make


@pytest.fixture(scope="module")
def small_forests() -> Iterator[None]:
    """Forests with few trees, for what needs a forest and not a good one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("analysis.remembered._KEPT", OrderedDict())
        patch.setattr("analysis.importance.REFITS", 2)
        patch.setattr("analysis.surrogate._TREES", 24)
        patch.setattr("analysis.path._TREES", 48)
        yield
