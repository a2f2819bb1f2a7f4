"""Expected performance: the best validation score of n draws against n, a curve with its 95% band for each series."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, NullFormatter, NullLocator

from analysis.expected import crossings, expected
from analysis.language import say
from analysis.metrics import metric_name
from analysis.remembered import remembered
from analysis.resampled import Resampled
from analysis.views.looks import SMALL, dress
from analysis.views.series import categories
from analysis.views.words import literal, wrapped
from study.question import Question

_BANDS = 3
"""The most series whose bands are drawn: more would hide each other."""

_DASHES = ((), (4, 1.5), (1, 1.2), (5, 1, 1, 1), (7, 2), (3, 1, 1, 1, 1, 1))
_WIDE = 24
"""From so many draws on n is logarithmic."""


def prepare(
    frame: pd.DataFrame, question: Question, columns: Mapping[str, str], resampled: Resampled | None = None
) -> pd.DataFrame:
    """One row per panel, series and n: y with low and high, and whether another series leads from this n on (leads).

    A panel is a data set, a series a model and, where several points were tuned, a point. Empty where tuning did not
    draw independently (see ``analysis.expected.why_not``).
    """
    found = remembered(expected, frame, question)
    if found.empty:
        return pd.DataFrame(columns=["panel", "model"])
    models = found["model"].nunique() > 1
    named = [
        ", ".join(filter(None, (str(model).rpartition("/")[2] if models else "", str(point))))
        for model, point in zip(found["model"], found["point"], strict=True)
    ]
    panel = found["data"] if models else found["model"].str.rpartition("/")[2] + ", " + found["data"]
    prepared = found.assign(panel=panel, series=named, y=found["expected"], lower=question.lower_is_better)
    parts = [part.assign(leads=_leads(part, question)) for _, part in prepared.groupby("panel", sort=False)]
    label = say("expected best validation {metric}", metric=metric_name(question.metric))
    kept = ["panel", "model", "series", "n", "y", "low", "high", "leads", "lower"]
    return pd.concat(parts, ignore_index=True)[kept].assign(ylabel=label)


def draw(axes: Axes, prepared: pd.DataFrame) -> None:
    """Draw one panel: curves, bands where they are at most three, and the n at which another curve becomes the best."""
    every = categories(prepared["series"])
    colours = sns.color_palette("colorblind" if len(every) <= 10 else "husl", len(every))
    shown = [name for name in every if (prepared["series"] == name).any()]
    for name in shown:
        rows, place = prepared[prepared["series"] == name], every.index(name)
        line = axes.plot(rows["n"], rows["y"], color=colours[place], linewidth=1.4, label=wrapped(name, 40), zorder=3)
        line[0].set_dashes(_DASHES[place % len(_DASHES)] or (None, None))
        if len(shown) <= _BANDS:
            axes.fill_between(
                rows["n"], rows["low"], rows["high"], color=colours[place], alpha=0.16, linewidth=0, zorder=2
            )
    for n in sorted(set(prepared.loc[prepared["leads"], "n"])):
        axes.axvline(n, color="0.45", linewidth=0.7, linestyle=(0, (1, 2)), zorder=1)
        axes.annotate(
            f"n = {n}", (n, 1), xycoords=("data", "axes fraction"), xytext=(0, 2), textcoords="offset points",
            ha="center", fontsize=SMALL - 1, color="0.25",
        )  # fmt: skip
    _scale(axes, prepared)
    along = say("draws n (shaded: 95% interval)") if len(shown) <= _BANDS else say("draws n")
    axes.set_xlabel(along, fontsize=SMALL + 1)
    axes.set_ylabel(literal(prepared["ylabel"].iloc[0]), fontsize=SMALL + 1)
    dress(axes, prepared["panel"].iloc[0], above=13 if prepared["leads"].any() else 6)
    if len(shown) > 1:
        axes.legend(
            loc="upper center", bbox_to_anchor=(0.45, -0.22), fontsize=SMALL - 0.5, frameon=False,
            ncols=2 if max(map(len, shown)) <= 22 else 1, handlelength=2.6, columnspacing=1.0, borderaxespad=0,
        )  # fmt: skip


def size(prepared: pd.DataFrame) -> tuple[float, float]:
    """Inches of a panel: the width of a paper's column, and a line for each pair of series."""
    series = prepared["series"].nunique()
    return 3.5, 2.6 + 0.16 * (series if prepared["series"].str.len().max() > 22 else -(-series // 2))


def _leads(part: pd.DataFrame, question: Question) -> pd.Series:
    changes = {(n, now) for n, _, now in crossings(part, question)}
    pairs = list(zip(part["n"], part["series"], strict=True))
    return pd.Series([pair in changes for pair in pairs], index=part.index)


def _scale(axes: Axes, prepared: pd.DataFrame) -> None:
    most = int(prepared["n"].max())
    if most < _WIDE:
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        return
    axes.set_xscale("log")
    ticks = [n for n in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000) if n <= most]
    axes.set_xticks(ticks, [str(n) for n in ticks])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_minor_formatter(NullFormatter())
