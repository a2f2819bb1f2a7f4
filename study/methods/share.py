"""Share: training on a part of the training texts."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from study.knobs import Knob
from study.methods.base import Knobs, Method

if TYPE_CHECKING:
    from study.data.tokens import Tokens


def draw(tokens: Tokens, setting: Knobs, _seed: int) -> Tokens:
    """The training examples of ``train_share`` of each class's texts, at least one: always the same ones.

    A smaller share lies inside a larger. Unlike ``shots`` the trial's seed draws nothing: what a share costs in score
    is then not mixed with the luck of a draw, and settings tried on a part of the data are tried on the same part.
    Source: Klein and others (2017), "Fast Bayesian optimization of machine learning hyperparameters on large datasets",
    for the size of the training set as what a candidate is first tried at.

    Limits: epochs count passes over the part, so that a smaller share also takes fewer steps.
    """
    import numpy as np

    from study.seeding import stream

    labels, share = np.asarray(tokens.labels), float(setting["train_share"])
    taken = []
    for number in np.unique(labels):
        texts = np.flatnonzero(labels == number)
        order = np.random.default_rng(stream(0, f"share of class {number}")).permutation(len(texts))
        # Rounded first: a tenth of 30 texts is 3 and not 4.
        taken.append(texts[order[: ceil(round(share * len(texts), 9))]])
    return tokens.picked(np.sort(np.concatenate(taken)))


METHOD = Method(
    name="share",
    version=1,
    knobs={
        "train_share": Knob(
            float, 1.0, "share of each class's training texts", identity=1.0, low=0, above_low=True, high=1
        )
    },
    data=draw,
    work=lambda setting: float(setting["train_share"]),
)
