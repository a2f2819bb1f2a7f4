"""How long each setting trained: epochs run and kept under early stopping, parts of a batch, attacked steps."""

from __future__ import annotations

from typing import Any

import pandas as pd

from analysis.frame import column_of
from analysis.markdown import count, escape, number, value
from analysis.markdown import table as markdown_table
from analysis.names import names_of
from analysis.tables import grouped
from study.question import Question

_COUNTED = {
    "micro_batch_used": "texts per part",
    "out_of_memory_retries": "retries for memory",
    "awp_attacked_steps": "attacked steps",
    "awp_skipped_steps": "skipped attacks",
}


def training(frame: pd.DataFrame, question: Question) -> list[str]:
    """A sentence on how the compared trials were trained, and a table of what each setting made of it.

    Empty where there is nothing to tell: no early stopping, whole batches, nothing counted.
    """
    trials, table = grouped(frame, question)
    if trials.empty:
        return []
    said = [*_batches(trials), *_stopping(trials)]
    columns = {
        "epochs run": [_range(same["epochs_run"]) for same in _groups(trials, table)],
        "weights kept of epoch": [_range(same["kept_epoch"]) for same in _groups(trials, table)],
        "stopped early": [_stopped(same) for same in _groups(trials, table)],
    }
    if not trials["kept_epoch"].notna().any():
        columns = {}
    for name, words in _COUNTED.items():
        if trials[name].notna().any():
            columns[words] = [_range(same[name]) for same in _groups(trials, table)]
    if not said and not columns:
        return []
    rows = [
        [escape(name), *(cells[i] for cells in columns.values())] for i, name in enumerate(names_of(table, question))
    ]
    shown = [markdown_table(["setting", *columns], rows)] if columns else []
    legend = ["Means over the comparison trials, with the least and the most."] if columns else []
    return [" ".join(said), *shown, *legend] if said else [*shown, *legend]


def _groups(trials: pd.DataFrame, table: pd.DataFrame) -> list[pd.DataFrame]:
    return [trials[trials["row"] == row] for row in table.index]


def _batches(trials: pd.DataFrame) -> list[str]:
    size, part = _number(trials, "batch_size"), _number(trials, "micro_batch")
    if not size or not part or part >= size:
        return []
    return [
        f"Batches of {number(size)} texts, the gradient of each accumulated from parts of at most {number(part)}: "
        "the weights change once per batch, by the gradient of the whole."
    ]


def _stopping(trials: pd.DataFrame) -> list[str]:
    patience, metric = _number(trials, "early_stopping"), _one(trials, "early_stopping.metric")
    if not patience or metric is None:
        return []
    epochs, often = _number(trials, "epochs"), _number(trials, "evaluations_per_epoch")
    most = f" of at most {value(epochs)} epochs" if epochs is not None else ""
    each = f" ({count(int(often), 'evaluation')} per epoch)" if often is not None else ""
    return [
        f"Training{most} ends after {count(int(patience), 'evaluation')} in a row without a better validation "
        f"{escape(metric)}{each}; the weights of the best evaluation are kept."
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
    return f"{int((known['epochs_run'] < known['epochs'] - 1e-6).sum())} of {len(known)}" if len(known) else "–"
