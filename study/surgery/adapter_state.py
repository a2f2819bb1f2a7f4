"""What a model with bottleneck adapters has learnt, as a state to save and to load."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import nn

from study.errors import InputError

_NAMED = 3
"""Things wrong with a state that are named."""


def adapter_state(model: nn.Module) -> dict[str, torch.Tensor]:
    """Every parameter that trains, by name: adapters, LayerNorms if trained, head. safetensors can write it as it is.

    With the checkpoint it is the whole trained model. peft has nothing to register this with: its registries are keyed
    by its PeftType, an enumeration that cannot be extended from outside, and it has no value for bottleneck adapters.
    """
    return {name: p.detach().clone() for name, p in model.named_parameters() if p.requires_grad}


def load_adapter_state(model: nn.Module, state: Mapping[str, torch.Tensor]) -> None:
    """Put a state of ``adapter_state`` into a model with the same adapters; raises InputError where it does not fit."""
    wanted = {name: p for name, p in model.named_parameters() if p.requires_grad}
    found = [f"{name} is missing" for name in wanted if name not in state]
    found += [f"{name} is not among what the model trains" for name in state if name not in wanted]
    found += [
        f"{name} is {tuple(state[name].shape)} and not {tuple(p.shape)}"
        for name, p in wanted.items()
        if name in state and state[name].shape != p.shape
    ]
    if found:
        more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
        raise InputError(
            f"the state does not fit the model: {'; '.join(found[:_NAMED])}{more}. Load it into a model put "
            "together with the setting it was trained with."
        )
    with torch.no_grad():
        for name, parameter in wanted.items():
            parameter.copy_(state[name])
