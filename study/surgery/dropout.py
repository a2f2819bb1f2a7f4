"""The dropout of a network, switched off and on again."""

from __future__ import annotations

from typing import Any

from torch import nn
from torch.nn.modules.dropout import _DropoutNd


def silence_dropout(model: nn.Module) -> nn.Module:
    """The model with every dropout probability at 0, until ``restore_dropout``.

    Besides the probabilities of dropout modules these are numbers that a module hands to a function (ModernBERT's
    ``attention_dropout``).
    """
    network: Any = model
    network.silenced_dropout = [
        (module, name, value) for module in model.modules() for name, value in _probabilities(module)
    ]
    for module, name, _ in network.silenced_dropout:
        setattr(module, name, 0.0)
    return model


def restore_dropout(model: nn.Module) -> nn.Module:
    """The model with the dropout probabilities it had, if it was silenced."""
    network: Any = model
    for module, name, value in vars(network).pop("silenced_dropout", ()):
        setattr(module, name, value)
    return model


def _probabilities(module: nn.Module) -> list[tuple[str, float]]:
    if isinstance(module, _DropoutNd):
        return [("p", module.p)]
    return [(name, value) for name, value in vars(module).items() if "dropout" in name and isinstance(value, float)]
