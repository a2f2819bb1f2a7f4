"""Task: what is predicted, as a value that holds what depends on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Task:
    """What a task decides for a trial.

    ``auto_class`` is the transformers class that gives the model its head; ``collate(features, padding)`` makes a
    padded batch; ``loss(outputs, labels, weights)`` is what training minimises, weights being None or one number per
    example; ``score(labels, logits, names)`` gives the
    metrics; ``predictions(tokens, logits, names)`` the columns kept; ``degenerate(logits)`` says whether the model
    predicts one thing whatever the text. ``metrics`` are the names that may decide a study.
    """

    name: str
    auto_class: str
    metrics: tuple[str, ...]
    collate: Callable[..., dict[str, Any]]
    loss: Callable[..., Any]
    score: Callable[..., dict[str, Any]]
    predictions: Callable[..., dict[str, Any]]
    degenerate: Callable[..., bool]
