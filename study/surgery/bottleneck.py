"""Bottleneck adapters: the module, its insertion into the blocks, and its removal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import nn
from torch.utils.hooks import RemovableHandle

from study.errors import InputError
from study.models.parts import Parts
from study.surgery.sublayers import SUBLAYERS, Sublayers, frozen_problem, layers_of, sublayers_problem

ACTIVATIONS = {"relu": nn.ReLU, "gelu": nn.GELU, "swish": nn.SiLU}

Hook = Callable[..., Any]

_NAME = "adapters"


@dataclass(frozen=True)
class Shape:
    """An adapter's bottleneck width, non-linearity, and the standard deviation its weights are drawn with."""

    width: int
    activation: str
    scale: float


class Bottleneck(nn.Module):
    """(…, d) -> (…, d): up(activation(down(x))), without the skip around it; 2md + d + m parameters."""

    def __init__(self, hidden: int, shape: Shape, like: torch.Tensor):
        super().__init__()
        place: dict[str, Any] = {"device": like.device, "dtype": like.dtype}
        self.down = nn.Linear(hidden, shape.width, **place)
        self.activation = ACTIVATIONS[shape.activation]()
        self.up = nn.Linear(shape.width, hidden, **place)
        self.draw(shape.scale)
        self.hook: RemovableHandle | None = None

    def draw(self, scale: float) -> None:
        """Truncated normal weights, at two standard deviations; biases zero. Scale 0: the up-projection zero."""
        for linear in (self.down, self.up):
            nn.init.zeros_(linear.bias)
            if scale:
                nn.init.trunc_normal_(linear.weight, std=scale, a=-2 * scale, b=2 * scale)
        if not scale:
            # Not both projections: neither would ever have a gradient.
            nn.init.kaiming_uniform_(self.down.weight, a=5**0.5)
            nn.init.zeros_(self.up.weight)

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        return self.up(self.activation(self.down(hidden)))


class Held(nn.Module):
    """A module whose output is an adapter's place, in place of the module itself: x -> inner(x).

    For linears, which another method may put something around, and take that away again, together with whatever hangs
    on it.
    """

    def __init__(self, inner: nn.Module):
        super().__init__()
        self.inner = inner

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        return self.inner(hidden)


def _after(adapter: Bottleneck, _module: object, _inputs: object, output: Any) -> Any:
    """h -> h + f(h), for an output that is h or begins with it."""
    if isinstance(output, tuple):
        return (output[0] + adapter(output[0]), *output[1:])
    return output + adapter(output)


def _after_wide(adapter: Bottleneck, _module: object, _inputs: object, output: torch.Tensor) -> torch.Tensor:
    """The same for the outputs (length, batch, d) alone: probabilities have four dimensions, inner layers are wider."""
    wanted = output.dim() == 3 and output.shape[-1] == adapter.down.in_features
    return output + adapter(output) if wanted else output


def _around_norm(adapter: Bottleneck, norm: nn.Module, inputs: tuple[torch.Tensor], output: torch.Tensor) -> Any:
    """LN(s) -> LN(s + f(LN(s)))."""
    return norm.forward(inputs[0] + adapter(output))  # forward: a call would come back here


def insert_adapters(model: nn.Module, where: Parts, style: str, shape: Shape, first: int) -> None:
    """Put adapters into the blocks from number ``first`` on: two for each layer (houlsby) or one (pfeiffer).

    Raises InputError for an architecture without a row in SUBLAYERS, and where no block is left.
    """
    network: Any = model
    problem = sublayers_problem(network.config, style) or frozen_problem(first, len(where.blocks))
    if problem:
        raise InputError(problem)
    row = SUBLAYERS[network.config.model_type]
    drawn = _drawn(network)
    for block in where.blocks[first:]:
        for layer in layers_of(block, row):
            like = next(layer.parameters())
            made = {name: Bottleneck(network.config.hidden_size, shape, like) for name in _hooks(row, style)}
            # Children of the layer and not of the modules they follow: what is inside a LayerNorm has no weight decay.
            layer.add_module(_NAME, nn.ModuleDict(made))
            for name, (path, hook) in _hooks(row, style).items():
                # A partial and not a closure, so that a copy of the model uses the copies of its adapters.
                made[name].hook = _held(layer, path).register_forward_hook(partial(hook, made[name]))
    _rename(network, drawn)


def _hooks(row: Sublayers, style: str) -> dict[str, tuple[str, Hook]]:
    """The adapters of a layer by name, each with the path of the module it follows and how it does."""
    if style == "houlsby":
        hook = _after_wide if row.shared else _after
        return {"attention": (row.attention, hook), "feed_forward": (row.feed_forward, hook)}
    return {"feed_forward": ("", _after) if row.norm is None else (row.norm, _around_norm)}


def _held(layer: nn.Module, path: str) -> nn.Module:
    """The module at this path; a linear, or what another method made of one, in a Held."""
    found = layer.get_submodule(path)
    if isinstance(found, nn.Linear) or hasattr(found, "base_layer"):
        found = Held(found)
        layer.set_submodule(path, found)
    return found


def train_norms(model: nn.Module, where: Parts, fixed: set[int]) -> None:
    """Give every LayerNorm of the body a gradient, but for parameters with these ids, and keep what it was."""
    network: Any = model
    norms = {
        id(p) for m in where.body.modules() if isinstance(m, nn.LayerNorm) for p in m.parameters(recurse=False)
    } - fixed
    trained = {name: p for name, p in model.named_parameters() if id(p) in norms}
    network.norms_before = {name: p.detach().clone() for name, p in trained.items()}
    for parameter in trained.values():
        parameter.requires_grad_(True)


def remove_adapters(model: nn.Module) -> nn.Module:
    """The model as it was before its adapters: the same modules, names and weights of the body, bit for bit.

    LayerNorms that were trained with them get back the values they had. The head keeps what it has learnt, and what
    was frozen stays frozen.
    """
    network: Any = model
    drawn = _drawn(network)
    for parameter_name, before in getattr(network, "norms_before", {}).items():
        network.get_parameter(parameter_name).data.copy_(before)
    network.norms_before = {}
    for layer in [m for m in model.modules() if isinstance(getattr(m, _NAME, None), nn.ModuleDict)]:
        for adapter in layer.get_submodule(_NAME).children():
            assert isinstance(adapter, Bottleneck)
            assert adapter.hook is not None
            adapter.hook.remove()
        delattr(layer, _NAME)
    for name, module in list(model.named_modules()):
        if isinstance(module, Held):
            model.set_submodule(name, module.inner)
    _rename(network, drawn)
    return model


def _drawn(network: Any) -> set[int]:
    names = set(getattr(network, "newly_initialised", ()))
    return {id(p) for name, p in network.named_parameters() if name in names}


def _rename(network: Any, drawn: set[int]) -> None:
    """Keep ``newly_initialised`` true: what a Held holds has another name."""
    network.newly_initialised = tuple(name for name, p in network.named_parameters() if id(p) in drawn)
