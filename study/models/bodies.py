"""Body: weights for a model's body in place of its checkpoint's, and what is told about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from study.models.parts import parameters_of, parts

if TYPE_CHECKING:
    import torch
    from torch import nn


@dataclass(frozen=True)
class Body:
    """The weights of a body by their names in it, what they are (``fingerprint``), and JSON values for the record."""

    fingerprint: str
    state: Mapping[str, torch.Tensor]
    told: Mapping[str, Any]


def put_in(network: nn.Module, body: Body) -> None:
    """Copy the weights into the network's body; a layer that they lack (a classifier's pooler) stays as it is.

    ValueError for a weight that the network's body does not have, and for one of its embeddings or blocks left out.
    """
    base: Any = network.base_model
    where = parts(network)
    needed = {id(p) for part in (*where.embeddings, *where.blocks) for p in parameters_of(part)}
    names = {name for name, p in base.named_parameters() if id(p) in needed}
    lost, extra = names - set(body.state), set(body.state) - set(base.state_dict())
    if lost or extra:
        raise ValueError(f"weights for another body: without {sorted(lost)[:3]}, and with {sorted(extra)[:3]}")
    base.load_state_dict(dict(body.state), strict=False)
