"""What is said about a table of trials: which column is what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import pandas as pd

from analysis.frame import COSTS
from analysis.sources.known import short
from study.errors import InputError, Problems, unknown


@dataclass(frozen=True)
class Declared:
    """Everything that can be declared; what is not is guessed where that is safe, which the study's notes say.

    ``settings``, ``seed``, ``metric`` (on validation), ``test_metric``, ``model``, ``data`` and ``status`` name
    columns, whole or without what a tool writes before their names ("lr" for "config/lr"). ``costs`` maps costs of the
    frame to columns. ``lower_is_better`` says which scores are good; without it, only a loss. ``question`` names
    what is asked and ``asks`` is its sentence. ``baseline`` has the settings to take differences from. ``compare``
    names the settings that are compared; the others were tuned at each of their points. ``independent_draws`` says that
    what was tuned was drawn without regard to any score, as by a random search, which no table shows.
    """

    settings: Sequence[str] | None = None
    seed: str | None = None
    metric: str | None = None
    test_metric: str | None = None
    lower_is_better: bool | None = None
    model: str | None = None
    data: str | None = None
    status: str | None = None
    costs: Mapping[str, str] = field(default_factory=dict)
    question: str | None = None
    asks: str | None = None
    baseline: Mapping[str, Any] = field(default_factory=dict)
    compare: Sequence[str] | None = None
    independent_draws: bool = False


def declaration(given: Mapping[str, Any]) -> Declared:
    """The declarations in keywords; an InputError names those that do not exist."""
    names = [one.name for one in fields(Declared)]
    wrong = [unknown("declaration", name, names) for name in given if name not in names]
    if wrong:
        raise InputError(wrong)
    listed = {name: [given[name]] for name in ("settings", "compare") if isinstance(given.get(name), str)}
    return Declared(**{name: value for name, value in {**given, **listed}.items() if value is not None})


def column_for(raw: pd.DataFrame, given: str) -> str | None:
    """The column called so, or the only one called so but for what a tool writes before it; None where none is."""
    if given in raw:
        return given
    alike = [str(column) for column in raw.columns if short(str(column)) == given]
    return alike[0] if len(alike) == 1 else None


def check(raw: pd.DataFrame, declared: Declared) -> None:
    """Nothing; an InputError names every declared column that does not exist, with the nearest that do."""
    problems = Problems()
    names = [*map(str, raw.columns), *(short(str(column)) for column in raw.columns)]
    for kind in ("seed", "metric", "test_metric", "model", "data", "status"):
        given = getattr(declared, kind)
        if given is not None and column_for(raw, given) is None:
            problems.add(_missing(f"{kind} column", given, names))
    for kind, several in (("settings", declared.settings), ("compare", declared.compare)):
        for given in several or ():
            if column_for(raw, given) is None:
                problems.add(_missing(f"{kind} column", given, names))
    for cost, given in declared.costs.items():
        if cost not in COSTS:
            problems.add(unknown("cost", cost, COSTS))
        if column_for(raw, given) is None:
            problems.add(_missing(f"column of the cost {cost}", given, names))
    problems.raise_if_any()


def _missing(kind: str, given: str, names: Sequence[str]) -> str:
    alike = [name for name in names if short(name) == given]
    if len(alike) > 1:
        return f"{kind} {given!r} could be {' or '.join(dict.fromkeys(alike))}: write it whole."
    return unknown(kind, given, dict.fromkeys(names))
