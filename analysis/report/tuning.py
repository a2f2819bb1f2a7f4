"""What was tuned: every candidate's validation score, and which went on to the comparison."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from analysis.frame import column_of
from analysis.language import say
from analysis.markdown import code, count, describe, escape, listed, score, table, value
from analysis.metrics import metric_name
from analysis.tuning import at_the_edge, tuned
from study.question import Question

SHOWN = 40
"""The most candidates, or points, that a report lists; all of them are in trials.csv."""

_WIDE = 8
"""The most values of one tuned setting that stand side by side."""


def section(rows: pd.DataFrame, question: Question) -> list[str]:
    """What was tried with which mean validation score; an arrow marks what went on to the comparison,
    a dagger what came last in that choice whatever its score."""
    tries = tuned(rows, question)
    if tries.empty:
        return []
    wide = [column_of(name) for name in question.tuned]
    if len(wide) == 1 and tries[wide[0]].nunique() <= _WIDE and question.factor_names:
        shown, more = _pivot(tries, question, wide[0])
    else:
        shown, more = _long(tries, question)
    return [shown, " ".join([*_said(rows, tries, question), *more])]


def _said(rows: pd.DataFrame, tries: pd.DataFrame, question: Question) -> list[str]:
    seeds = sorted(rows.loc[rows["phase"] == "tune", "seed"].unique())
    metric = metric_name(question.metric)
    domains = "; ".join(
        say("{name} from {domain}", name=code(name), domain=escape(domain)) for name, domain in question.tuned.items()
    )
    said = [f"{domains}."]
    if len(seeds) == 1:
        said.append(
            say(
                "Validation {metric} on selection seed {seed}, which no comparison uses; ←: compared. Scores that were "
                "selected on are optimistic.",
                metric=metric,
                seed=seeds[0],
            )
        )
    else:
        said.append(
            say(
                "Validation {metric} on selection seeds {seeds}, which no comparison uses; ←: compared. Scores that "
                "were "
                "selected on are optimistic.",
                metric=metric,
                seeds=", ".join(map(str, seeds)),
            )
        )
    if question.search == "halving":
        said.append(
            say(
                "Candidates were first tried on a part of the training texts, and the best third of them each time on "
                "three times as many: only those that came to all texts are listed."
            )
        )
    if (tries["last"] & tries["validation"].notna()).any():
        said.append(
            say(
                "†: predicted one class, or was stopped before its end; it comes behind all others in the choice, "
                "whatever its score."
            )
        )
    if edges := _edges(tries, question):
        said.append(
            say("At the edge of the values tried, so that a better one may lie beyond: {settings}.", settings=edges)
        )
    if rows["fold"].notna().any():
        said.append(
            say("Each fold tuned on its own: the scores are means over folds, and ← was compared in one or more.")
        )
    return said


def _edges(tries: pd.DataFrame, question: Question) -> str:
    """What was chosen and is the lowest or highest value tried."""
    chosen = int(tries["chosen"].sum())
    return listed(
        [
            say("{setting} ({times} of {chosen} chosen)", setting=describe({name: edge}), times=times, chosen=chosen)
            for (name, edge), times in at_the_edge(tries, question).items()
        ]
    )


def _long(tries: pd.DataFrame, question: Question) -> tuple[str, list[str]]:
    """A row per candidate, and how many more there are."""
    names = [name for name in tries.columns if name not in ("trials", "scored", "validation", "chosen", "last")]
    rows = [
        [*(value(row[name]) for name in names), _marked(row), str(row["trials"])]
        for _, row in tries.head(SHOWN).iterrows()
    ]
    headers = [*map(code, names), say("validation {metric}", metric=metric_name(question.metric)), say("trials")]
    return table(headers, rows, text_columns=0), _more(count(len(tries) - SHOWN, "more candidate"), len(tries))


def _pivot(tries: pd.DataFrame, question: Question, wide: str) -> tuple[str, list[str]]:
    """Points down, the one tuned setting across; how many more points there are."""
    factors = [column_of(name) for name in question.factor_names]
    columns = sorted(tries[wide].dropna().unique())
    points = tries.groupby(factors, dropna=False, sort=False).ngroup()
    rows = []
    for _, same in tries[points < SHOWN].groupby(points, sort=False):
        cells = {row[wide]: _marked(row) for _, row in same.iterrows()}
        rows.append([*(value(same[name].iloc[0]) for name in factors), *(cells.get(one, "") for one in columns)])
    headers = [*map(code, factors), *(f"{code(wide)} = {value(column)}" for column in columns)]
    return table(headers, rows, text_columns=0), _more(
        count(int(points.max()) + 1 - SHOWN, "more point"), int(points.max()) + 1
    )


def _more(others: str, number: int) -> list[str]:
    return [say("{others} in trials.csv.", others=others)] if number > SHOWN else []


def _marked(row: Mapping[Any, Any] | pd.Series) -> str:
    cell = score(row["validation"])
    return f"{cell}{'†' if row['last'] and cell != '–' else ''}{' ←' if row['chosen'] else ''}"
