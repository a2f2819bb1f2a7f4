"""Embedder: a body whose pooled output, one vector per text, is read by a linear head and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn
from torch.nn.functional import normalize
from transformers.modeling_outputs import SequenceClassifierOutput

from study.models.parts import parts
from study.question import Scalar

EMBEDDING = ("linear_probe", "setfit")
"""The values of ``method`` whose network is an Embedder."""


def embeds(setting: Mapping[str, Scalar]) -> bool:
    """Whether this setting's network is an Embedder, which pools by itself."""
    return setting.get("method") in EMBEDDING


class Embedder(nn.Module):
    """Token ids (batch, tokens) -> logits (batch, classes) of a linear head on the text's embedding (batch, width).

    The embedding is the mean over the real tokens of the body's last hidden states, or the state at ``position`` with
    pooling "cls"; divided by its length where ``normalised``. Source: Reimers and Gurevych (2019), Sentence-BERT.
    """

    def __init__(self, body: nn.Module, pooling: str, position: int, normalised: bool, classes: int):
        super().__init__()
        self.base_model: Any = body
        self.pooling, self.position, self.normalised = pooling, position, normalised
        config: Any = body.config
        self.config, self.architecture_row = config, None
        self.head = nn.Linear(config.hidden_size, classes)

    def extra_repr(self) -> str:
        return f"{self.pooling}{', normalised' if self.normalised else ''}"

    def embed(self, **inputs: torch.Tensor) -> torch.Tensor:
        """Embeddings (batch, width) of a padded batch (input_ids, attention_mask and token_type_ids if there are)."""
        hidden = self.base_model(**inputs)[0]
        mask = inputs["attention_mask"].unsqueeze(-1).to(hidden.dtype)
        vectors = hidden[:, self.position] if self.pooling == "cls" else (hidden * mask).sum(1) / mask.sum(1)
        return normalize(vectors, dim=-1) if self.normalised else vectors

    def forward(self, **inputs: torch.Tensor) -> SequenceClassifierOutput:
        return SequenceClassifierOutput(logits=self.head(self.embed(**inputs)))


def as_embedder(network: nn.Module) -> Embedder:
    """The network, which must be an Embedder: the one place where its type is told."""
    assert isinstance(network, Embedder), f"{type(network).__name__} is no Embedder"
    return network


def embedder(model: nn.Module, setting: Mapping[str, Scalar]) -> Embedder:
    """The model's body with a new linear head for as many classes, drawn from torch's global generator.

    Pooling is the setting's, and the mean where that names none; normalised where the checkpoint says that it was
    trained so (``loading.load``). A pooler of the body's own, which would be computed for nothing, is taken out.
    """
    network: Any = model
    where = parts(model)
    body: Any = where.body
    if isinstance(getattr(body, "pooler", None), nn.Module):
        body.pooler = None
    made = Embedder(
        body,
        pooling="cls" if setting.get("pooling") == "cls" else "mean",
        position=-1 if where.reads == "last" else 0,
        normalised=bool(getattr(network, "normalises", False)),
        classes=network.config.num_labels,
    )
    made.architecture_row = network.architecture_row
    return made
