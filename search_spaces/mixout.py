"""How much mixout, and where? Probabilities and targets against none; small training sets are where it should matter.

Published gains are on thousands of texts with a large model, at probabilities of 0.7 to 0.9; on 67,000 there was none.
So run it with few texts: ``--train-size 300``.
"""

from __future__ import annotations

from study.question import Geometry, Question, Setting, View, choice


def targets(_geometry: Geometry, point: Setting) -> tuple[str, ...]:
    """The head's linear layers, and all of the network's."""
    return ("classifier", "linear") if point["mixout.p"] else ()


QUESTION = Question(
    name="mixout",
    asks="Does mixing pre-trained weights back in help when training texts are few, and in which layers?",
    source="Exam on mixout; Lee, Cho and Kang (2020), arXiv 1909.11299; small data: run it with --train-size 300",
    factors={"mixout.p": (0.0, 0.1, 0.3, 0.5, 0.7, 0.9), "mixout.target": targets},
    tuned={"learning_rate": choice(3e-5, 1e-4, 3e-4)},
    fixed={"epochs": 3},
    baseline={"mixout.p": 0.0},
    seeds=(0, 1, 2, 3, 4),
    view=View("scatter", {"x": "mixout.p"}),
)
