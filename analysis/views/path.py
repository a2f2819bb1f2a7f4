"""Ablation path: from the default to the best setting, a line for each change, the validation score along x."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from analysis.language import say
from analysis.markdown import signed, value
from analysis.metrics import metric_name
from analysis.path import ablation_path
from analysis.remembered import remembered
from analysis.resampled import Resampled
from analysis.views.categories import LETTER
from analysis.views.looks import SMALL, dress
from analysis.views.words import literal, wrapped
from study.question import Question

_WIDE = 4.2  # inches of a panel
_GAINS = 0.55  # of them for the gains at the right
_NUMBER = 0.45  # for a number along x, with its room
_NAME = 36  # the most letters in a line of a change's name


def prepare(
    frame: pd.DataFrame, question: Question, columns: Mapping[str, str], resampled: Resampled | None = None
) -> pd.DataFrame:
    """One row per panel (model and data set) and step: name, x (the score decided on), gain, run and predicted."""
    parts = []
    for place, mine in frame.groupby(["model", "data"], sort=False):
        model, data = map(str, place)
        found = remembered(ablation_path, mine, question)
        if found.refused:
            continue
        steps = found.steps
        names = [
            f"{row['changed'].removeprefix('setting.')}: {_plain(row['before'])} → {_plain(row['after'])}"
            if row["changed"]
            else say("default")
            for row in steps.to_dict("records")
        ]
        label = say("validation {metric}", metric=metric_name(question.metric))
        rows = steps[["gain", "run"]].assign(name=names, x=steps["score"], predicted=found.predicted)
        parts.append(rows.assign(panel=f"{model.rpartition('/')[2]}, {data}", model=model, xlabel=label))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["panel", "model"])


def draw(axes: Axes, prepared: pd.DataFrame) -> None:
    """Draw one panel: steps from top to bottom; filled dots were run, open ones are a forest's; gains at the right."""
    colour = sns.color_palette("colorblind")[0]
    rows = prepared.reset_index(drop=True)
    predicted = bool(rows["predicted"].iloc[0])
    places = list(rows.index)
    axes.step(rows["x"], places, where="post", color=colour, linewidth=1.1, zorder=2)
    axes.plot(
        rows["x"], places, "o", markersize=5, color=colour, markerfacecolor="white" if predicted else colour, zorder=4,
        label=say("predicted by a forest") if predicted else say("run (mean over trials)"),
    )  # fmt: skip
    if predicted and rows["run"].notna().any():
        axes.plot(rows["run"], places, "D", markersize=4, color="0.25", zorder=3, label=say("run (mean over trials)"))
    for place, gain in zip(places, rows["gain"], strict=True):
        if not pd.isna(gain):
            axes.annotate(
                signed(gain), (1, place), xycoords=("axes fraction", "data"), xytext=(4, 0),
                textcoords="offset points", va="center", fontsize=SMALL - 0.5, color="0.15", annotation_clip=False,
            )  # fmt: skip
    axes.annotate(
        say("gain"), (1, 1), xycoords="axes fraction", xytext=(4, 3), textcoords="offset points", fontsize=SMALL - 0.5
    )
    names = [wrapped(name, _NAME) for name in rows["name"]]
    axes.set_yticks(places, names)
    axes.set_ylim(len(places) - 0.5, -0.5)
    axes.margins(x=0.08)
    axes.xaxis.set_major_locator(MaxNLocator(_steps(names)))
    axes.set_xlabel(literal(rows["xlabel"].iloc[0]), fontsize=SMALL + 1)
    dress(axes, rows["panel"].iloc[0], rows=True)
    axes.legend(
        loc="upper center", bbox_to_anchor=(0.3, -0.45 / (_step(prepared) * len(places))), fontsize=SMALL - 0.5,
        frameon=False, ncols=2, handletextpad=0.4, columnspacing=1.2, borderaxespad=0,
    )  # fmt: skip


def size(prepared: pd.DataFrame) -> tuple[float, float]:
    """Inches of a panel: a little more than a paper's column, for the changes' names, and a line for each step."""
    return _WIDE, 1.0 + max(_step(rows) * len(rows) for _, rows in prepared.groupby("panel"))


def _step(prepared: pd.DataFrame) -> float:
    """Inches from a step of a panel to the next, so that names of several lines do not touch."""
    return 0.13 + 0.14 * max(1 + wrapped(name, _NAME).count("\n") for name in prepared["name"])


def _steps(names: Sequence[str]) -> int:
    """How many steps the numbers along x may have in the room that the names leave."""
    longest = max(len(line) for name in names for line in name.split("\n"))
    return max(1, min(5, int((_WIDE - _GAINS - LETTER * longest) / _NUMBER) - 1))


def _plain(amount: object) -> str:
    return amount if isinstance(amount, str) else value(amount)
