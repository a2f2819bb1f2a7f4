"""The report's figures: what each arm's question implies, and those that arms have of their own."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from analysis.answers import Answer
from analysis.language import known, say
from analysis.markdown import escape
from analysis.views import VIEWS
from analysis.views.figures import figure_of, save
from analysis.views.fonts import give_fonts
from analysis.views.series import x_of
from study.errors import InputError, unknown

OF_ARM = {
    "confusion": ("matrices", "Confusion matrices"),
    "ablation": ("ablation", "What each part of the recipe changes"),
    "effects": ("effects", "How the factors act together"),
    "pareto": ("pareto", "The score against what it costs"),
    "expected": ("expected", "The best score to expect of so many trials"),
    "importance": ("importance", "Which settings the score depends on"),
    "path": ("path", "From the default to the best setting, one change at a time"),
    "curves": ("curves", "Learning curves"),
    "errors": ("errors", "Accuracy by length and by class"),
    "perplexity": ("perplexity", "Perplexity before and after further pre-training"),
}
"""Views that the report draws of every arm that has something to show in them: the file's name, and words."""

_FIGURE = re.compile(rf"({'|'.join(VIEWS)}|matrices)(_\d+)?\.(png|svg)")
"""The names of a report's figures."""


def draw_comparisons(answers: Sequence[Answer], folder: Path) -> list[str]:
    """Draw what the questions' views show of the trials; the Markdown of the figures.

    Arms with the same view and metric share a figure: data sets side by side, models by colour. Arms of one model and
    data set would lie on top of each other, so each of those has its own. A view with a section of its own is not
    drawn here as well.
    """
    groups: dict[tuple[object, ...], list[Answer]] = {}
    for answer in answers:
        question = answer.arm.question
        view = question.view
        if view.name in OF_ARM and view.name != "confusion":
            continue
        along = x_of(question, view.columns) if view.name == "scatter" else ""
        alike = [view.name, tuple(sorted(view.columns.items())), along, question.metric]
        twins = [other for other in answers if other.arm.title == answer.arm.title]
        groups.setdefault((*alike, twins.index(answer)), []).append(answer)
    blocks = []
    for number, members in enumerate(groups.values(), start=1):
        name = members[0].arm.question.view.name
        path = folder / (name if len(groups) == 1 else f"{name}_{number}")
        blocks += _draw(members, path)
    return blocks


def draw_each(name: str, answers: Sequence[Answer], folder: Path) -> list[list[str]]:
    """Draw one of ``OF_ARM``'s views for every arm; for each arm, the Markdown of its figure, if it has one."""
    stem, words = OF_ARM[name]
    blocks: list[list[str]] = []
    for number, answer in enumerate(answers, start=1):
        view = answer.arm.question.view
        prepared = prepared_for(name, answer, view.columns if view.name == name else {})
        path = folder / (stem if len(answers) == 1 else f"{stem}_{number}")
        figure = f"{known(words)}, {answer.arm.title}"
        blocks.append([] if prepared.empty else _saved(figure_of(VIEWS[name], prepared), figure, path))
    return blocks


def prepared_for(name: str, answer: Answer, columns: Mapping[str, str] | None = None) -> pd.DataFrame:
    """What a view shows of an arm, prepared; empty where there is nothing to show. An unknown view is an InputError."""
    if name not in VIEWS:
        raise InputError(unknown("view", name, VIEWS))
    view = VIEWS[name]
    seen = answer.seen(view.rows)
    return view.prepare(seen, answer.arm.question, columns or {}, answer.resampled) if len(seen) else pd.DataFrame()


def clear(folder: Path, blocks: Sequence[str]) -> None:
    """Remove the figures of an earlier report that these blocks do not link; other files stay."""
    for path in sorted(folder.glob("*")):
        linked = any(f"]({folder.name}/{path.stem}.png)" in block for block in blocks)
        if _FIGURE.fullmatch(path.name) and not linked and not path.is_dir():
            path.unlink()


def _draw(members: Sequence[Answer], path: Path) -> list[str]:
    question = members[0].arm.question
    view = question.view
    prepared = [some for one in members if len(some := prepared_for(view.name, one, view.columns))]
    if not prepared:
        return []
    return _saved(figure_of(VIEWS[view.name], pd.concat(prepared, ignore_index=True)), known(question.asks), path)


def _saved(figure: Figure, words: str, path: Path) -> list[str]:
    """Save a figure; the Markdown that links it relative to the report, and says what could not be written in it."""
    save(figure, path)
    missing = give_fonts(figure)
    link = f"![{escape(words)}]({path.parent.name}/{path.name}.png)"
    if not missing:
        return [link]
    signs = escape(" ".join(missing[:8]))
    if len(missing) > 8:
        signs = say("{signs} and others", signs=signs)
    return [
        link,
        say(
            "No installed font has {signs}: the figure shows boxes there. Install one that has, then report again.",
            signs=signs,
        ),
    ]
