"""Settings in words: values that name what they are by themselves, as SetFit does, and what an axis shows."""

from __future__ import annotations

from typing import Any

from analysis.language import known, worded

WORDS = {
    "method": {"full": "full fine-tuning", "lora": "LoRA", "linear_probe": "linear probe", "setfit": "SetFit"},
    "pretraining.objective": {
        "auto": "model's objective",
        "masked": "masked words",
        "whole_word": "masked whole words",
        "causal": "next word",
        "permutation": "permuted words",
    },
    "pretraining.corpus": {
        "task": "task's texts",
        "domain": "domain corpus",
        "both": "domain corpus, then task's texts",
    },
}
"""The values in English by setting; ``spoken_value`` says them in the language spoken."""


NAMES = {"shots": "examples per class", "pretraining.steps": "steps of further pre-training"}
"""What settings are called where an axis shows them."""


def spoken_name(setting: str) -> str:
    """What an axis that shows a setting is called."""
    return known(NAMES[setting]) if setting in NAMES else worded(setting)


def spoken_value(setting: str, amount: Any) -> str | None:
    """A value that needs no name beside it, in words; None for one that does."""
    words = WORDS.get(setting, {}).get(amount) if isinstance(amount, str) else None
    return known(words) if words else None
