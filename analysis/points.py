"""Which points of a question the rows of a frame or table are at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from analysis.folder import points_of
from analysis.frame import column_of
from study.question import Question, Setting


def point_numbers(rows: pd.DataFrame, points: Sequence[Setting]) -> pd.Series:
    """The number of the first point all of whose values each row has; the number of points where it is at none.

    The same as ``arms.matches`` point by point, with one look-up for all points that name the same settings.
    """
    found = pd.Series(len(points), index=rows.index, dtype="int64")
    alike: dict[tuple[str, ...], dict[tuple[Any, ...], int]] = {}
    for number, point in enumerate(points):
        alike.setdefault(tuple(sorted(point)), {}).setdefault(_values(point), number)
    for names, numbers in alike.items():
        given = _given(rows, names)
        here = pd.Series([numbers.get(one, len(points)) for one in given], index=given.index, dtype="int64")
        found.loc[given.index] = found[given.index].clip(upper=here)
    return found


def points_without(rows: pd.DataFrame, points: Sequence[Setting]) -> list[Setting]:
    """The points that no row is at."""
    given = {names: set(_given(rows, names)) for names in {tuple(sorted(point)) for point in points}}
    return [point for point in points if _values(point) not in given[tuple(sorted(point))]]


def following(question: Question, names: Iterable[str]) -> frozenset[str]:
    """The factors that the values of these decide at every point, as a method may decide its learning rate."""
    known = sorted(set(names) & set(question.factor_names))
    if not known:
        return frozenset()
    points = points_of(question)
    kinds = {_key(point, known) for point in points}
    others = set(question.factor_names) - set(known)
    return frozenset(name for name in others if len({_key(point, [*known, name]) for point in points}) == len(kinds))


def _key(point: Setting, names: Sequence[str]) -> tuple[object, ...]:
    return tuple((isinstance(point.get(name), bool), point.get(name)) for name in names)


def _given(rows: pd.DataFrame, names: tuple[str, ...]) -> pd.Series:
    """The values of these settings, a tuple for every row that has them all."""
    columns = [column_of(name) for name in names]
    if not all(column in rows for column in columns):
        return pd.Series([], dtype=object)
    known = rows.loc[rows[columns].notna().all(axis=1), columns]
    values = zip(*(known[column].astype(object) for column in columns), strict=True) if columns else [()] * len(known)
    return pd.Series(list(values), index=known.index, dtype=object)


def _values(point: Setting) -> tuple[Any, ...]:
    return tuple(point[name] for name in sorted(point))
