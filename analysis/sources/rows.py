"""The rows of a table as trials: their values typed, those left out counted, and what cannot be a trial refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from analysis.language import say
from analysis.markdown import count
from analysis.sources.columns import Columns
from analysis.sources.options import option
from analysis.sources.statuses import ONGOING, STATUSES, ended
from analysis.sources.typed import numbers, typed
from study.errors import InputError, Problems
from study.question import Scalar, Setting
from study.record import SCORED

SHOWN = 5
"""The most repeated trials that an error lists."""


@dataclass(frozen=True)
class Row:
    """One trial of a table; ``number`` is its row, from 1."""

    number: int
    setting: Setting
    seed: int
    status: str
    score: float | None
    test: float | None
    model: str = ""
    data: str = ""
    costs: Mapping[str, float] = field(default_factory=dict)
    error: str = ""
    curve: Sequence[Mapping[str, Any]] = ()


def rows_of(raw: pd.DataFrame, columns: Columns) -> tuple[list[Row], list[str]]:
    """The trials that have ended, and sentences on the rows left out; an InputError says which cannot be read."""
    problems = Problems()
    scores, tests = [
        _numbers(raw, column, kind, problems) if column else [None] * len(raw)
        for column, kind in ((columns.scored, "metric"), (columns.tested, "test_metric"))
    ]
    costs = {cost: _numbers(raw, name, "cost", problems) for cost, name in (columns.costs or {}).items()}
    statuses, seeds = _statuses(raw, columns, problems), _seeds(raw, columns, problems)
    problems.raise_if_any()
    settings = {name: typed(raw[column]) for name, column in columns.settings.items()}
    places = {kind: _words(raw, getattr(columns, kind)) for kind in ("model", "data")}
    errors, curves = _words(raw, "error"), raw["curve"] if "curve" in raw else [()] * len(raw)
    rows = [
        Row(
            number=i + 1,
            setting={name: value for name in settings if (value := settings[name][i]) is not None},
            seed=seed,
            status=status,
            score=scores[i],
            test=tests[i],
            model=places["model"][i],
            data=places["data"][i],
            costs={cost: amount for cost in costs if (amount := costs[cost][i]) is not None},
            error=errors[i],
            curve=curve if isinstance(curve, (list, tuple)) else (),
        )
        for i, (status, seed, curve) in enumerate(zip(statuses, seeds, curves, strict=True))
        if status is not None and seed is not None
    ]
    _check(rows, raw, columns)
    return rows, _lost(statuses, seeds)


def _numbers(raw: pd.DataFrame, column: str, kind: str, problems: Problems) -> list[float | None]:
    found, wrong = numbers(raw[column])
    if wrong is not None:
        problems.add(f"{kind} column {column!r} is not numeric: it has {wrong[:40]!r}. Declare a column of numbers.")
    return found or [None] * len(raw)


def _statuses(raw: pd.DataFrame, columns: Columns, problems: Problems) -> list[str | None]:
    """How each row ended, None where it has not; a row without a status has not said so, and counts as not ended."""
    if columns.status is None:
        return ["finished"] * len(raw)
    found: list[str | None] = []
    for word in raw[columns.status]:
        try:
            found.append(None if pd.isna(word) else ended(word))
        except KeyError:
            problems.add(
                f"status column {columns.status!r} has {str(word)!r}, which is unknown. Known: "
                f"{', '.join(STATUSES)}; not ended: {', '.join(ONGOING)}. Rename it, or declare another column."
            )
    return found


def _seeds(raw: pd.DataFrame, columns: Columns, problems: Problems) -> list[int | None]:
    """Every row's seed; without a column of them a number of its own, so that no two settings share one."""
    if columns.seed is None:
        return list(range(len(raw)))
    found: list[int | None] = []
    for value in typed(raw[columns.seed]):
        whole = not isinstance(value, (bool, str)) and value is not None and float(value).is_integer()
        if value is not None and not whole:
            problems.add(
                f"seed column {columns.seed!r} has {value!r}: seeds are whole numbers. Declare another column."
            )
        found.append(int(value) if whole else None)  # type: ignore[arg-type]
    return found


def _words(raw: pd.DataFrame, column: str | None) -> list[str]:
    if column is None or column not in raw:
        return [""] * len(raw)
    return ["" if value is None else str(value) for value in typed(raw[column])]


def _check(rows: Sequence[Row], raw: pd.DataFrame, columns: Columns) -> None:
    """Nothing; an InputError where no row has a score, or two are the same trial."""
    if not any(row.score is not None and row.status in SCORED for row in rows):
        ends = pd.Series([row.status for row in rows], dtype=object).value_counts()
        said = ", ".join(f"{times} {status}" for status, times in ends.items()) or "none has ended"
        raise InputError(
            f"No trial has a score in column {columns.scored!r} ({len(raw)} rows: {said}). Declare the column of the "
            f"validation score with {option('metric')}, or with {option('status')} the one that says how trials ended."
        )
    groups: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        where = (row.model, row.data, tuple(sorted((k, isinstance(v, bool), v) for k, v in row.setting.items())))
        groups.setdefault((*where, row.seed), []).append(row)
    repeated = [same for same in groups.values() if len(same) > 1]
    if repeated:
        raise InputError(_repeated(repeated, raw, columns))


def _repeated(repeated: Sequence[Sequence[Row]], raw: pd.DataFrame, columns: Columns) -> str:
    shown = "; ".join(
        f"rows {', '.join(str(row.number) for row in same)} ({_described(same[0].setting)}, seed {same[0].seed})"
        for same in repeated[:SHOWN]
    )
    more = f" and {len(repeated) - SHOWN} more" if len(repeated) > SHOWN else ""
    first = [row.number - 1 for row in repeated[0]]
    others = [str(name) for name in raw.columns if name not in columns.used and name not in ("error", "curve")]
    differ = [name for name in others if len({repr(value) for value in typed(raw[name].iloc[first])}) > 1]
    hint = f" The first of them differ in {', '.join(differ[:8])}." if differ else ""
    return (
        f"Several rows have the same setting and seed: {shown}{more}. One row per setting and seed is allowed.{hint} "
        "Declare what tells them apart as a setting, model, data or seed, or remove all but one."
    )


def _described(setting: Mapping[str, Scalar]) -> str:
    return ", ".join(f"{name}={value}" for name, value in setting.items()) or "no setting"


def _lost(statuses: Sequence[str | None], seeds: Sequence[int | None]) -> list[str]:
    going, bare = sum(status is None for status in statuses), 0
    bare = sum(seed is None and status is not None for seed, status in zip(seeds, statuses, strict=True))
    notes = [say("Left out: {rows} of trials that have not ended.", rows=count(going, "row"))] if going else []
    return notes + ([say("Left out: {rows} without a seed.", rows=count(bare, "row"))] if bare else [])
