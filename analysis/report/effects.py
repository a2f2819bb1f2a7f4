"""Effects in the report: main effects and interactions of a factorial design, and what share of variance each makes."""

from __future__ import annotations

from typing import Any

import pandas as pd

from analysis.design import Design, design
from analysis.effects import effects
from analysis.language import say
from analysis.markdown import code, count, escape, p_value, percent, signed, table, value
from analysis.metrics import metric_name, split_name
from analysis.paired import LEVEL
from analysis.replicates import FOLDS, TEXTS
from analysis.report.importance import share
from analysis.report.render import starred
from analysis.resampled import Resampled
from analysis.variance import variance_shares
from study.question import Question

SHOWN = 40
"""The most effects a report lists: main effects first, then interactions by their size."""


def section(
    rows: pd.DataFrame, question: Question, figure: list[str] | None = None, resampled: Resampled | None = None
) -> list[str]:
    """The figure, the effects and the shares of variance, each with what it is; nothing without a factorial design."""
    found = design(rows, question) if len(rows) else None
    if found is None:
        return []
    every = effects(found, resampled)
    size = every["difference"].abs().where(every["kind"] != "main", float("inf"))
    shown = every.loc[size.sort_values(ascending=False, kind="stable").index].head(SHOWN)
    cells = [_cells(row) for row in shown.to_dict("records")]
    headers = [say("effect"), say("difference"), "p", say("p (Holm)"), "n"]
    return [
        *(figure or []),
        table(headers, cells),
        " ".join([*_legend(found, every, question, len(every) - len(shown)), *_drawn(figure)]),
        *_shares(found),
    ]


def _cells(row: dict[Any, Any]) -> list[str]:
    numbers = starred(signed(row["difference"], row["low"], row["high"]), row["significant"])
    return [_named(row["effect"]), numbers, p_value(row["p"]), p_value(row["p_holm"]), str(row["n"])]


def _named(effect: tuple[tuple[str, Any, Any], ...]) -> str:
    return " × ".join(
        f"{code(name.removeprefix('setting.'))}: {_plain(base)} → {_plain(v)}" for name, v, base in effect
    )


def _plain(level: Any) -> str:
    return escape(level) if isinstance(level, str) else value(level)


def _legend(found: Design, every: pd.DataFrame, question: Question, more: int) -> list[str]:
    said = [
        say(
            "Changes of {split} {metric}. One change: its mean over all combinations of the other factors. Two (×): "
            "how much more the first changes the score where the second is made as well (a difference of differences; "
            "zero where the two add up).",
            split=split_name(found.split),
            metric=metric_name(question.metric),
        ),
        _estimand(every),
        say(
            "p is corrected for all {effects} (Holm); bold and \\*: at most {level}, and the interval excludes zero.",
            effects=count(int(every["p"].notna().sum()), "effect"),
            level=LEVEL,
        ),
    ]
    reach = (every["smallest_p"] * every["p"].notna().sum()).min()
    if pd.notna(reach) and reach > LEVEL:
        said.append(say("With so few seeds for so many effects none can be significant."))
    missing = found.possible - len(found.cells)
    if missing:
        said.append(
            say(
                "Of {possible} combinations {missing} have no finished trial: an effect is over those that have both "
                "sides.",
                possible=found.possible,
                missing=missing,
            )
        )
    without = int((every["n"] == 0).sum())
    if without:
        said.append(say("Without a pair of trials: {effects}.", effects=count(without, "effect")))
    if more:
        said.append(say("Not listed: {effects}, the smallest interactions.", effects=count(more, "effect")))
    return said


def _drawn(figure: list[str] | None) -> list[str]:
    if not figure:
        return []
    return [
        say(
            "In the figure, means over the other factors with 95% intervals over seeds or folds: of single means, "
            "which may overlap where a paired difference is clear."
        )
    ]


def _estimand(every: pd.DataFrame) -> str:
    kinds = set(every["estimand"]) - {""}
    if kinds == {TEXTS}:
        return say(
            "Paired by seed; 95% intervals over seeds and texts (for texts like these); p: exact sign flips over seeds."
        )
    if kinds == {FOLDS}:
        return say("Paired by fold and seed; 95% intervals and p over folds (corrected resampled t-test).")
    return say("Paired by seed; 95% intervals over seeds, on these very texts; p: exact sign flips over seeds.")


def _shares(found: Design) -> list[str]:
    shares = variance_shares(found)
    if shares.empty:
        return []
    cells = [
        [_source(row["source"]), share(row["share"]), percent(row["by_chance"]), str(row["df"])]
        for row in shares.to_dict("records")
    ]
    headers = [say("source of variance"), say("share of the variance"), say("by chance"), say("degrees of freedom")]
    said = say(
        "Shares of the sum of squares of {trials} in {cells}; by chance: what noise alone would give that many degrees "
        "of freedom on average. The rest is noise and what three or more factors do together.",
        trials=count(int(found.scores.notna().to_numpy().sum()), "trial"),
        cells=count(len(found.cells), "combination"),
    )
    if not found.balanced:
        said += " " + say(
            "Not every combination has every seed: each share is what its source explains beyond the others (type II), "
            "and they need not add up to {whole}.",
            whole=percent(1.0),
        )
    return [table(headers, cells), said]


def _source(source: tuple[str, ...]) -> str:
    if source == ("replicate",):
        return say("seeds")
    if source == ("rest",):
        return say("rest")
    return " × ".join(code(name.removeprefix("setting.")) for name in source)
