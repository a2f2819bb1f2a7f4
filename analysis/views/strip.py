"""Strip: every setting a line, every trial a dot on it, with the mean and its 95% interval; for settings with names."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

from analysis.frame import metric_column
from analysis.language import say
from analysis.metrics import metric_name, split_name
from analysis.names import names_of
from analysis.replicates import estimand, estimates
from analysis.resampled import Resampled
from analysis.tables import grouped, shown_of
from analysis.views.dots import mean_words
from analysis.views.looks import SMALL, dress
from analysis.views.words import literal, wrapped
from study.question import Question

LINES = 40
"""The most settings that a panel shows."""

_BELOW = 0.24
"""How far the dots stand below their setting's mean, as a share of the distance between settings."""


_ENTRY = 30
"""Characters of a legend's entry that fit beside another."""


def prepare(
    frame: pd.DataFrame, question: Question, columns: Mapping[str, str], resampled: Resampled | None = None
) -> pd.DataFrame:
    """One row per dot: panel, model, name (of its setting), place, x, degenerate; the setting's mean, low, high and n,
    and whether it is_baseline.

    x is the test score of ``question.metric``, or the validation score before there is any. Of several candidates of
    one point all are shown, up to 40 settings with the best and the baseline among them. Settings keep the order of the
    question's points, the baseline first.
    """
    trials, table = grouped(frame, question)
    if trials.empty:
        return pd.DataFrame(columns=["panel", "model"])
    split = table["split"].iloc[0]
    score = metric_column(question.metric, split)
    shown = shown_of(table, question, LINES)
    every = trials[trials["row"].isin(shown.index) & trials[score].notna()].sort_values("row", kind="stable")
    means = estimates(every, score, resampled)
    names = dict(zip(shown.index, names_of(shown, question), strict=True))
    every = every.sort_values("is_baseline", ascending=False, kind="stable")
    models = {model: str(model).rpartition("/")[2] for model in every["model"].unique()}
    label = {"split": split_name(split), "metric": metric_name(question.metric)}
    return pd.DataFrame(
        {
            "panel": [f"{models[m]}, {d}" for m, d in zip(every["model"], every["data"], strict=True)],
            "model": every["model"].to_numpy(),
            "name": every["row"].map(names).to_numpy(),
            "x": every[score].to_numpy(),
            **{name: every[name].to_numpy() for name in ("seed", "fold", "degenerate", "is_baseline")},
            **{name: every["row"].map(means[name]).to_numpy() for name in ("mean", "low", "high", "n")},
            "estimand": estimand(every, score, resampled),
            "xlabel": say("{split} {metric}", **label)
            if len(shown) == len(table)
            else say("{split} {metric} ({shown} of {settings})", shown=len(shown), settings=len(table), **label),
        }
    )


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
    for marker, which, size, label in (
        ("o", ~degenerate, 11, say("trial")),
        ("X", degenerate, 22, say("predicts one class")),
    ):
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
    said = mean_words(prepared)
    base = means["is_baseline"].to_numpy(dtype=bool)
    for which, face, label in ((~base, colour, said), (base, "white", say("baseline"))):
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
    dress(axes, prepared["panel"].iloc[0], rows=True)
    axes.legend(
        loc="upper center", bbox_to_anchor=(0.35, -1.0 / (len(names) + 0.5)), fontsize=SMALL - 0.5, frameon=False,
        ncols=1 if len(said) > _ENTRY else 2, handletextpad=0.4, columnspacing=1.0, borderaxespad=0,
    )  # fmt: skip


def size(prepared: pd.DataFrame) -> tuple[float, float]:
    """Inches of a panel: a little more than a paper's column, for the names, and the same height for each setting."""
    return 4.2, 1.35 + 0.36 * prepared["name"].nunique()


def _limits(prepared: pd.DataFrame) -> tuple[float, float]:
    """From the dots, and from the intervals as far as half the dots' range (see ``scatter``)."""
    low, high = prepared["x"].min(), prepared["x"].max()
    reach = 0.5 * (high - low) or 0.01
    lowest = max(low - reach, np.fmin(low, prepared["low"].min()))
    highest = min(high + reach, np.fmax(high, prepared["high"].max()))
    edge = 0.04 * (highest - lowest) or 0.01
    return lowest - edge, highest + edge
