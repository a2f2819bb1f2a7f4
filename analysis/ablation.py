"""The ablation: what each part of a recipe changes, added to the baseline and taken from the whole."""

from __future__ import annotations

from typing import Any

import pandas as pd

from analysis.arms import matches
from analysis.components import Component, components, point_with
from analysis.frame import metric_column
from analysis.language import say
from analysis.markdown import count, listed, signed
from analysis.names import baseline_name, part_name
from analysis.paired import LEVEL, significant
from analysis.replicates import difference, estimand
from analysis.resampled import Resampled
from analysis.stats import holm
from analysis.tables import best_of, grouped
from study.question import Question

COLUMNS = (
    "component", "direction", "difference", "low", "high", "p", "p_holm", "n", "smallest_p", "split", "estimand",
    "significant",
)  # fmt: skip


def ablation(frame: pd.DataFrame, question: Question, resampled: Resampled | None = None) -> pd.DataFrame:
    """One row per part of the recipe and direction, for the trials of one model and data set.

    ``difference`` is what having the part changes in ``question.metric`` on ``split``: the baseline with it minus the
    baseline ("added to …"), and the whole recipe minus the recipe without it ("removed from the recipe"; the sign is
    that of having it). Differences are paired by replicate; ``low`` and ``high`` are the 95% interval's, for what
    ``estimand`` says (see ``replicates``), ``n`` the pairs. ``p_holm`` corrects p for every row of the table (Holm
    1979); a difference is ``significant`` where it is at most 0.05 and the interval leaves zero out. A difference
    without trials on either side has n = 0 and no numbers. Empty where the question has no recipe of two parts or more.
    """
    parts = components(question)
    trials, table = grouped(frame, question) if parts else (frame, pd.DataFrame())
    if table.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    split = table["split"].iloc[0]
    score = metric_column(question.metric, split)
    at = {on: _trials(on, parts, question, trials, table) for on in _sides(parts)}
    rows = []
    for part in parts:
        for direction, more, less in (
            (say("added to {baseline}", baseline=baseline_name(question)), (part,), ()),
            (say("removed from the recipe"), parts, tuple(other for other in parts if other != part)),
        ):
            row = {"component": part_name(part), "direction": direction, "split": split}
            rows.append(row | _difference(at[more], at[less], score, resampled))
    found = pd.DataFrame(rows)
    found = found.assign(p_holm=holm(found["p"].tolist()), estimand=estimand(trials, score, resampled))
    return found.assign(significant=significant(found["p_holm"], found["low"], found["high"]))[list(COLUMNS)]


def in_words(found: pd.DataFrame) -> list[str]:
    """What an ablation says of the recipe's parts, in a sentence: which of them change the score, and which way."""
    known = found[found["n"] > 0]
    if known.empty:
        return []
    changed = known[known["significant"]]
    over = count(len(known), "difference")
    if len(changed):
        said = [
            say(
                "{part} by {difference} ({direction})",
                part=row["component"],
                difference=signed(row["difference"], row["low"], row["high"]),
                direction=row["direction"],
            )
            for _, row in changed.iterrows()
        ]
        return [
            say(
                "Having a part changes the score significantly, after Holm's correction for {differences}: {parts}.",
                differences=over,
                parts=listed(said),
            )
        ]
    if (known["smallest_p"] * len(known)).min() <= LEVEL:
        return [
            say(
                "Of the recipe's parts none changes the score significantly, after Holm's correction for "
                "{differences}.",
                differences=over,
            )
        ]
    return [
        say(
            "Of the recipe's parts none changes the score significantly, after Holm's correction for {differences} (so "
            "few pairs could not show it).",
            differences=over,
        )
    ]


def _sides(parts: tuple[Component, ...]) -> set[tuple[Component, ...]]:
    alone = [(part,) for part in parts]
    return {(), parts, *alone, *(tuple(other for other in parts if other != part) for part in parts)}


def _trials(
    on: tuple[Component, ...],
    parts: tuple[Component, ...],
    question: Question,
    trials: pd.DataFrame,
    table: pd.DataFrame,
) -> pd.DataFrame:
    """The trials at the point with just these parts; where several candidates were compared, the best's."""
    best = best_of(table[matches(table, point_with(on, parts, question))], question)
    return trials[trials["row"] == (-1 if best is None else best.name)]


def _difference(more: pd.DataFrame, less: pd.DataFrame, score: str, resampled: Resampled | None) -> dict[str, Any]:
    nothing = float("nan")
    numbers = dict.fromkeys(("difference", "low", "high", "p", "smallest_p"), nothing)
    if more.empty or less.empty:
        return numbers | {"n": 0}
    found, p, smallest, _ = difference(more, less, score, resampled)
    if not found.n:
        return numbers | {"n": 0}
    return {
        "difference": found.mean, "low": found.low, "high": found.high, "p": p, "smallest_p": smallest, "n": found.n
    }  # fmt: skip
