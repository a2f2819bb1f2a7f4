"""The report's sections by name, their usual order, and the order that a question asks for."""

from __future__ import annotations

from collections.abc import Iterable

from analysis.folder import Arm
from analysis.language import known
from study.errors import InputError, unknown

TITLES = {
    "recipe": "The recipe",
    "comparison": "Comparison",
    "by_value": "Value by value",
    "together": "Studies together",
    "ablation": "Ablation",
    "effects": "Main effects and interactions",
    "pareto": "Scores against costs",
    "data": "Data",
    "reading": "How the tables were read",
    "tuning": "What was tuned",
    "expected": "Expected performance",
    "importance": "Importance of settings",
    "path": "From the default to the best",
    "training": "Training",
    "curves": "Learning curves",
    "confusion": "Confusion",
    "classes": "Classes",
    "parameters": "Trainable parameters",
    "perplexity": "Perplexity before and after",
    "fill_ins": "Fill-ins before and after",
    "costs": "Costs",
    "pretraining_costs": "Why pre-training costs more",
    "stability": "Stability",
    "certainty": "How sure",
    "texts": "Errors",
}
"""Every section that an outline may name, with its usual heading, in the usual order."""


def outlined(arms: Iterable[Arm]) -> list[tuple[str, str]]:
    """Headings, in the language spoken, and sections in the order in which the report has them after its conclusion.

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
    found = [*asked, *((title, name) for name, title in TITLES.items() if name not in named)]
    return [(known(heading), name) for heading, name in found]
