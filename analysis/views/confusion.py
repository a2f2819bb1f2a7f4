"""Confusion: the matrices of the baseline and of the setting best on validation, mean counts over their seeds."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

from analysis.frame import column_of
from analysis.language import say, worded
from analysis.markdown import number, percent, value
from analysis.metrics import split_name
from analysis.replicates import in_folds
from analysis.tables import best_of, grouped, recipe_of
from analysis.views.words import literal, ticks
from study.question import Question

LEGIBLE = 8
"""The most classes whose counts are still written into the cells at column width."""

_EVEN = 0.179
"""The luminance at which black and white have the same contrast, (L + 0.05) / 0.05 = 1.05 / (L + 0.05)."""


def prepare(
    frame: pd.DataFrame, question: Question, columns: Mapping[str, str], resampled: object = None
) -> pd.DataFrame:
    """One row per panel and cell: panel, title, true, predicted, count (mean over seeds), share (of the true class).

    In folds counts are added up over the folds' test splits, which are together the whole data set.

    ``frame`` holds the trials' cells (``classes.cells_of``). Panels are "baseline" and "best" of each model and data
    set, one where they are the same; a search's best is never shown twice. The test split, else validation. Counts
    have no intervals, so that ``resampled`` is not used.
    """
    trials = frame.drop_duplicates("key").drop(columns=["split", "true", "predicted", "count"])
    parts = []
    trials, table = grouped(trials, question)
    for _, mine in table.groupby(["model", "data"], sort=False):
        for name, row in panels(mine, question).items():
            cells = frame[frame["key"].isin(keys_of(trials, row)) & (frame["split"] == row["split"])]
            if len(cells):
                parts.append(_panel(cells, _named(name, row, question), row))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["panel", "true", "predicted"])


def draw(axes: Axes, prepared: pd.DataFrame) -> None:
    """Draw one panel's matrix: rows are true classes and add up to 100%; darker is a larger share of its row."""
    order = list(dict.fromkeys(prepared["true"]))
    shares = prepared.pivot(index="true", columns="predicted", values="share").loc[order, order]
    counts = prepared.pivot(index="true", columns="predicted", values="count").loc[order, order]
    words = counts.map(_amount) + "\n" + shares.map(lambda share: percent(share, 0))
    legible = len(order) <= LEGIBLE
    names = ticks(order)
    sns.heatmap(
        shares, ax=axes, vmin=0, vmax=1, cmap="Blues", cbar=False, square=True, linewidths=0.5 if legible else 0,
        annot=words if legible else False, fmt="", annot_kws={"fontsize": 8 if len(order) <= 4 else 6.5},
        xticklabels=names if legible else _every(names), yticklabels=names if legible else _every(names),
    )  # fmt: skip
    _stand_out(axes)
    long = max(map(len, names)) > 6
    # a title is centred on the axes, which long class names push aside, so that it would leave the figure
    title = "\n".join(map(literal, prepared["title"].iloc[0].split("\n")))
    axes.set_title(title, fontsize=7.5, loc="right" if long else "center")
    axes.set_xlabel(say("predicted class"), fontsize=8.5)
    axes.set_ylabel(say("true class"), fontsize=8.5)
    axes.tick_params(labelsize=7.5, length=0)


def _stand_out(axes: Axes) -> None:
    """Black or white words in each cell, whichever has more contrast (WCAG 2.1); seaborn takes white too often."""
    for words, colour in zip(axes.texts, axes.collections[0].get_facecolor(), strict=False):
        words.set_color("white" if sns.utils.relative_luminance(colour) < _EVEN else "black")


def size(prepared: pd.DataFrame) -> tuple[float, float]:
    """Inches of a panel: as many as its cells and class names need, at most the width of a page."""
    classes = [str(name) for name in prepared["true"].unique()]
    cell = 0.42 if len(classes) <= LEGIBLE else 0.14
    side = min(4.5, max(1.9, cell * len(classes))) + 0.6 + 0.06 * min(18, max(map(len, classes)))
    return side, side + 0.1


def panels(table: pd.DataFrame, question: Question) -> dict[str, pd.Series]:
    """The rows of the comparison of one model and data set to look at closely: baseline and best, or the one there is,
    and the whole recipe where the question has one.

    Where several tuned settings of the baseline were compared, the one best on validation.
    """
    best = best_of(table, question)
    if best is None:
        return {}
    rows = {say("baseline"): best_of(table[table["is_baseline"]], question), say("recipe"): recipe_of(table, question)}
    found: dict[str, pd.Series] = {name: row for name, row in rows.items() if row is not None}
    same = [name for name, row in found.items() if row.name == best.name]
    if same or bool(best["is_baseline"]):
        also = (same or [say("baseline")])[0]
        return {say("{name}, also best", name=name) if name == also else name: row for name, row in found.items()}
    return {**found, say("best"): best}


def keys_of(trials: pd.DataFrame, row: pd.Series) -> list[str]:
    """The keys of the trials of a row of the comparison (see ``tables.grouped``)."""
    return list(trials.loc[trials["row"] == row.name, "key"])


def _panel(cells: pd.DataFrame, name: str, row: pd.Series) -> pd.DataFrame:
    cell = ["true", "predicted"]
    if in_folds(cells):
        mean = cells.groupby([*cell, "fold"], sort=False)["count"].mean().groupby(cell, sort=False).sum().reset_index()
    else:
        mean = cells.groupby(cell, sort=False)["count"].mean().reset_index()
    mean["share"] = mean["count"] / mean.groupby("true")["count"].transform("sum")
    title = f"{name}\n{_over(cells, row['split'])}"
    return mean.assign(panel=name, title=title, model=row["model"], data=row["data"])


def _over(cells: pd.DataFrame, split: str) -> str:
    """What the counts are of: a split or those of the folds, and how many seeds they are the mean of."""
    seeds, folds, where = cells["seed"].nunique(), cells["fold"].nunique(), split_name(split)
    if in_folds(cells) and seeds > 1:
        return say("{folds} folds' {split} splits, mean counts over {seeds} seeds",
                   folds=folds, split=where, seeds=seeds)  # fmt: skip
    if in_folds(cells):
        return say("{folds} folds' {split} splits", folds=folds, split=where)
    if seeds > 1:
        return say("{split} split, mean counts over {seeds} seeds", split=where, seeds=seeds)
    return say("{split} split, counts of one seed", split=where)


def _named(name: str, row: pd.Series, question: Question) -> str:
    """The panel's name with its factors, where those fit into a title."""
    factors = [column_of(factor) for factor in question.factor_names if column_of(factor) in row]
    words = ", ".join(f"{worded(factor)} = {_plain(row[factor])}" for factor in factors if pd.notna(row[factor]))
    return f"{name}: {words}" if 0 < len(words) < 40 else name


def _plain(amount: object) -> str:
    return amount if isinstance(amount, str) else value(amount)


def _every(names: list[str]) -> list[str]:
    """The names of every so many classes, as many as can be read, and nothing for the rest."""
    step = -(-len(names) // 30)
    return [name if place % step == 0 else "" for place, name in enumerate(names)]


def _amount(count: float) -> str:
    return number(count, 0 if count >= 100 or float(count).is_integer() else 1)
