"""Perplexity: how many tokens a language model wavers between, on texts that it was not trained on."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from study.pretraining.predicting import log_probabilities, padding_for
from study.seeding import stream
from study.tasks.classification import collate

if TYPE_CHECKING:
    from study.data.tokens import Tokens

SHARE = 0.15
"""The share of each text's tokens that is hidden, whatever mask rate the network was trained with."""

_AT_ONCE = 2**25  # logits, in numbers: a vocabulary at every position is what takes the memory


@dataclass(frozen=True)
class Perplexity:
    """The perplexity, and over how many texts and predicted tokens; ``value`` is None where no token was predicted.

    It is also None where the mean cross-entropy is too large a number to be raised, or none.
    """

    value: float | None
    texts: int
    tokens: int


def perplexity(network: Any, tokens: Tokens, objective: str, tokenizer: Any, device: str) -> Perplexity:
    """exp of the mean cross-entropy in nats of the predicted tokens; as large as the vocabulary where all is guessed.

    ``masked``, ``whole_word`` and ``permutation``: 15 % of the tokens of each text (of each window of a long one) are
    hidden, rounded and one at least, and predicted from the others alone. Which ones is drawn once by a stream of its
    own and depends on the tokens only: the same before and after, at any mask rate, and for both masked objectives, so
    that these compare. ``causal``: every token but a text's first, from those before it. Special tokens, the unknown
    one among them, are never predicted.

    What is left when tokens are hidden together is no probability of a sentence; the pseudo-log-likelihood of Salazar
    et al. (2020, arXiv 1910.14659) hides each token alone, for as many passes as there are tokens. So it compares one
    vocabulary and one objective with itself, and no masked model with a causal one.

    The network is on ``device``; it is left there, in evaluation mode.
    """
    import torch

    network.eval()
    hidden = hidden_tokens(tokens, objective, tokenizer)
    padding = padding_for(network, tokenizer)
    size = _AT_ONCE // (int(tokens.lengths.max(initial=1)) * int(network.base_model.config.vocab_size))
    total, count = 0.0, 0
    with torch.inference_mode():
        for examples in tokens.batches(min(64, max(1, size))):
            batch = collate([tokens[i] for i in examples], padding=padding)
            del batch["labels"]
            asked = torch.zeros_like(batch["input_ids"], dtype=torch.bool)
            asked[batch["attention_mask"] == 1] = torch.from_numpy(
                np.concatenate([hidden[tokens.offsets[i] : tokens.offsets[i + 1]] for i in examples])
            )
            if not asked.any():
                continue
            batch = {name: rows.to(device) for name, rows in batch.items()}
            asked = asked.to(device)
            said = log_probabilities(network, batch, asked, objective, tokenizer.mask_token_id)
            right = said.gather(1, batch["input_ids"][asked][:, None])
            total -= float(right.double().sum())
            count += len(right)
    return Perplexity(_raised(total / count) if count else None, tokens.texts, count)


def hidden_tokens(tokens: Tokens, objective: str, tokenizer: Any) -> np.ndarray:
    """Which tokens of a split are predicted: bool (tokens,), laid out as its ``ids``."""
    ids = np.asarray(tokens.ids[: tokens.offsets[-1]])
    ordinary = ~np.isin(ids, tokenizer.all_special_ids)
    hidden = ordinary.copy()
    if objective == "causal":
        hidden[tokens.offsets[:-1][tokens.lengths > 0]] = False
        return hidden
    order = np.random.default_rng(stream(0, "perplexity: hidden tokens")).random(len(ids))
    for start, stop in zip(tokens.offsets[:-1], tokens.offsets[1:], strict=True):
        places = start + np.flatnonzero(ordinary[start:stop])
        most = max(1, math.floor(SHARE * len(places) + 0.5))
        hidden[start:stop] = False
        hidden[places[np.argsort(order[places], kind="stable")[:most]]] = True
    return hidden


def _raised(mean: float) -> float | None:
    try:
        return math.exp(mean) if math.isfinite(mean) else None
    except OverflowError:
        return None
