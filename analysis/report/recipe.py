"""The recipe beside the baseline: every setting of both, and what is trained."""

from __future__ import annotations

import pandas as pd

from analysis.components import components
from analysis.frame import setting_columns
from analysis.markdown import code, escape, number, percent, table, value
from analysis.names import baseline_name
from analysis.tables import best_of, grouped, recipe_of
from study.question import Question

_ADDED = {
    "lora.rank": "LoRA's low-rank matrices",
    "adapter.width": "the adapters",
    "bitfit": "the biases",
}
"""What methods that freeze the pre-trained body train in its place."""


def section(frame: pd.DataFrame, question: Question) -> list[str]:
    """Every setting of the recipe (or of the best on validation) beside the baseline's, and what it trains."""
    trials, compared = grouped(frame, question)
    row = recipe_of(compared, question)
    title = "recipe" if row is not None else "best on validation"
    row = best_of(compared, question) if row is None else row
    if row is None:
        return []
    sides = {title: row}
    baseline = best_of(compared[compared["is_baseline"]], question)
    if baseline is not None and baseline.name != row.name:
        sides[baseline_name(question)] = baseline
    first = {name: trials[trials["row"] == side.name].iloc[0] for name, side in sides.items()}
    names = [name for name in setting_columns(frame) if any(pd.notna(one[name]) for one in first.values())]
    # what folds tuned differs between a row's trials, and the row has it in words
    rows = [
        [code(name.removeprefix("setting.")), *(_cell(name, side, first[s], question) for s, side in sides.items())]
        for name in names
    ]
    return [table(["setting", *map(escape, sides)], rows, text_columns=1), *_trained(title, row, first[title])]


def _cell(name: str, row: pd.Series, trial: pd.Series, question: Question) -> str:
    """A setting's value on one side; nothing where it only refines a part that is off there."""
    method = name.partition(".")[0]
    for part in components(question):
        if part.name != name and part.name.partition(".")[0] == method and trial[part.name] == part.off:
            return "–"
    return value(row.get(name, trial[name]))


def _trained(title: str, row: pd.Series, trial: pd.Series) -> list[str]:
    """How many parameters the recipe trains, and which, as its switches say."""
    if pd.isna(row["trainable_parameters"]):
        return []
    share = percent(row["trainable_share"])
    said = f"The {title} trains {number(row['trainable_parameters'])} parameters ({share} of all)"
    added = [words for name, words in _ADDED.items() if name in trial and pd.notna(trial[name]) and trial[name]]
    if added:
        return [
            f"{said}: {', '.join(added)} and the classification head. The pre-trained weights of the body are frozen."
        ]
    return [f"{said}."]
