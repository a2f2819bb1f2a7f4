"""Pooling: what the classification head is fed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from study.knobs import Knob
from study.methods.base import Knobs, Method
from study.models.parts import parts

if TYPE_CHECKING:
    from torch import nn


def pool(model: nn.Module, setting: Knobs) -> nn.Module:
    """The model with its pooler replaced: the mean over a text's tokens, or the first token without the dense layer.

    The default, ``pooler``, is what the architecture's own head does (for BERT: the first token through a dense
    layer and tanh). ``mean`` is what sentence encoders such as all-MiniLM were trained with (Reimers and Gurevych
    2019, Sentence-BERT, section 3).

    Limits: only where the architecture has a pooler of its own between body and head; the replaced pooler's weights
    are dropped from the model and from its parameter counts.
    """
    from study.models.pooling import install_pooling

    return install_pooling(model, parts(model), str(setting["pooling"]))


METHOD = Method(
    name="pooling",
    version=1,
    knobs={"pooling": Knob(str, "pooler", "what feeds the head", identity="pooler", choices=("pooler", "mean", "cls"))},
    model=pool,
)
