"""Does a recipe of LoRA, an adapter, AWP and mixout beat full fine-tuning, and what does each part of it earn?

Ten points: full fine-tuning, the whole recipe, the recipe without each part, and each part alone. So a part is judged
twice, by what it adds to full fine-tuning and by what the recipe loses without it. Interactions of two parts would take
the six points with two of them on as well. Ten seeds, since with five no sign-flip test can reach 0.05 (2 / 2^5).
"""

from __future__ import annotations

from study.question import Question, Setting, View, choice

PARTS = ("lora.rank", "adapter.width", "awp.epsilon", "mixout.p")


def few_or_most(point: Setting) -> bool:
    """Whether none, one, all but one or all of the parts are on."""
    on = sum(point[name] != 0 for name in PARTS)
    return on <= 1 or on >= len(PARTS) - 1


QUESTION = Question(
    name="exam",
    asks="Does a recipe of LoRA, an adapter, AWP and mixout beat full fine-tuning, and what does each part earn?",
    source="Exam on fine-tuning for sentiment: LoRA, adapters, AWP and mixout on a GPU of 4 GB",
    factors={"lora.rank": (0, 8), "adapter.width": (0, 64), "awp.epsilon": (0.0, 0.01), "mixout.p": (0.0, 0.1)},
    only=few_or_most,
    # What trains few weights needs a higher rate than what trains all: the same list for both.
    tuned={"learning_rate": choice(1e-4, 5e-4, 3e-3)},
    fixed={
        "lora.alpha": 16,
        "lora.targets": "attention",
        "adapter.style": "pfeiffer",
        "awp.schedule": "second_half",
        "mixout.target": "classifier",
        "batch_size": 16,
        "micro_batch": 4,
        "epochs": 8,
        "evaluations_per_epoch": 1,
        "early_stopping": 3,
        "early_stopping.metric": "f1",
    },
    baseline=dict.fromkeys(PARTS, 0),
    seeds=tuple(range(10)),
    view=View("ablation"),
    outline=(
        ("1. The recipe, and which parameters are trained", "recipe"),
        ("2. Early stopping and gradient accumulation", "training"),
        ("3. Precision, recall, F1 and the confusion matrix", "confusion"),
        ("4. Classification report on the test split", "classes"),
        ("5. Trainable parameters against full fine-tuning", "parameters"),
        ("6. Latency and memory", "costs"),
        ("7. What each component earns", "ablation"),
    ),
)
