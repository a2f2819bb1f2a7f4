"""The matrices of a model's blocks, and which of them are the attention's query, key, value and output."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from torch import nn

from study.models.parts import parts

Role = Literal["query", "key", "value", "fused", "output", "other"]


@dataclass(frozen=True)
class Projection:
    """A matrix that maps one vector to another, in the block of this number (from 0).

    ``name`` is its module's in the network. A matrix that is no module (``bare``: XLNet's, of shape
    (width, heads, head width)) has its parameter's name. ``fused`` is query, key and value in one matrix; ``other`` is
    everything beside attention, mostly the feed-forward part.
    """

    block: int
    name: str
    role: Role
    bare: bool = False


_NAMES: dict[str, Role] = {
    **dict.fromkeys(("query", "query_proj", "q_proj", "q_lin", "q", "Wq"), "query"),
    **dict.fromkeys(("key", "key_proj", "k_proj", "k_lin", "k", "Wk"), "key"),
    **dict.fromkeys(("value", "value_proj", "v_proj", "v_lin", "v", "Wv"), "value"),
    **dict.fromkeys(("query_key_value", "qkv_proj", "Wqkv", "c_attn", "in_proj"), "fused"),
}
"""The last part of a module's name -> its role, wherever in a block it is."""

_OUTPUTS = ("dense", "o", "o_proj", "out_proj", "out_lin", "c_proj", "Wo")
"""The same for the output of attention. Feed-forward parts use these names too, so the place decides as well."""

_BARE: dict[str, dict[str, Role]] = {
    "xlnet": {"q": "query", "k": "key", "v": "value", "o": "output", "r": "other"},
}
"""``model_type`` -> the parameters of its attention that are matrices without a module, with their roles."""


def projections(model: nn.Module) -> tuple[Projection, ...]:
    """Every matrix of every block of a loaded classification model, from bottom to top."""
    network: Any = model
    names = {id(module): name for name, module in network.named_modules()}
    bare = _BARE.get(network.config.model_type, {})
    return tuple(
        found
        for number, block in enumerate(parts(model).blocks)
        for found in (*_bare(number, names[id(block)], block, bare), *_linear(number, names[id(block)], block))
    )


def reads_input(path: str) -> bool:
    """Whether a module of this path inside a block makes queries, keys or values, or is part of one that does.

    True as well for what PEFT or a parametrization puts inside or beside such a module.
    """
    return any(name in _NAMES for name in path.split("."))


def _bare(number: int, path: str, block: nn.Module, roles: dict[str, Role]) -> Iterator[Projection]:
    for name, parameter in block.named_parameters():
        role = roles.get(name.rsplit(".", 1)[-1])
        if role and parameter.dim() == 3:
            yield Projection(number, f"{path}.{name}", role, bare=True)


def _linear(number: int, path: str, block: nn.Module) -> Iterator[Projection]:
    from transformers.pytorch_utils import Conv1D

    names = [name for name, module in block.named_modules() if isinstance(module, (nn.Linear, Conv1D))]
    roles = {name: _NAMES[last] for name in names if (last := name.rsplit(".", 1)[-1]) in _NAMES}
    for name in [name for name, role in roles.items() if role in ("query", "fused")]:
        roles |= dict.fromkeys(_output_beside(name, [other for other in names if other not in roles]), "output")
    return (Projection(number, f"{path}.{name}", roles.get(name, "other")) for name in names)


def _output_beside(query: str, names: list[str]) -> list[str]:
    """The output projection of this query's attention: the one of such a name in the smallest module around both."""
    around = query.rpartition(".")[0]
    while around:
        inside = [n for n in names if n.startswith(f"{around}.") and n.rsplit(".", 1)[-1] in _OUTPUTS]
        if inside:
            return inside if len(inside) == 1 else []
        around = around.rpartition(".")[0]
    return []
