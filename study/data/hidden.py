"""Labels that are kept from those who compete: all of a split are -1 or missing. And labels that simply lack."""

from __future__ import annotations

import numpy as np

from study.data.labels import HIDDEN
from study.data.rows import Rows, at_rows


def minus_one_is_a_class(train: Rows) -> bool:
    """Whether -1 is a class like others: train has it beside others, and the source names no classes."""
    return HIDDEN in train.values and train.names is None and len(train.values) > 1


def hidden(rows: Rows, a_class: bool) -> str | None:
    """What stands in the place of every label of a split, "-1" or "missing"; None where there are labels."""
    if set(rows.values) == {None}:
        return "missing"
    return HIDDEN if set(rows.values) == {HIDDEN} and not a_class else None


def lacking(rows: Rows, a_class: bool, do: str) -> list[str]:
    """What is wrong with the labels of a split: single ones that are missing, or -1 where that is no class."""
    problems = []
    for value, how in ((None, "missing"), (HIDDEN, f"{HIDDEN}, which stands for a hidden label")):
        codes = [code for code, held in enumerate(rows.values) if held == value]
        mask = np.isin(rows.codes, codes)
        if mask.any() and not (value == HIDDEN and a_class):
            what = "give rows with labels" if mask.all() else do
            problems.append(f"{rows.where}: {at_rows(mask, 'label', how)}. Every row needs a class; {what}.")
    return problems
