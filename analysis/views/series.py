"""What a scatter tells apart: along x one compared setting, the others by a series each, with its colour and marker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import seaborn as sns

from analysis.folder import points_of
from analysis.frame import column_of
from analysis.language import say, worded
from analysis.markdown import value
from analysis.names import baseline_name
from analysis.spoken_values import spoken_value
from study.question import Question

Colour = tuple[float, float, float]
MARKERS = ("D", "s", "^", "v", "P", "h", "<", ">", "p", "*")
DASHES: tuple[Any, ...] = ("-", (0, (5, 1.5)), (0, (1, 1)), (0, (6, 1.5, 1, 1.5)), (0, (3, 1, 1, 1, 1, 1)))
"""How lines are dashed, so that they are told apart in black and white too."""


@dataclass(frozen=True)
class Look:
    """How one series of one model is drawn, and what the legend calls it: nothing where there is only one."""

    colour: Colour
    marker: str
    label: str
    dashes: Any = "-"


def x_of(question: Question, columns: Mapping[str, str]) -> str:
    """The column along x: the one asked for, unless the question gives it one value and compares another setting."""
    varying = _varying(question)
    x = column_of(columns.get("x") or next(iter((*varying, *question.factor_names, *question.tuned)), ""))
    held = {column_of(name) for name in (*question.factor_names, *question.fixed)}
    fixed = x in held - set(map(column_of, (*varying, *question.tuned)))
    return column_of(varying[0]) if fixed and varying else x


def series_of(trials: pd.DataFrame, question: Question, x: str) -> pd.Series:
    """For each trial the other compared settings in words, "truncation = windows"; empty where x is the only one."""
    names = [column_of(name) for name in _others(question, x)]
    tied = {name: _factors_of_x(trials, name, x) for name in names if name in trials}
    words = [
        ", ".join(_said(n, row[n], x, row[x], tied[n]) for n in tied if pd.notna(row[n])) or _rest(row, question)
        for row in trials.to_dict("records")
    ]
    return pd.Series(words if names else "", index=trials.index, dtype=object)


def looks_of(prepared: pd.DataFrame) -> dict[tuple[str, str], Look]:
    """The look of each model and series that a panel shows; the same one in every panel of a figure (see ``View``)."""
    models, series = categories(prepared["model"]), categories(prepared["series"])
    pairs = [(model, one) for model in models for one in series]
    colours = sns.color_palette("colorblind" if len(pairs) <= 10 else "husl", len(pairs))
    shown = set(zip(prepared["model"], prepared["series"], strict=True))
    # markers tell series apart, and dashes models; of one model dashes tell the series as well
    number = [models.index(pair[0]) if len(models) > 1 else series.index(pair[1]) for pair in pairs]
    dashed = {pair: DASHES[place % len(DASHES)] for pair, place in zip(pairs, number, strict=True)}
    return {
        pair: Look(colour, MARKERS[series.index(pair[1]) % len(MARKERS)], _label(pair, models, series), dashed[pair])
        for pair, colour in zip(pairs, colours, strict=True)
        if pair in shown
    }


def slots_of(prepared: pd.DataFrame, looks: Mapping[tuple[str, str], Look]) -> dict[tuple[str, str], int]:
    """The place of each series in the room at a value of x: no two that share a value have the same."""
    at = {pair: set(same["x"]) for pair, same in prepared.groupby(["model", "series"], observed=True)}
    slots: dict[tuple[str, str], int] = {}
    for pair in looks:
        taken = {slots[other] for other in slots if at[other] & at[pair]}
        slots[pair] = next(slot for slot in range(len(looks)) if slot not in taken)
    return slots


def _label(pair: tuple[str, str], models: Sequence[str], series: Sequence[str]) -> str:
    return ", ".join(word for word, all_of in zip(pair, (models, series), strict=True) if len(all_of) > 1 and word)


def _varying(question: Question) -> list[str]:
    """The compared settings that have more than one value."""
    points = points_of(question)
    return [name for name in question.factor_names if len({_key(point, [name]) for point in points}) > 1]


def _others(question: Question, x: str) -> list[str]:
    """The varying settings that x leaves open; one that follows from those before it (alpha from rank) is left out."""
    varying, points = _varying(question), points_of(question)
    kept = [name for name in varying if column_of(name) == x]
    if not kept:
        return []
    for name in varying:
        if name not in kept and len({_key(p, [*kept, name]) for p in points}) > len({_key(p, kept) for p in points}):
            kept.append(name)
    return kept[1:]


def _key(point: Mapping[str, Any], names: Sequence[str]) -> tuple[object, ...]:
    return tuple((isinstance(point.get(name), bool), point.get(name)) for name in names)


def _rest(row: Mapping[Any, Any], question: Question) -> str:
    return baseline_name(question) if row.get("is_baseline") else say("otherwise")


def _factors_of_x(trials: pd.DataFrame, name: str, x: str) -> list[float]:
    """The factors by which a setting follows x at every value of it, as alpha may be twice the rank."""
    if not all(
        pd.api.types.is_numeric_dtype(trials[n]) and not pd.api.types.is_bool_dtype(trials[n]) for n in (name, x)
    ):
        return []
    given = trials[trials[name].notna() & (trials[x] > 0)]
    ratios = [set(same[name] / same[x]) for _, same in given.groupby(x)]
    return sorted(set.intersection(*ratios)) if len(ratios) > 1 else []


def _said(column: str, amount: Any, x: str, at: Any, tied: Sequence[float]) -> str:
    if spoken := spoken_value(column, amount):
        return spoken
    name = worded(column)
    for factor in tied:
        if amount == factor * at:
            return f"{name} = {value(factor)} × {worded(x.rpartition('.')[2])}"
    return f"{name} = {amount if isinstance(amount, str) else value(amount)}"


def categories(column: pd.Series) -> list[str]:
    """What the whole figure has of a column, or where that is not known, the column."""
    return list(column.cat.categories if isinstance(column.dtype, pd.CategoricalDtype) else column.unique())
