"""Re-initialisation: the top blocks start from new random weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from study.errors import InputError
from study.knobs import Knob
from study.methods.base import Knobs, Method
from study.models.parts import parts

if TYPE_CHECKING:
    from torch import nn

    from study.models.loading import Model


def reinitialise(model: nn.Module, setting: Knobs) -> nn.Module:
    """The model with its top ``reinit_layers`` blocks, and the body's pooler where there is one, drawn anew.

    They are drawn from torch's global generator as the architecture draws the weights of a model that is to be
    pre-trained. Source: Zhang, Wu, Katiyar, Weinberger and Artzi (2021), "Revisiting Few-sample BERT Fine-tuning",
    arXiv 2006.05987. Raises InputError where a block would be both frozen and random.

    Limits: meant for small data, where the authors chose among 1 to 6 of BERT-large's 24 blocks for each data set; it
    throws away what was learnt there, and at full depth leaves little but the embeddings pre-trained. A norm above the
    last block (GPT-2, ModernBERT) is kept. Where layers share their weights (ALBERT) it counts distinct blocks, one of
    which serves several layers.
    """
    where, count = parts(model), int(setting["reinit_layers"])
    depth = len(where.blocks)
    if problem := reinit_problem(setting, depth):
        raise InputError(problem)
    pooler = getattr(where.body, "pooler", None)
    first = where.after_first if count == depth else ()
    for module in (*first, *where.blocks[depth - count :], *([pooler] if pooler is not None else [])):
        _draw_anew(model, module)
    return model


def reinit_problem(setting: Knobs, depth: int) -> str | None:
    """A sentence where a block of a model of this depth would be frozen as it was drawn, or None."""
    count, frozen = int(setting.get("reinit_layers", 0)), int(setting.get("frozen_layers", 0))
    if count == 0 or frozen + count <= depth:
        return None
    return (
        f"reinit_layers={count} with frozen_layers={frozen}: {frozen + count - depth} of the model's {depth} blocks "
        f"would be frozen at random weights. Their sum must be at most {depth}: lower one of them."
    )


def _draw_anew(model: Any, module: nn.Module) -> None:
    for parameter in module.parameters():
        # Loading marks what a checkpoint had, and transformers' own initialisation passes over what is marked.
        vars(parameter).pop("_is_hf_initialized", None)
    # Inner modules first: a block's rule narrows what its linear modules' rule has drawn (GPT-2, ModernBERT).
    module.apply(model._init_weights)


def problem(model: Model, setting: Knobs) -> str | None:
    """Why this model cannot have it, or None."""
    return reinit_problem(setting, model.geometry.depth)


METHOD = Method(
    name="reinit",
    version=1,
    knobs={
        "reinit_layers": Knob(
            int, 0, "top blocks that start from new random weights, with the pooler", identity=0, low=0, high="depth"
        )
    },
    conflicts=("lora", "adapter", "bitfit"),
    model=reinitialise,
    problem=problem,
)
