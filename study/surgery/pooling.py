"""Pooling between body and head: one vector per text in place of the body's own pooler or of its sequence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from study.errors import InputError
from study.models.architectures import ARCHITECTURES, can_pool
from study.models.parts import Parts

if TYPE_CHECKING:
    from study.models.loading import Model


class Pooler(nn.Module):
    """Hidden states (batch, tokens, width) -> (batch, width): the mean over real tokens, or the token a head reads."""

    def __init__(self, kind: str, position: int = 0):
        super().__init__()
        self.kind = kind
        self.position = position
        self.mask: torch.Tensor | None = None

    def extra_repr(self) -> str:
        return self.kind

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        if self.kind == "cls":
            return hidden[:, self.position]
        assert self.mask is not None, "the body's pre-hook sets the mask"
        mask = self.mask.unsqueeze(-1).to(hidden.dtype)
        return (hidden * mask).sum(1) / mask.sum(1)


def pooling_problem(model: Model, kind: str) -> str | None:
    """A sentence about why this model cannot be pooled so, or None; reads its configuration only."""
    model_type = json.loads((Path(model.path) / "config.json").read_text(encoding="utf-8"))["model_type"]
    return None if kind == "pooler" or can_pool(model_type) else f"--model {model.ref.name}: {_refusal(kind)}"


def install_pooling(model: nn.Module, where: Parts, kind: str) -> nn.Module:
    """The model with its head fed by this pooling; raises InputError where the head cannot be."""
    if where.reads is None:
        raise InputError(_refusal(kind))
    pooler = Pooler(kind, position=-1 if where.reads == "last" else 0)

    def remember_mask(_module: nn.Module, args: tuple, kwargs: dict) -> None:
        # The body hands its pooler the hidden states alone; the mask has to come by the side door.
        pooler.mask = kwargs["attention_mask"]

    where.body.register_forward_pre_hook(remember_mask, with_kwargs=True)
    if where.reads == "pooler" and isinstance(where.body.pooler, nn.Linear):
        _replace_inline_pooler(where.body, pooler)
    elif where.reads == "pooler":
        where.body.pooler = pooler
    else:
        _replace_sequence(where.body, pooler)
    return model


def _replace_inline_pooler(body: nn.Module, pooler: Pooler) -> None:
    """ALBERT's body picks the first token itself, before its pooler: so that pooler goes, and its output is set."""
    for replaced in ("pooler", "pooler_activation"):
        setattr(body, replaced, None)
    body.add_module("study_pooler", pooler)

    def pooled(_body: nn.Module, _inputs: object, output: Any) -> Any:
        return type(output)(**{**output, "pooler_output": pooler(output.last_hidden_state)})

    body.register_forward_hook(pooled)


def _replace_sequence(body: nn.Module, pooler: Pooler) -> None:
    """The head reads one position of a sequence: it is handed a sequence of one vector, (batch, 1, width)."""
    # A module of the body, so that the pooling is part of the model's structure.
    body.add_module("study_pooler", pooler)

    def pooled(_body: nn.Module, _inputs: object, output: Any) -> Any:
        vector = pooler(output[0]).unsqueeze(1)
        return (vector, *output[1:]) if isinstance(output, tuple) else _with_sequence(output, vector)

    body.register_forward_hook(pooled)


def _with_sequence(output: Any, vector: torch.Tensor) -> Any:
    return type(output)(**{**output, "last_hidden_state": vector})


def _refusal(kind: str) -> str:
    able = ", ".join(name for name in sorted(ARCHITECTURES) if can_pool(name))
    return (
        f"pooling={kind}: this architecture has no pooler to replace, and its head is not known to read one fixed "
        f"position. Leave pooling at pooler, or choose a model of: {able}."
    )
