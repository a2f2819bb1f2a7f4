"""General English: the texts on which is seen what a body forgets of the language while it reads one domain."""

from __future__ import annotations

from pathlib import Path

_TEXTS = Path(__file__).with_name("general.txt")


def general_texts() -> tuple[str, ...]:
    """About 170 English sentences: encyclopaedic, everyday, instructions and news, none of them a review.

    Written for this package, so that no pre-trained model has read them and no licence is attached to them. They are
    few and short, and of one hand: what a perplexity on them is worth is the difference between before and after, not
    its height, and it says nothing about other languages.
    """
    return tuple(_TEXTS.read_text(encoding="utf-8").splitlines())
