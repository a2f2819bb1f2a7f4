"""A study in a notebook: its comparison as a frame, its figures, sections and conclusion, arm by arm."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from analysis.answers import Answer, answers_of
from analysis.folder import Study, read_study
from analysis.replicates import TEXTS
from study.errors import InputError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_KEPT: dict[tuple[int, str], tuple[Study, list[Answer]]] = {}
"""The answers of the last study: a notebook asks for table after figure after table of the same one."""


def comparison(study: Study | str | Path, arm: int = 0, estimand: str = TEXTS) -> pd.DataFrame:
    """The comparison table of an arm: a row per setting, with intervals and its paired difference from the baseline.

    ``study`` is a study (``read_study``, ``sources.open_studies``) or a folder; ``arm`` counts from 0; see
    ``tables.compare`` for the columns and ``answers.ESTIMANDS`` for what intervals cover.
    """
    return _answer(study, arm, estimand).table


def conclusion(study: Study | str | Path, arm: int = 0, estimand: str = TEXTS) -> list[str]:
    """The sentences of the report's conclusion on an arm, in Markdown."""
    from analysis.report.compose import concluded

    return concluded(_answer(study, arm, estimand))


def figure(study: Study | str | Path, view: str | None = None, arm: int = 0, **columns: str) -> Figure:
    """A figure of an arm: the one its question implies, or any of ``views.VIEWS``.

    A notebook shows it after ``%matplotlib inline``. ``columns`` are the view's, ``x="learning_rate"`` say. An
    InputError where the view has nothing to show.
    """
    from analysis.report.pictures import prepared_for
    from analysis.views import VIEWS
    from analysis.views.figures import figure_of

    answer = _answer(study, arm)
    asked = answer.arm.question.view
    name = view or asked.name
    prepared = prepared_for(name, answer, {**(asked.columns if name == asked.name else {}), **columns})
    if prepared.empty:
        raise InputError(f"The view {name!r} has nothing to show of {answer.arm.title}.")
    return figure_of(VIEWS[name], prepared)


def section(study: Study | str | Path, name: str, arm: int = 0, estimand: str = TEXTS) -> str:
    """A section of the report on an arm as Markdown, without its figures; see ``report.outline.TITLES`` for the names.

    Empty where there is nothing to show. An unknown name is an InputError.
    """
    from analysis.report.chapters import of_arm
    from analysis.report.outline import TITLES
    from study.errors import unknown

    if name not in TITLES:
        raise InputError(unknown("section", name, TITLES))
    return "\n\n".join(block for block in of_arm(_answer(study, arm, estimand), {}, {name}).get(name, []) if block)


def _answer(study: Study | str | Path, arm: int, estimand: str = TEXTS) -> Answer:
    study = study if isinstance(study, Study) else read_study(study)
    key = (id(study), estimand)
    if key not in _KEPT:
        if len(_KEPT) > 3:
            _KEPT.clear()
        # the study is kept too, so that its id stays its own
        _KEPT[key] = (study, answers_of(study, estimand))
    found = _KEPT[key][1]
    if not -len(found) <= arm < len(found):
        raise InputError(f"There is no arm {arm}. The study has {len(found)}: give 0 to {len(found) - 1}.")
    return found[arm]
