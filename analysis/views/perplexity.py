"""Perplexity: for every pre-trained body and kind of text an arrow from before to after, on a logarithmic axis."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, NullFormatter

from analysis.language import say
from analysis.markdown import number
from analysis.pretraining import TEXTS
from analysis.views.looks import SMALL, dress
from analysis.views.words import literal, wrapped
from study.question import Question

MOST = 12
"""The most bodies of a panel; a table has the others."""

_MARKERS = dict(zip(TEXTS, ("D", "s", "o"), strict=True))
_APART = 0.24
_NAME = 24


def prepare(
    frame: pd.DataFrame, question: Question, columns: Mapping[str, str], resampled: object = None
) -> pd.DataFrame:
    """One row per panel (model and data set), body and kind of text: panel, model, body, texts_of, before and after.

    ``frame`` holds perplexities (``pretraining.perplexities``). Of each panel the first MOST bodies.
    """
    rows = frame.dropna(subset=["before", "after"])
    parts = []
    for place, mine in rows.groupby(["model", "data"], sort=False):
        model, data = map(str, place)
        kept = mine[mine["body"].isin(mine["body"].unique()[:MOST])]
        parts.append(kept.assign(panel=f"{model.rpartition('/')[2]}, {data}"))
    wanted = ["panel", "model", "body", "texts_of", "before", "after"]
    return pd.concat(parts, ignore_index=True)[wanted] if parts else pd.DataFrame(columns=wanted)


def draw(axes: Axes, prepared: pd.DataFrame) -> None:
    """Draw one panel: bodies from top to bottom, hollow before, filled after, the ratio at the right."""
    bodies = list(dict.fromkeys(prepared["body"]))
    kinds = [kind for kind in TEXTS if kind in set(prepared["texts_of"])]
    colours = dict(zip(TEXTS, sns.color_palette("colorblind"), strict=False))
    axes.set_xscale("log")
    for _, row in prepared.iterrows():
        kind = row["texts_of"]
        y = bodies.index(row["body"]) + _APART * (kinds.index(kind) - (len(kinds) - 1) / 2)
        look = {"color": colours[kind], "markersize": 4.5, "linestyle": "none", "zorder": 4}
        axes.annotate(
            "", (row["after"], y), (row["before"], y),
            arrowprops={"arrowstyle": "-", "color": colours[kind], "linewidth": 1, "shrinkA": 0, "shrinkB": 0},
        )  # fmt: skip
        axes.plot([row["before"]], [y], _MARKERS[kind], markerfacecolor="white", **look)
        axes.plot([row["after"]], [y], _MARKERS[kind], **look)
        axes.annotate(
            f"× {number(row['after'] / row['before'], 2)}", (1, y), xycoords=("axes fraction", "data"), xytext=(4, 0),
            textcoords="offset points", va="center", fontsize=SMALL - 1, color="0.15", annotation_clip=False,
        )  # fmt: skip
    _axes(axes, prepared, bodies)
    dress(axes, prepared["panel"].iloc[0], rows=True)
    look = {"linestyle": "none", "markersize": 4.5}
    marks = [Line2D([], [], color=colours[kind], marker=_MARKERS[kind], **look) for kind in kinds]
    ends = [Line2D([], [], color="0.25", marker="o", markerfacecolor=face, **look) for face in ("white", "0.25")]
    said = {"task": say("task's texts"), "domain": say("domain's texts"), "general": say("general text")}
    axes.legend(
        [*marks, *ends], [*(said[kind] for kind in kinds), say("before"), say("after")], loc="upper center",
        bbox_to_anchor=(0.35, -0.46 / (size(prepared)[1] - 1.0)), fontsize=SMALL - 0.5, frameon=False, ncols=3,
        handletextpad=0.3, columnspacing=1.0, borderaxespad=0,
    )  # fmt: skip


def size(prepared: pd.DataFrame) -> tuple[float, float]:
    """Inches of a panel: a little more than a paper's column, for the bodies' names, and three lines for each body."""
    kinds = prepared["texts_of"].nunique()
    bodies = int(prepared.groupby("panel")["body"].nunique().max())
    return 4.2, 1.15 + (0.16 + 0.15 * kinds) * bodies


def _axes(axes: Axes, prepared: pd.DataFrame, bodies: list[str]) -> None:
    low, high = prepared[["before", "after"]].min().min(), prepared[["before", "after"]].max().max()
    edge = max(0.06 * np.log10(high / low), 0.02)
    axes.set_xlim(low / 10**edge, high * 10**edge)
    decades = np.log10(high / low)
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if decades < 2 else (1,)))
    axes.xaxis.set_major_formatter(lambda at, _: number(at, 0 if at >= 1 else 2))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_yticks(range(len(bodies)), [wrapped(name, _NAME) for name in bodies])
    axes.set_ylim(len(bodies) - 0.5, -0.5)
    axes.set_xlabel(literal(say("perplexity (lower is better)")), fontsize=SMALL + 1)
