"""Shots: training on so many texts of each class instead of on all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from study.knobs import Knob
from study.methods.base import Knobs, Method

if TYPE_CHECKING:
    from study.data import TextData
    from study.data.tokens import Tokens


def draw(tokens: Tokens, setting: Knobs, seed: int) -> Tokens:
    """The training examples of ``shots`` texts per class, drawn by the trial's seed.

    A seed draws the same texts whatever else is set, so that methods are compared on the same examples, and its fewer
    texts are among its more: the first of one order of each class. Seeds vary the examples as well as the
    initialisation, so an interval over seeds is about drawing examples anew.
    Sources: Zhao and others (2021), "A Closer Look at Few-Shot Crosslingual Transfer", for the variance between draws.

    Limits: examples per class are drawn from the labelled training split; validation and test keep their sizes, which
    nobody with so few examples would have to choose a setting by.
    """
    import numpy as np

    from study.seeding import stream

    labels, shots = np.asarray(tokens.labels), int(setting["shots"])
    taken = []
    for number in np.unique(labels):
        order = np.random.default_rng(stream(seed, f"shots of class {number}")).permutation(np.sum(labels == number))
        taken.append(np.flatnonzero(labels == number)[order[:shots]])
    return tokens.picked(np.sort(np.concatenate(taken)))


def data_problem(data: TextData, setting: Knobs) -> str | None:
    """Why these texts cannot have it, or None: a class with fewer training texts than are to be drawn."""
    import numpy as np

    shots = int(setting["shots"])
    counts = np.bincount(data.splits["train"]["label"].to_numpy(), minlength=len(data.labels))
    few = [f"{name!r} ({count})" for name, count in zip(data.labels, counts, strict=True) if count < shots]
    if not few:
        return None
    do = f"Give --set shots={counts.min()} or fewer" if counts.min() else "Leave shots out, or give data with them"
    return f"shots={shots}: {data.name} has fewer training texts of class {', '.join(few)}. {do}."


METHOD = Method(
    name="shots",
    version=1,
    knobs={"shots": Knob(int, 0, "training texts per class, drawn by the seed (0: all there are)", identity=0, low=0)},
    data=draw,
    data_problem=data_problem,
)
