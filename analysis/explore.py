"""A study in a notebook: its comparison as a frame, its figures, sections and conclusion, arm by arm."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from analysis.answers import Answer, answers_of
from analysis.folder import Study, read_study
from analysis.origin import study_of
from analysis.replicates import TEXTS
from study.errors import InputError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Source = Study | pd.DataFrame | str | Path
"""A study (``read_study``, ``sources.open_studies``), a frame of one (``load_frame``, ``load_trials``) or some of its
rows, or a study's folder."""

_KEPT: dict[tuple[int, str], tuple[Study, list[Answer]]] = {}
"""The answers of the last study: a notebook asks for table after figure after table of the same one."""


def comparison(study: Source, arm: int = 0, estimand: str = TEXTS) -> pd.DataFrame:
    """The comparison table of an arm: a row per setting, with intervals and its paired difference from the baseline.

    ``study`` is any ``Source``; of a frame its rows alone are compared, whatever else the study holds. ``arm`` counts
    from 0; see ``tables.compare`` for the columns and ``answers.ESTIMANDS`` for what intervals cover.
    """
    return _answer(study, arm, estimand).table


def conclusion(study: Source, arm: int = 0, estimand: str = TEXTS) -> list[str]:
    """The sentences of the report's conclusion on an arm, in Markdown."""
    from analysis.report.compose import concluded

    return concluded(_answer(study, arm, estimand))


def figure(study: Source, view: str | None = None, arm: int = 0, **columns: str) -> Figure:
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


def section(study: Source, name: str, arm: int = 0, estimand: str = TEXTS) -> str:
    """A section of the report on an arm as Markdown, without its figures; see ``report.outline.TITLES`` for the names.

    Empty where there is nothing to show. An unknown name is an InputError.
    """
    from analysis.report.chapters import of_arm
    from analysis.report.outline import TITLES
    from study.errors import unknown

    if name not in TITLES:
        raise InputError(unknown("section", name, TITLES))
    return "\n\n".join(block for block in of_arm(_answer(study, arm, estimand), {}, {name}).get(name, []) if block)


def perplexities(study: Source, arm: int = 0) -> pd.DataFrame:
    """The perplexities of an arm's pre-trained bodies before and after, a row per body and kind of text.

    See ``pretraining.perplexities`` for the columns; empty where nothing was pre-trained further.
    """
    return _answer(study, arm).perplexities


def fill_ins(study: Source, arm: int = 0) -> pd.DataFrame:
    """The words that an arm's bodies fill in before and after pre-training, a row per body, sentence and rank.

    See ``pretraining.fill_ins`` for the columns; ``.pivot_table`` sets before and after side by side as one likes.
    """
    from analysis.pretraining import fill_ins as of_bodies

    return of_bodies(_answer(study, arm).bodies)


def pretraining_costs(study: Source, arm: int = 0) -> pd.DataFrame:
    """What pre-training an arm's bodies took against a fine-tuning from them, a row per body and quantity.

    See ``pretraining.pretraining_costs`` for the columns.
    """
    from analysis.pretraining import pretraining_costs as of_bodies

    answer = _answer(study, arm)
    return of_bodies(answer.bodies, answer.rows)


def _answer(study: Source, arm: int, estimand: str = TEXTS) -> Answer:
    found = _answers(study, estimand)
    if not -len(found) <= arm < len(found):
        raise InputError(f"There is no arm {arm}. The study has {len(found)}: give 0 to {len(found) - 1}.")
    return found[arm]


def _answers(study: Source, estimand: str) -> list[Answer]:
    """The answers of a study, those of one at hand kept for the next question; a folder or a frame may have changed."""
    if isinstance(study, pd.DataFrame):
        return answers_of(study_of(study), estimand, study)
    if not isinstance(study, Study):
        return answers_of(read_study(study), estimand)
    key = (id(study), estimand)
    if key not in _KEPT:
        if len(_KEPT) > 3:
            _KEPT.clear()
        # the study is kept too, so that its id stays its own
        _KEPT[key] = (study, answers_of(study, estimand))
    return _KEPT[key][1]
