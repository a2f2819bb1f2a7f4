"""What a reader knows of the table that it read, kept with the table: where from, and which column is what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

PREFIXES = ("config/", "config.", "params_", "user_attrs_", "summary/", "summary.")
"""What tools write before the name of a setting or score in their tables."""

_KEPT = "analysis.sources.known"


@dataclass(frozen=True)
class Known:
    """``source`` is the kind of table; ``columns`` are declarations that the source makes itself (see ``Declared``).

    ``notes`` say how rows were made from what was there.
    """

    name: str
    place: Path | None = None
    source: str = ""
    columns: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def keep(raw: pd.DataFrame, known: Known) -> pd.DataFrame:
    """The same table with what is known of it."""
    raw.attrs[_KEPT] = known
    return raw


def known_of(raw: pd.DataFrame) -> Known:
    """What is known of a table; next to nothing of one that somebody made by hand."""
    found = raw.attrs.get(_KEPT)
    return found if isinstance(found, Known) else Known(name="trials")


def short(column: str) -> str:
    """The name of a column without what its tool writes before it: "lr" for "config/lr"."""
    prefix = next((prefix for prefix in PREFIXES if column.startswith(prefix)), "")
    return column.removeprefix(prefix) or column
