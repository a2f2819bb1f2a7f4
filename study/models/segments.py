"""Segments: whether a network can tell apart what its tokenizer marks as the first and the second text."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import nn


def takes_segments(network: nn.Module, segments: int) -> bool:
    """Whether the network has a meaning for this many values of ``token_type_ids``.

    That ``forward`` takes them says little: GPT-2 looks them up among its words, and RoBERTa has a table with one row.
    Counted are a table of segments that is large enough, and XLNet's comparison of segments, which has no table.
    """
    if "token_type_ids" not in inspect.signature(network.forward).parameters:
        return False
    if any(name.endswith("seg_embed") for name, _ in network.named_parameters()):
        return True
    return (getattr(network.config, "type_vocab_size", None) or 0) >= segments
