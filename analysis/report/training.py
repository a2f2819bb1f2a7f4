"""How long each setting trained: epochs run and kept under early stopping, parts of a batch, attacked steps."""

from __future__ import annotations

from typing import Any

import pandas as pd

from analysis.frame import column_of
from analysis.language import say
from analysis.markdown import count, escape, number, value
from analysis.markdown import table as markdown_table
from analysis.names import names_of
from analysis.tables import grouped, shown_of
from study.question import Question

SHOWN = 40
"""The most settings a table lists."""


def training(frame: pd.DataFrame, question: Question) -> list[str]:
    """A sentence on how the compared trials were trained, and a table of what each setting made of it.

    Empty where there is nothing to tell: no early stopping, whole batches, nothing counted.
    """
    trials, table = grouped(frame, question)
    if trials.empty:
        return []
    said = [*_batches(trials), *_stopping(trials)]
    rows = shown_of(table, question, SHOWN)
    columns = _columns(trials, rows)
    if not said and not columns:
        return []
    cells = [
        [escape(name), *(column[i] for column in columns.values())] for i, name in enumerate(names_of(rows, question))
    ]
    shown = [markdown_table([say("setting"), *columns], cells)] if columns else []
    legend = [say("Means over the comparison trials, with the least and the most.")] if columns else []
    if columns and len(table) > len(rows):
        legend[0] += " " + say("{settings} not shown.", settings=count(len(table) - len(rows), "setting"))
    return [" ".join(said), *shown, *legend] if said else [*shown, *legend]


def _columns(trials: pd.DataFrame, rows: pd.DataFrame) -> dict[str, list[str]]:
    """What is told of the training of these rows of the comparison, by the head of each column."""
    mine = dict(list(trials[trials["row"].isin(rows.index)].groupby("row")))
    groups = [mine[row] for row in rows.index]
    columns = {}
    if trials["kept_epoch"].notna().any():
        columns = {
            say("epochs run"): [_range(same["epochs_run"]) for same in groups],
            say("weights kept of epoch"): [_range(same["kept_epoch"]) for same in groups],
            say("stopped early"): [_stopped(same) for same in groups],
        }
    counted = {name: words for name, words in _counted().items() if trials[name].notna().any()}
    return columns | {words: [_range(same[name]) for same in groups] for name, words in counted.items()}


def _counted() -> dict[str, str]:
    """The columns of what only some trials count, by their names in the frame."""
    return {
        "micro_batch_used": say("texts per part"),
        "out_of_memory_retries": say("retries for memory"),
        "awp_attacked_steps": say("attacked steps"),
        "awp_skipped_steps": say("skipped attacks"),
    }


def _batches(trials: pd.DataFrame) -> list[str]:
    size, part = _number(trials, "batch_size"), _number(trials, "micro_batch")
    if not size or not part or part >= size:
        return []
    return [
        say(
            "Batches of {size} texts, the gradient of each accumulated from parts of at most {part}: "
            "the weights change once per batch, by the gradient of the whole.",
            size=number(size),
            part=number(part),
        )
    ]


def _stopping(trials: pd.DataFrame) -> list[str]:
    patience, metric = _number(trials, "early_stopping"), _one(trials, "early_stopping.metric")
    if not patience or metric is None:
        return []
    epochs, often = _number(trials, "epochs"), _number(trials, "evaluations_per_epoch")
    each = f" ({say('{evaluations} per epoch', evaluations=count(int(often), 'evaluation'))})" if often else ""
    told = {"evaluations": count(int(patience), "evaluation"), "metric": escape(metric), "each": each}
    if epochs is None:
        return [
            say(
                "Training ends after {evaluations} in a row without a better validation {metric}{each}; "
                "the weights of the best evaluation are kept.",
                **told,
            )
        ]
    return [
        say(
            "Training of at most {epochs} epochs ends after {evaluations} in a row without a better validation "
            "{metric}{each}; the weights of the best evaluation are kept.",
            epochs=value(epochs),
            **told,
        )
    ]


def _one(trials: pd.DataFrame, name: str) -> Any:
    """The value that all trials have of a setting; None where they differ or have none."""
    column = column_of(name)
    if column not in trials or trials[column].nunique(dropna=False) != 1 or pd.isna(trials[column].iloc[0]):
        return None
    return trials[column].iloc[0]


def _number(trials: pd.DataFrame, name: str) -> float | None:
    found = _one(trials, name)
    return None if found is None else float(found)


def _range(values: pd.Series) -> str:
    known = values.dropna()
    if known.empty:
        return "–"
    low, high = known.min(), known.max()
    return value(low) if low == high else f"{known.mean():.1f} ({value(low)}–{value(high)})"


def _stopped(trials: pd.DataFrame) -> str:
    """How many of the trials ended before the epochs they were given."""
    known = trials.dropna(subset=["epochs_run", "kept_epoch"])
    if known.empty:
        return "–"
    early = int((known["epochs_run"] < known["epochs"] - 1e-6).sum())
    return say("{part} of {whole}", part=number(early), whole=number(len(known)))
