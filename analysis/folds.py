"""Which of a study's data sets are folds of one whole: they are compared together, as one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

_FOLD = re.compile(r"\[fold \d+/\d+\]")


@dataclass(frozen=True)
class Fold:
    """One fold: its number from 1, of how many, and the name and fingerprint of what was folded (rows and way)."""

    number: int
    of: int
    name: str
    whole: str


def folds_of(stored: Iterable[Mapping[str, Any]]) -> dict[str, Fold]:
    """The fold that each data set is, by its fingerprint; those that are none are left out.

    ``stored`` is the data of the arms in study.json.
    """
    return {
        data["fingerprint"]: Fold(
            number=int(data["fold"]["number"]),
            of=int(data["fold"]["of"]),
            name=_FOLD.sub("", data["name"]),
            whole=data["fold"]["whole"],
        )
        for data in stored
        if data.get("fold")
    }
