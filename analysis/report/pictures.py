"""The report's figures: what each arm's question implies, confusion matrices, the ablation, scores against costs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from analysis.classes import cells_of
from analysis.folder import Arm, Study
from analysis.markdown import escape
from analysis.views import VIEWS
from analysis.views.figures import figure_of, save
from analysis.views.fonts import give_fonts
from analysis.views.series import x_of
from study.errors import InputError, unknown

OF_ARM = {
    "confusion": ("matrices", "Confusion matrices"),
    "ablation": ("ablation", "What each part of the recipe changes"),
    "pareto": ("pareto", "The score against what it costs"),
}
"""Views that the report draws of every arm that has something to show in them: the file's name, and words."""

_IN_SECTIONS = ("ablation", "pareto")
"""Views with a section of their own, so that the comparison does not show them again."""

_FIGURE = re.compile(rf"({'|'.join(VIEWS)}|matrices)(_\d+)?\.(png|svg)")
"""The names of a report's figures."""

Part = tuple[Arm, pd.DataFrame]


def draw_comparisons(study: Study, parts: Sequence[Part], folder: Path) -> list[str]:
    """Draw what the questions' views show of the trials; the Markdown of the figures.

    Arms with the same view and metric share a figure: data sets side by side, models by colour. Arms of one model and
    data set would lie on top of each other, so each of those has its own.
    """
    groups: dict[tuple[object, ...], list[Part]] = {}
    for arm, rows in parts:
        view = arm.question.view
        if view.name in _IN_SECTIONS:
            continue
        along = x_of(arm.question, view.columns) if view.name == "scatter" else ""
        alike = [view.name, tuple(sorted(view.columns.items())), along, arm.question.metric]
        twins = [other for other, _ in parts if other.title == arm.title]
        groups.setdefault((*alike, twins.index(arm)), []).append((arm, rows))
    blocks = []
    for number, members in enumerate(groups.values(), start=1):
        name = members[0][0].question.view.name
        path = folder / (name if len(groups) == 1 else f"{name}_{number}")
        blocks += _draw(members, path, study)
    return blocks


def draw_each(name: str, study: Study, parts: Sequence[Part], folder: Path) -> list[list[str]]:
    """Draw one of ``OF_ARM``'s views for every arm; for each arm, the Markdown of its figure, if it has one."""
    view, (stem, words) = VIEWS[name], OF_ARM[name]
    blocks: list[list[str]] = []
    for number, (arm, rows) in enumerate(parts, start=1):
        columns = arm.question.view.columns if arm.question.view.name == name else {}
        seen = cells_of(study, rows) if view.rows == "cells" else rows
        prepared = view.prepare(seen, arm.question, columns)
        if prepared.empty:
            blocks.append([])
            continue
        path = folder / (stem if len(parts) == 1 else f"{stem}_{number}")
        blocks.append(_saved(figure_of(view, prepared), f"{words}, {arm.title}", path))
    return blocks


def clear(folder: Path, blocks: Sequence[str]) -> None:
    """Remove the figures of an earlier report that these blocks do not link; other files stay."""
    for path in sorted(folder.glob("*")):
        linked = any(f"]({folder.name}/{path.stem}.png)" in block for block in blocks)
        if _FIGURE.fullmatch(path.name) and not linked and not path.is_dir():
            path.unlink()


def _draw(members: Sequence[Part], path: Path, study: Study) -> list[str]:
    question = members[0][0].question
    if question.view.name not in VIEWS:
        raise InputError(unknown("view", question.view.name, VIEWS))
    view = VIEWS[question.view.name]
    prepared = []
    for arm, rows in members:
        if rows.empty:
            continue
        seen = rows if view.rows == "trials" else cells_of(study, rows)
        prepared.append(view.prepare(seen, arm.question, question.view.columns))
    dots = pd.concat([part for part in prepared if len(part)], ignore_index=True) if any(map(len, prepared)) else None
    if dots is None:
        return []
    return _saved(figure_of(view, dots), question.asks, path)


def _saved(figure: Figure, words: str, path: Path) -> list[str]:
    """Save a figure; the Markdown that links it relative to the report, and says what could not be written in it."""
    save(figure, path)
    missing = give_fonts(figure)
    link = f"![{escape(words)}]({path.parent.name}/{path.name}.png)"
    if not missing:
        return [link]
    signs = escape(" ".join(missing[:8])) + (" and others" if len(missing) > 8 else "")
    return [
        link,
        f"No installed font has {signs}: the figure shows boxes there. Install one that has, then report again.",
    ]
