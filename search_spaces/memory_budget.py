"""What does saving memory cost? Smaller parts of one batch, with and without recomputing activations.

The batch, and with it the gradient, is the same at every point, so the learning rate is not tuned; with dropout the
draws differ between parts, so that scores are equal only on average.
"""

from __future__ import annotations

from study.question import Question, View

QUESTION = Question(
    name="memory_budget",
    asks="Does accumulating a batch from parts, or recomputing activations, give the same F1 for less memory, "
    "and what does it cost in time?",
    source="Exam on gradient accumulation; Chen et al. (2016), arXiv 1604.06174, on recomputing activations",
    factors={"micro_batch": (0, 8, 4, 2, 1), "gradient_checkpointing": (False, True)},
    fixed={"batch_size": 16, "epochs": 2},
    baseline={"micro_batch": 0, "gradient_checkpointing": False},
    view=View("pareto", {"x": "peak_memory_bytes,train_seconds"}),
)
