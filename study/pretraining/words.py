"""Words: which tokens of a text belong to one word, told from their numbers alone."""

from __future__ import annotations

from typing import Any

import numpy as np

from study.models.objectives import word_mark

_SPACES = "\u0120\u010a\u0109\u010d"
"""What byte-level vocabularies write for a space, a line feed, a tab and a carriage return."""


def continuing(tokenizer: Any) -> tuple[np.ndarray, np.ndarray]:
    """Two bool arrays (vocabulary,): whether a token goes on with the word before it, and whether it stands alone.

    Signs of punctuation stand alone, as BERT's tokenizer has them; without that a byte-level vocabulary would make one
    word of "film,". ValueError for a vocabulary that does not show where words begin.
    """
    mark = word_mark(tokenizer)
    if mark is None:
        raise ValueError("this vocabulary does not show where words begin")
    tokens = tokenizer.convert_ids_to_tokens(list(range(len(tokenizer))))
    goes_on, alone = np.zeros(len(tokens), bool), np.zeros(len(tokens), bool)
    for number, token in enumerate(tokens):
        if mark == "##":
            begins, bare = not token.startswith(mark), token.removeprefix(mark)
        else:
            begins, bare = token[:1] == mark or token[:1] in _SPACES, token.lstrip(_SPACES + mark)
        # Beyond ASCII a byte-level vocabulary writes parts of letters as signs: those are no punctuation.
        alone[number] = bool(bare) and bare[0].isascii() and not bare[0].isalnum()
        goes_on[number] = not begins and not alone[number]
    return goes_on, alone


def word_numbers(ids: np.ndarray, special: np.ndarray, goes_on: np.ndarray, alone: np.ndarray) -> np.ndarray:
    """The number of the word that each token of a batch belongs to, -1 for special tokens: int64 (texts, tokens)."""
    joined = goes_on[ids]
    joined[:, 0] = False
    joined[:, 1:] &= ~alone[ids[:, :-1]] & ~special[:, :-1]
    words = np.cumsum(~joined & ~special, axis=1) - 1
    return np.where(special, -1, words)
