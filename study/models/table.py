"""docs/architectures.md: where each architecture's parts are, and how many parameters train at each depth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from study.models.architectures import ARCHITECTURES, Architecture
from study.models.parts import Parts, parameters_of, parts

if TYPE_CHECKING:
    from torch import nn

DEPTHS = (0, 3, 6, 9, 12)

_HEADER = """# Architectures

Printed by `python -m study.models.table`. `frozen_layers=k` freezes the embeddings and the first k blocks: no gradient,
no dropout. Whatever is in neither column belongs to the head's side and trains. Paths are those of transformers'
`AutoModelForSequenceClassification`. An architecture without a row is looked at when it is asked for, by the general
rule in `study/models/general.py`, and refused if that finds nothing sure.
"""

_NUMBERS = """
## Parameters

Of transformers' default configuration with 2 classes, counted on the meta device: all of them, and those that train
with k blocks frozen (k = 0: nothing is frozen). Not every default is the size called base: the layers and the width
are given. The last column is k = all blocks.
"""

_NOTES = """
## Notes

- Pooling: what `pooling=mean` and `pooling=cls` can do; `no` where the head looks up the last real token itself.
- The head is kept from the checkpoint where its classes are as many as the data's, and are named like them or not at
  all; otherwise all of it is drawn anew. The trial's notes say which.
"""


def network_of(model_type: str, **changes: Any) -> nn.Module:
    """The classification network of the default configuration, two classes, on the meta device."""
    import torch
    from transformers import AutoConfig, AutoModelForSequenceClassification

    config = AutoConfig.for_model(model_type, num_labels=2, **changes)
    with torch.device("meta"):
        return AutoModelForSequenceClassification.from_config(config)


def trainable(network: nn.Module, where: Parts, count: int) -> int:
    """Parameters that train with ``count`` blocks frozen; shared ones once."""
    frozen = {id(p) for part in where.prefix(count) for p in parameters_of(part)} if count else set()
    return sum(p.numel() for p in network.parameters() if id(p) not in frozen)


def head_paths(network: nn.Module, where: Parts) -> list[str]:
    """The outermost modules with parameters that hold nothing of the embeddings or the blocks."""
    inside = {id(p) for part in where.prefix(len(where.blocks)) for p in parameters_of(part)}
    found: list[str] = []
    for name, module in network.named_modules():
        own = [id(p) for p in module.parameters()]
        if own and not inside & set(own) and not any(name.startswith(f"{outer}.") for outer in found):
            found.append(name)
    return found


def document() -> str:
    """The whole of docs/architectures.md."""
    networks = {name: network_of(name) for name in ARCHITECTURES}
    places = ["| `model_type` | embeddings | blocks | head's side | padding | pooling |", "|" + " --- |" * 6]
    columns = [*(f"k = {k}" for k in DEPTHS[1:]), "all frozen"]
    numbers = [
        f"| `model_type` | layers | blocks | width | parameters | {' | '.join(columns)} |",
        "| --- |" + " ---: |" * (4 + len(columns)),
    ]
    notes = []
    for name, network in networks.items():
        row, where = ARCHITECTURES[name], parts(network)
        places.append(_place(name, row, network, where))
        numbers.append(_count(name, network, where))
        notes += [f"- `{name}`: {note}" for note in _notes(row, network)]
    lines = [_HEADER, *places, _NUMBERS, *numbers, _NOTES.rstrip(), *notes]
    return "\n".join(lines) + "\n"


def _place(name: str, row: Architecture, network: Any, where: Parts) -> str:
    body = network.base_model_prefix
    padding = ("left" if row.reads == "last" else "right") + (f", segment {row.pad_type}" if row.pad_type else "")
    cells = [
        f"`{name}`",
        ", ".join(f"`{body}.{path}`" for path in row.embeddings),
        f"`{body}.{row.blocks}`" + "".join(f", `{body}.{path}`" for path in row.after_first),
        ", ".join(f"`{path}`" for path in head_paths(network, where)),
        padding,
        "mean, cls" if row.reads else "no",
    ]
    return f"| {' | '.join(cells)} |"


def _count(name: str, network: Any, where: Parts) -> str:
    config, depth = network.config, len(where.blocks)
    counts = [f"{trainable(network, where, k):,}" if k <= depth else "" for k in (*DEPTHS, depth)]
    cells = [f"`{name}`", config.num_hidden_layers, depth, config.hidden_size, *counts]
    return f"| {' | '.join(map(str, cells))} |"


def _notes(row: Architecture, network: Any) -> list[str]:
    notes = [f"`{path}`, where a configuration has it, is frozen with the first block." for path in row.after_first]
    notes += [
        f"`{path}` is applied below the first block and again above the last; only the first use is without effect "
        "when the embeddings are frozen."
        for path in row.both_ends
    ]
    return [*notes, *row.notes(network.config)]


if __name__ == "__main__":
    print(document(), end="")
