"""SetFit: the body learns from pairs of examples which are of one class, then a head from its embeddings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from study.contrastive.pairs import SAMPLINGS, unique_pairs
from study.errors import InputError
from study.knobs import Knob
from study.methods.base import Knobs, Method

if TYPE_CHECKING:
    from torch import nn

    from study.data import TextData
    from study.models.loading import Model
    from study.training import StudyTrainer

MOST_PAIRS = 2_000_000
"""The setfit package holds all pairs in memory, about 0.4 kB each."""


def ready() -> None:
    """Import the package, which takes a second once per process."""
    from study.contrastive.undisturbed import undisturbed

    with undisturbed():
        import setfit  # noqa: F401


def embed(model: nn.Module, setting: Knobs) -> nn.Module:
    """The model's body, pooled, with a linear head that reads the embedding.

    Two phases, both by the setfit package. First the whole body is trained on pairs of training examples, so that the
    cosine of their embeddings is 1 for two of one class and 0 else: ``learning_rate``, ``warmup_ratio``,
    ``weight_decay`` and ``max_length`` are this phase's, ``batch_size`` counts pairs, each of two texts, and ``epochs``
    passes over them. ``setfit.iterations`` R draws 2 R pairs per example, half of them of one class; with 0
    ``setfit.sampling`` decides (see ``study.contrastive.pairs``). Then a head is fitted to the embeddings: a logistic
    regression, or, with ``setfit.head=differentiable``, a layer that torch trains by itself for 16 epochs in batches of
    2, at ``setfit.head_learning_rate`` halved every 5. Pairs, their order and the head's beginnings follow the seed,
    the pairs by an order of ours: the package's is the same for all seeds.

    Any body will do; it need not have been trained for sentences. The package's pairs of a text with itself, two in
    n + 1 of the positive pairs of a class of n, are kept, so that this is the SetFit that others measure. Sources:
    Tunstall et al. (2022), "Efficient Few-Shot Learning Without Prompts", arXiv 2209.11055; setfit 1.2.

    Limits: pairs grow with the square of the examples, and so does the time unless iterations are given. It was made
    for bodies trained on sentences, and it follows them: with all-MiniLM-L6-v2, weak at sentiment, 8 examples per class
    gave 71.6 % accuracy on customer reviews, against 88.5 % with paraphrase-mpnet-base-v2 (the authors' results). It
    evaluates once, at the end. Where memory has a batch computed in parts, the last batch of an epoch counts its
    parts, not its pairs, as equal.
    """
    from study.surgery.embedder import embedder

    return embedder(model, setting)


def fit(trainer: StudyTrainer, setting: Knobs) -> None:
    """Train body and head on the training examples; InputError for a fraction of an epoch, drawn by a search."""
    from study.contrastive.tuning import tune

    if said := _fraction(setting):
        raise InputError(said)
    tune(trainer, dict(setting))


def problem(model: Model, setting: Knobs) -> str | None:
    """Why this model and setting cannot have it, or None."""
    if said := _fraction(setting):
        return said
    if not setting["bias_correction"]:
        return "method=setfit: bias_correction=False: its own loop always corrects. Leave one of the two out."
    if int(setting.get("frozen_layers", 0)) >= model.geometry.depth:
        return (
            f"method=setfit: frozen_layers={setting['frozen_layers']} leaves nothing of the body to be trained. Give "
            "fewer, or method=linear_probe."
        )
    return None


def _fraction(setting: Knobs) -> str | None:
    epochs = float(setting["epochs"])
    if epochs == int(epochs):
        return None
    return f"method=setfit: epochs={epochs:g}: SetFit goes through its pairs in whole epochs. Give --epochs 1."


def data_problem(data: TextData, setting: Knobs) -> str | None:
    """Why these texts cannot have it, or None: a class without any, or more pairs than memory holds."""
    import numpy as np

    from study.linear_head import class_problem

    counts = np.bincount(data.splits["train"]["label"].to_numpy(), minlength=len(data.labels))
    shots = int(setting.get("shots", 0))
    counts = np.minimum(counts, shots) if shots else counts
    pairs = sum(unique_pairs(counts.tolist()))
    if pairs > MOST_PAIRS:
        return (
            f"method=setfit: {counts.sum()} training texts of {data.name} make {pairs} pairs; at most {MOST_PAIRS} fit "
            "into memory. Give --set shots=64, or fewer texts with --train-size."
        )
    return class_problem(data, "setfit")


def work(setting: Knobs) -> float:
    """Texts read per training text and epoch: two for each pair; of two classes where sampling decides."""
    iterations, shots = int(setting.get("setfit.iterations", 0)), int(setting.get("shots", 0))
    return 4.0 * iterations if iterations else 2.0 * ((shots or 1_000) + 1)


METHOD = Method(
    name="setfit",
    version=1,
    knobs={
        "setfit.iterations": Knob(
            int, 0, "pairs of each kind per example (0: setfit.sampling decides)", identity=0, low=0, switch=False
        ),
        "setfit.sampling": Knob(
            str, "oversampling", "what is done where pairs of one kind are rarer", choices=SAMPLINGS
        ),
        "setfit.head": Knob(str, "logistic", "what reads the embeddings", choices=("logistic", "differentiable")),
        "setfit.head_learning_rate": Knob(
            float, 1e-2, "the differentiable head's learning rate", low=0, above_low=True, high=1
        ),
    },
    conflicts=(
        "lora",
        "adapter",
        "bitfit",
        "mixout",
        "awp",
        "layer_decay",
        "early_stopping",
        "class_weights",
    ),
    at_once=2,  # the two of a pair
    ready=ready,
    model=embed,
    fit=fit,
    problem=problem,
    data_problem=data_problem,
    work=work,
)
