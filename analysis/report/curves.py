"""How training went: the learning curves' figure in words, and what each setting's curves ended at."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from analysis.curves import AT, endings, trials_of, unequal
from analysis.language import say
from analysis.markdown import count, escape, number, score, signed, table
from analysis.metrics import metric_name
from analysis.names import names_of
from analysis.tables import grouped
from study.question import Question

SHOWN = 40
"""The most settings a table lists."""


def section(curves: pd.DataFrame, question: Question, figure: Sequence[str] = ()) -> list[str]:
    """The figure of learning curves, what its lines are, and a table of how each setting's training ended.

    ``curves``: see ``curves.with_curves``. Empty where no compared trial was evaluated more than once; no
    table where neither epochs nor losses are known.
    """
    if curves.empty or curves[f"{AT}evaluation"].max() < 2:
        return []
    compared = grouped(trials_of(curves), question)[1]
    found = endings(curves, question)
    if found.empty:
        return []
    return [*figure, *(_lines(curves, question, found) if figure else []), *_table(found, compared, question)]


def _lines(curves: pd.DataFrame, question: Question, found: pd.DataFrame) -> list[str]:
    over = "folds" if curves["fold"].notna().any() else "seeds"
    said = {
        "trials": say("Every line is one trial."),
        "seeds": say("Thick lines are means over seeds with 95% t-intervals, thin lines single trials."),
        "folds": say("Thick lines are means over folds with 95% intervals, thin lines single trials."),
    }[over if (found["trials"] > 1).any() else "trials"]
    if curves[f"{AT}train_loss"].notna().any():
        said += " " + say(
            "Training loss is the mean since the evaluation before, of what was minimised, with dropout: it lags "
            "behind."
        )
    uneven = unequal(curves, question)
    if uneven:
        said += " " + say(
            "Trials of one setting differ in length in {settings}: its mean ends with the shortest of them, as those "
            "that go on are not a fair sample.",
            settings=count(uneven, "setting"),
        )
    return [said]


def _table(found: pd.DataFrame, compared: pd.DataFrame, question: Question) -> list[str]:
    """How training ended, by what was measured of it; nothing where no epoch and no loss is known."""
    heads = {
        "best_epoch": say("epoch of the best validation {metric}", metric=metric_name(question.metric)),
        "last_train_loss": say("training loss, end"),
        "last_loss": say("validation loss, end"),
        "best_loss": say("validation loss, lowest"),
        "gap": say("gap"),
    }
    known = [name for name in heads if found[name].notna().any()]
    if not known:
        return []
    names = names_of(compared, question)
    cells = [
        [escape(names[row["row"]]), number(row["trials"]), *(_cell(name, row[name]) for name in known)]
        for row in found.head(SHOWN).to_dict("records")
    ]
    said = [say("Means over the comparison trials.")] if (found["trials"] > 1).any() else []
    if "gap" in known:
        said.append(say("Gap: validation loss minus training loss at the last evaluation."))
    if "last_loss" in known:
        said.append(say("A validation loss that ends above its lowest has begun to overfit, whatever the score does."))
    more = len(found) - SHOWN
    said += [say("{settings} not shown.", settings=count(more, "setting"))] if more > 0 else []
    return [table([say("setting"), say("trials"), *(heads[name] for name in known)], cells), " ".join(said)]


def _cell(name: str, amount: float) -> str:
    return number(amount, 1) if name == "best_epoch" else signed(amount) if name == "gap" else score(amount)
