"""Which settings of SetFit? A search over the rates of body and head and over the pairs, with 8 examples per class.

The head is the one that torch trains, since a logistic regression has no learning rate. Where iterations are drawn as
0 the sampling strategy decides the pairs; else it is idle, as in the package.
"""

from __future__ import annotations

from study.question import Question, View, choice, loguniform

QUESTION = Question(
    name="setfit",
    asks="Which learning rates, iterations, epochs and sampling strategy suit SetFit, and by how much?",
    source="Workshop on few-shot learning: SetFit and its hyperparameters",
    tuned={
        "learning_rate": loguniform(1e-6, 1e-3),
        "setfit.head_learning_rate": loguniform(1e-3, 1e-1),
        "setfit.iterations": choice(0, 5, 20),
        "epochs": choice(1, 2),
        "setfit.sampling": choice("oversampling", "undersampling", "unique"),
    },
    fixed={
        "method": "setfit",
        "setfit.head": "differentiable",
        "shots": 8,
        "pooling": "mean",
        "batch_size": 16,
        "warmup_ratio": 0.1,
        "weight_decay": 0.01,
        "evaluations_per_epoch": 0,
    },
    baseline={
        "learning_rate": 2e-5,
        "setfit.head_learning_rate": 1e-2,
        "setfit.iterations": 0,
        "epochs": 1,
        "setfit.sampling": "oversampling",
    },
    trials=12,
    keep=3,
    view=View("scatter", {"x": "learning_rate"}),
)
