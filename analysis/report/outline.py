"""The report's sections by name, their usual order, and the order that a question asks for."""

from __future__ import annotations

from collections.abc import Iterable

from analysis.folder import Arm
from study.errors import InputError, unknown

TITLES = {
    "recipe": "The recipe",
    "comparison": "Comparison",
    "ablation": "Ablation",
    "pareto": "Scores against costs",
    "data": "Data",
    "tuning": "What was tuned",
    "training": "Training",
    "confusion": "Confusion",
    "classes": "Classes",
    "parameters": "Trainable parameters",
    "costs": "Costs",
    "stability": "Stability",
    "texts": "Texts most often wrong",
}
"""Every section that an outline may name, with its usual heading, in the usual order."""


def outlined(arms: Iterable[Arm]) -> list[tuple[str, str]]:
    """Headings and sections in the order in which the report has them after its conclusion.

    First those of the questions' outlines, then the others under their usual headings. A section that several
    headings name stands under each of them. An InputError names a section that does not exist.
    """
    asked = dict.fromkeys((str(heading), str(name)) for arm in arms for heading, name in arm.question.outline)
    for heading, name in asked:
        if name not in TITLES:
            raise InputError(
                unknown("section", name, TITLES, do=f"Change the section under {heading!r} in the question's outline.")
            )
    named = {name for _, name in asked}
    return [*asked, *((title, name) for name, title in TITLES.items() if name not in named)]
