"""Pooling: what the classification head is fed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from study.knobs import Knob
from study.methods.base import Knobs, Method
from study.models.parts import parts

if TYPE_CHECKING:
    from torch import nn

    from study.models.loading import Model


def pool(model: nn.Module, setting: Knobs) -> nn.Module:
    """The model with its head fed the mean over a text's tokens, or the classification token as the body leaves it.

    The default, ``pooler``, is what the architecture's own head does (for BERT: the first token through a dense
    layer and tanh). ``mean`` is what sentence encoders such as all-MiniLM were trained with (Reimers and Gurevych
    2019, Sentence-BERT, section 3). The classification token is the first, in XLNet the last.

    Limits: only where the head reads a pooler of the body or one fixed position of its output; not GPT-2, whose head
    looks up the last real token, nor architectures without a row in ``study.models.architectures``. A pooler that is
    replaced (BERT, ALBERT) is dropped from the model and from its parameter counts; dense layers that belong to the
    head (RoBERTa, ELECTRA, DeBERTa) stay, so ``cls`` does there what ``pooler`` does.
    """
    from study.surgery.embedder import embeds
    from study.surgery.pooling import install_pooling

    if embeds(setting):
        return model
    return install_pooling(model, parts(model), str(setting["pooling"]))


def problem(model: Model, setting: Knobs) -> str | None:
    """Why this model cannot have it, or None."""
    from study.surgery.embedder import embeds
    from study.surgery.pooling import pooling_problem

    return None if embeds(setting) else pooling_problem(model, str(setting["pooling"]))


METHOD = Method(
    name="pooling",
    version=1,
    knobs={"pooling": Knob(str, "pooler", "what feeds the head", identity="pooler", choices=("pooler", "mean", "cls"))},
    model=pool,
    problem=problem,
)
