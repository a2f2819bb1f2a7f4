"""Recipe: all that decides a pre-trained body's numbers, and the key that names it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from study.models.loading import Model
from study.question import Scalar
from study.record import Ref

VERSION = 1
"""Raised whenever the numbers change that one recipe gives."""


@dataclass(frozen=True)
class Recipe:
    """How a body is pre-trained further; the fields are the settings of that name, with ``objective`` one of the
    model's."""

    objective: str
    corpus: str
    steps: int
    learning_rate: float
    mask_rate: float
    batch_size: int
    head_steps: int
    max_length: int
    precision: str
    seed: int


def recipe_of(setting: Mapping[str, Scalar], found: Model) -> Recipe:
    """The recipe in a complete setting; ``auto`` is the model's own objective."""

    def said(name: str) -> Scalar:
        return setting[f"pretraining.{name}"]

    objective = str(said("objective"))
    return Recipe(
        objective=found.geometry.objectives[0] if objective == "auto" else objective,
        corpus=str(said("corpus")),
        steps=int(said("steps")),
        learning_rate=float(said("learning_rate")),
        mask_rate=float(said("mask_rate")),
        batch_size=int(said("batch_size")),
        head_steps=int(said("head_steps")),
        max_length=int(setting["max_length"]),
        precision=str(setting["precision"]),
        seed=int(said("seed")),
    )


def body_key(recipe: Recipe, found: Model, task: Ref, domain: Ref | None) -> str:
    """The name of the body's artefact: of the model, its tokenizer, the texts that are read, the recipe.

    Nothing that comes after pre-training is in it, so trials that differ in that alone share a body.
    """
    read = {"task": (task,), "domain": (domain,), "both": (domain, task)}[recipe.corpus]
    content = {
        "version": VERSION,
        "model": found.ref.fingerprint,
        "tokenizer": found.tokenizer_fingerprint,
        "texts": [data.fingerprint for data in read if data],
        **asdict(recipe),
    }
    return f"body-{hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]}"
