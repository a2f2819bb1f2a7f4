"""Does pre-training on the texts at hand, without their classes, help what is then fine-tuned? And what does it cost?

Each amount is compared with none for every objective the model has, on the task's own training texts and, where the
command gives one with ``--corpus``, on a corpus and on both (half the steps each, so that they cost the same). Trials
share a body unless its pre-training differs, so what varies between seeds is the fine-tuning alone.
"""

from __future__ import annotations

from study.question import Geometry, Question, Setting, View, choice


def objectives(geometry: Geometry, point: Setting) -> tuple[str, ...]:
    """Those that the model can be trained by, where it is trained."""
    return geometry.objectives if point["pretraining.steps"] else ()


def corpora(_geometry: Geometry, point: Setting) -> tuple[str, ...]:
    """The task's texts, the corpus, and one after the other, where the model is trained."""
    return ("task", "domain", "both") if point["pretraining.steps"] else ()


QUESTION = Question(
    name="continued_pretraining",
    asks="What does continued pre-training change in F1, and what does it cost beside fine-tuning?",
    source="Workshop on Rotten Tomatoes, part 3; Gururangan et al. (2020), arXiv 2004.10964",
    factors={
        "pretraining.steps": (0, 100, 400),
        "pretraining.objective": objectives,
        "pretraining.corpus": corpora,
    },
    tuned={"learning_rate": choice(5e-5, 1e-4, 2e-4)},
    fixed={"epochs": 2},
    baseline={"pretraining.steps": 0},
    view=View("scatter", {"x": "pretraining.steps", "series": "pretraining.corpus"}),
)
