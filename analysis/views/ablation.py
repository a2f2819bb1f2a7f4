"""Ablation: two paired differences for each part of a recipe, what it adds and what the whole loses without it."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

from analysis.ablation import ablation
from analysis.language import say
from analysis.markdown import p_value
from analysis.metrics import metric_name, split_name
from analysis.replicates import FOLDS, TEXTS
from analysis.resampled import Resampled
from analysis.views.looks import SMALL, dress
from analysis.views.words import literal
from study.question import Question

_APART = 0.17
"""How far the two differences of a part stand from its line, as a share of the distance between parts."""

_LOOK = (("o", "colour"), ("s", "white"))
"""Marker and face of each direction, so that they are told apart in black and white too."""


def prepare(
    frame: pd.DataFrame, question: Question, columns: Mapping[str, str], resampled: Resampled | None = None
) -> pd.DataFrame:
    """One row per part and direction that has a difference: those of ``ablation``, with panel, model and xlabel."""
    parts = []
    for place, mine in frame.groupby(["model", "data"], sort=False):
        model, data = map(str, place)
        found = ablation(mine, question, resampled)
        if found["n"].any():
            label = say(
                "change of {split} {metric} by having it",
                split=split_name(found["split"].iloc[0]),
                metric=metric_name(question.metric),
            )
            panel, label = f"{model.rpartition('/')[2]}, {data}", f"{label}\n{_interval(found)}"
            parts.append(found.assign(panel=panel, model=model, xlabel=label))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["panel", "model"])


def draw(axes: Axes, prepared: pd.DataFrame) -> None:
    """Draw one panel: parts from top to bottom, the difference along x with its 95% interval, and p after Holm."""
    names = list(dict.fromkeys(prepared["component"]))
    directions = list(dict.fromkeys(prepared["direction"]))
    colours = sns.color_palette("colorblind", len(directions))
    axes.axvline(0, color="0.4", linewidth=0.8, zorder=1)
    for place, (direction, colour) in enumerate(zip(directions, colours, strict=True)):
        rows = prepared[(prepared["direction"] == direction) & prepared["difference"].notna()]
        at = [names.index(name) + _APART * (2 * place - 1) for name in rows["component"]]
        marker, face = _LOOK[place]
        known = rows["low"].notna().to_numpy()
        error = [(rows["difference"] - rows["low"])[known], (rows["high"] - rows["difference"])[known]]
        axes.errorbar(
            rows["difference"][known], [y for y, has in zip(at, known, strict=True) if has], xerr=error, fmt="none",
            ecolor=colour, elinewidth=1.3, capsize=2.5, zorder=3,
        )  # fmt: skip
        axes.plot(
            rows["difference"], at, marker, color=colour, markersize=5, zorder=4, label=literal(direction),
            markerfacecolor=colour if face == "colour" else face,
        )  # fmt: skip
        for y, p, n, star in zip(at, rows["p_holm"], rows["n"], rows["significant"], strict=True):
            said = f"{p_value(p)} ({n})" + ("*" if star else "")
            axes.annotate(
                said, (1, y), xycoords=("axes fraction", "data"), xytext=(4, 0), textcoords="offset points",
                va="center", fontsize=SMALL - 1, color="0.15", annotation_clip=False,
            )  # fmt: skip
    axes.annotate(
        say("p, Holm (n)"),
        (1, 1),
        xycoords="axes fraction",
        xytext=(4, 3),
        textcoords="offset points",
        fontsize=SMALL - 1,
    )
    axes.set_yticks(range(len(names)), [literal(name) for name in names])
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.margins(x=0.08)
    axes.set_xlabel("\n".join(map(literal, prepared["xlabel"].iloc[0].split("\n"))), fontsize=SMALL + 1)
    dress(axes, prepared["panel"].iloc[0], rows=True, above=15)  # over the head of the column of p
    axes.legend(
        loc="upper center", bbox_to_anchor=(0.4, -1.2 / len(names)), fontsize=SMALL - 0.5, frameon=False, ncols=1,
        handletextpad=0.4, borderaxespad=0,
    )  # fmt: skip


def _interval(found: pd.DataFrame) -> str:
    """What the intervals are over, as far as there are any."""
    if found["low"].isna().all():
        return ""
    if (found["estimand"] == TEXTS).all():
        return say("95% CI over seeds and texts")
    return say("95% CI over folds") if (found["estimand"] == FOLDS).all() else say("95% CI over seeds")


def size(prepared: pd.DataFrame) -> tuple[float, float]:
    """Inches of a panel: the width of a paper's column and a line and a half for each difference."""
    return 3.5, 1.45 + 0.42 * prepared["component"].nunique()
