"""Pareto: the score against its cost, a mark per setting, as dark as it is surely among those that no other beats."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.lines import Line2D

from analysis.language import say
from analysis.markdown import percent
from analysis.metrics import metric_name, split_name
from analysis.names import names_of
from analysis.pareto import COSTS, TOLD, cost_name, front_probability, on_front
from analysis.resampled import Resampled
from analysis.tables import grouped
from analysis.views.labels import Dot, place_labels
from analysis.views.looks import SMALL, dress
from analysis.views.words import literal
from study.question import Question

DEFAULT = ("trainable_parameters", "latency_1")
"""The costs that are shown where none are asked for; of a table that somebody else made, those of it that differ."""

_EDGE = "0.3"


def prepare(
    frame: pd.DataFrame, question: Question, columns: Mapping[str, str], resampled: Resampled | None = None
) -> pd.DataFrame:
    """One row per setting and cost: panel, title, model, name, number, x, y, low, high, front, probability (of being on
    the front, see ``pareto.front_probability``), is_baseline, log, key.

    ``columns``: x is one or more of ``pareto.COSTS``, with a comma between; trainable parameters and latency at batch 1
    unless given, and of trials that others ran what differs. A cost that is not known, or the same for every setting,
    has no panel; a question of another view has none where trainable parameters do not vary in trials of ours. Of
    several candidates of one point the one best on validation is shown.
    The front is that of the means: no other setting costs less and scores as well.
    """
    trials, table = grouped(frame, question, resampled)
    table = table[table["chosen"].astype(bool)]
    costs = [name.strip() for name in columns["x"].split(",")] if "x" in columns else _costs(trials, table)
    words = {name: cost_name(name) for name in costs}
    if not costs or ("x" not in columns and question.view.name != "pareto" and table[costs[0]].nunique() < 2):
        table = table.iloc[:0]
    table = table.assign(name=pd.Series(names_of(table, question), index=table.index, dtype=object))
    kept = []
    for (model, data), mine in table.groupby(["model", "data"], sort=False):
        mine = mine.sort_values([costs[0], "point"], kind="stable").assign(number=range(1, len(mine) + 1))
        title = f"{str(model).rpartition('/')[2]}, {data}"
        parts = [_panel(mine, trials, question, cost, resampled) for cost in costs]
        parts = [
            part.assign(panel=f"{title}: {cost}", title=title, xlabel=words[cost])
            for part, cost in zip(parts, costs, strict=True)
            if part["x"].nunique() > 1
        ]
        kept += [part.assign(key=key) for part, key in zip(parts, _keys(mine, len(parts)), strict=True)]
    return pd.concat(kept, ignore_index=True) if kept else pd.DataFrame(columns=["panel", "model"])


def draw(axes: Axes, prepared: pd.DataFrame) -> None:
    """Draw one panel: darker marks are more surely on the front, those on it by the means are joined, all numbered."""
    log = bool(prepared["log"].iloc[0])
    if log:
        axes.set_xscale("log")
    axes.set_xlim(*_limits(prepared["x"], log))
    joined = prepared[prepared["front"]].sort_values("x")
    prepared = prepared.assign(x=_side_by_side(prepared["x"], prepared["front"], log))
    axes.set_ylim(*_heights(prepared))
    known = prepared[prepared["low"].notna()]
    error = [known["y"] - known["low"], known["high"] - known["y"]]
    axes.errorbar(known["x"], known["y"], yerr=error, fmt="none", ecolor="0.6", elinewidth=0.9, zorder=2)
    for _, row in prepared.iterrows():
        marker = "s" if row["is_baseline"] else "D"
        axes.scatter(
            [row["x"]], [row["y"]], s=24, marker=marker, c=[_shade(row["probability"])], edgecolors=_EDGE,
            linewidths=0.8, zorder=4,
        )  # fmt: skip
    axes.plot(joined["x"], joined["y"], color=_shade(1.0), linewidth=1, zorder=3)
    axes.set_xlabel(prepared["xlabel"].iloc[0], fontsize=SMALL + 1)
    axes.set_ylabel(literal(prepared["ylabel"].iloc[0]), fontsize=SMALL + 1)
    dress(axes, prepared["title"].iloc[0])
    order = prepared.sort_values("front", ascending=False, kind="stable")
    dots = [Dot(row["x"], row["y"], row["low"], row["high"], str(row["number"])) for _, row in order.iterrows()]
    place_labels(
        axes, dots, SMALL - 1, (_WIDTH - 0.56, _HEIGHT - 0.7), list(zip(joined["x"], joined["y"], strict=True))
    )
    _legend(axes, prepared)
    axes.text(
        0, -0.29, prepared["key"].iloc[0], transform=axes.transAxes, va="top", fontsize=SMALL - 0.5, linespacing=1.25
    )


def _legend(axes: Axes, prepared: pd.DataFrame) -> None:
    """What shades mean, in one line below the axes, and which mark is the baseline's."""
    look: dict[str, Any] = {"linestyle": "none", "markersize": 4.5, "markeredgecolor": _EDGE, "markeredgewidth": 0.8}
    marks = [Line2D([], [], alpha=0)]
    words = [say("on the front:")]
    for share in (0.0, 0.5, 1.0) if prepared["probability"].notna().any() else ():
        marks.append(Line2D([], [], marker="D", markerfacecolor=_shade(share), **look))
        words.append(percent(share))
    if len(marks) == 1:
        marks, words = [Line2D([], [], color=_shade(1.0), linewidth=1)], [say("on the front")]
    if prepared["is_baseline"].any():
        marks.append(Line2D([], [], marker="s", markerfacecolor="white", **look))
        words.append(say("baseline"))
    axes.legend(
        marks, words, loc="upper left", bbox_to_anchor=(-0.09, -0.19), fontsize=SMALL - 0.5, frameon=False,
        ncols=len(marks), handlelength=0.9, handletextpad=0.3, columnspacing=0.9, borderaxespad=0,
    )  # fmt: skip


def _shade(probability: float) -> str:
    """White at 0, the palette's blue at 1, grey where it is not known."""
    if np.isnan(probability):
        return to_hex("0.75")
    full = sns.color_palette("colorblind")[0]
    red, green, blue = (float(1 - (1 - part) * probability) for part in full)
    return to_hex((red, green, blue))


_WIDTH, _HEIGHT = 3.9, 3.2


def size(prepared: pd.DataFrame) -> tuple[float, float]:
    """Inches of a panel; two stand side by side on a page. Below the axes each needs room for its part of the key."""
    return _WIDTH, _HEIGHT + 0.13 * (2 + max(key.count("\n") for key in prepared["key"]))


def _panel(
    table: pd.DataFrame, trials: pd.DataFrame, question: Question, cost: str, resampled: Resampled | None
) -> pd.DataFrame:
    split = table["split"].iloc[0]
    rows = pd.DataFrame(
        {
            "model": table["model"],
            "name": table["name"],
            "number": table["number"],
            "x": table[cost] * COSTS[cost],
            "y": table[split],
            "low": table[f"{split}_low"],
            "high": table[f"{split}_high"],
            "is_baseline": table["is_baseline"],
        }
    ).dropna(subset=["x", "y"])
    wide = len(rows) > 0 and rows["x"].min() > 0 and rows["x"].max() >= 20 * rows["x"].min()
    sign = -1 if question.lower_is_better else 1
    return rows.assign(
        front=on_front(rows["x"].to_numpy(dtype=float), sign * rows["y"].to_numpy(dtype=float)),
        probability=front_probability(trials, list(rows.index), question, cost, np.random.default_rng(0), resampled),
        ylabel=say("{split} {metric}", split=split_name(split), metric=metric_name(question.metric)),
        log=wide,
    )


def _keys(table: pd.DataFrame, panels: int) -> list[str]:
    """What the numbers stand for, a line each, divided among so many panels."""
    words = [f"{number}  {literal(name)}" for number, name in zip(table["number"], table["name"], strict=True)]
    each = -(-len(words) // max(1, panels))
    return ["\n".join(words[each * panel : each * (panel + 1)]) for panel in range(panels)]


def _costs(trials: pd.DataFrame, table: pd.DataFrame) -> list[str]:
    """The costs to show where none are asked for.

    Training times of our own trials always differ, by chance if by nothing else; those of a table that has no execution
    profile are there because somebody said that they count.
    """
    if trials["profile"].notna().any():
        return list(DEFAULT)
    return [cost for cost in TOLD if table[cost].nunique() > 1]


def _side_by_side(x: pd.Series, front: pd.Series, log: bool) -> pd.Series:
    """The costs, those that are one moved apart so that their intervals do not cover each other.

    What is on the front stays at its cost, where the front is drawn.
    """
    places = np.log10(x) if log else x
    span = float(places.max() - places.min())
    near = (places.sort_values().diff() > 0.004 * span).cumsum()
    rank = (~front.astype(bool)).astype(int).groupby(near).rank(method="first").astype(int)
    aside: pd.Series = (rank // 2) * np.where(rank % 2, 1, -1)
    moved = places + aside * 0.022 * span
    return 10**moved if log else moved


def _limits(x: pd.Series, log: bool) -> tuple[float, float]:
    """The costs with room for names on both sides."""
    if log:
        low, high = np.log10(x.min()), np.log10(x.max())
        return 10 ** (low - 0.12 * (high - low)), 10 ** (high + 0.16 * (high - low))
    return x.min() - 0.12 * (x.max() - x.min()), x.max() + 0.16 * (x.max() - x.min())


def _heights(prepared: pd.DataFrame) -> tuple[float, float]:
    """The means, and the intervals as far as the means' range below and above: two seeds' interval would dwarf them."""
    low, high = prepared["y"].min(), prepared["y"].max()
    reach = (high - low) or 0.01
    lowest = max(low - reach, np.fmin(low, prepared["low"].min()))
    highest = min(high + reach, np.fmax(high, prepared["high"].max()))
    edge = 0.08 * (highest - lowest) or 0.01
    return lowest - edge, highest + edge
