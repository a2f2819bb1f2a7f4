"""How many examples per class does each way of learning need? SetFit, a linear probe, LoRA and full fine-tuning.

Every seed draws its own examples, which the four methods share, and the fewer are among the more. Nothing is tuned:
who has eight examples per class has no validation split to choose by. Instead each method has the recipe of its
authors, and all read the mean over tokens. Full fine-tuning and LoRA take 50 passes in batches of 4, as in the
comparison of Tunstall et al. (2022), arXiv 2209.11055 (25 to 75 passes); SetFit one pass over its pairs, which grow as
the square of the examples.
"""

from __future__ import annotations

from study.question import Geometry, Question, Setting, View

_RATES = {"full": 5e-5, "lora": 5e-4, "setfit": 2e-5}
_PASSES = {"full": 50, "lora": 50, "setfit": 1}
_BATCHES = {"full": 4, "lora": 4, "setfit": 16}


def rate(_geometry: Geometry, point: Setting) -> tuple[float, ...]:
    """Full fine-tuning 5e-5, LoRA ten times that, SetFit 2e-5."""
    return tuple(value for method, value in _RATES.items() if method == point["method"])


def passes(_geometry: Geometry, point: Setting) -> tuple[int, ...]:
    """Full fine-tuning and LoRA 50, SetFit 1."""
    return tuple(value for method, value in _PASSES.items() if method == point["method"])


def batch(_geometry: Geometry, point: Setting) -> tuple[int, ...]:
    """Full fine-tuning and LoRA 4, SetFit 16 pairs."""
    return tuple(value for method, value in _BATCHES.items() if method == point["method"])


QUESTION = Question(
    name="few_shot",
    asks="How many examples per class does each method need: SetFit, a linear probe, LoRA, full fine-tuning?",
    source="Workshop on Rotten Tomatoes, part 2: few examples per class",
    factors={
        "shots": (4, 8, 16, 24, 32),
        "method": ("full", "lora", "linear_probe", "setfit"),
        "learning_rate": rate,
        "epochs": passes,
        "batch_size": batch,
    },
    fixed={"pooling": "mean", "evaluations_per_epoch": 0},
    baseline={"method": "full"},
    seeds=tuple(range(5)),
    view=View("scatter", {"x": "shots", "series": "method"}),
)
