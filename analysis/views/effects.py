"""Effects: mean scores along one factor of a factorial design, a line for each value of another."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

from analysis.design import Design, combined, design, estimated
from analysis.language import say
from analysis.markdown import value
from analysis.metrics import metric_name, split_name
from analysis.resampled import Resampled
from analysis.variance import variance_shares
from analysis.views.categories import below
from analysis.views.looks import SMALL, dress
from analysis.views.words import literal
from study.question import Question

MOST = 4
"""The most pairs of factors shown: those that depend on each other most."""

_ASIDE = 0.05
_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "h")
_DASHES = ((), (4, 1.5), (1, 1.2), (5, 1, 1, 1), (7, 2), (3, 1, 1, 1, 1, 1))


def prepare(
    frame: pd.DataFrame, question: Question, columns: Mapping[str, str], resampled: Resampled | None = None
) -> pd.DataFrame:
    """One row per panel (a pair of factors), level and second level: the mean y with low and high, over n replicates.

    Scores are averaged over the other factors within a replicate first, so that each mean is over the same
    combinations; the interval is the 95% one over replicates. A pair without all its combinations keeps what it has.
    """
    parts = []
    for place, mine in frame.groupby(["model", "data"], sort=False):
        found = design(mine, question)
        if found is None:
            continue
        model, data = map(str, place)
        split = split_name(found.split)
        label = say("mean {split} {metric}, 95% CI", split=split, metric=metric_name(question.metric))
        for along, by in _pairs(found):
            rows = _means(found, along, by)
            panel = f"{model.rpartition('/')[2]}, {data}: {along} × {by}"
            parts.append(rows.assign(panel=panel, model=model, along=along, by=by, ylabel=label))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["panel", "model"])


def draw(axes: Axes, prepared: pd.DataFrame) -> None:
    """Draw one panel: levels of the first factor side by side, a line with intervals for each level of the second."""
    levels, lines = (list(dict.fromkeys(prepared[name])) for name in ("level", "line"))
    palette = sns.color_palette("colorblind" if len(lines) <= 8 else "viridis", len(lines))
    for place, (line, colour) in enumerate(zip(lines, palette, strict=True)):
        rows = prepared[prepared["line"] == line]
        at = [levels.index(level) + _ASIDE * (place - (len(lines) - 1) / 2) for level in rows["level"]]
        known = rows["low"].notna().to_numpy()
        error = [(rows["y"] - rows["low"])[known], (rows["high"] - rows["y"])[known]]
        axes.errorbar(
            [x for x, has in zip(at, known, strict=True) if has], rows["y"][known], yerr=error, fmt="none",
            ecolor=colour, elinewidth=1.0, capsize=2, zorder=2,
        )  # fmt: skip
        drawn = axes.plot(
            at, rows["y"], marker=_MARKERS[place % len(_MARKERS)], markersize=4, color=colour, linewidth=1.2, zorder=3,
            label=literal(line),
        )  # fmt: skip
        drawn[0].set_dashes(_DASHES[place % len(_DASHES)] or (None, None))
    names = below(levels)
    names.write(axes)
    axes.set_xlim(-0.4, len(levels) - 0.6)
    axes.set_xlabel(literal(prepared["along"].iloc[0]), fontsize=SMALL + 1)
    axes.set_ylabel(literal(prepared["ylabel"].iloc[0]), fontsize=SMALL + 1)
    dress(axes, prepared["panel"].iloc[0])
    axes.legend(
        title=literal(prepared["by"].iloc[0]), title_fontsize=SMALL - 0.5, loc="upper center",
        bbox_to_anchor=(0.45, -0.22 - names.depth / 2), fontsize=SMALL - 0.5, frameon=False,
        ncols=min(4, len(lines)), handlelength=2.4,
        columnspacing=1.0, borderaxespad=0,
    )  # fmt: skip


def size(prepared: pd.DataFrame) -> tuple[float, float]:
    """Inches of a panel: the width of a paper's column, the levels' names, and a line for every four of the second."""
    deep = max(below(list(dict.fromkeys(rows["level"]))).depth for _, rows in prepared.groupby("panel"))
    return 3.5, 2.7 + deep + 0.16 * -(-prepared["line"].nunique() // 4)


def _pairs(found: Design) -> list[tuple[str, str]]:
    """The pairs that depend on each other most, the factor with more levels along x."""
    shares = variance_shares(found).set_index("source")["share"]
    pairs = list(itertools.combinations(found.factors, 2))
    ranked = sorted(pairs, key=lambda pair: -float(shares.get(pair, 0.0)))[:MOST]
    return [
        (one, other) if len(found.levels[one]) >= len(found.levels[other]) else (other, one) for one, other in ranked
    ]


def _means(found: Design, along: str, by: str) -> pd.DataFrame:
    ordered = {name: _ordered(found.levels[name]) for name in (along, by)}
    rows = []
    for line, level in itertools.product(ordered[by], ordered[along]):
        want = {along: level, by: line}
        at = [cell for cell in found.cells if want.items() <= dict(zip(found.factors, cell, strict=True)).items()]
        if not at:
            continue
        one = estimated(found, combined(found, dict.fromkeys(at, 1 / len(at))))[0]
        words = {"level": _plain(level), "line": _plain(line)}
        rows.append(words | {"y": one.mean, "low": one.low, "high": one.high, "n": one.n})
    return pd.DataFrame(rows)


def _ordered(levels: tuple[Any, ...]) -> list[Any]:
    numbers = all(not isinstance(level, (str, bool)) for level in levels)
    return sorted(levels) if numbers else list(levels)


def _plain(level: Any) -> str:
    return level if isinstance(level, str) else value(level)
