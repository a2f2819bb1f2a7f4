"""Linear probe: logistic regression on the embeddings of a body that is left as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from study.knobs import Knob
from study.methods.base import Knobs, Method

if TYPE_CHECKING:
    import numpy as np
    from torch import nn

    from study.data import TextData
    from study.training import StudyTrainer


def embed(model: nn.Module, setting: Knobs) -> nn.Module:
    """The model's frozen body, pooled, with a linear head that reads the embedding.

    The head is a logistic regression with an L2 penalty of strength 1 / ``linear_probe.c``, fitted to its optimum
    (L-BFGS) on the embeddings of the training texts. Nothing is random but the examples: two seeds with the same
    examples are one number. The settings of the training loop (learning rate, epochs, batch size) do nothing.
    Sources: Alain and Bengio (2016), arXiv 1610.01644; the linear probe of Tunstall et al. (2022), arXiv 2209.11055.

    Limits: it can only tell apart what the body's embeddings already do, so it falls behind fine-tuning as examples
    grow in number. The embedding is the mean over tokens, or the classification token with pooling=cls, of the last
    block alone.
    """
    from study.surgery.embedder import embedder

    made = embedder(model, setting)
    made.base_model.requires_grad_(False)
    return made


def fit(trainer: StudyTrainer, setting: Knobs) -> None:
    """Fit the head on the embeddings of the training examples; weighted where a method weighs them."""
    from study.embeddings import embeddings, example_embeddings
    from study.linear_head import fit_linear_head
    from study.surgery.embedder import as_embedder

    whole = trainer.examples is trainer.job.splits["train"]
    vectors = embeddings(trainer, "train") if whole else example_embeddings(trainer, trainer.examples)
    head, examples = as_embedder(trainer.network).head, trainer.examples
    fit_linear_head(head, vectors, examples.classes, examples.weights, float(setting["linear_probe.c"]))


def outputs(trainer: StudyTrainer, split: str, setting: Knobs) -> np.ndarray:
    """The logits of a split from its embeddings, which are computed once per body and data: (texts, classes)."""
    from study.embeddings import embeddings
    from study.linear_head import logits
    from study.surgery.embedder import as_embedder

    head = as_embedder(trainer.network).head
    return trainer.job.splits[split].per_text(logits(head, embeddings(trainer, split)))


def data_problem(data: TextData, setting: Knobs) -> str | None:
    """Why these texts cannot have it, or None."""
    from study.linear_head import class_problem

    return class_problem(data, "linear_probe")


METHOD = Method(
    name="linear_probe",
    version=1,
    knobs={
        "linear_probe.c": Knob(
            float, 1.0, "the regression's inverse strength of regularisation", low=0, above_low=True, switch=False
        )
    },
    ignores=("learning_rate", "epochs"),
    conflicts=(
        "freezing",
        "lora",
        "adapter",
        "bitfit",
        "mixout",
        "awp",
        "layer_decay",
        "early_stopping",
        "reinit",
    ),
    model=embed,
    fit=fit,
    outputs=outputs,
    data_problem=data_problem,
)
