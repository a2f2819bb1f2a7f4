"""Weight mixing: linear modules whose weight is, while they train, at random the one they had before training."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn import functional
from transformers.pytorch_utils import Conv1D

from study.errors import InputError
from study.models.parts import Parts, parameters_of


def mixed(weight: torch.Tensor, target: torch.Tensor, noise: torch.Tensor) -> torch.Tensor:
    """``target + noise * (weight - target)``: the target where the noise is 0; where both are equal, exactly them.

    As one kernel, whose gradient for the weight is the noise, 1/(1-p) included.
    """
    return torch.lerp(target, weight, noise)


def draw(weight: torch.Tensor, p: float, column: int | None) -> torch.Tensor:
    """Noise that is 0 with probability p, else 1/(1-p), from torch's global generator on the weight's device.

    One number per index of dimension ``column``, in a shape that broadcasts to the weight's; with None one per entry.
    """
    shape = [n if column in (None, dimension) else 1 for dimension, n in enumerate(weight.shape)]
    return torch.empty(shape, dtype=weight.dtype, device=weight.device).bernoulli_(1 - p).div_(1 - p)


class MixedLinear(nn.Linear):
    """A Linear of mixed weight (outputs, inputs) in training; in evaluation a Linear."""

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        return functional.linear(input, _weight(self, inputs=1), self.bias)


class MixedConv1D(Conv1D):
    """The same for transformers' Conv1D, whose weight is (inputs, outputs)."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        flat = torch.addmm(self.bias, x.view(-1, x.size(-1)), _weight(self, inputs=0))
        return flat.view(*x.shape[:-1], self.nf)


def _weight(module: Any, inputs: int) -> torch.Tensor:
    if not module.training:
        return module.weight
    noise = draw(module.weight, module.mixing_p, inputs if module.mixing_columns else None)
    return mixed(module.weight, module.mixing_target, noise)


_MIXED: dict[type, type] = {nn.Linear: MixedLinear, Conv1D: MixedConv1D}


def install_mixing(model: nn.Module, where: Parts, p: float, everywhere: bool, columns: bool) -> nn.Module:
    """The model with its trainable linear weights mixed with their present values: the head's, or ``everywhere``.

    ``columns``: one draw per input of a module, else one per entry. Raises InputError where there is no such weight.
    """
    found = [module for name, module in model.named_modules() if _is_to_be_mixed(model, where, name, everywhere)]
    if not found:
        raise InputError(
            f"mixout.p={p}: {'the model' if everywhere else 'the head'} has no linear module with a weight that is "
            "trained. Leave mixout.p at 0, or choose another --model."
        )
    for module in found:
        # The class is changed and not the module: names, parameters and hooks stay what they were. A buffer moves
        # with the model, and one that is not persistent is in no state_dict.
        target = module.weight.detach().clone()
        module.__class__ = _MIXED[type(module)]
        module.register_buffer("mixing_target", target, persistent=False)
        module.mixing_p, module.mixing_columns = p, columns
    return model


def remove_mixing(model: nn.Module) -> nn.Module:
    """The model with plain modules again, their weights as they were trained."""
    plain = {mixing: kind for kind, mixing in _MIXED.items()}
    for module in [m for m in model.modules() if type(m) in plain]:
        module.__class__ = plain[type(module)]
        for name in ("mixing_target", "mixing_p", "mixing_columns"):
            delattr(module, name)
    return model


def _is_to_be_mixed(model: nn.Module, where: Parts, name: str, everywhere: bool) -> bool:
    network: Any = model
    module: Any = network.get_submodule(name)
    if type(module) not in _MIXED or not module.weight.requires_grad:
        return False
    if all(module is not inner for inner in where.body.modules()):
        return True
    embedding = {id(p) for part in where.embeddings for p in parameters_of(part)}
    if not everywhere or id(module.weight) in embedding:
        return False
    # In a frozen body what is trained was put there by a method, and has no value from before to go back to.
    return not getattr(network, "body_is_frozen", False) or f"{name}.weight" in network.newly_initialised
