"""Class weights: examples of rare classes count for more in the training loss, those of frequent ones for less."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from study.knobs import Knob
from study.methods.base import Knobs, Method

if TYPE_CHECKING:
    from study.data.tokens import Tokens


def weigh(tokens: Tokens, setting: Knobs, seed: int) -> Tokens:
    """The training examples with a weight each: examples / (classes * examples of its class), so 1 on average.

    Every class then has the same share of the training loss (King and Zeng 2001, Logistic Regression in Rare Events
    Data, section 4.2). Examples are counted, not texts: where long texts are read in windows each window is one, and
    a class of long texts weighs no more than one of short texts. Where all classes are as frequent nothing is weighed
    and no number changes.

    Limits: the weights are of the training loss alone; evaluation losses and scores are not weighted. They stand for
    classes that are equally frequent, so probabilities of rare classes come out too high for the data as they are.
    With very few examples of a class its weight is large and the gradient noisy; lower the learning rate.
    """
    import numpy as np

    _, numbers, counts = np.unique(tokens.classes, return_inverse=True, return_counts=True)
    if len(set(counts.tolist())) == 1:
        return tokens
    weights = len(tokens) / (len(counts) * counts)
    return replace(tokens, weights=weights.astype(np.float32)[numbers])


METHOD = Method(
    name="class_weights",
    version=1,
    knobs={
        "class_weights": Knob(
            str, "none", "how much the classes count in the loss", identity="none", choices=("none", "balanced")
        )
    },
    data=weigh,
)
