"""The section that compares value by value: at each number of examples, say, which method is best, and how surely."""

from __future__ import annotations

import pandas as pd

from analysis.by_value import along, by_value, names_at
from analysis.language import say
from analysis.markdown import code, escape, score, signed, table, value
from analysis.metrics import metric_name, split_name
from analysis.names import baseline_name
from analysis.resampled import Resampled
from analysis.tables import best_of
from study.question import Question


def section(rows: pd.DataFrame, question: Question, resampled: Resampled | None = None) -> list[str]:
    """A table with a column for each value, what is best at each in a sentence, and what both rest on; or nothing."""
    found = by_value(rows, question, resampled)
    if found.empty:
        return []
    lines = [_line(mine, question) for _, mine in found.groupby("value")]
    return [_table(found, question), _legend(found, rows, question), "\n".join(f"- {line}" for line in lines if line)]


def in_words(compared: pd.DataFrame, question: Question) -> list[str]:
    """What is best on validation at each value, for the report's conclusion; nothing where there is one baseline."""
    column = along(compared, question)
    if column is None:
        return []
    names = dict(zip(compared.index, names_at(compared, question, column), strict=True))
    best = ((at, best_of(mine, question)) for at, mine in compared.groupby(column))
    return [
        say(
            "Every difference is from {baseline} at the same {name}. Best on validation at each: {best}.",
            baseline=baseline_name(question),
            name=code(column.removeprefix("setting.")),
            best="; ".join(f"{value(at)}: {escape(names[row.name])}" for at, row in best if row is not None),
        )
    ]


def _table(found: pd.DataFrame, question: Question) -> str:
    values, split = list(dict.fromkeys(found["value"])), split_name(found["split"].iloc[0])
    named = say("{split} {metric}", split=split, metric=metric_name(question.metric))
    cells = []
    for name, mine in found.groupby("name", sort=False):
        at = mine.set_index("value").reindex(values)
        scores = [score(row["score"], row["low"], row["high"]) for _, row in at.iterrows()]
        best = [f"{cell} ←" if one is True else cell for cell, one in zip(scores, at["is_best"], strict=True)]
        cells.append([escape(name), escape(named), *best])
        if not mine["is_baseline"].any():
            apart = [signed(r["difference"], r["difference_low"], r["difference_high"]) for _, r in at.iterrows()]
            cells.append(["", say("difference"), *apart])
    return table(["", "", *(value(one) for one in values)], cells, text_columns=2)


def _legend(found: pd.DataFrame, rows: pd.DataFrame, question: Question) -> str:
    said = [
        say(
            "Columns: {name}. Difference: from {baseline} in the same column, paired, with its 95% interval; p is in "
            "the comparison. ←: best of its column on validation.",
            name=code(found["factor"].iloc[0]),
            baseline=baseline_name(question),
        )
    ]
    if "shots" in rows:
        said.append(
            say(
                "A seed draws the examples too, the same ones for all that are compared, so that intervals over seeds "
                "are for other examples as well."
            )
        )
    tests = int(found["ahead"].notna().sum())
    said.append(
        say(
            "Below, the best of each column against the others there: intervals of single differences, not corrected "
            "for the {number} there are.",
            number=tests,
        )
    )
    if found["split"].iloc[0] == "validation":
        said.append(say("It was selected on the very score that is compared, so that its lead is optimistic."))
    return " ".join(said)


def _line(mine: pd.DataFrame, question: Question) -> str:
    """What is best at one value, how far it is ahead, and of what that can be said."""
    best = mine[mine["is_best"]]
    if best.empty:
        return ""
    row, others = best.iloc[0], mine[~mine["is_best"] & mine["ahead"].notna()]
    split = split_name(row["split"])
    said = [
        say(
            "{name} = {value}: best on validation is {best}, with {split} {metric} {score}.",
            name=code(row["factor"]),
            value=value(row["value"]),
            best=escape(row["name"]),
            split=split,
            metric=metric_name(question.metric),
            score=score(row["score"], row["low"], row["high"]),
        )
    ]
    if len(others):
        apart = "; ".join(
            f"{escape(o['name'])} {signed(o['ahead'], o['ahead_low'], o['ahead_high'])}" for _, o in others.iterrows()
        )
        said.append(say("Its {split} score minus that of: {others}.", split=split, others=apart))
        said.append(_verdict(others, question))
    return " ".join(said)


def _verdict(others: pd.DataFrame, question: Question) -> str:
    sign = -1 if question.lower_is_better else 1
    low, high = (sign * others[f"ahead_{side}"] for side in (("low", "high") if sign > 0 else ("high", "low")))
    if low.isna().all():
        return say("One seed gives no interval.")
    behind, ahead = others[high < 0], others[low > 0]
    if len(ahead) == len(others):
        return say("Its interval is on the better side against every other.")
    open_ = others[~(high < 0) & ~(low > 0)]
    said = [say("It cannot be told from {others}.", others=_names(open_))] if len(open_) else []
    if len(behind):
        said.append(say("It is behind {others}: what validation selected did not hold.", others=_names(behind)))
    return " ".join(said)


def _names(rows: pd.DataFrame) -> str:
    return ", ".join(escape(name) for name in rows["name"])
