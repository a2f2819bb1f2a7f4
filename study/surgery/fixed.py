"""What freezing holds fixed, for methods that train a little of everything else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from study.models.parts import Parts, parameters_of
from study.question import Scalar

if TYPE_CHECKING:
    from torch import nn


def fixed_parts(where: Parts, setting: Mapping[str, Scalar]) -> tuple[nn.Module | nn.Parameter, ...]:
    """The embeddings and first blocks that ``frozen_layers`` and ``frozen_embeddings`` of this setting freeze."""
    count = int(setting.get("frozen_layers", 0))
    if count:
        return where.prefix(count)
    return where.embeddings if setting.get("frozen_embeddings", False) else ()


def fixed_parameters(where: Parts, setting: Mapping[str, Scalar]) -> set[int]:
    """The ids of their parameters.

    Read from the setting and not from ``requires_grad``: another method may have frozen the whole body by now.
    """
    return {id(p) for part in fixed_parts(where, setting) for p in parameters_of(part)}
