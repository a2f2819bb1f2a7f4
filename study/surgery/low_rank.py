"""Low-rank updates of matrices in a model: put in, trained beside frozen weights, and added into them at the end."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from peft import LoraConfig, inject_adapter_in_model
from peft.tuners.lora import LoraLayer
from torch import nn
from torch.nn.utils import parametrize

from study.models.frozen import freeze_body
from study.surgery.projections import Projection


@dataclass(frozen=True)
class LowRank:
    """An update's rank, its alpha, the dropout on its input, and whether alpha is divided by the rank's root."""

    rank: int
    alpha: float
    dropout: float = 0.0
    rslora: bool = False

    @property
    def scaling(self) -> float:
        """What the product of the two matrices is multiplied by."""
        return self.alpha / (math.sqrt(self.rank) if self.rslora else self.rank)


class BareUpdate(nn.Module):
    """A weight of shape (width, heads, head width) -> the same with a low-rank update of its matrix added.

    That matrix is (width, heads x head width). It maps the width to the heads, except in the output projection
    (``outwards``), which maps the heads to the width. A has the input's side and is drawn, B the output's and is zero.
    ``listed``: the names of all parameters of the module that holds the weight, in their order.
    """

    def __init__(self, weight: torch.Tensor, how: LowRank, outwards: bool, listed: tuple[str, ...]):
        super().__init__()
        inputs, outputs = weight.shape[0], weight[0].numel()
        if outwards:
            inputs, outputs = outputs, inputs
        self.scaling, self.outwards, self.listed = how.scaling, outwards, listed
        self.lora_A = nn.Parameter(torch.empty(how.rank, inputs, device=weight.device, dtype=weight.dtype))
        self.lora_B = nn.Parameter(torch.zeros(outputs, how.rank, device=weight.device, dtype=weight.dtype))
        nn.init.kaiming_uniform_(self.lora_A, a=math.sqrt(5))

    def extra_repr(self) -> str:
        return f"rank={len(self.lora_A)}, scaling={self.scaling:g}"

    def forward(self, weight: torch.Tensor) -> torch.Tensor:
        update = self.lora_B @ self.lora_A
        return weight + self.scaling * (update if self.outwards else update.T).reshape(weight.shape)


def install_low_rank(model: nn.Module, chosen: Sequence[Projection], how: LowRank) -> nn.Module:
    """The model with its body frozen and a trainable update of each of these matrices; its output is what it was.

    What trained before outside the body, and what no checkpoint had, goes on training.
    """
    network: Any = model
    freeze_body(network)
    trains = {id(p): p.requires_grad for p in network.parameters()}
    drawn = _drawn(network)
    linear = [one.name for one in chosen if not one.bare]
    if linear:
        _inject(network, linear, how)
    _parametrize(network, [one for one in chosen if one.bare], how)
    for parameter in network.parameters():
        # PEFT freezes all but its own: the head as well, and what no checkpoint had.
        parameter.requires_grad_(trains.get(id(parameter), True))
    _rename(network, drawn)
    return network


def merge_low_rank(model: nn.Module) -> nn.Module:
    """The model with every update added to its weight: modules, names and shapes as before the updates came."""
    network: Any = model
    drawn = _drawn(network)
    for path, module in list(network.named_modules()):
        if isinstance(module, LoraLayer):
            module.merge()
            _replace(network, path, module.get_base_layer())
        elif parametrize.is_parametrized(module):
            _merge_bare(module)
    if hasattr(network, "peft_config"):
        del network.peft_config
    _rename(network, drawn)
    return network


def _inject(network: Any, names: list[str], how: LowRank) -> None:
    from transformers.pytorch_utils import Conv1D

    config = LoraConfig(
        r=how.rank,
        lora_alpha=how.alpha,  # type: ignore[arg-type]  # a number; PEFT only divides it
        lora_dropout=how.dropout,
        use_rslora=how.rslora,
        target_modules=names,
        fan_in_fan_out=all(isinstance(network.get_submodule(name), Conv1D) for name in names),
    )
    inject_adapter_in_model(config, network)


def _parametrize(network: Any, bare: Sequence[Projection], how: LowRank) -> None:
    """PEFT's own way for parameters takes the first dimension of three for a number of experts, so it is not used."""
    holders = {name: network.get_submodule(name) for name in (one.name.rpartition(".")[0] for one in bare)}
    listed = {name: tuple(n for n, _ in holder.named_parameters(recurse=False)) for name, holder in holders.items()}
    for one in bare:
        path, _, name = one.name.rpartition(".")
        weight = getattr(holders[path], name)
        update = BareUpdate(weight, how, outwards=one.role == "output", listed=listed[path])
        parametrize.register_parametrization(holders[path], name, update)


def _replace(network: nn.Module, path: str, module: nn.Module) -> None:
    parent, _, name = path.rpartition(".")
    setattr(network.get_submodule(parent), name, module)


def _merge_bare(module: Any) -> None:
    """Leave the updated weights as plain parameters, in the order in which the module had them.

    torch puts a weight that loses its parametrization last, and that order is the one of every list of weights.
    """
    updates = {name: held[0] for name, held in module.parametrizations.items() if isinstance(held[0], BareUpdate)}
    for name in updates:
        merged = getattr(module, name).detach().clone()
        parametrize.remove_parametrizations(module, name, leave_parametrized=False)
        with torch.no_grad():
            getattr(module, name).copy_(merged)
    listed = next((update.listed for update in updates.values()), ())
    parameters = {name: getattr(module, name) for name in listed}
    for name in listed:
        delattr(module, name)
    for name in listed:
        module.register_parameter(name, parameters[name])


def _drawn(network: Any) -> set[int]:
    names = set(getattr(network, "newly_initialised", ()))
    return {id(p) for name, p in network.named_parameters() if name in names}


def _rename(network: Any, drawn: set[int]) -> None:
    """Keep ``newly_initialised`` true: a weight beside an update has another name."""
    if hasattr(network, "newly_initialised"):
        network.newly_initialised = tuple(name for name, p in network.named_parameters() if id(p) in drawn)
