"""Masking: what a batch of texts hides, and what is to be said about it, for each objective."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from study.pretraining.words import continuing, word_numbers

if TYPE_CHECKING:
    import torch

    from study.models.padding import Padding

    Batch = dict[str, torch.Tensor]

IGNORED = -100
"""The label of a token that is not to be predicted."""


def masking(objective: str, tokenizer: Any, rate: float, padding: Padding) -> Callable[[Batch], Batch]:
    """A function from a padded batch (input_ids, attention_mask and, where there are any, token_type_ids: int64
    (texts, tokens)) to what the network is given with ``labels``: the token where it is to be predicted, else IGNORED.

    ``masked``: each token with probability ``rate``; of these 80 % become the mask token, 10 % one drawn evenly from
    the vocabulary, 10 % stay (Devlin et al. 2019, arXiv 1810.04805). ``whole_word``: the same with words drawn, and all
    their tokens predicted. ``permutation``: spans of up to five tokens, one in six tokens at a rate of 1/6, predicted
    in a random order (Yang et al. 2019, arXiv 1906.08237); the batch is brought to an even length. ``causal``: every
    token is predicted from those before it, and ``rate`` means nothing. Special tokens are never predicted, save by
    ``causal``, which predicts those that end a text. Draws are from torch's global generator.

    The draws are those of transformers' collators. These give the mask token to every token of a whole word; here
    80/10/10 holds for them too, as in the published BERT with whole words.
    """
    if objective == "causal":
        return _causal
    if objective == "permutation":
        from transformers import DataCollatorForPermutationLanguageModeling

        spans = DataCollatorForPermutationLanguageModeling(tokenizer, plm_probability=rate)
        return partial(_permuted, spans, padding)
    from transformers import DataCollatorForLanguageModeling

    whole = objective == "whole_word"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the mask token for whole words, which is undone here
        collator = DataCollatorForLanguageModeling(tokenizer, mlm_probability=rate, whole_word_mask=whole)
    collator.mask_replace_prob, collator.random_replace_prob = 0.8, 0.1
    special = np.isin(np.arange(len(tokenizer)), tokenizer.all_special_ids)
    return partial(_masked, collator, special, continuing(tokenizer) if whole else None)


def _causal(batch: Batch) -> Batch:
    return {**batch, "labels": batch["input_ids"].masked_fill(batch["attention_mask"] == 0, IGNORED)}


def _masked(collator: Any, special: np.ndarray, words: tuple[np.ndarray, np.ndarray] | None, batch: Batch) -> Batch:
    import torch

    ids = batch["input_ids"].numpy()
    kept = special[ids] | (batch["attention_mask"].numpy() == 0)
    offsets = None if words is None else _offsets(word_numbers(ids, kept, *words))
    inputs, labels = collator.torch_mask_tokens(
        batch["input_ids"].clone(), special_tokens_mask=torch.from_numpy(kept), offset_mapping=offsets
    )
    return {**batch, "input_ids": inputs, "labels": labels}


def _offsets(words: np.ndarray) -> np.ndarray:
    """Places that show the collator these words: it takes tokens without a gap between them for one word."""
    place = np.arange(words.shape[1])
    same = np.zeros(words.shape, bool)
    same[:, 1:] = words[:, 1:] == words[:, :-1]
    return np.stack([np.where(same, 2 * place, 2 * place + 1), np.broadcast_to(2 * place + 2, words.shape)], axis=-1)


def _permuted(collator: Any, padding: Padding, batch: Batch) -> Batch:
    import torch

    if batch["input_ids"].shape[1] % 2:
        fill = {"input_ids": padding.id, "attention_mask": 0, "token_type_ids": padding.type_id}
        sides = (1, 0) if padding.side == "left" else (0, 1)
        batch = {name: torch.nn.functional.pad(rows, sides, value=fill[name]) for name, rows in batch.items()}
    inputs, hidden, wanted, labels = collator.torch_mask_tokens(batch["input_ids"].clone())
    labels = labels.masked_fill(batch["attention_mask"] == 0, IGNORED)
    return {**batch, "input_ids": inputs, "perm_mask": hidden, "target_mapping": wanted, "labels": labels}
