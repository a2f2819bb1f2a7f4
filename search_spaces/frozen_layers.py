"""How many layers can be frozen? Embeddings and the first k blocks, k from 0 to the depth."""

from __future__ import annotations

from study.question import Geometry, Question, Setting, View, choice


def every_depth(geometry: Geometry, _point: Setting) -> range:
    """From nothing frozen to every block frozen."""
    return range(geometry.depth + 1)


QUESTION = Question(
    name="frozen_layers",
    asks="How many layers can be frozen before the score suffers?",
    source="Workshop on Rotten Tomatoes, part 1: freezing; after Lee, Tang and Lin (2019), arXiv 1911.03090",
    factors={"frozen_layers": every_depth},
    # Everything frozen learns nothing at a rate for fine-tuning, and nothing frozen breaks at a rate for a head.
    tuned={"learning_rate": choice(1e-4, 5e-4, 3e-3)},
    fixed={"epochs": 2},
    baseline={"frozen_layers": 0},
    trials=3,
    view=View("scatter", {"x": "frozen_layers"}),
)
