"""Truncation: which tokens of a text that is longer than the longest input are kept, and in how many pieces."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from study.errors import InputError


def ends(special: Sequence[int]) -> tuple[int, int]:
    """How many tokens the tokenizer added before a text and after it, from its special-tokens mask.

    A special token written out in the text itself is content: the mask has 0 there. A text without any content counts
    as all in front.
    """
    if 0 not in special:
        return len(special), 0
    return special.index(0), special[::-1].index(0)


def pieces(length: int, before: int, after: int, longest: int, truncation: str) -> list[np.ndarray]:
    """The token numbers of each piece of a text of ``length`` tokens, ``before`` and ``after`` of them not content.

    Every piece has at most ``longest`` tokens and keeps those at the ends. The rest of it, the room, is content: the
    first of it (``head``), the last (``tail``), or a quarter of the room from the start and the rest from the end
    (``head_tail``: 128 and 382 of 510, Sun et al. 2019, How to Fine-Tune BERT for Text Classification?, section
    5.3.1). ``windows`` gives as many pieces as cover all content, each sharing a quarter of the room with the one
    before it. Only ``windows`` gives more than one. InputError where the ends alone leave no room.
    """
    if length <= longest:
        return [np.arange(length)]
    space, content = room(longest, before + after), length - before - after
    chosen = {
        "head": lambda: [np.arange(space)],
        "tail": lambda: [np.arange(content - space, content)],
        "head_tail": lambda: [_head_tail(content, space)],
        "windows": lambda: _windows(content, space),
    }[truncation]()
    first, last = np.arange(before), np.arange(length - after, length)
    return [np.concatenate([first, before + piece, last]) for piece in chosen]


def room(longest: int, added: int, texts: int = 1) -> int:
    """How many tokens of content an input has room for beside the ``added`` ones; InputError for fewer than texts."""
    if longest - added < texts:
        raise InputError(
            f"max_length={longest}: the model's tokenizer adds {added} tokens of its own, which leaves no room for the "
            f"{'text' if texts == 1 else 'two texts'}. Set max_length to {added + texts} or more."
        )
    return longest - added


def _head_tail(content: int, room: int) -> np.ndarray:
    start = (room + 2) // 4  # a quarter, rounded to the nearest
    return np.concatenate([np.arange(start), np.arange(content - room + start, content)])


def _windows(content: int, room: int) -> list[np.ndarray]:
    overlap = room // 4
    # The last window ends with the text and may be shorter: moved back to be full it would repeat more than a quarter.
    starts = range(0, content - overlap, room - overlap)
    return [np.arange(start, min(start + room, content)) for start in starts]
