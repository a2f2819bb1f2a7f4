"""How far should weights be perturbed, and at which steps? Sizes and schedules of AWP against none."""

from __future__ import annotations

from study.question import Geometry, Question, Setting, View, choice


def schedules(_geometry: Geometry, point: Setting) -> tuple[str, ...]:
    """Two readings of half an epoch, which cost the same, and every step."""
    return ("second_half", "alternate", "every") if point["awp.epsilon"] else ()


QUESTION = Question(
    name="awp",
    asks="Which size of adversarial weight perturbation helps, and must every step be attacked?",
    source="Exam on adversarial training; Wu, Xia and Wang (2020), arXiv 2004.05884, who use 0.005 to 0.01",
    factors={"awp.epsilon": (0.0, 0.001, 0.003, 0.01, 0.03, 0.1), "awp.schedule": schedules},
    tuned={"learning_rate": choice(3e-5, 1e-4, 3e-4)},
    fixed={"epochs": 3},
    baseline={"awp.epsilon": 0.0},
    view=View("scatter", {"x": "awp.epsilon"}),
)
