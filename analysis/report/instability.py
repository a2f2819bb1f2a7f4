"""Instability in the report: how scores scatter over seeds, and whether validation tells good seeds from bad ones."""

from __future__ import annotations

import pandas as pd

from analysis.instability import Agreement, instability, seed_agreement
from analysis.language import say
from analysis.markdown import count, escape, number, percent, score, signed, table
from analysis.metrics import metric_name, split_name
from analysis.replicates import SEEDS
from analysis.report.legend import over_what
from study.question import Question

SHOWN = 40
"""The most settings a table lists."""


def section(frame: pd.DataFrame, question: Question, always: bool = False) -> list[str]:
    """The table of scatter over seeds and what it says; empty where no setting has three trials and none
    degenerated, unless asked for."""
    found = instability(frame, question, SHOWN) if len(frame) else pd.DataFrame()
    if found.empty or not (always or found["trials"].max() >= 3 or found["broken"].any()):
        return []
    return [_table(found, question), _legend(found), *_agreement(seed_agreement(frame, question))]


def _table(found: pd.DataFrame, question: Question) -> str:
    broken = bool(found["broken"].any())
    cells = [
        [
            escape(row["setting"]),
            number(row["trials"]),
            *([_broken(row)] if broken else []),
            score(row["deviation"], row["deviation_low"], row["deviation_high"]),
            *(score(row[name]) for name in ("least", "median", "most", "range", "quartiles")),
        ]
        for _, row in found.head(SHOWN).iterrows()
    ]
    split = split_name(found["split"].iloc[0])
    headers = [
        say("setting"),
        say("trials"),
        *([say("degenerate")] if broken else []),
        say("standard deviation"),
        say("lowest {split} {metric}", split=split, metric=metric_name(question.metric)),
        say("median"),
        say("highest"),
        say("range"),
        say("interquartile range"),
    ]
    return table(headers, cells)


def _broken(row: pd.Series) -> str:
    share = f"{percent(row['share'])} [{percent(row['share_low'])}, {percent(row['share_high'])}]"
    return say("{broken} of {trials}: {share}", broken=number(row["broken"]), trials=number(row["trials"]), share=share)


def _legend(found: pd.DataFrame) -> str:
    if found["deviation_low"].notna().any():
        said = say(
            "Over the comparison trials of each setting. The standard deviation has its 95% interval by chi-square: "
            "few seeds hardly tell how much a setting scatters."
        )
        said += " " + over_what(SEEDS)
    else:
        said = say("Over the comparison trials of each setting; in folds over folds and seeds together.")
    if found["broken"].any():
        said += " " + say(
            "Degenerate: one class predicted for every text, or a loss that stopped being finite (which has no score); "
            "with the share and its 95% Wilson interval."
        )
    more = len(found) - SHOWN
    return said + (" " + say("{settings} not shown.", settings=count(more, "setting")) if more > 0 else "")


def _agreement(found: Agreement | None) -> list[str]:
    if found is None:
        return []
    said = say(
        "Among seeds of one setting, validation and test scores have the rank correlation {correlation} ({trials} of "
        "{settings}, each less the mean of its setting). The seed best on validation differs on test from the mean of "
        "its setting by {gain} on average.",
        correlation=signed(found.correlation, found.low, found.high),
        trials=count(found.trials, "trial"),
        settings=count(found.settings, "setting"),
        gain=signed(found.gain),
    )
    if found.low <= 0 <= found.high:
        said += " " + say("So choosing a seed by its validation score is not shown to choose a better model.")
    return [said]
