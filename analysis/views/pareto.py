"""Pareto: the score against its cost, a dot per setting; those that no other beats on both are joined and named."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

from analysis.metrics import METRIC_NAMES
from analysis.names import names_of
from analysis.tables import grouped
from analysis.views.labels import Dot, place_labels
from analysis.views.words import literal, wrapped
from study.errors import InputError, unknown
from study.question import Question, better_is_lower

SMALL = 7.5

COSTS = {
    "trainable_parameters": ("trainable parameters", 1.0),
    "latency_1": ("latency at batch 1 (ms per text)", 1000.0),
    "latency_32": ("latency at batch 32 (ms per text)", 1000.0),
    "peak_memory_bytes": ("peak memory (MiB)", 2.0**-20),
    "saved_bytes": ("saved (MiB)", 2.0**-20),
    "train_seconds": ("training (s)", 1.0),
}
"""What a score may be shown against: in words, and by what the column is multiplied."""

_INK = "0.55"


def prepare(frame: pd.DataFrame, question: Question, columns: Mapping[str, str]) -> pd.DataFrame:
    """One row per setting and cost: panel, title, model, name, number, x, y, low, high, front, is_baseline, log, key.

    ``columns``: x is one or more of ``COSTS``, with a comma between; trainable parameters and latency at batch 1 unless
    given. A cost that is not known, or the same for every setting, has no panel; a question of another view has none
    where trainable parameters do not vary. Of several candidates of one point the one best on validation is shown. The
    front is that of the means: no other setting costs less and scores as well.
    """
    costs = [name.strip() for name in columns.get("x", "trainable_parameters,latency_1").split(",")]
    for name in costs:
        if name not in COSTS:
            raise InputError(unknown("cost", name, COSTS, do="Give the view pareto one of these as its x."))
    table = grouped(frame, question)[1]
    table = table[table["chosen"].astype(bool)]
    if question.view.name != "pareto" and table["trainable_parameters"].nunique() < 2:
        table = table.iloc[:0]
    table = table.assign(name=pd.Series(names_of(table, question), index=table.index, dtype=object))
    kept = []
    for (model, data), mine in table.groupby(["model", "data"], sort=False):
        mine = mine.sort_values([costs[0], "point"], kind="stable").assign(number=range(1, len(mine) + 1))
        parts = [_panel(mine, question, cost, f"{str(model).rpartition('/')[2]}, {data}") for cost in costs]
        parts = [part for part in parts if part["x"].nunique() > 1]
        kept += [part.assign(key=key) for part, key in zip(parts, _keys(mine, len(parts)), strict=True)]
    return pd.concat(kept, ignore_index=True) if kept else pd.DataFrame(columns=["panel", "model"])


def draw(axes: Axes, prepared: pd.DataFrame) -> None:
    """Draw one panel: the front in colour and joined, others grey, all by their number; part of the key is below."""
    colour = sns.color_palette("colorblind")[0]
    log = bool(prepared["log"].iloc[0])
    if log:
        axes.set_xscale("log")
    axes.set_xlim(*_limits(prepared["x"], log))
    prepared = prepared.assign(x=_side_by_side(prepared["x"], log))
    axes.set_ylim(*_heights(prepared))
    for front, ink in ((False, _INK), (True, colour)):
        rows = prepared[prepared["front"] == front]
        known = rows[rows["low"].notna()]
        error = [known["y"] - known["low"], known["high"] - known["y"]]
        axes.errorbar(known["x"], known["y"], yerr=error, fmt="none", ecolor=ink, elinewidth=0.9, zorder=2)
        faces = ["white" if baseline else ink for baseline in rows["is_baseline"]]
        axes.scatter(rows["x"], rows["y"], s=24, marker="D", c=faces, edgecolors=[ink], linewidths=1.1, zorder=4)
    joined = prepared[prepared["front"]].sort_values("x")
    axes.plot(joined["x"], joined["y"], color=colour, linewidth=1, zorder=3)
    axes.set_xlabel(prepared["xlabel"].iloc[0], fontsize=SMALL + 1)
    axes.set_ylabel(prepared["ylabel"].iloc[0], fontsize=SMALL + 1)
    axes.set_title(wrapped(prepared["title"].iloc[0], 44), fontsize=SMALL + 1, loc="left")
    axes.tick_params(labelsize=SMALL)
    sns.despine(ax=axes)
    order = prepared.sort_values("front", ascending=False, kind="stable")
    dots = [Dot(row["x"], row["y"], row["low"], row["high"], str(row["number"])) for _, row in order.iterrows()]
    place_labels(
        axes, dots, SMALL - 1, (_WIDTH - 0.56, _HEIGHT - 0.7), list(zip(joined["x"], joined["y"], strict=True))
    )
    axes.text(
        0, -0.21, prepared["key"].iloc[0], transform=axes.transAxes, va="top", fontsize=SMALL - 0.5, linespacing=1.25
    )


_WIDTH, _HEIGHT = 3.9, 3.2


def size(prepared: pd.DataFrame) -> tuple[float, float]:
    """Inches of a panel; two stand side by side on a page. Below the axes each needs room for its part of the key."""
    return _WIDTH, _HEIGHT + 0.13 * (1 + max(key.count("\n") for key in prepared["key"]))


def _panel(table: pd.DataFrame, question: Question, cost: str, title: str) -> pd.DataFrame:
    words, unit = COSTS[cost]
    split = table["split"].iloc[0]
    rows = pd.DataFrame(
        {
            "model": table["model"],
            "name": table["name"],
            "number": table["number"],
            "x": table[cost] * unit,
            "y": table[split],
            "low": table[f"{split}_low"],
            "high": table[f"{split}_high"],
            "is_baseline": table["is_baseline"],
        }
    ).dropna(subset=["x", "y"])
    wide = len(rows) > 0 and rows["x"].min() > 0 and rows["x"].max() >= 20 * rows["x"].min()
    metric = METRIC_NAMES.get(question.metric, question.metric)
    return rows.assign(
        front=_front(rows["x"], -rows["y"] if better_is_lower(question.metric) else rows["y"]),
        panel=f"{title}: {cost}",
        title=title,
        xlabel=words,
        ylabel=f"{split} {metric}",
        log=wide,
    )


def _keys(table: pd.DataFrame, panels: int) -> list[str]:
    """What the numbers stand for, a line each, divided among so many panels."""
    words = [f"{number}  {literal(name)}" for number, name in zip(table["number"], table["name"], strict=True)]
    each = -(-len(words) // max(1, panels))
    return ["\n".join(words[each * panel : each * (panel + 1)]) for panel in range(panels)]


def _front(cost: pd.Series, score: pd.Series) -> list[bool]:
    """Which settings no other beats: cheaper and no worse, or better and no dearer."""
    return [
        not (((cost <= c) & (score >= s)) & ((cost < c) | (score > s))).any()
        for c, s in zip(cost, score, strict=True)
    ]  # fmt: skip


def _side_by_side(x: pd.Series, log: bool) -> pd.Series:
    """The costs, those that are one moved apart so that their intervals do not cover each other."""
    places = np.log10(x) if log else x
    span = float(places.max() - places.min())
    near = (places.sort_values().diff() > 0.004 * span).cumsum()
    rank = places.groupby(near).cumcount()
    moved = places + (rank - (rank.groupby(near).transform("max")) / 2) * 0.022 * span
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
