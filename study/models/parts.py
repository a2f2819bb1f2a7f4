"""Where the embeddings, the blocks and the head of each architecture are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from study.errors import InputError

if TYPE_CHECKING:
    from torch import nn

BODIES: dict[str, str] = {
    "bert": "bert",
    "roberta": "roberta",
    "xlm-roberta": "roberta",
    "camembert": "roberta",
    "electra": "electra",
}
"""``model_type`` of a BERT-like configuration -> the attribute that holds the body."""


@dataclass(frozen=True)
class Parts:
    """The body of a model, and inside it the embeddings and the blocks from bottom to top."""

    body: nn.Module
    embeddings: nn.Module
    blocks: tuple[nn.Module, ...]


def parts(model: nn.Module) -> Parts:
    """Where things are in a loaded classification model."""
    config: Any = model.config
    body: Any = getattr(model, body_name(config.model_type))
    return Parts(body, body.embeddings, tuple(body.encoder.layer))


def body_name(model_type: str) -> str:
    """The attribute that holds the body, or an InputError that names the architectures known."""
    if model_type not in BODIES:
        raise InputError(
            f"architecture {model_type!r}: it is not known where its embeddings and blocks are. "
            f"Known: {', '.join(sorted(BODIES))}. Choose a --model of one of these."
        )
    return BODIES[model_type]
