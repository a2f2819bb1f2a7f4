"""Small networks of every architecture with adapters in them, and texts for them to read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch.nn import functional

from study.methods.adapter import add_adapters
from study.models.loading import find_model, load
from study.settings import resolve
from study.surgery.bottleneck import Bottleneck
from tests.architectures import small_architecture

BATCH, LENGTH = 3, 7


def small_network(kind: str, folder: Path) -> Any:
    """The loaded network in evaluation mode, with LayerNorms that do something."""
    model = find_model(str(small_architecture(kind, folder / kind)))
    torch.manual_seed(0)
    network = load(model, "AutoModelForSequenceClassification", ("no", "yes")).eval()
    for module in network.modules():
        if isinstance(module, torch.nn.LayerNorm):
            torch.nn.init.uniform_(module.weight, 0.5, 1.5)
    return network


def texts(length: int) -> dict[str, torch.Tensor]:
    """A batch of random tokens without padding."""
    ids = torch.randint(6, 100, (BATCH, length), generator=torch.Generator().manual_seed(0))
    return {"input_ids": ids, "attention_mask": torch.ones_like(ids)}


def adapted(network: Any, style: str = "houlsby", width: int = 4, seed: int = 0, **further: Any) -> Any:
    """The network with these adapters in it."""
    torch.manual_seed(seed)
    return add_adapters(network, resolve({"adapter.width": width, "adapter.style": style, **further}))


def adapters(network: Any) -> dict[str, Bottleneck]:
    """Its adapters by name."""
    return {name: m for name, m in network.named_modules() if isinstance(m, Bottleneck)}


def strong(adapter: Bottleneck) -> None:
    """Give it weights that matter."""
    for parameter in adapter.parameters():
        torch.nn.init.normal_(parameter, std=0.3)


def by_hand(adapter: Bottleneck, hidden: torch.Tensor, activation: Callable[..., torch.Tensor]) -> torch.Tensor:
    """What it computes, from its weights."""
    inner = activation(functional.linear(hidden, adapter.down.weight, adapter.down.bias))
    return functional.linear(inner, adapter.up.weight, adapter.up.bias)


def close(one: torch.Tensor, other: torch.Tensor) -> bool:
    """Equal up to rounding."""
    return torch.allclose(one, other, atol=2e-5, rtol=1e-5)
