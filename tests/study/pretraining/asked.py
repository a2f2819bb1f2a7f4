"""Small language models with their tokenizers, and splits made of plain texts, for tests of what they are asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from study.data.tokens import Tokens
from tests.architectures import small_config, small_tokenizer

OBJECTIVES = {"bert": "masked", "roberta": "whole_word", "gpt2": "causal", "xlnet": "permutation"}
"""An architecture for each objective."""


def language_model_of(kind: str, seed: int = 0) -> tuple[Any, Any]:
    """A network of random weights with the head of its objective, in evaluation mode, and its tokenizer."""
    import torch
    from transformers import AutoModelForCausalLM, AutoModelForMaskedLM

    auto = AutoModelForMaskedLM if OBJECTIVES[kind] in ("masked", "whole_word") else AutoModelForCausalLM
    tokenizer = small_tokenizer(kind)
    torch.manual_seed(seed)
    return auto.from_config(small_config(kind, vocab_size=len(tokenizer))).eval(), tokenizer


def split_of(tokenizer: Any, texts: Sequence[str]) -> Tokens:
    """The tokens of these texts, laid out as the artefacts are."""
    rows = [tokenizer(text)["input_ids"] for text in texts]
    return Tokens(
        ids=np.concatenate([np.asarray(row, np.int32) for row in rows]),
        offsets=np.concatenate([[0], np.cumsum([len(row) for row in rows])]),
        labels=np.zeros(len(rows), np.int32),
        rows=np.arange(len(rows)),
    )
