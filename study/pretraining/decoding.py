"""Decoding: the logits of the tokens that are to be predicted, and of no others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch


def predicted_logits(network: Any, batch: dict[str, torch.Tensor], wanted: torch.Tensor) -> torch.Tensor:
    """The network's logits (wanted, vocabulary) at the places that are True in ``wanted`` (texts, tokens).

    The head works on each place by itself, so the others are taken out before it: a vocabulary of 30,000 words over all
    tokens costs as much as the whole body of a small model, and six of seven places would be thrown away. ValueError
    for a body whose output has other places.
    """

    def keep(_body: Any, _inputs: Any, output: Any) -> Any:
        states = output[0]
        if states.shape[:2] != wanted.shape:
            raise ValueError(f"the body's output is {tuple(states.shape)} for texts {tuple(wanted.shape)}")
        output["last_hidden_state"] = states[wanted][None]
        return output

    handle = network.base_model.register_forward_hook(keep)
    try:
        return network(**batch).logits[0]
    finally:
        handle.remove()
