"""What each setting trains: parameters, against the whole model's and against the baseline's."""

from __future__ import annotations

import pandas as pd

from analysis.language import say
from analysis.markdown import count, number, percent
from analysis.markdown import table as markdown_table
from analysis.names import baseline_name, names_of
from analysis.tables import best_of, shown_of
from study.question import Question

SHOWN = 40
"""The most settings a table lists."""

COLUMNS = ("setting", "trainable", "share", "of_baseline", "saved_bytes")


def parameters(table: pd.DataFrame, question: Question) -> pd.DataFrame:
    """One row per setting of a comparison table, in its order: its name, trainable parameters, their share of all the
    model has, their share of the baseline's (NaN without a baseline), and the bytes of a file that holds them.
    """
    shown = table[table["chosen"] & table["trainable_parameters"].notna()]
    baseline = best_of(table[table["is_baseline"]], question)
    whole = float("nan") if baseline is None else baseline["trainable_parameters"]
    return pd.DataFrame(
        {
            "setting": names_of(shown, question),
            "trainable": shown["trainable_parameters"],
            "share": shown["trainable_share"],
            "of_baseline": shown["trainable_parameters"] / whole,
            "saved_bytes": shown["saved_bytes"],
        },
        columns=list(COLUMNS),
    )


def _share(share: float) -> str:
    """A share in percent with two digits where it is small: 1.33% and 1.98% are not the same."""
    return percent(share, 2) if 0.001 <= share < 0.1 else percent(share)


def section(table: pd.DataFrame, question: Question) -> list[str]:
    """The table of trainable parameters and what its columns mean; nothing where none were counted."""
    counted = table[table["chosen"] & table["trainable_parameters"].notna()] if len(table) else table
    if counted.empty:
        return []
    shown = shown_of(counted, question, SHOWN)
    baseline = best_of(table[table["is_baseline"]], question)
    kept = table.index.isin([*shown.index, *([] if baseline is None else [baseline.name])])
    found = parameters(table[kept], question).loc[shown.index]
    cells = [
        [
            row["setting"],
            number(row["trainable"]),
            _share(row["share"]),
            _share(row["of_baseline"]),
            number(row["saved_bytes"] / 2**20, 1),
        ]
        for _, row in found.iterrows()
    ]
    full = baseline_name(question) == say("full fine-tuning")
    against = say("of full fine-tuning's") if full else say("of the baseline's")
    headers = [say("setting"), say("trainable parameters"), say("of all"), against, say("saved (MiB)")]
    said = say(
        "Of all: of the model with what methods add to it. Saved: the size of a file with the trained weights alone."
    )
    more = len(counted) - len(shown)
    said += " " + say("{settings} not shown.", settings=count(more, "setting")) if more else ""
    return [markdown_table(headers, cells), said]
