"""A small question for tests of launching."""

from __future__ import annotations

from typing import Any

from study.question import Question


def depths(**changes: Any) -> Question:
    """Two depths, nothing tuned, two seeds; with these changes."""
    given: dict[str, Any] = {
        "factors": {"frozen_layers": (0, 1)},
        "baseline": {"frozen_layers": 0},
        "fixed": {"epochs": 1, "learning_rate": 1e-3},
        "seeds": (0, 1),
    }
    return Question(name="depths", asks="?", source="test", **(given | changes))
