"""Freezing: the embeddings and the first k blocks take no gradient and run without dropout."""

from __future__ import annotations

from typing import TYPE_CHECKING

from study.knobs import Knob
from study.methods.base import Knobs, Method
from study.models.parts import parts

if TYPE_CHECKING:
    from torch import nn


def freeze(model: nn.Module, setting: Knobs) -> nn.Module:
    """The model with its embeddings and first ``frozen_layers`` blocks frozen.

    "Freeze up to layer 10" is ``frozen_layers=11``. ``frozen_embeddings`` freezes the embeddings alone. Frozen
    modules stay in evaluation mode whatever ``model.train()`` says, so their outputs are a function of the text and
    may be stored. Source: Lee, Tang and Lin (2019), "What Would Elsa Do?", arXiv 1911.03090; the head and whatever
    the checkpoint newly initialised stay trainable.

    Limits: saves time and optimizer memory, not quality: with everything frozen a learning rate for fine-tuning
    leaves the head at chance. Depth counts blocks, so it compares across models only as a share; where layers share
    their weights (ALBERT) it counts distinct blocks.
    """
    from study.models.frozen import freeze_prefix

    return freeze_prefix(model, parts(model), int(setting.get("frozen_layers", 0)))


METHOD = Method(
    name="freezing",
    version=1,
    knobs={
        "frozen_layers": Knob(int, 0, "embeddings and the first k blocks frozen", identity=0, low=0, high="depth"),
        "frozen_embeddings": Knob(bool, False, "the embeddings alone frozen", identity=False),
    },
    model=freeze,
)
