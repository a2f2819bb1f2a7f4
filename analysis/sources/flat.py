"""Nested configurations as flat ones: a name for every scalar."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pandas as pd


def flattened(raw: pd.DataFrame) -> pd.DataFrame:
    """The table with a column for every scalar in nested values, by its path with dots."""
    if not any(isinstance(value, Mapping) for name in raw for value in raw[name]):
        return raw
    rows = raw.rename(columns=str).to_dict("records")
    return pd.DataFrame([flat({str(name): value for name, value in row.items()}, ".") for row in rows])


def flat(nested: Mapping[str, Any], separator: str = "/") -> dict[str, Any]:
    """Every scalar by its path: {"opt": {"lr": 1}} gives {"opt/lr": 1}; a list is one value, written as JSON."""
    found: dict[str, Any] = {}
    for name, value in nested.items():
        if isinstance(value, Mapping):
            found |= {f"{name}{separator}{inner}": one for inner, one in flat(value, separator).items()}
        else:
            found[str(name)] = json.dumps(value) if isinstance(value, (list, tuple)) else value
    return found
