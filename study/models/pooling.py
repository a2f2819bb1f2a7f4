"""Poolers that take the place of a BERT body's own."""

from __future__ import annotations

import torch
from torch import nn

from study.errors import InputError
from study.models.parts import Parts


class Pooler(nn.Module):
    """Hidden states (batch, tokens, width) -> (batch, width): the mean over real tokens, or the first token."""

    def __init__(self, kind: str):
        super().__init__()
        self.kind = kind
        self.mask: torch.Tensor | None = None

    def extra_repr(self) -> str:
        return self.kind

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        if self.kind == "cls":
            return hidden[:, 0]
        assert self.mask is not None, "the body's pre-hook sets the mask"
        mask = self.mask.unsqueeze(-1).to(hidden.dtype)
        return (hidden * mask).sum(1) / mask.sum(1)


def install_pooling(model: nn.Module, where: Parts, kind: str) -> nn.Module:
    """The model with its body's pooler replaced."""
    if getattr(where.body, "pooler", None) is None:
        raise InputError(f"pooling={kind}: this architecture has no pooler to replace. Leave pooling at pooler.")
    pooler = Pooler(kind)
    where.body.pooler = pooler

    def remember_mask(_module: nn.Module, args: tuple, kwargs: dict) -> None:
        # The body hands its pooler the hidden states alone; the mask has to come by the side door.
        pooler.mask = kwargs["attention_mask"]

    where.body.register_forward_pre_hook(remember_mask, with_kwargs=True)
    return model
