"""The ablation path in the report: which changes lead from the default to the best setting, and what each gains."""

from __future__ import annotations

from typing import Any

import pandas as pd

from analysis.language import say
from analysis.markdown import code, count, escape, percent, score, signed, table, value
from analysis.metrics import metric_name
from analysis.path import Path, ablation_path
from analysis.remembered import remembered
from analysis.surrogate import FEWEST, POOR
from study.question import Question


def section(rows: pd.DataFrame, question: Question, figure: list[str] | None = None) -> list[str]:
    """The figure, the steps and what they rest on; nothing where default and best differ in fewer than two settings."""
    found = remembered(ablation_path, rows, question) if len(rows) else None
    if found is None or found.refused == "none":
        return []
    if found.refused:
        return [_refusal(found)]
    metric = metric_name(question.metric)
    scores = say("predicted {metric}", metric=metric) if found.predicted else say("validation {metric}", metric=metric)
    headers = [say("change"), scores, say("gain")]
    headers += [say("validation, run"), say("trials")] if found.predicted else [say("trials")]
    tested = found.steps["test"].notna().any()
    cells = []
    for row in found.steps.to_dict("records"):
        run = [score(row["run"])] if found.predicted else []
        trials = str(row["trials"]) if row["trials"] else "–"
        test = [score(row["test"])] if tested else []
        cells.append([_change(row), score(row["score"]), signed(row["gain"]), *run, trials, *test])
    return [
        *(figure or []),
        table([*headers, *([say("test, run")] if tested else [])], cells),
        " ".join(_legend(found)),
    ]


def _change(row: dict[Any, Any]) -> str:
    if not row["changed"]:
        return say("default")
    name = code(str(row["changed"]).removeprefix("setting."))
    return f"{name}: {_plain(row['before'])} → {_plain(row['after'])}"


def _plain(amount: object) -> str:
    return escape(amount) if isinstance(amount, str) else value(amount)


def _legend(found: Path) -> list[str]:
    said = [
        say(
            "From the default to the setting best on validation, one change at a time: of the changes left, the one "
            "with the best score is made first (Fawcett and Hoos 2016). A change gains what it does after those above "
            "it; in another order it would gain something else. The best was selected on these scores, so the whole "
            "gain is optimistic, and no step is tested for significance."
        )
    ]
    if found.predicted:
        said.append(
            say(
                "Settings between the two were not all run: the scores of the path are predictions of a random forest "
                "fitted to {settings} (Biedenkapp et al. 2017), which explains {share} of their variance out of bag.",
                settings=count(found.settings, "setting"),
                share=percent(max(0.0, found.r2)),
            )
        )
        if found.r2 < POOR:
            said.append(say("That is little: take the order with caution."))
        return said
    said.append(say("Every score is the mean over the trials that were run at that setting."))
    if found.skipped:
        said.append(
            say("Not considered, since their setting was never run: {changes}.", changes=count(found.skipped, "change"))
        )
    return said


def _refusal(found: Path) -> str:
    reasons = {
        "best": say(
            "No path of changes leads from the default to a better setting: the default is the best on validation."
        ),
        "folds": say(
            "No path of changes from the default to the best is shown: each fold chose a setting of its own, so there "
            "is no single best one."
        ),
        "few": say(
            "No path of changes from the default to the best is shown: the settings between them were not run, and a "
            "forest that would predict them takes at least {fewest} settings tried ({settings} were).",
            fewest=FEWEST,
            settings=found.settings,
        ),
    }
    return reasons[found.refused]
