"""Predicting: what a language model says of tokens that it does not see, for each objective."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from study.errors import unknown
from study.models.architectures import architecture
from study.models.objectives import OBJECTIVES
from study.models.padding import Padding, padding_of

if TYPE_CHECKING:
    import torch


def log_probabilities(
    network: Any, batch: Mapping[str, torch.Tensor], hidden: torch.Tensor, objective: str, mask_id: Any
) -> torch.Tensor:
    """The logarithms of the probabilities (hidden tokens, vocabulary), float32, of what stands at the hidden places.

    ``batch`` (input_ids, attention_mask: int64 (texts, tokens)) and ``hidden`` (bool, alike) are on the network's
    device; the answers come text by text, from left to right. ``mask_id`` is the mask token's number, which only the
    masked objectives need. ``masked`` and ``whole_word``: all hidden tokens are
    the mask token at once. ``causal``: each hidden token is predicted from all tokens before it, hidden ones too, so
    that the first of a text cannot be asked for. ``permutation``: no place sees a hidden one, and each hidden place is
    asked for by its position alone, as XLNet's query stream does (Yang et al. 2019, arXiv 1906.08237). ValueError for
    another objective.
    """
    import torch

    if objective in ("masked", "whole_word"):
        logits = network(**{**batch, "input_ids": batch["input_ids"].masked_fill(hidden, mask_id)}).logits[hidden]
    elif objective == "causal":
        logits = network(**batch).logits[:, :-1][hidden[:, 1:]]
    elif objective == "permutation":
        unseen = hidden[:, None, :].expand(-1, hidden.shape[1], -1)
        wanted, real = _targets(hidden)
        logits = network(**batch, perm_mask=unseen.float(), target_mapping=wanted).logits[real]
    else:
        raise ValueError(unknown("objective", objective, OBJECTIVES))
    return torch.log_softmax(logits.float(), dim=-1)


def padding_for(network: Any, tokenizer: Any) -> Padding:
    """How this network's batches are filled; ValueError where no token can serve."""
    config = network.base_model.config
    padding = padding_of(tokenizer, config, getattr(network, "architecture_row", None) or architecture(config))
    if padding is None:
        raise ValueError("neither the tokenizer nor the configuration names a padding or an end-of-text token")
    return padding


def _targets(hidden: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """One-hot rows of each text's hidden places, float32 (texts, most, tokens), and which of them are real.

    One row at least, because a mapping of none would not turn on the query stream; a row that is not real is zero.
    """
    import torch

    most = max(1, int(hidden.sum(1).max()))
    number = hidden.cumsum(1) - 1
    wanted = torch.zeros((len(hidden), most, hidden.shape[1]), device=hidden.device)
    texts, places = hidden.nonzero(as_tuple=True)
    wanted[texts, number[texts, places], places] = 1.0
    return wanted, wanted.sum(2) > 0
