"""Importance in the report: which settings the score depends on, by a forest, or why that cannot be said."""

from __future__ import annotations

import pandas as pd

from analysis.importance import REFITS, Importance, importance
from analysis.language import say
from analysis.markdown import code, count, percent, score, table
from analysis.metrics import metric_name
from analysis.remembered import remembered
from analysis.surrogate import FEWEST, POOR
from study.question import Question

_LEAST = 0.001


def section(rows: pd.DataFrame, question: Question, figure: list[str] | None = None) -> list[str]:
    """The figure, the shares of the settings and what they rest on; nothing where fewer than two settings vary."""
    found = remembered(importance, rows, question) if len(rows) else None
    if found is None or found.refused == "one":
        return []
    if found.refused:
        return [_refusal(found)]
    cells = [
        [code(row["setting"].removeprefix("setting.")), share(row["share"]), _range(row["low"], row["high"])]
        for row in found.table.to_dict("records")
    ]
    cells.append([say("only together"), share(found.rest), ""])
    headers = [say("hyperparameter"), say("share of the variance"), say("least and most")]
    return [*(figure or []), table(headers, cells), " ".join(_legend(found, question))]


def _legend(found: Importance, question: Question) -> list[str]:
    said = [
        say(
            "The share of the variance of validation {metric} that a hyperparameter makes by itself, when all are "
            "drawn independently and evenly over their values: the first-order part of functional ANOVA (Hutter et al. "
            "2014) of a random forest fitted to the mean scores of {settings} ({trials}). Least and most of {refits} "
            "forests: how far it depends on the forest, not how far it would on other trials. Nothing here is a test.",
            metric=metric_name(question.metric),
            settings=count(len(found.tried.table), "setting"),
            trials=count(int(found.tried.table["trials"].sum()), "trial"),
            refits=REFITS,
        ),
        say("Out of bag the forest explains {share} of the variance.", share=percent(found.r2)),
    ]
    if found.r2 < POOR:
        said.append(say("That is little: take the order with caution."))
    return said + _left_out(found)


def _left_out(found: Importance) -> list[str]:
    tried, said = found.tried, []
    if tried.partial:
        names = ", ".join(code(name) for name in tried.partial)
        said.append(say("Hyperparameters left out because some trials lack them: {names}.", names=names))
    if tried.tied:
        names = ", ".join(code(name) for name in tried.tied)
        said.append(say("Hyperparameters left out because they follow from another: {names}.", names=names))
    if tried.unscored:
        said.append(
            say("Trials left out because they did not finish: {trials}.", trials=count(tried.unscored, "trial"))
        )
    if tried.uneven:
        said.append(say("Settings left out because not all folds tried them: {n}.", n=count(tried.uneven, "setting")))
    return said


def _refusal(found: Importance) -> str:
    reasons = {
        "few": say(
            "Which hyperparameters matter is not estimated: it takes at least {fewest} settings tried to their end, "
            "and there are {settings}.",
            fewest=FEWEST,
            settings=len(found.tried.table),
        ),
        "flat": say("Which hyperparameters matter is not estimated: all settings tried have the same score."),
        "blind": say(
            "Which hyperparameters matter is not estimated: a forest fitted to the {settings} tried predicts others "
            "no better than their mean does (out-of-bag R² {r2}).",
            settings=count(len(found.tried.table), "setting"),
            r2=score(found.r2),
        ),
    }
    return reasons[found.refused]


def _range(low: float, high: float) -> str:
    return f"{share(low)}–{share(high)}" if high >= _LEAST else share(high)


def share(part: float) -> str:
    """A share of the variance in percent; one below a thousandth as a bound."""
    return f"< {percent(_LEAST, 1)}" if part < _LEAST else percent(part)
