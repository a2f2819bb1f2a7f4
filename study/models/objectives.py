"""Objectives of language modelling: which there are, which a model can be trained by, and the network for each."""

from __future__ import annotations

from typing import Any

OBJECTIVES = ("masked", "whole_word", "causal", "permutation")

_MARKS = ("##", "\u0120", "\u2581")
"""How vocabularies mark where words begin or go on: WordPiece, byte-level BPE, SentencePiece."""


def objectives_of(model_type: str, tokenizer: Any) -> tuple[str, ...]:
    """The objectives that a model of this architecture, with this tokenizer, can be trained by; its own comes first.

    Masked ones need a network of transformers for them and a mask token, whole words a vocabulary that shows where
    words begin. ``causal`` is for models that read from left to right: transformers could run BERT so as well, but its
    body reads both ways. ``permutation`` is XLNet's (Yang et al. 2019, arXiv 1906.08237).
    """
    from transformers.models.auto.modeling_auto import (
        MODEL_FOR_CAUSAL_LM_MAPPING_NAMES,
        MODEL_FOR_MASKED_LM_MAPPING_NAMES,
    )

    if model_type == "xlnet":
        return ("permutation",) if tokenizer.mask_token else ()
    if model_type in MODEL_FOR_MASKED_LM_MAPPING_NAMES:
        if not tokenizer.mask_token:
            return ()
        return ("masked", "whole_word") if word_mark(tokenizer) else ("masked",)
    return ("causal",) if model_type in MODEL_FOR_CAUSAL_LM_MAPPING_NAMES else ()


def network_class(objective: str) -> str:
    """The name of transformers' class that loads a network for this objective."""
    return "AutoModelForMaskedLM" if objective in ("masked", "whole_word") else "AutoModelForCausalLM"


def word_mark(tokenizer: Any) -> str | None:
    """What marks words in this vocabulary: "##" at their later parts, or a sign at their first; None without a mark."""
    # The commonest, not the first: a byte-level vocabulary has a word or two that are written with ##.
    counts = {mark: sum(token.startswith(mark) for token in tokenizer.get_vocab()) for mark in _MARKS}
    return max(_MARKS, key=counts.__getitem__) if any(counts.values()) else None
