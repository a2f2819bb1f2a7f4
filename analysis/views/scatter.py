"""Scatter: every trial a dot, every setting's mean with its 95% interval, the baseline a dashed line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from analysis.frame import metric_column
from analysis.language import say
from analysis.resampled import Resampled
from analysis.spoken_values import spoken_name
from analysis.tables import compared
from analysis.views.axis import Axis, axis_of, doubling
from analysis.views.dots import comparison_dots, mean_words, search_dots
from analysis.views.looks import SMALL, dress
from analysis.views.series import Look, categories, looks_of, slots_of, x_of
from analysis.views.words import literal
from study.errors import InputError, unknown
from study.question import Question

_ENTRY = 30
"""Characters of a legend's entry that fit beside another."""

_HIGH = 2.1
"""Inches of a panel's axes."""

DASHES = (0, (4, 3))


def prepare(
    frame: pd.DataFrame, question: Question, columns: Mapping[str, str], resampled: Resampled | None = None
) -> pd.DataFrame:
    """One row per dot: panel, model, series, x, y, seed, degenerate; the setting's mean, low, high, whether it
    is_baseline and on the joined line, and the intervals' estimand; xlabel, ylabel, log.

    ``columns``: x is a setting (see ``series.x_of``); y, a metric's column, is the test score of ``question.metric``
    unless given, or the validation score before there is a test score. A search also shows its tuning trials, in a
    panel before.
    """
    x = x_of(question, columns)
    if x not in frame:
        raise InputError(unknown("column", x, frame.columns, do="Give the view a setting as its x."))
    trials = compared(frame, question)
    tested = trials[metric_column(question.metric, "test")].notna().any()
    y = columns.get("y") or metric_column(question.metric, "test" if tested else "validation")
    shown = [comparison_dots(frame, question, x, y, resampled)]
    if not question.factor_names:
        shown.insert(0, search_dots(frame, question, x))
    rows = pd.concat([part for part in shown if len(part)] or shown[:1], ignore_index=True)
    if rows.empty:
        return rows
    domain = question.tuned.get(x)
    wide = pd.api.types.is_numeric_dtype(rows["x"]) and not pd.api.types.is_bool_dtype(rows["x"]) and _by_factors(rows)
    return rows.assign(xlabel=spoken_name(x), log=bool(wide or (domain and domain.kind == "loguniform")))


def draw(axes: Axes, prepared: pd.DataFrame) -> None:
    """Draw one panel. Dots stand beside their value of x, in the order of folds and seeds; means stand at it."""
    axis = axis_of(prepared)
    looks = looks_of(prepared)
    slots = slots_of(prepared, looks)
    for (model, series), look in looks.items():
        rows = prepared[(prepared["model"] == model) & (prepared["series"] == series)]
        _draw_series(axes, rows, axis, look, (slots[model, series], max(slots.values()) + 1))
    axis.label(axes)
    axes.set_xlabel(literal(prepared["xlabel"].iloc[0]), fontsize=SMALL + 1)
    axes.set_ylabel(literal(prepared["ylabel"].iloc[0]), fontsize=SMALL + 1)
    title = prepared["panel"].iloc[0]
    # a model's owner is in the report; at column width its name and the data set's must fit
    models = categories(prepared["model"])
    name = f"{models[0].rpartition('/')[2]}, {title}" if len(models) == 1 else title
    dress(axes, name)
    axes.set_ylim(*_limits(prepared))
    _legend(axes, prepared, list(looks.values()), axis.names.depth)


def size(prepared: pd.DataFrame) -> tuple[float, float]:
    """Inches of a panel: the width of a paper's column, and the height that its legend and long categories need."""
    series = prepared["series"].nunique()
    deep = max(axis_of(rows).names.depth for _, rows in prepared.groupby("panel"))
    return 3.5, 3.0 + deep + (0.12 * series * prepared["model"].nunique() if series > 1 else 0)


def _by_factors(rows: pd.DataFrame) -> bool:
    """Whether the values of x grow by factors, so that equal factors should be equally far apart."""
    low, high = rows["x"].min(), rows["x"].max()
    return bool(low > 0 and (high >= 100 * low or doubling(np.unique(rows["x"].to_numpy(dtype=float)))))


def _draw_series(axes: Axes, rows: pd.DataFrame, axis: Axis, look: Look, series: tuple[int, int]) -> None:
    """The dots, means and baseline of one series, in its share of the step: the i-th of so many."""
    # neighbouring values' series would touch if they took all the room between them
    room = 1 / series[1] if series[1] == 1 else 0.84 / series[1]
    shift = (series[0] - (series[1] - 1) / 2) * room
    colour = look.colour
    # the one trial of a setting is its mean, so that it stands at the value itself
    several = rows["n"].gt(1)
    rank = rows.assign(fold=rows["fold"].astype("float64").fillna(0)).groupby(["fold", "seed"]).ngroup()
    spread = rank / max(1.0, rank.max()) - 0.5
    # in a narrower room dots must stand further out to be seen beside the mean's marker
    beside = 0.24 + 0.16 * spread if series[1] == 1 else 0.36 + 0.2 * spread
    aside = shift + beside * room * several
    at = axis.place(rows["x"], aside)
    degenerate = rows["degenerate"].fillna(False).astype(bool)
    for marker, mask, size in (("o", ~degenerate, 16), ("X", degenerate, 26)):
        if mask.any():
            axes.scatter(
                at[mask], rows.loc[mask, "y"], s=size, marker=marker, color=[colour], alpha=0.6, linewidths=0, zorder=2
            )
    means = rows[rows["mean"].notna()].drop_duplicates("setting").sort_values("x", kind="stable")
    centre = axis.place(means["x"], shift)
    line = means["joined"].to_numpy(dtype=bool)
    axes.plot(centre[line], means["mean"][line], color=colour, linewidth=1, linestyle=look.dashes, zorder=3)
    known = means["high"].notna().to_numpy()
    halves = [(means["mean"] - means["low"])[known], (means["high"] - means["mean"])[known]]
    bar: dict[str, Any] = {"fmt": "none", "ecolor": colour, "elinewidth": 1.2, "capsize": 2.5, "zorder": 4}
    axes.errorbar(centre[known], means["mean"][known], yerr=halves, **bar)
    baseline = means["is_baseline"].to_numpy(dtype=bool)
    for face, which in ((colour, ~baseline & means["n"].gt(1).to_numpy()), ("white", baseline)):
        axes.plot(
            centre[which], means["mean"][which], look.marker, markersize=4.5, color=colour, markerfacecolor=face,
            zorder=5,
        )  # fmt: skip
    # where every value of x has a baseline of its own, no single line stands for them
    for level in means["mean"][baseline][:1] if _one_baseline(rows) else ():
        axes.axhline(level, color=colour, linewidth=0.8, linestyle=DASHES, zorder=1)


def _one_baseline(rows: pd.DataFrame) -> bool:
    return rows.loc[rows["is_baseline"] & rows["mean"].notna(), "x"].nunique() == 1


def _limits(prepared: pd.DataFrame) -> tuple[float, float]:
    """From the dots, and from the intervals as far as half the dots' range: two seeds' interval would dwarf the rest.

    An interval that goes on beyond shows no cap.
    """
    low, high = prepared["y"].min(), prepared["y"].max()
    reach = 0.5 * (high - low) or 0.01
    lowest = max(low - reach, np.fmin(low, prepared["low"].min()))
    highest = min(high + reach, np.fmax(high, prepared["high"].max()))
    edge = 0.05 * (highest - lowest) or 0.01
    return lowest - edge, highest + edge


def _legend(axes: Axes, prepared: pd.DataFrame, looks: Sequence[Look], deep: float) -> None:
    """What the marks mean, below the axes and its names, which are so many inches deep."""
    named = [look for look in looks if look.label]
    ink = "0.25" if named else looks[0].colour
    marks = [_mark("o", ink, say("trial"), alpha=0.6)]
    if prepared["degenerate"].fillna(False).any():
        marks.append(_mark("X", ink, say("predicts one class"), alpha=0.6))
    several = prepared[prepared["n"].gt(1)]
    if several["mean"].notna().any():
        marks.append(_mark("D", ink, mean_words(several)))
    if prepared["is_baseline"].any():
        style = {"linestyle": DASHES, "linewidth": 0.8} if _one_baseline(prepared) else {}
        marks.append(_mark("D", ink, say("baseline"), markerfacecolor="white", **style))
    marked = len({look.marker for look in looks}) > 1
    marks = [*(_line(look, look.marker if marked else "none") for look in named), *marks]
    # a label that begins with an underscore would be left out, so that the words come after
    words = [str(mark.get_label()) for mark in marks]
    legend = axes.legend(
        marks, ["."] * len(marks), loc="upper center", bbox_to_anchor=(0.44, -0.2 - deep / _HIGH), fontsize=SMALL - 0.5,
        frameon=False, ncols=_columns(words), handletextpad=0.4, columnspacing=1.0, borderaxespad=0,
        handlelength=2.6 if named else 1.6,
    )  # fmt: skip
    for text, word in zip(legend.get_texts(), words, strict=True):
        text.set_text(word)


def _columns(words: Sequence[str]) -> int:
    """Two columns where their widest entries fit beside each other, else one."""
    half = -(-len(words) // 2)
    widest = [max(map(len, some), default=0) for some in (words[:half], words[half:])]
    return 2 if max(widest) <= _ENTRY or sum(widest) <= 2 * _ENTRY else 1


def _line(look: Look, marker: str) -> Line2D:
    """A series in the legend: its colour, with its marker where markers tell series apart."""
    style: dict[str, Any] = {"linewidth": 1.2, "markersize": 4.5} if marker != "none" else {"linewidth": 3}
    if look.dashes != "-":
        style |= {"linewidth": 1.2, "linestyle": look.dashes}
    return Line2D([], [], color=look.colour, marker=marker, label=literal(look.label), **style)


def _mark(marker: str, ink: Any, label: str, **look: Any) -> Line2D:
    style: dict[str, Any] = {"linestyle": "none", "markersize": 4.5, **look}
    return Line2D([], [], marker=marker, color=ink, label=label, **style)
