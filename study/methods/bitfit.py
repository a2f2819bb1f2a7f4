"""BitFit: of the body only the biases train."""

from __future__ import annotations

from typing import TYPE_CHECKING

from study.knobs import Knob
from study.methods.base import Knobs, Method
from study.models.parts import parts

if TYPE_CHECKING:
    from torch import nn

    from study.models.loading import Model


def train_biases(model: nn.Module, setting: Knobs) -> nn.Module:
    """The model with its body frozen but for the biases that freezing leaves free.

    These are the biases of the blocks not frozen and of what follows them (a pooler, a last LayerNorm), and those
    of the embeddings where nothing is frozen: 102,912 in BERT-base. The head trains, and whatever no checkpoint has
    trained. Source: Ben Zaken, Goldberg and Ravfogel (2022), BitFit, ACL, arXiv 2106.10199.

    Limits: refused where blocks have no biases (ModernBERT). Saves what has to be stored and the optimizer's memory,
    hardly time: gradients go through the whole body. Its authors call it competitive with full fine-tuning on
    small and medium data only. Wants a higher learning rate than full fine-tuning (1e-4 to 1e-3).
    """
    from study.errors import InputError
    from study.models.frozen import freeze_body
    from study.surgery.biases import bias_problem, biases
    from study.surgery.fixed import fixed_parameters

    where = parts(model)
    count = int(setting.get("frozen_layers", 0))
    if problem := bias_problem(model, where, count):
        raise InputError(problem)
    freeze_body(model)
    fixed = fixed_parameters(where, setting)
    for parameter in biases(where.body):
        if id(parameter) not in fixed:
            parameter.requires_grad_(True)
    return model


def problem(model: Model, setting: Knobs) -> str | None:
    """Why this model cannot have it, or None."""
    from study.surgery.biases import bitfit_problem

    return bitfit_problem(model, setting)


METHOD = Method(
    name="bitfit",
    version=1,
    knobs={"bitfit": Knob(bool, False, "only the biases and the head train", identity=False)},
    model=train_biases,
    problem=problem,
)
