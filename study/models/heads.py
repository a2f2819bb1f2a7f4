"""Whether the classification head that a checkpoint may bring fits the classes at hand."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

_LOADED_HEAD = "ForSequenceClassification"


def head_problem(stored: dict[str, Any], names: Sequence[str]) -> str | None:
    """Why the head of a checkpoint with this config.json cannot serve these classes; None where it can."""
    made = stored.get("architectures") or []
    if made and not any(_LOADED_HEAD in str(one) for one in made):
        return f"it was made for another task ({made[0]})"
    its = class_names(stored)
    if len(its) != len(names):
        return f"it has {len(its)} classes and the data {len(names)}"
    if all(re.fullmatch(r"LABEL_\d+", one) for one in its) or _folded(its) == _folded(names):
        return None
    if sorted(_folded(its)) == sorted(_folded(names)):
        return f"its classes are in another order ({', '.join(its)})"
    return f"its classes ({_some(its)}) are not the data's ({_some(names)})"


def why_kept(stored: dict[str, Any], names: Sequence[str]) -> str:
    """How the classes of a head that is kept agree with these."""
    agree = "named like" if _folded(class_names(stored)) == _folded(names) else "unnamed, and as many as"
    return f"its {len(names)} classes are {agree} the data's"


def class_names(stored: dict[str, Any]) -> list[str]:
    """A checkpoint's class names by number; LABEL_0, … where its config.json has none."""
    given = stored.get("id2label") or {}
    if given:
        return [str(given[key]) for key in sorted(given, key=int)]
    return [f"LABEL_{i}" for i in range(int(stored.get("num_labels") or stored.get("_num_labels") or 2))]


def _folded(names: Sequence[str]) -> list[str]:
    return [name.strip().casefold() for name in names]


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + ("…" if len(names) > 3 else "")
