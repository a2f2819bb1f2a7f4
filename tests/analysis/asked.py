"""Studies of the package's own questions that nobody trained: a record for every point and seed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from study.question import Geometry, Question, Setting
from study.record import Record
from study.store import Store
from tests.analysis.conftest import DEPTH, Place, arm, place, trial, write

GEOMETRY = Geometry(depth=DEPTH, width=384, heads=12, positions=512)
BODY, HEAD = 22_500_000, 770
"""Parameters of the model that these records pretend to."""

Skill = Callable[[Setting], float]


def trained(setting: Setting) -> tuple[int, int]:
    """Trainable and total parameters at a point, roughly as LoRA, adapters and freezing have them."""
    width, rank = int(setting.get("adapter.width", 0)), int(setting.get("lora.rank", 0))
    targets = 4 if setting.get("lora.targets") == "attention" else 2
    added = DEPTH * ((2 * width * 384 + 384 + width if width else 0) + targets * 2 * rank * 384)
    if width and setting.get("adapter.style") == "houlsby":
        added *= 2
    frozen = int(setting.get("frozen_layers", 0))
    body = 0 if added or frozen == DEPTH else BODY - frozen * 1_770_000 - (11_800_000 if frozen else 0)
    return added + body + HEAD, BODY + HEAD + added


def record_of(question: Question, where: Place, point: Setting, seed: int, skill: float, rate: float = 1e-4) -> Record:
    """A finished comparison trial at a point: its curve, costs and structure too."""
    setting = {"learning_rate": rate, **question.fixed, **point}
    made = trial(where, setting, seed, skill=skill)
    trainable, total = trained(setting)
    width = int(setting.get("adapter.width", 0))
    costs: dict[str, Any] = {
        **made.costs,
        "trainable_parameters": trainable,
        "total_parameters": total,
        "saved_bytes": 4 * trainable,
        "train_seconds": 20.0 + (10 if setting.get("awp.epsilon") else 0) + 16 / (setting.get("micro_batch") or 16),
        "peak_memory_bytes": 2**20
        * (300 + 40 * (setting.get("micro_batch") or 16) / (2 if setting.get("gradient_checkpointing") else 1)),
    }
    if setting.get("awp.epsilon"):
        costs["awp_attacked_steps"], costs["awp_skipped_steps"] = 120, 0
    best = 2 + seed % 3
    curve = [{"step": 10 * e, "epoch": float(e), "f1": 0.8 - 0.01 * abs(e - best)} for e in range(1, best + 4)]
    structure, rank = f"bert-{width}", int(setting.get("lora.rank", 0))
    unmerged = f"{structure}-{rank}" if rank else None
    return replace(
        made, question=question.name, costs=costs, curve=tuple(curve), structure=structure, unmerged=unmerged
    )


def study_of(
    folder: Path,
    question: Question,
    skill: Skill,
    leave_out: Iterable[tuple[Setting, int]] = (),
    where: Place | None = None,
) -> tuple[Path, Question]:
    """A study folder with every point of a question on every seed but those left out; the question as it is stored."""
    where = where or place()
    asked = question.at(GEOMETRY)
    gone = [(tuple(point.items()), seed) for point, seed in leave_out]
    records = [
        record_of(asked, where, point, seed, skill(point))
        for point in asked.points(GEOMETRY)
        for seed in asked.seeds
        if (tuple(point.items()), seed) not in gone
    ]
    write(folder, records, arm(where, asked))
    store = Store(folder)
    store.put_json(
        "study.json",
        {**(store.get_json("study.json") or {}), "question": asked.name, "asks": asked.asks, "source": asked.source},
    )
    structures = {structure for record in records for structure in (record.structure, record.unmerged) if structure}
    store.put_json("latency.json", {structure: latency(structure) for structure in sorted(structures)})
    return folder, asked


def latency(structure: str) -> dict[str, Any]:
    """Milliseconds that differ by structure; more of them for an adapter, and for LoRA that is not merged."""
    _, width, *rank = structure.split("-")
    slow = 0.004 + 0.0008 * bool(int(width)) + 0.0012 * bool(rank)
    slow += int(hashlib.sha256(structure.encode()).hexdigest()[:2], 16) * 1e-6
    one = {"median": slow, "low": 0.9 * slow, "high": 1.2 * slow, "passes": 50}
    return {"batch_1": one, "batch_32": {**one, "median": slow / 4, "low": 0.9 * slow / 4, "high": 0.3 * slow}}
