"""Padding: how texts of unequal length are brought to one length for a model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from study.models.architectures import Architecture


@dataclass(frozen=True)
class Padding:
    """The token that fills a batch, on which side of a text it goes, and the segment number beside it.

    ``type_id`` is what ``token_type_ids`` hold at padded places (3 for XLNet), where a model takes them.
    """

    id: int
    side: Literal["right", "left"] = "right"
    type_id: int = 0


def padding_of(tokenizer: Any, config: Any, row: Architecture) -> Padding | None:
    """The padding that a tokenizer, a configuration and an architecture imply; None where no token can serve.

    GPT-2 and its like were trained without padding: their end-of-text token fills the batch, and the attention mask
    keeps it out of every sum.
    """
    candidates = (tokenizer.pad_token_id, getattr(config, "pad_token_id", None), tokenizer.eos_token_id)
    number = next((int(one) for one in candidates if one is not None and one >= 0), None)
    if number is None:
        return None
    # Not the tokenizer's side: one saved after generating text says left, where a head that reads the first position
    # would read padding, and GPT-2's positions would count it.
    side: Literal["right", "left"] = "left" if row.reads == "last" else "right"
    return Padding(number, side, row.pad_type or int(tokenizer.pad_token_type_id or 0))
