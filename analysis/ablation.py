"""The ablation: what each part of a recipe changes, added to the baseline and taken from the whole."""

from __future__ import annotations

from typing import Any

import pandas as pd

from analysis.arms import matches
from analysis.components import Component, components, point_with
from analysis.markdown import count, listed, signed
from analysis.names import baseline_name, part_name
from analysis.replicates import difference
from analysis.stats import holm
from analysis.tables import best_of, grouped
from study.question import Question

LEVEL = 0.05

COLUMNS = ("component", "direction", "difference", "low", "high", "p", "p_holm", "n", "smallest_p", "split")


def ablation(frame: pd.DataFrame, question: Question) -> pd.DataFrame:
    """One row per part of the recipe and direction, for the trials of one model and data set.

    ``difference`` is what having the part changes in ``question.metric`` on ``split``: the baseline with it minus the
    baseline ("added to …"), and the whole recipe minus the recipe without it ("removed from the recipe"; the sign is
    that of having it). Differences are paired by replicate; ``low`` and ``high`` are the 95% interval's, ``n`` the
    pairs. ``p_holm`` corrects p for every row of the table (Holm 1979). A difference without trials on either side has
    n = 0 and no numbers. Empty where the question has no recipe of at least two parts.
    """
    parts = components(question)
    trials, table = grouped(frame, question) if parts else (frame, pd.DataFrame())
    if table.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    split = table["split"].iloc[0]
    score = f"test_{question.metric}" if split == "test" else question.metric
    at = {on: _trials(on, parts, question, trials, table) for on in _sides(parts)}
    rows = []
    for part in parts:
        for direction, more, less in (
            (f"added to {baseline_name(question)}", (part,), ()),
            ("removed from the recipe", parts, tuple(other for other in parts if other != part)),
        ):
            row = {"component": part_name(part), "direction": direction, "split": split}
            rows.append(row | _difference(at[more], at[less], score))
    found = pd.DataFrame(rows)
    return found.assign(p_holm=holm(found["p"].tolist()))[list(COLUMNS)]


def in_words(found: pd.DataFrame) -> list[str]:
    """What an ablation says of the recipe's parts, in a sentence: which of them change the score, and which way."""
    known = found[found["n"] > 0]
    if known.empty:
        return []
    changed = known[known["p_holm"] <= LEVEL]
    over = count(len(known), "difference")
    if changed.empty:
        reach = (known["smallest_p"] * len(known)).min() <= LEVEL
        why = "" if reach else " (so few pairs could not show it)"
        return [f"Of the recipe's parts none changes the score significantly, after Holm's correction for {over}{why}."]
    said = [
        f"{row['component']} by {signed(row['difference'], row['low'], row['high'])} ({row['direction']})"
        for _, row in changed.iterrows()
    ]
    return [f"Having a part changes the score significantly, after Holm's correction for {over}: {listed(said)}."]


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


def _difference(more: pd.DataFrame, less: pd.DataFrame, score: str) -> dict[str, Any]:
    nothing = float("nan")
    numbers = dict.fromkeys(("difference", "low", "high", "p", "smallest_p"), nothing)
    if more.empty or less.empty:
        return numbers | {"n": 0}
    found, p, smallest, _ = difference(more, less, score)
    if not found.n:
        return numbers | {"n": 0}
    return {
        "difference": found.mean, "low": found.low, "high": found.high, "p": p, "smallest_p": smallest, "n": found.n
    }  # fmt: skip
