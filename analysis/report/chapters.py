"""The chapters of a report: what every section has to show, of one arm and of all."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from analysis.answers import Answer
from analysis.components import components
from analysis.folder import Arm, Study
from analysis.language import say
from analysis.markdown import escape
from analysis.once import once_each
from analysis.report import (
    by_value,
    certainty,
    curves,
    effects,
    errors,
    expected,
    fill_ins,
    importance,
    instability,
    optimism,
    parameters,
    pareto,
    path,
    perplexity,
    pretraining_costs,
    reading,
    recipe,
    sections,
    together,
    tuning,
)
from analysis.report.data import data
from analysis.report.left_out import left_out
from analysis.report.outline import TITLES
from analysis.report.training import training

Figures = Mapping[str, Sequence[str]]
"""The Markdown of an arm's figures, by view."""


def chapters(
    study: Study, answers: Sequence[Answer], figures: Sequence[Figures], asked: Collection[str] = ()
) -> dict[str, list[str]]:
    """The blocks of every section by its name (see ``outline.TITLES``), each arm's under the arm's name.

    ``figures`` are those of each arm. Some sections have to be ``asked`` for where settings do not differ in them.
    """
    of_arms = [of_arm(answer, drawn, asked) for answer, drawn in zip(answers, figures, strict=True)]
    found = {
        name: [
            block
            for answer, of in zip(answers, of_arms, strict=True)
            for block in under(answer.arm, study, of.get(name, []))
        ]
        for name in TITLES
    }
    whole = {"reading": reading.section(study), "together": together.section(study, answers), "data": data(study)}
    return {**found, **whole}


def of_arm(answer: Answer, figures: Figures, asked: Collection[str] = ()) -> dict[str, list[str]]:
    """What one arm has to show in each section."""
    with once_each():
        return {
            **_compared(answer, figures, asked),
            **_pretrained(answer, figures),
            **_tuned(answer, figures, asked),
            **_wrong(answer, figures, asked),
        }


def under(arm: Arm, study: Study, section: Sequence[str]) -> list[str]:
    """A section's blocks under the arm's name where there are several; arms of one place are told apart by what they
    fix."""
    if not any(section) or len(study.arms) == 1:
        return list(section)
    twins = sum(other.title == arm.title for other in study.arms) > 1
    fixed = ", ".join(f"{name} = {value}" for name, value in arm.question.fixed.items()) or say("nothing fixed")
    return [f"### {escape(arm.title)}" + (f" ({escape(fixed)})" if twins else ""), *section]


def _compared(answer: Answer, figures: Figures, asked: Collection[str]) -> dict[str, list[str]]:
    arm, rows, table, drawn = answer.arm, answer.rows, answer.table, answer.resampled
    question = arm.question
    varies = "trainable_parameters" in table and table["trainable_parameters"].nunique() > 1
    return {
        "recipe": recipe.section(rows, question) if "recipe" in asked or components(question) else [],
        "comparison": [
            *sections.comparison(table, arm),
            *(optimism.section(rows, question) if optimism.place(rows, question) == "comparison" else []),
            *perplexity.of_runs(answer.bodies),
            *_missing(answer),
        ],
        "by_value": by_value.section(rows, question, drawn),
        "ablation": [*figures.get("ablation", ()), *sections.ablated(rows, question, drawn)],
        "effects": effects.section(rows, question, list(figures.get("effects", ())), drawn),
        "pareto": pareto.section(rows, question, drawn, figures.get("pareto", ())),
        "parameters": parameters.section(table, question) if varies or "parameters" in asked else [],
        "costs": sections.costs(table, question),
        "stability": instability.section(rows, question, always="stability" in asked),
        "certainty": certainty.section(rows, question, answer.errors, always="certainty" in asked),
    }


def _pretrained(answer: Answer, figures: Figures) -> dict[str, list[str]]:
    bodies, rows = answer.bodies, answer.rows
    best = fill_ins.keys_of_best(rows, answer.table, answer.arm.question) if bodies else []
    return {
        "perplexity": perplexity.section(bodies, figures.get("perplexity", ())),
        "fill_ins": fill_ins.section(bodies, best),
        "pretraining_costs": pretraining_costs.section(bodies, rows),
    }


def _tuned(answer: Answer, figures: Figures, asked: Collection[str]) -> dict[str, list[str]]:
    rows, question = answer.rows, answer.arm.question
    of_search = {"expected": expected, "importance": importance, "path": path}
    # what a search is for is shown, or said to be refused, for a search; of a comparison only if there is something
    wanted = [name for name in of_search if not question.factor_names or figures.get(name) or name in asked]
    tried = tuning.section(rows, question)
    return {
        **{name: of_search[name].section(rows, question, list(figures.get(name, ()))) for name in wanted},
        "tuning": [*tried, *(optimism.section(rows, question) if optimism.place(rows, question) == "tuning" else [])],
        "training": training(rows, question),
        "curves": curves.section(answer.curves, question, figures.get("curves", ())),
    }


def _wrong(answer: Answer, figures: Figures, asked: Collection[str]) -> dict[str, list[str]]:
    arm, rows, table = answer.arm, answer.rows, answer.table
    matrices = figures.get("confusion", ())
    return {
        "confusion": [*sections.scores(rows, table, arm), *matrices] if matrices or "confusion" in asked else [],
        "classes": sections.classes(answer.study, rows, table, arm),
        "texts": errors.section(answer.errors, answer.study, figures.get("errors", ())),
    }


def _missing(answer: Answer) -> list[str]:
    arm, rows = answer.arm, answer.rows
    sentences = left_out(rows, arm.question, arm.of) if len(rows) else []
    lines = "\n".join(f"- {sentence}" for sentence in sentences)
    return [say("Left out:") + "\n\n" + lines] if sentences else []
