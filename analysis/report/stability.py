"""How often trials degenerate, and how far they scatter, setting by setting."""

from __future__ import annotations

import pandas as pd

from analysis.markdown import number, percent, score
from analysis.markdown import table as markdown_table
from analysis.names import names_of
from analysis.stats import wilson
from analysis.tables import grouped
from study.question import Question, better_is_lower

COLUMNS = ("setting", "trials", "degenerate", "share", "low", "high", "mean", "deviation", "median", "worst", "split")


def stability(frame: pd.DataFrame, question: Question) -> pd.DataFrame:
    """One row per setting compared: trials, how many predicted one class only (or diverged), their share with its 95%
    Wilson interval; mean, standard deviation, median and worst of the score over trials.

    A trial whose loss stopped being finite has no score, but has failed as surely: it counts among the degenerate.
    """
    trials, table = grouped(frame, question)
    if table.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    split = table["split"].iloc[0]
    column = f"test_{question.metric}" if split == "test" else question.metric
    broken = frame[(frame["phase"] == "compare") & (frame["status"] == "diverged")]
    names = [name for name in table.columns[2 : table.columns.get_loc("seeds")] if name in frame]
    rows = []
    for number_of, (row, setting) in enumerate(zip(table.to_dict("records"), names_of(table, question), strict=True)):
        mine = trials[trials["row"] == number_of]
        lost = sum(
            all(_same(other[n], row[n]) for n in ("model", "data", *names)) for other in broken.to_dict("records")
        )
        of, bad = len(mine) + lost, int(mine["degenerate"].fillna(False).sum()) + lost
        low, high = wilson(bad, of)
        found = mine[column].dropna()
        numbers = {"mean": found.mean(), "deviation": found.std(), "median": found.median()}
        numbers["worst"] = found.max() if better_is_lower(question.metric) else found.min()
        counts = {"setting": setting, "trials": of, "degenerate": bad, "share": bad / of, "low": low, "high": high}
        rows.append(counts | numbers | {"split": split})
    return pd.DataFrame(rows, columns=list(COLUMNS))


def section(frame: pd.DataFrame, question: Question, always: bool = False) -> list[str]:
    """The table of degenerate trials and of scatter; nothing where none degenerated, unless it is asked for."""
    found = stability(frame, question) if len(frame) else pd.DataFrame(columns=list(COLUMNS))
    if found.empty or not (always or found["degenerate"].any()):
        return []
    cells = [
        [
            row["setting"],
            f"{number(row['degenerate'])} of {number(row['trials'])}",
            f"{percent(row['share'])} [{percent(row['low'])}, {percent(row['high'])}]",
            *(score(row[name]) for name in ("mean", "deviation", "median", "worst")),
        ]
        for _, row in found.iterrows()
    ]
    split = found["split"].iloc[0]
    headers = ["setting", "degenerate", "share", f"mean {split}", "standard deviation", "median", "worst"]
    said = "Degenerate: one class predicted for every text, or a loss that stopped being finite (which has no score). "
    said += "Shares with 95% Wilson intervals."
    return [markdown_table(headers, cells), said]


def _same(one: object, other: object) -> bool:
    return bool(one == other) or bool(pd.isna(one) and pd.isna(other))  # type: ignore[call-overload]
