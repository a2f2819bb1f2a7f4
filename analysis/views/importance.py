"""Importance: for each setting the share of the score's variance that it makes alone, with the spread over forests."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

from analysis.importance import REFITS, importance
from analysis.language import say
from analysis.markdown import percent
from analysis.metrics import metric_name
from analysis.remembered import remembered
from analysis.resampled import Resampled
from analysis.views.looks import SMALL, dress
from analysis.views.words import literal, ticks
from study.question import Question


def prepare(
    frame: pd.DataFrame, question: Question, columns: Mapping[str, str], resampled: Resampled | None = None
) -> pd.DataFrame:
    """One row per panel (model and data set) and setting, the most important first: share, low, high.

    A last row, setting "", is what settings make only together. A panel is there where importance could be told.
    """
    parts = []
    for place, mine in frame.groupby(["model", "data"], sort=False):
        model, data = map(str, place)
        found = remembered(importance, mine, question)
        if found.refused:
            continue
        rest = pd.DataFrame({"setting": [""], "share": [found.rest], "low": [np.nan], "high": [np.nan]})
        rows = pd.concat([found.table, rest], ignore_index=True)
        label = say("share of the variance of validation {metric}", metric=metric_name(question.metric))
        parts.append(rows.assign(panel=f"{model.rpartition('/')[2]}, {data}", model=model, xlabel=label))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["panel", "model"])


def draw(axes: Axes, prepared: pd.DataFrame) -> None:
    """Draw one panel: settings from top to bottom, shares as bars, least and most of the forests as lines."""
    colour = sns.color_palette("colorblind")[0]
    rows = prepared.reset_index(drop=True)
    alone = rows["setting"] != ""
    axes.barh(
        rows.index[alone], rows["share"][alone], height=0.5, color=[(*colour, 0.45)], zorder=2, label=say("alone")
    )
    axes.barh(
        rows.index[~alone], rows["share"][~alone], height=0.5, color="white", edgecolor="0.45", linewidth=0.8, zorder=2,
        hatch="////",
    )  # fmt: skip
    error = [(rows["share"] - rows["low"])[alone], (rows["high"] - rows["share"])[alone]]
    axes.errorbar(
        rows["share"][alone], rows.index[alone], xerr=error, fmt="none", ecolor="0.15", elinewidth=1.1, capsize=2.5,
        zorder=3, label=say("least and most of {forests} forests", forests=REFITS),
    )  # fmt: skip
    names = ticks([name for name in rows["setting"] if name])
    axes.set_yticks(range(len(rows)), [*names, say("only together")])
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlim(0, max(0.1, 1.06 * float(np.nanmax(rows[["share", "high"]].to_numpy(dtype=float)))))
    axes.xaxis.set_major_formatter(lambda share, _: percent(round(share, 6)))
    axes.set_xlabel(literal(rows["xlabel"].iloc[0]), fontsize=SMALL + 1)
    dress(axes, rows["panel"].iloc[0])
    axes.tick_params(axis="y", length=0)
    axes.legend(
        loc="upper center", bbox_to_anchor=(0.35, -0.47 / (0.27 * len(rows))), fontsize=SMALL - 0.5, frameon=False,
        ncols=2, handletextpad=0.5, columnspacing=1.2, borderaxespad=0,
    )  # fmt: skip


def size(prepared: pd.DataFrame) -> tuple[float, float]:
    """Inches of a panel: the width of a paper's column and a line for each setting."""
    return 3.5, 1.0 + 0.27 * int(prepared.groupby("panel")["setting"].nunique().max())
