"""Errors: accuracy by length and by class, the baseline's beside the best other setting's."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

from analysis.errors import BASELINE, BEST
from analysis.language import say
from analysis.markdown import value
from analysis.metrics import split_name
from analysis.views.looks import SMALL, dress
from analysis.views.words import literal, ticks, wrapped
from study.question import Question

_ENTRY = 44
"""The longest line of a legend's entry, in characters: what a panel is wide."""

_APART = 0.16
"""How far the two accuracies of a group stand from its line, as a share of the distance between groups."""

_LINE = 0.36
"""Inches for a group."""

_LOOKS = {BASELINE: ("s", "white"), BEST: ("D", None)}
"""Marker and face of each setting, so that they are told apart in grey too."""


def prepare(
    frame: pd.DataFrame, question: Question, columns: Mapping[str, str], resampled: object = None
) -> pd.DataFrame:
    """One row per panel (lengths, classes), group and role (baseline, best): panel, title, model, kind, group, role,
    name, mean, low, high, texts, xlabel, ylabel, tallest (groups of the panel that has most).

    ``frame`` holds accuracies by group (``error_groups.accuracy_by_group``). ``resampled`` is not used: the intervals
    there are over seeds and texts already.
    """
    rows = frame[frame["role"].isin([BASELINE, BEST]) & frame["mean"].notna()]
    if rows.empty:
        return pd.DataFrame(columns=["panel", "model"])
    title = rows["model"].str.rpartition("/")[2] + ", " + rows["data"]
    ranges = [f"{value(low)}–{value(high)}" for low, high in zip(rows["low_end"], rows["high_end"], strict=True)]
    lengths = rows["kind"] == "length"
    units = {
        "words": say("words of the text"),
        "characters": say("characters of the text"),
        "": say("true class"),
    }
    prepared = pd.DataFrame(
        {
            "panel": title + ": " + rows["kind"],
            "title": title,
            "model": rows["model"],
            "kind": rows["kind"],
            "group": pd.Series(ranges, index=rows.index).where(lengths, rows["group"]),
            "role": rows["role"],
            "name": rows["name"],
            "mean": rows["mean"],
            "low": rows["low"],
            "high": rows["high"],
            "texts": rows["texts"],
            "xlabel": [say("{split} accuracy", split=split_name(split)) for split in rows["split"]],
            "ylabel": rows["unit"].map(units),
        }
    ).reset_index(drop=True)
    # panels side by side are as high as the one with most groups
    return prepared.assign(tallest=int(prepared.groupby("panel")["group"].nunique().max()))


def draw(axes: Axes, prepared: pd.DataFrame) -> None:
    """Draw one panel: groups from top to bottom with their number of texts, accuracy along x with its 95% interval."""
    colour = sns.color_palette("colorblind")[0]
    groups = list(dict.fromkeys(prepared["group"]))
    roles = [role for role in _LOOKS if (prepared["role"] == role).any()]
    for place, role in enumerate(roles):
        rows = prepared[prepared["role"] == role]
        marker, face = _LOOKS[role]
        shift = _APART * (2 * place - 1) if len(roles) > 1 else 0.0
        at = pd.Series([groups.index(group) + shift for group in rows["group"]], index=rows.index)
        known = rows[rows["low"].notna()]
        error = [known["mean"] - known["low"], known["high"] - known["mean"]]
        axes.errorbar(
            known["mean"], at[known.index], xerr=error, fmt="none", ecolor=colour, elinewidth=1.1, capsize=2.2, zorder=3
        )
        name = rows["name"].iloc[0]
        label = say("{name} ({role})", name=name, role=say("baseline")) if role == BASELINE and (
            name != say("baseline")) else name  # fmt: skip
        axes.plot(
            rows["mean"], at, marker, color=colour, markerfacecolor=face or colour, markersize=4.5, zorder=4,
            label=wrapped(literal(label).lstrip("_"), _ENTRY),
        )  # fmt: skip
    texts = prepared.drop_duplicates("group")["texts"]
    for y, amount in enumerate(texts):
        axes.annotate(
            f"{amount:,}", (1, y), xycoords=("axes fraction", "data"), xytext=(4, 0), textcoords="offset points",
            va="center", fontsize=SMALL - 1, color="0.15", annotation_clip=False,
        )  # fmt: skip
    axes.annotate(
        say("texts"), (1, 1), xycoords="axes fraction", xytext=(4, 3), textcoords="offset points", fontsize=SMALL - 1
    )
    by_class = prepared["kind"].iloc[0] == "class"
    axes.set_yticks(range(len(groups)), ticks(groups) if by_class else groups)
    axes.set_ylim(len(groups) - 0.5, -0.5)
    axes.margins(x=0.06)
    axes.set_xlabel(prepared["xlabel"].iloc[0], fontsize=SMALL + 1)
    axes.set_ylabel(prepared["ylabel"].iloc[0], fontsize=SMALL + 1)
    dress(axes, prepared["title"].iloc[0], rows=True, width=40)
    below = -0.55 / (0.25 + _LINE * prepared["tallest"].iloc[0])
    axes.legend(
        loc="upper center", bbox_to_anchor=(0.45, below), fontsize=SMALL - 0.5, frameon=False,
        ncols=1, handletextpad=0.4, borderaxespad=0,
    )  # fmt: skip


def size(prepared: pd.DataFrame) -> tuple[float, float]:
    """Inches of a panel: the width of a paper's column, and a line and a half for each group."""
    return 3.5, 1.5 + _LINE * int(prepared["tallest"].iloc[0])
