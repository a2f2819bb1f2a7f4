"""Scores against costs in the report: for each cost a table with the front and how sure it is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.language import say
from analysis.markdown import count, escape, number, percent, score, table
from analysis.metrics import metric_name, split_name
from analysis.names import names_of
from analysis.pareto import COSTS, TOLD, cost_name, dominators, front_probability
from analysis.resampled import Resampled
from analysis.tables import grouped
from study.question import Question

MOST = 40
"""The most settings a table lists."""

_NAMED = 4
_DIGITS = {"trainable_parameters": 0, "latency_1": 2, "train_seconds": 1, "peak_memory_bytes": 0}


def section(
    rows: pd.DataFrame, question: Question, resampled: Resampled | None = None, figure: Sequence[str] = ()
) -> list[str]:
    """The figure, and a table for each cost that differs: settings by cost, with score, probability and dominators.

    Empty where there is no figure: it is the figure that says whether costs are worth a section.
    """
    if not any(figure):
        return []
    trials, compared = grouped(rows, question, resampled)
    compared = compared[compared["chosen"].astype(bool)]
    named = compared.assign(name=pd.Series(names_of(compared, question), index=compared.index, dtype=object))
    blocks = [
        block for cost in TOLD if named[cost].nunique() > 1 for block in _one(trials, named, question, cost, resampled)
    ]
    return [*figure, *blocks, _legend(resampled, rows, compared)]


def _one(
    trials: pd.DataFrame, compared: pd.DataFrame, question: Question, cost: str, resampled: Resampled | None
) -> list[str]:
    """The heading line and table of one cost, cheapest first."""
    split = compared["split"].iloc[0]
    known = compared.dropna(subset=[cost, split]).sort_values([cost, "point"], kind="stable")
    if len(known) < 2:
        return []
    sign = -1 if question.lower_is_better else 1
    beaten = dominators(known[cost].tolist(), (sign * known[split]).tolist())
    # in the order of the comparison, as in the figure, so that both have the same draws
    order = known.sort_index()
    shares = front_probability(trials, list(order.index), question, cost, np.random.default_rng(0), resampled)
    probability = dict(zip(order.index, shares, strict=True))
    names = [escape(name) for name in known["name"]]
    cells = [
        [
            name,
            number(row[cost] * COSTS[cost], _DIGITS[cost]),
            score(row[split], row[f"{split}_low"], row[f"{split}_high"]),
            percent(probability[place]),
            _listed([names[other] for other in by]),
        ]
        for (place, row), name, by in zip(known.head(MOST).iterrows(), names, beaten, strict=False)
    ]
    metric = say("{split} {metric}", split=split_name(split), metric=metric_name(question.metric))
    headers = [say("setting"), cost_name(cost), metric, say("on the front"), say("beaten by")]
    more = len(known) - MOST
    return [
        table(headers, cells),
        say("{settings} not shown.", settings=count(more, "setting")) if more > 0 else "",
    ]


def _legend(resampled: Resampled | None, rows: pd.DataFrame, compared: pd.DataFrame) -> str:
    said = say(
        "On the front: no other setting costs less and scores as well, or costs as much and scores better. Beaten by: "
        "by the means, cheapest first. The share says how often a setting is on the front when scores and measured "
        "costs are drawn anew from what their scatter allows; darker marks in the figure, where the front of the means "
        "is joined."
    )
    if rows["fold"].notna().any():
        over = say("Drawn anew: folds, with the corrected variance.")
    elif resampled is not None:
        over = say("Drawn anew: seeds (by t) and texts.")
    else:
        over = say("Drawn anew: seeds (by t), on these very texts.")
    drawn = say("In the figure marks of equal cost stand side by side, and intervals that leave the axes are cut.")
    latency = say("Latency is measured once for each structure and is taken as it is.")
    return " ".join([said, over, drawn, *([latency] if compared["latency_1"].nunique() > 1 else [])])


def _listed(names: Sequence[str]) -> str:
    if len(names) > _NAMED:
        shown = "; ".join(names[:_NAMED])
        return say("{shown} and {more} more", shown=shown, more=len(names) - _NAMED)
    return "; ".join(names) or "–"
