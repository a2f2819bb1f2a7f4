"""Which hyperparameters? A search over the usual five, its best few confirmed on seeds of their own."""

from __future__ import annotations

from study.question import Question, View, choice, loguniform, uniform

QUESTION = Question(
    name="hyperparameters",
    asks="Which learning rate, batch size, epochs, weight decay and warm-up work best, and by how much?",
    source="Slides on Trainer; sentiment-analysis project: hyperparameter search",
    tuned={
        "learning_rate": loguniform(1e-5, 1e-3),
        "batch_size": choice(8, 16, 32),
        "epochs": choice(1, 2, 3, 4),
        "weight_decay": choice(0.0, 0.01, 0.1),
        "warmup_ratio": uniform(0.0, 0.2),
    },
    fixed={"evaluations_per_epoch": 2, "early_stopping": 3, "early_stopping.metric": "f1"},
    baseline={"learning_rate": 5e-5, "batch_size": 16, "epochs": 3, "weight_decay": 0.01, "warmup_ratio": 0.1},
    trials=12,
    keep=3,
    view=View("scatter", {"x": "learning_rate"}),
)
