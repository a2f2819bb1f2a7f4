"""The recipe beside the baseline: every setting of both, and what is trained."""

from __future__ import annotations

import pandas as pd

from analysis.components import components
from analysis.frame import setting_columns
from analysis.language import say
from analysis.markdown import code, escape, number, percent, table, value
from analysis.names import baseline_name
from analysis.tables import best_of, grouped, recipe_of
from study.question import Question


def section(frame: pd.DataFrame, question: Question) -> list[str]:
    """Every setting of the recipe (or of the best on validation) beside the baseline's, and what it trains."""
    trials, compared = grouped(frame, question)
    row = recipe_of(compared, question)
    whole = row is not None
    row = best_of(compared, question) if row is None else row
    if row is None:
        return []
    title = say("recipe") if whole else say("best on validation")
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
    return [table([say("setting"), *map(escape, sides)], rows, text_columns=1), *_trained(whole, row, first[title])]


def _cell(name: str, row: pd.Series, trial: pd.Series, question: Question) -> str:
    """A setting's value on one side; nothing where it only refines a part that is off there."""
    method = name.partition(".")[0]
    for part in components(question):
        if part.name != name and part.name.partition(".")[0] == method and trial[part.name] == part.off:
            return "–"
    return value(row.get(name, trial[name]))


def _trained(whole: bool, row: pd.Series, trial: pd.Series) -> list[str]:
    """How many parameters the recipe (or the best on validation) trains, and which, as its switches say."""
    if pd.isna(row["trainable_parameters"]):
        return []
    amount, share = number(row["trainable_parameters"]), percent(row["trainable_share"])
    added = ", ".join(
        words for name, words in _added().items() if name in trial and pd.notna(trial[name]) and trial[name]
    )
    if whole and added:
        return [
            say(
                "The recipe trains {amount} parameters ({share} of all): {added} and the classification head. "
                "The pre-trained weights of the body are frozen.",
                amount=amount, share=share, added=added,
            )
        ]  # fmt: skip
    if whole:
        return [say("The recipe trains {amount} parameters ({share} of all).", amount=amount, share=share)]
    if added:
        return [
            say(
                "The best on validation trains {amount} parameters ({share} of all): {added} and the classification "
                "head. The pre-trained weights of the body are frozen.",
                amount=amount, share=share, added=added,
            )
        ]  # fmt: skip
    return [say("The best on validation trains {amount} parameters ({share} of all).", amount=amount, share=share)]


def _added() -> dict[str, str]:
    """What methods that freeze the pre-trained body train in its place, by the setting that turns them on."""
    return {
        "lora.rank": say("LoRA's low-rank matrices"),
        "adapter.width": say("the adapters"),
        "bitfit": say("the biases"),
    }
