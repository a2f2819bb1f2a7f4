"""Which column of a table is what: as declared, as its tool says, or guessed where that is safe, and then said."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from analysis.frame import METRICS
from analysis.language import say
from analysis.sources.declared import Declared, check, column_for
from analysis.sources.known import known_of, short
from analysis.sources.options import option
from analysis.sources.statuses import knows
from analysis.sources.typed import numbers, typed
from study.errors import InputError, Problems, unknown

SHOWN = 12
"""The most column names that a note lists."""

_SPLIT = re.compile(r"^(eval|val|valid|validation|dev|test)[_/.\- ]", re.IGNORECASE)
_LOWER = re.compile(r"(^|[_/.\- ])(loss|error|perplexity|ppl|rmse|mse|mae|wer|cer|nll)($|[_/.\- ])", re.IGNORECASE)
_STATUS = ("status", "state", "State")
_ALWAYS = ("error", "curve")
"""What readers add to the rows themselves."""


@dataclass(frozen=True)
class Columns:
    """The column of everything: ``settings`` and ``costs`` by their names, ``metric`` by its name and ``scored``."""

    settings: Mapping[str, str]
    metric: str
    scored: str
    lower: bool
    seed: str | None = None
    tested: str | None = None
    model: str | None = None
    data: str | None = None
    status: str | None = None
    costs: Mapping[str, str] | None = None

    @property
    def used(self) -> set[str]:
        """Every column that is something."""
        single = (self.scored, self.seed, self.tested, self.model, self.data, self.status)
        return {*self.settings.values(), *(self.costs or {}).values(), *filter(None, single)}


def settle(raw: pd.DataFrame, declared: Declared) -> tuple[Columns, list[str]]:
    """The columns, and sentences that say what was guessed; an InputError says what has to be declared."""
    check(raw, declared)
    known = known_of(raw)
    notes: list[str] = []
    seed, status = _seed(raw, declared, notes), _status(raw, declared, known.columns, notes)
    metric = declared.metric or known.columns.get("metric")
    problems = Problems()
    if metric is None:
        problems.add(
            f"No metric is declared. Name the column of the validation score with {option('metric')}; numeric columns: "
            f"{_few([name for name in raw if _numeric(raw, str(name))])}."
        )
    taken = [column_for(raw, name) for name in (seed, status, metric, declared.test_metric, declared.model,
                                                declared.data) if name]  # fmt: skip
    settings: dict[str, str] = {}
    with problems.collecting():
        settings = _settings(raw, declared, known.columns, set(filter(None, taken)), notes)
    problems.add(
        *(unknown("compared setting", n, settings) for n in declared.compare or () if short(n) not in settings),
        *(f"{name!r} is declared as a setting and as something else: it can be one of them."
          for name, column in settings.items() if column in taken),
    )  # fmt: skip
    problems.raise_if_any()
    scored = str(column_for(raw, str(metric)))
    costs = {**known.columns.get("costs", {}), **declared.costs}
    found = Columns(
        settings=settings,
        metric=_named(scored),
        scored=scored,
        lower=_lower(scored, declared, known.columns, notes),
        seed=seed,
        tested=_column(raw, declared.test_metric),
        model=_column(raw, declared.model),
        data=_column(raw, declared.data),
        status=status,
        costs={cost: str(column_for(raw, name)) for cost, name in costs.items()},
    )
    return found, [*notes, *_left(raw, found)]


def _column(raw: pd.DataFrame, given: str | None) -> str | None:
    return None if given is None else column_for(raw, given)


def _seed(raw: pd.DataFrame, declared: Declared, notes: list[str]) -> str | None:
    if declared.seed is not None:
        return column_for(raw, declared.seed)
    column = column_for(raw, "seed")
    if column is None:
        notes.append(
            say("No column of seeds: every trial counts as its own replicate, so that no two settings are paired.")
        )
    else:
        notes.append(say("Column {column} is taken for the seed.", column=column))
    return column


def _status(raw: pd.DataFrame, declared: Declared, known: Mapping[str, Any], notes: list[str]) -> str | None:
    if declared.status is not None:
        return column_for(raw, declared.status)
    if "status" in known:
        return str(known["status"])
    for column in _STATUS:
        if column in raw and raw[column].notna().any() and all(map(knows, raw[column].dropna())):
            notes.append(say("Column {column} is taken for how each trial ended.", column=column))
            return column
    notes.append(say("No column says how trials ended: all count as finished."))
    return None


def _settings(
    raw: pd.DataFrame, declared: Declared, known: Mapping[str, Any], taken: set[str], notes: list[str]
) -> dict[str, str]:
    if declared.settings is not None:
        columns = [str(column_for(raw, name)) for name in declared.settings]
    elif "settings" in known:
        columns = [
            name for name in known["settings"] if name not in taken and len(set(map(repr, typed(raw[name])))) > 1
        ]
        columns = [name for name in columns if short(name) != "seed"]
        notes.append(
            say(
                "Taken for settings, because they are configured and vary: {names}.",
                names=_few(list(map(short, columns))) if columns else "–",
            )
        )
    else:
        others = [str(name) for name in raw.columns if name not in taken]
        raise InputError(
            f"No settings are declared, and a table does not say which columns are settings: name them with "
            f"{option('settings')}. Its columns: {_few(others, 40)}."
        )
    names = [short(column) for column in columns]
    return {column if names.count(name) > 1 else name: column for name, column in zip(names, columns, strict=True)}


def _named(column: str) -> str:
    """The metric's name: without the split before it; this package's own only where it means the same.

    A loss of somebody else's need not be a cross-entropy in nats, so that it keeps a name of its own.
    """
    bare = _SPLIT.sub("", short(column))
    if bare.lower() == "loss":
        return short(column) if bare != short(column) else "reported_loss"
    return bare.lower() if bare.lower() in METRICS else bare


def _lower(column: str, declared: Declared, known: Mapping[str, Any], notes: list[str]) -> bool:
    if declared.lower_is_better is not None:
        return declared.lower_is_better
    if "lower_is_better" in known and declared.metric in (None, known.get("metric")):
        return bool(known["lower_is_better"])
    if lower := bool(_LOWER.search(short(column))):
        notes.append(say("By its name, smaller values of {column} are taken to be better.", column=column))
    else:
        notes.append(say("Larger values of {column} are taken to be better.", column=column))
    return lower


def _left(raw: pd.DataFrame, columns: Columns) -> list[str]:
    """Which columns are not used."""
    others = [str(name) for name in raw.columns if name not in columns.used and name not in _ALWAYS]
    return [say("Columns left out, because nothing was said of them: {names}.", names=_few(others))] if others else []


def _numeric(raw: pd.DataFrame, name: str) -> bool:
    found, wrong = numbers(raw[name])
    return wrong is None and any(value is not None for value in found)


def _few(names: Sequence[Any], most: int = SHOWN) -> str:
    shown = ", ".join(map(str, names[:most]))
    return say("{shown} and {more} more", shown=shown, more=len(names) - most) if len(names) > most else shown
