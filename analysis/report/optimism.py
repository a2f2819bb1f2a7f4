"""Optimism in the report: sentences on how far validation flattered what was chosen."""

from __future__ import annotations

from typing import Any

import pandas as pd

from analysis.expected import INDEPENDENT, UNDECLARED
from analysis.language import say
from analysis.markdown import count, escape, score, signed
from analysis.metrics import metric_name
from analysis.optimism import agreement, choosing, optimism
from analysis.replicates import FOLDS, SEEDS, in_folds
from analysis.report.legend import over_what
from study.question import Question


def section(rows: pd.DataFrame, question: Question) -> list[str]:
    """A paragraph on the setting best on validation, on all chosen ones, and on the agreement of the two splits."""
    found = optimism(rows, question, names=False)
    if found.empty:
        return []
    said = [_best(row, rows, question) for row in found[found["best"]].to_dict("records")]
    if found.loc[found["best"], "gap_low"].notna().any():
        said.append(over_what(FOLDS if in_folds(rows) else SEEDS))
    chosen = _chosen(rows, question)
    if len(found) > 1 and not chosen and not in_folds(rows):
        said.append(
            say(
                "Over all {settings} chosen it is {gap} on average (from {least} to {most}): what they share is due to "
                "the splits, one of which is the easier.",
                settings=count(len(found), "setting"),
                gap=signed(found["gap"].mean()),
                least=signed(found["gap"].min()),
                most=signed(found["gap"].max()),
            )
        )
    if found["luck"].notna().sum() > 1:
        said.append(
            say(
                "The scores that they were chosen by flatter more than those of the comparison's seeds, on the same "
                "texts, by {luck} on average.",
                luck=signed(found["luck"].mean()),
            )
        )
    said += chosen
    rank = agreement(rows, question)
    if pd.notna(rank.value):
        said.append(
            say(
                "Validation and test order the {settings} compared with a rank correlation (Spearman) of {rho}.",
                settings=count(rank.n, "setting"),
                rho=score(rank.value, rank.low, rank.high),
            )
        )
    return [" ".join(said)]


def place(rows: pd.DataFrame, question: Question) -> str:
    """The section that this belongs to: "tuning" where something was tuned, else "comparison"."""
    tried = ((rows["question"] == question.name) & (rows["phase"] == "tune")).any()
    searched = bool(question.tuned) and question.search in (UNDECLARED, INDEPENDENT)
    return "tuning" if tried or searched else "comparison"


def _chosen(rows: pd.DataFrame, question: Question) -> list[str]:
    """What having been chosen among all settings adds, of a search whose trials have both scores."""
    found = choosing(rows, question)
    if found is None:
        return []
    return [
        say(
            "Of the {settings}, each with a validation and a test score, the best on validation is flattered by "
            "{difference}, all of them by {shift} on average: {excess} is left for having been chosen as the best of "
            "so many.",
            settings=count(found.n, "setting"),
            difference=signed(found.difference, found.low, found.high),
            shift=signed(found.shift),
            excess=signed(found.excess, found.excess_low, found.excess_high),
        )
    ]


def _best(row: dict[Any, Any], rows: pd.DataFrame, question: Question) -> str:
    units = count(int(row["n"]), "fold" if in_folds(rows) else "seed")
    names = {
        "setting": escape(row["setting"]),
        "metric": metric_name(question.metric),
        "validation": score(row["validation"]),
        "test": score(row["test"]),
        "gap": signed(row["gap"], row["gap_low"], row["gap_high"]),
        "units": units,
    }
    if pd.isna(row["selected"]):
        return say(
            "Optimism: the setting best on validation ({setting}) has {metric} {validation} there and {test} on test, "
            "over {units}: validation flatters by {gap} (negative: test does).",
            **names,
        )
    return say(
        "Optimism: the setting best on validation ({setting}) was chosen with {metric} {selected}; with the seeds of "
        "the comparison it has {validation} on validation and {test} on test, over {units}. Validation flatters by "
        "{gap} (negative: test does).",
        selected=score(row["selected"]),
        **names,
    )
