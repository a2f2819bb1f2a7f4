"""Values as they were meant: numbers that a table holds as words, booleans, what is missing."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pandas as pd

from study.question import Scalar

_BOOLEANS = {"true": True, "false": False}


def typed(column: pd.Series) -> list[Scalar | None]:
    """Every value as a boolean, number or word, all of one kind; None where it is missing.

    Words that are all numbers, or all true and false, become that; where numbers and words are mixed all become words.
    """
    values = _plains(column)
    known = [value for value in values if value is not None]
    if all(isinstance(value, str) for value in known):
        return _read(values)
    kinds = {str if isinstance(value, str) else bool if isinstance(value, bool) else float for value in known}
    if len(kinds) > 1:
        return [None if value is None else str(value) for value in values]
    return values


def numbers(column: pd.Series) -> tuple[list[float | None], str | None]:
    """The column as finite numbers, None where there is none; and the first value that is no number, if one is."""
    found: list[float | None] = []
    for value in _plains(column):
        try:
            amount = None if value is None else float(value)
        except ValueError:
            return [], str(value)
        found.append(amount if amount is not None and math.isfinite(amount) else None)
    return found, None


def _plains(column: pd.Series) -> list[Any]:
    """The values as Python's, None where they are missing."""
    if isinstance(column.dtype, np.dtype) and column.dtype.kind in "biuf":
        # nothing to look into one by one, and there may be a hundred thousand of them
        return [None if value != value else value for value in column.tolist()]
    return [_plain(value) for value in column]


def _plain(value: Any) -> Scalar | None:
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, (dict, list, tuple, np.ndarray)):
        return json.dumps(value.tolist() if isinstance(value, np.ndarray) else value, sort_keys=True, default=str)
    if value is None or pd.isna(value):
        return None
    if isinstance(value, str):
        return value.strip() or None
    return value if isinstance(value, (bool, int, float)) else str(value)


def _read(words: list[Any]) -> list[Scalar | None]:
    known = [word for word in words if word is not None]
    if known and all(word.lower() in _BOOLEANS for word in known):
        return [None if word is None else _BOOLEANS[word.lower()] for word in words]
    try:
        amounts = {word: _number(word) for word in known}
    except ValueError:
        return words
    return [None if word is None else amounts[word] for word in words]


def _number(word: str) -> int | float:
    """The number that a word is; a ValueError where it is none, and where digits in it are no amount: 1_000, 007."""
    digits = word.lstrip("+-")
    if "_" in word or (len(digits) > 1 and digits[0] == "0" and digits[1].isdigit()):
        raise ValueError(word)
    return int(word) if digits.isdigit() else float(word)
