"""Importance: how much of the score's variation over the settings tried each setting makes by itself."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.scored import PHASES, Scored, scored
from analysis.surrogate import FEWEST, dimensions, fitted, main_effects
from study.question import Question

REFITS = 10
COLUMNS = ("setting", "share", "low", "high")


@dataclass(frozen=True)
class Importance:
    """``table``: a row per setting, most important first, its share of the variance with the least and most of the
    refits; ``rest`` is what no setting makes alone. ``refused`` says why there is no table: "" (there is), "one"
    (fewer than two settings vary), "few" (settings tried), "flat" (all scores equal) or "blind" (the forest predicts
    no better than the mean). ``phases`` are those of the trials used.
    """

    table: pd.DataFrame
    tried: Scored
    phases: tuple[str, ...]
    r2: float = float("nan")
    rest: float = float("nan")
    refused: str = ""


def importance(rows: pd.DataFrame, question: Question, generator: np.random.Generator) -> Importance:
    """How much each setting matters for the validation score, for the trials of one model and data set.

    A forest is fitted to the mean scores of the settings that tuning tried (of all trials, where tuning tried fewer
    than 20) and taken apart by functional ANOVA (see ``surrogate.main_effects``), ten times with other seeds. The
    spread is that of the forests on these trials; other trials would add to it.
    """
    phases: tuple[str, ...] = ("tune",)
    tried = scored(rows, question, phases)
    if len(tried.table) < FEWEST:
        phases = PHASES
        tried = scored(rows, question, phases)
    nothing = pd.DataFrame(columns=list(COLUMNS))
    if refused := _refused(tried):
        return Importance(nothing, tried, phases, refused=refused)
    dims = dimensions(tried.table, tried.names, question)
    models = [fitted(tried.table, dims, generator) for _ in range(REFITS)]
    r2 = float(np.mean([model.r2 for model in models]))
    if r2 <= 0:
        return Importance(nothing, tried, phases, r2, refused="blind")
    shares = np.array([main_effects(model, generator) for model in models])
    table = pd.DataFrame(
        {"setting": tried.names, "share": shares.mean(axis=0), "low": shares.min(axis=0), "high": shares.max(axis=0)}
    ).sort_values("share", ascending=False, kind="stable", ignore_index=True)
    return Importance(table, tried, phases, r2, rest=max(0.0, 1 - float(table["share"].sum())))


def _refused(tried: Scored) -> str:
    if len(tried.names) < 2:
        return "one"
    if len(tried.table) < FEWEST:
        return "few"
    return "flat" if float(np.ptp(tried.table["score"])) == 0 else ""
