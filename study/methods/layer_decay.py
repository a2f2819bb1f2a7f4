"""Layer-wise decay: the further below the head, the lower the learning rate."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from study.knobs import Knob
from study.methods.base import Knobs, Method
from study.models.parts import parameters_of, parts

if TYPE_CHECKING:
    from torch import nn

    from study.models.parts import Part


def groups(model: nn.Module, setting: Knobs) -> list[dict[str, Any]]:
    """Optimizer groups: the trainable parameters by their distance from the head, each with its learning rate.

    The head, and what the body has above its last block, learns at ``learning_rate``, the top block at ``layer_decay``
    times that, the block below at that times ``layer_decay``, and so on to the embeddings, at ``layer_decay`` to the
    power of the blocks plus one. Biases and norms are in groups of their own, without weight decay, as transformers
    sorts them. The schedule scales all rates alike. Source: Howard and Ruder (2018), "Universal Language Model
    Fine-tuning for Text Classification", section 3.2; Clark et al. (2020), ELECTRA (0.8, and 0.9 for large models).

    Limits: beside bias correction and longer training its gain on small data shrinks (Zhang et al. 2021, arXiv
    2006.05987). The best learning rate rises as it falls, so tune both. Where layers share their weights (ALBERT) all
    that share have one rate. Many small groups make a step of the optimizer a little slower.
    """
    from transformers import Trainer

    unbound: Any = Trainer.get_decay_parameter_names  # transformers' rule, and none of the Trainer's state
    decayed = set(unbound(None, model))
    distances = _distances(model)
    rate, decay = float(setting["learning_rate"]), float(setting["layer_decay"])
    found: dict[tuple[int, float], list[nn.Parameter]] = defaultdict(list)
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            weight_decay = float(setting["weight_decay"]) if name in decayed else 0.0
            found[distances.get(id(parameter), 0), weight_decay].append(parameter)
    # The nearest first: the rate that the Trainer logs is its first group's.
    ordered = sorted(found.items(), key=lambda item: item[0])
    return [{"params": ps, "lr": rate * decay**far, "weight_decay": wd} for (far, wd), ps in ordered]


def _distances(model: nn.Module) -> dict[int, int]:
    """How far below the head a parameter is, by its id: 1 in the top block; the head's are left out."""
    where = parts(model)
    depth = len(where.blocks)
    levels: list[tuple[Part, int]] = [(part, depth + 1) for part in where.embeddings]
    levels += [(part, depth) for part in where.after_first]
    levels += [(block, depth - number) for number, block in enumerate(where.blocks)]
    return {id(parameter): far for part, far in levels for parameter in parameters_of(part)}


METHOD = Method(
    name="layer_decay",
    version=1,
    knobs={
        "layer_decay": Knob(
            float,
            1.0,
            "learning rate of a block as a share of that of the block above it",
            identity=1.0,
            low=0,
            high=1,
            above_low=True,
        )
    },
    parameter_groups=groups,
)
