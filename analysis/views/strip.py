"""Strip: every setting a line, every trial a dot on it, with the mean and its 95% interval; for settings with names."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

from analysis.metrics import METRIC_NAMES
from analysis.names import names_of
from analysis.replicates import estimate
from analysis.tables import grouped
from analysis.views.words import literal, wrapped
from study.question import Question

SMALL = 7.5
_BELOW = 0.24
"""How far the dots stand below their setting's mean, as a share of the distance between settings."""


def prepare(frame: pd.DataFrame, question: Question, columns: Mapping[str, str]) -> pd.DataFrame:
    """One row per dot: panel, model, name (of its setting), place, x, degenerate; the setting's mean, low, high and n,
    and whether it is_baseline.

    x is the test score of ``question.metric``, or the validation score before there is any. Of several candidates of
    one point all are shown. Settings keep the order of the question's points, the baseline first.
    """
    trials, table = grouped(frame, question)
    if trials.empty:
        return pd.DataFrame(columns=["panel", "model"])
    split = table["split"].iloc[0]
    score = f"test_{question.metric}" if split == "test" else question.metric
    parts = []
    for row, name in zip(table.index, names_of(table, question), strict=True):
        mine = trials[(trials["row"] == row) & trials[score].notna()]
        found = estimate(mine, score)
        model, data = (str(table[column][row]) for column in ("model", "data"))
        where = f"{model.rpartition('/')[2]}, {data}"
        part = mine.assign(panel=where, name=name, x=mine[score], mean=found.mean, low=found.low, high=found.high)
        parts.append(part.assign(n=found.n))
    every = pd.concat(parts, ignore_index=True).sort_values("is_baseline", ascending=False, kind="stable")
    kept = every[["panel", "model", "name", "x", "seed", "degenerate", "is_baseline", "mean", "low", "high", "n"]]
    return kept.assign(xlabel=f"{split} {METRIC_NAMES.get(question.metric, question.metric)}")


def draw(axes: Axes, prepared: pd.DataFrame) -> None:
    """Draw one panel: settings from top to bottom, means on their line and trials just below it."""
    colour = sns.color_palette("colorblind")[0]
    names = list(dict.fromkeys(prepared["name"]))
    at = prepared["name"].map(names.index).to_numpy(dtype=float)
    # dots of nearly the same score are told apart by the seed's place
    aside = 0.14 * (prepared["seed"].rank(method="dense") / max(1, prepared["seed"].nunique()) - 0.5).to_numpy(
        dtype=float
    )
    degenerate = prepared["degenerate"].fillna(False).to_numpy(dtype=bool)
    for marker, which, size, label in (("o", ~degenerate, 11, "trial"), ("X", degenerate, 22, "predicts one class")):
        if which.any():
            axes.scatter(
                prepared["x"][which], (at + _BELOW + aside)[which], s=size, marker=marker, color=[colour], alpha=0.55,
                linewidths=0, zorder=2, label=label,
            )  # fmt: skip
    means = prepared.drop_duplicates("name")
    places = means["name"].map(names.index).to_numpy(dtype=float)
    known = means["low"].notna().to_numpy()
    error = [(means["mean"] - means["low"])[known], (means["high"] - means["mean"])[known]]
    axes.errorbar(
        means["mean"][known],
        places[known],
        xerr=error,
        fmt="none",
        ecolor=colour,
        elinewidth=1.3,
        capsize=2.5,
        zorder=3,
    )
    base = means["is_baseline"].to_numpy(dtype=bool)
    said = f"mean of {means['n'].max()}" + (", 95% CI" if known.any() else "")
    for which, face, label in ((~base, colour, said), (base, "white", "baseline")):
        if which.any():
            axes.plot(
                means["mean"][which], places[which], "D", markersize=5, color=colour, markerfacecolor=face, zorder=4,
                label=label,
            )  # fmt: skip
    if base.any():
        axes.axvline(means["mean"][base].iloc[0], color=colour, linewidth=0.8, linestyle=(0, (4, 3)), zorder=1)
    axes.set_yticks(range(len(names)), [wrapped(name, 30) for name in names])
    axes.set_ylim(len(names) - 0.4, -0.5)
    axes.set_xlim(*_limits(prepared))
    axes.set_xlabel(literal(prepared["xlabel"].iloc[0]), fontsize=SMALL + 1)
    axes.set_title(wrapped(prepared["panel"].iloc[0], 44), fontsize=SMALL + 1, loc="left")
    axes.tick_params(labelsize=SMALL)
    axes.tick_params(axis="y", length=0)
    sns.despine(ax=axes, left=True)
    axes.legend(
        loc="upper center", bbox_to_anchor=(0.35, -1.0 / (len(names) + 0.5)), fontsize=SMALL - 0.5, frameon=False,
        ncols=2, handletextpad=0.4, columnspacing=1.0, borderaxespad=0,
    )  # fmt: skip


def size(prepared: pd.DataFrame) -> tuple[float, float]:
    """Inches of a panel: a little more than a paper's column, for the names, and the same height for each setting."""
    return 4.2, 1.2 + 0.36 * prepared["name"].nunique()


def _limits(prepared: pd.DataFrame) -> tuple[float, float]:
    """From the dots, and from the intervals as far as half the dots' range (see ``scatter``)."""
    low, high = prepared["x"].min(), prepared["x"].max()
    reach = 0.5 * (high - low) or 0.01
    lowest = max(low - reach, np.fmin(low, prepared["low"].min()))
    highest = min(high + reach, np.fmax(high, prepared["high"].max()))
    edge = 0.04 * (highest - lowest)
    return lowest - edge, highest + edge
