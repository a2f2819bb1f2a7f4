"""Arms and records that nobody trained, so that a plan can be tried without a model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from study.folder import Arm
from study.plan import Planned
from study.question import Geometry, Question, loguniform
from study.record import Record, Ref

GEOMETRY = Geometry(depth=3, width=32, heads=2, positions=64)
MODEL, DATA = Ref("model", "m" * 16), Ref("data", "d" * 16)


def question(**changes: Any) -> Question:
    given: dict[str, Any] = {
        "factors": {"frozen_layers": (0, 1, 3)},
        "tuned": {"learning_rate": loguniform(1e-5, 1e-2)},
        "fixed": {"epochs": 2},
        "trials": 4,
    }
    return Question(name="q", asks="Which?", source="a test", **(given | changes))


def arm(asked: Question | None = None, model: Ref = MODEL, data: Ref = DATA, geometry: Geometry = GEOMETRY) -> Arm:
    return Arm(
        model=model,
        model_at=f"/models/{model.name}",
        model_source="folder",
        geometry=geometry,
        data=data,
        data_source="folder",
        labels=("no", "yes"),
        sizes={"train": 64, "validation": 32, "test": 32},
        notes=(),
        question=(asked or question()).at(geometry),
    )


def record(planned: Planned, status: str = "finished", score: float | None = 0.5, **changes: Any) -> Record:
    """What this trial could have left; ``score`` is its validation F1, and its loss is 1 less that."""
    trial = planned.trial
    scores: Mapping[str, Any] = {} if score is None else {"validation": {"f1": score, "loss": 1 - score}}
    given: dict[str, Any] = {
        "key": trial.key,
        "question": "q",
        "phase": planned.phase,
        "status": status,
        "task": trial.task,
        "model": trial.model,
        "data": trial.data,
        "setting": trial.setting,
        "seed": trial.seed,
        "metrics": scores,
    }
    return Record(**(given | changes))
