"""Curves: the validation score and the training loss of each setting while it trained, means over their seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from analysis.curves import AT, shared_evaluations, trials_of
from analysis.frame import metric_column
from analysis.language import say
from analysis.metrics import metric_name
from analysis.names import names_of
from analysis.replicates import estimate, in_folds
from analysis.tables import best_of, grouped
from analysis.views.looks import SMALL, TITLE, dress
from analysis.views.words import literal, wrapped
from study.question import Question

COLOURED = 4
"""The most settings that are all drawn in colour; of more, those that matter, and the others in grey."""

_OTHER = "0.72"

_ENTRY = 46
"""Characters of the legend's lines that fit below a panel: of one that is wider the layout would give up the axes."""
_HALF = 22
"""Characters of an entry that fits beside another."""
_LINE = 0.13
"""Inches of a line of the legend or the title."""

_LOOKS: tuple[tuple[int, Any, str], ...] = (
    (0, "-", "o"), (1, (0, (5, 2)), "s"), (2, (0, (1, 1.2)), "^"), (4, (0, (5, 1.5, 1, 1.5)), "D")
)  # fmt: skip
"""Colour (by its number in the palette), dashes and marker, so that lines are told apart in grey too."""


def prepare(
    frame: pd.DataFrame, question: Question, columns: Mapping[str, str], resampled: object = None
) -> pd.DataFrame:
    """One row per trial, evaluation and panel (score, training loss): panel, title, model, series, name, key, x
    (epochs, or evaluations where a trial's epochs are not known), y; mean, low and high of the setting there; n (its
    trials), shown ("colour" or "grey"), role, xlabel and ylabel.

    ``frame`` holds the trials with their curves (``curves.with_curves``). Means are over seeds, or folds, and end where
    the first of a setting's trials ended (see ``curves.shared_evaluations``). Of several candidates of one point the
    one best on validation is shown. Empty where no trial was evaluated twice. ``resampled`` is not used: curves have no
    predictions.
    """
    if frame.empty or frame[f"{AT}evaluation"].max() < 2:
        return pd.DataFrame(columns=["panel", "model"])
    trials, table = grouped(trials_of(frame), question)
    table = table[table["chosen"].astype(bool)]
    along = "epoch" if frame.loc[frame["key"].isin(trials["key"]), f"{AT}epoch"].notna().all() else "evaluation"
    parts = []
    for (model, data), mine in table.groupby(["model", "data"], sort=False):
        mine = mine.assign(name=names_of(mine, question), **_roles(mine, question))
        title = f"{str(model).rpartition('/')[2]}, {data}"
        for value, label in _panels(frame, question).items():
            rows = [_setting(frame, trials, row, value, along) for _, row in mine.iterrows()]
            parts += [one.assign(panel=f"{title}: {value}", title=title, ylabel=label) for one in rows]
    parts = [part for part in parts if len(part)]
    if not parts:
        return pd.DataFrame(columns=["panel", "model"])
    return pd.concat(parts, ignore_index=True).assign(xlabel=say("epochs") if along == "epoch" else say("evaluations"))


def draw(axes: Axes, prepared: pd.DataFrame) -> None:
    """Draw one panel: grey settings behind; those in colour with each seed as a thin line, and the mean."""
    looks = _looks(prepared)
    for series, rows in prepared.groupby("series", sort=False, observed=True):
        colour, dashes, marker = looks.get(str(series), (_OTHER, "-", ""))
        means = rows.dropna(subset=["mean"]).drop_duplicates("evaluation").sort_values("x")
        if series not in looks:
            axes.plot(means["x"], means["mean"], color=colour, linewidth=0.9, zorder=1)
            continue
        # the one trial of a setting is its mean
        for _, one in rows.groupby("key", sort=False) if rows["n"].iloc[0] > 1 else ():
            axes.plot(one["x"], one["y"], color=colour, linewidth=0.5, alpha=0.5, zorder=2)
        axes.fill_between(means["x"], means["low"], means["high"], color=colour, alpha=0.13, linewidth=0, zorder=1)
        every = max(1, len(means) // 8)
        axes.plot(
            means["x"], means["mean"], color=colour, linewidth=1.5, linestyle=dashes, marker=marker, markersize=3.6,
            markevery=every, zorder=4,
        )  # fmt: skip
    whole = prepared["x"].max() <= 12 and (prepared["x"] % 1).eq(0).all()
    if whole:
        axes.set_xticks(sorted(prepared["x"].unique()))
    axes.set_ylim(*_limits(prepared[prepared["series"].isin(list(looks))], prepared))
    axes.set_xlabel(prepared["xlabel"].iloc[0], fontsize=SMALL + 1)
    axes.set_ylabel(literal(prepared["ylabel"].iloc[0]), fontsize=SMALL + 1)
    dress(axes, prepared["title"].iloc[0])
    _legend(axes, prepared, looks)


def size(prepared: pd.DataFrame) -> tuple[float, float]:
    """Inches of a panel: the width of a paper's column, and the height of the title's and the legend's lines."""
    panels = [rows for _, rows in prepared.groupby("panel", sort=False)]
    titles = max(1 + wrapped(rows["title"].iloc[0], TITLE).count("\n") for rows in panels)
    return 3.5, 2.6 + _LINE * (titles + max(_height(_entries(rows, _looks(rows))[1]) for rows in panels))


def _panels(frame: pd.DataFrame, question: Question) -> dict[str, str]:
    """The values that are drawn, each with its label."""
    score = say("validation {metric}", metric=metric_name(question.metric))
    labels = {AT + metric_column(question.metric): score, f"{AT}train_loss": say("training loss")}
    return {value: label for value, label in labels.items() if value in frame and frame[value].notna().any()}


def _roles(table: pd.DataFrame, question: Question) -> dict[str, list[str]]:
    """Whether each setting is in colour, and as what: the baseline, the best and the worst on validation.

    All are in colour where they are few. Of several tuned baselines the best on validation stands for them, as in the
    comparison.
    """
    best, baseline = best_of(table, question), best_of(table[table["is_baseline"]], question)
    scores = table["validation"].dropna()
    worst = (scores.idxmax() if question.lower_is_better else scores.idxmin()) if len(scores) > 2 else None
    roles: dict[Any, str] = {worst: say("worst")} if worst is not None else {}
    roles |= {best.name: say("best")} if best is not None and len(scores) > 1 else {}
    if baseline is not None:
        both = best is not None and best.name == baseline.name and len(scores) > 1
        roles[baseline.name] = say("baseline, best") if both else say("baseline")
    few = len(table) <= COLOURED
    return {
        "shown": ["colour" if few or row in roles else "grey" for row in table.index],
        "role": [roles.get(row, "") for row in table.index],
    }


def _setting(frame: pd.DataFrame, trials: pd.DataFrame, row: pd.Series, value: str, along: str) -> pd.DataFrame:
    """The rows of one setting along epochs or evaluations: a mean, with its interval, wherever all its trials came."""
    keys = trials.loc[trials["row"] == row.name, "key"]
    mine = frame[frame["key"].isin(keys) & frame[value].notna()]
    column = value.removeprefix(AT)
    found = {}
    for number, same in shared_evaluations(mine).groupby(f"{AT}evaluation"):
        # the name of a score, as the interval over folds asks what texts it was computed on
        one = estimate(same.assign(**{column: same[value]}), column)
        # folds share most of their training texts, and no correction is known for the loss on those
        known = not (column == "train_loss" and in_folds(same))
        found[number] = (one.mean, *((one.low, one.high) if known else (np.nan, np.nan)))
    means = mine[f"{AT}evaluation"].map(found)
    filled = [one if isinstance(one, tuple) else (np.nan,) * 3 for one in means]
    at = {"evaluation": mine[f"{AT}evaluation"], "x": mine[AT + along].astype("float64")}
    rows = pd.DataFrame({"key": mine["key"], **at, "y": mine[value]})
    rows[["mean", "low", "high"]] = np.array(filled, dtype=float).reshape(-1, 3)
    return rows.assign(
        model=row["model"], series=row["name"], name=row["name"], shown=row["shown"], n=len(keys),
        role=row["role"],
    )  # fmt: skip


def _looks(prepared: pd.DataFrame) -> dict[str, tuple[Any, Any, str]]:
    palette = sns.color_palette("colorblind")
    names = list(dict.fromkeys(prepared.loc[prepared["shown"] == "colour", "series"]))
    return {name: (palette[look[0]], *look[1:]) for name, look in zip(names, _LOOKS, strict=False)}


def _limits(coloured: pd.DataFrame, every: pd.DataFrame) -> tuple[float, float]:
    """From the lines, and from the bands as far as half the lines' range (see ``scatter``)."""
    low = min(coloured["y"].min(), every["mean"].min())
    high = max(coloured["y"].max(), every["mean"].max())
    reach = 0.5 * (high - low) or 0.01
    lowest = max(low - reach, np.fmin(low, coloured["low"].min()))
    highest = min(high + reach, np.fmax(high, coloured["high"].max()))
    edge = 0.04 * (highest - lowest) or 0.01
    return lowest - edge, highest + edge


def _entries(prepared: pd.DataFrame, looks: Mapping[str, tuple[Any, Any, str]]) -> tuple[list[Any], list[str]]:
    """The legend's marks and words: settings in colour, how many others there are, what thin lines and bands are."""
    marks: list[Any] = [
        Line2D([], [], color=colour, linestyle=dashes, marker=marker, markersize=3.6, linewidth=1.5)
        for colour, dashes, marker in looks.values()
    ]
    roles = dict(zip(prepared["series"], prepared["role"], strict=True))
    words = [
        say("{name} ({role})", name=name, role=roles[name]) if roles[name] not in ("", name) else name for name in looks
    ]
    grey = prepared.loc[prepared["shown"] == "grey", "name"].nunique()
    if grey:
        marks.append(Line2D([], [], color=_OTHER, linewidth=0.9))
        words.append(say("another setting") if grey == 1 else say("{amount} other settings", amount=grey))
    coloured = prepared[prepared["shown"] == "colour"]
    if (coloured["n"] > 1).any():
        marks.append(Line2D([], [], color="0.35", linewidth=0.5))
        words.append(say("one trial"))
    if coloured["low"].notna().any():
        marks.append(Patch(color="0.35", alpha=0.2, linewidth=0))
        words.append(say("95% CI of the mean"))
    return marks, [wrapped(word, _ENTRY) for word in words]


def _across(words: Sequence[str]) -> int:
    """How many of the legend's entries stand side by side."""
    return 2 if max(map(len, words)) <= _HALF else 1


def _height(words: Sequence[str]) -> int:
    """The lines of a legend with these entries."""
    return -(-sum(1 + word.count("\n") for word in words) // _across(words))


def _legend(axes: Axes, prepared: pd.DataFrame, looks: Mapping[str, tuple[Any, Any, str]]) -> None:
    marks, words = _entries(prepared, looks)
    # a label that begins with an underscore would be left out, so that the words come after
    legend = axes.legend(
        marks, ["."] * len(marks), loc="upper center", bbox_to_anchor=(0.45, -0.2), fontsize=SMALL - 0.5,
        frameon=False, ncols=_across(words), handlelength=3.6, handletextpad=0.5, columnspacing=1.0, borderaxespad=0,
    )  # fmt: skip
    for text, word in zip(legend.get_texts(), words, strict=True):
        text.set_text(word)
