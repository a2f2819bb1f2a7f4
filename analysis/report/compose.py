"""The report: report.md with its figures and tables, written into the study folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis.ablation import ablation, in_words
from analysis.arms import rows_of, unasked
from analysis.components import components
from analysis.folder import Arm, Study, read_study
from analysis.frame import frame_of
from analysis.markdown import count, escape
from analysis.report import parameters, recipe, sections, stability
from analysis.report.conclusion import conclude
from analysis.report.data import data
from analysis.report.failures import failures
from analysis.report.left_out import left_out
from analysis.report.outline import TITLES, outlined
from analysis.report.pictures import OF_ARM, clear, draw_comparisons, draw_each
from analysis.report.provenance import provenance
from analysis.report.training import training
from analysis.tables import compare


@dataclass(frozen=True)
class Part:
    """One arm with its trials, their comparison, and its own figures by view."""

    arm: Arm
    rows: pd.DataFrame
    table: pd.DataFrame
    figures: dict[str, list[str]]


def write_report(folder: str | Path) -> Path:
    """Write report.md, figures/, table.csv and trials.csv into a study folder; the path of report.md.

    The report says what is asked, what follows, and shows what that rests on, in the order of the question's outline
    where it has one. It is written from whatever is there: a half-finished, failed or empty study is said to be one.
    The same folder gives the same report to the byte. An outline with an unknown section is an InputError.
    """
    study = read_study(folder)
    order = outlined(study.arms)
    frame = frame_of(study)
    target = Path(study.store.root)
    arms = [(arm, rows_of(arm, study.arms, frame)) for arm in study.arms]
    pictures = draw_comparisons(study, arms, target / "figures")
    drawn = {name: draw_each(name, study, arms, target / "figures") for name in OF_ARM}
    parts = [
        Part(arm, rows, compare(rows, arm.question), {name: blocks[i] for name, blocks in drawn.items()})
        for i, (arm, rows) in enumerate(arms)
    ]
    clear(target / "figures", [*pictures, *(block for each in drawn.values() for arm in each for block in arm)])
    frame.to_csv(target / "trials.csv", index=False)
    _whole_table(parts).to_csv(target / "table.csv", index=False)
    asked = {name for arm in study.arms for _, name in arm.question.outline}
    shown = _sections(study, parts, pictures, asked)
    blocks = [
        f"# {escape(study.asks)}",
        f"From: {escape(study.source)}" if study.source else "",
        *_conclusion(study, frame, parts),
        *(block for title, name in order for block in _headed(title, shown[name], name in asked)),
        *failures(study, unasked(study.arms, frame)),
        "## Provenance",
        *provenance(study),
    ]
    path = target / "report.md"
    path.write_text("\n\n".join(block for block in blocks if block) + "\n", encoding="utf-8")
    return path


def _whole_table(parts: Sequence[Part]) -> pd.DataFrame:
    tables = [part.table.assign(question=part.arm.question.name) for part in parts]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()


def _headed(title: str, blocks: list[str], asked: bool) -> list[str]:
    """A section under its heading; one that was asked for says so where it has nothing to show."""
    if not any(blocks):
        return [f"## {escape(title)}", "No trial has left anything to show here."] if asked else []
    return [f"## {escape(title)}", *blocks]


def _conclusion(study: Study, frame: pd.DataFrame, parts: Sequence[Part]) -> list[str]:
    state = _state(study, frame)
    blocks = ["## Conclusion", *state]
    for part in parts if not state else ():
        sentences = conclude(part.table, part.arm.question, part.arm.labels, part.arm.of)
        sentences += in_words(ablation(part.rows, part.arm.question))
        blocks += _under(part.arm, study, ["\n".join(f"- {sentence}" for sentence in sentences)])
    return blocks


def _sections(study: Study, parts: Sequence[Part], pictures: list[str], asked: set[str]) -> dict[str, list[str]]:
    """The blocks of every section by its name (see ``outline.TITLES``), each arm's under the arm's name."""
    of_arms = [_of_arm(study, part, asked) for part in parts]
    found = {
        name: [
            block
            for part, of in zip(parts, of_arms, strict=True)
            for block in _under(part.arm, study, of.get(name, []))
        ]
        for name in TITLES
    }
    compared = [*pictures, *found["comparison"]]
    if compared:
        compared.append("All columns are in [table.csv](table.csv), all trials in [trials.csv](trials.csv).")
    return {**found, "comparison": compared, "data": data(study)}


def _of_arm(study: Study, part: Part, asked: set[str]) -> dict[str, list[str]]:
    """What one arm has to show in each section; some have to be asked for where settings do not differ in them."""
    arm, rows, table, question = part.arm, part.rows, part.table, part.arm.question
    varies = "trainable_parameters" in table and table["trainable_parameters"].nunique() > 1
    matrices = part.figures["confusion"]
    return {
        "recipe": recipe.section(rows, question) if "recipe" in asked or components(question) else [],
        "comparison": [*sections.comparison(table, arm), *_missing(part)],
        "ablation": [*part.figures["ablation"], *sections.ablated(rows, question)],
        "pareto": [*part.figures["pareto"], *sections.on_the_front(part.figures["pareto"])],
        "tuning": sections.tuning(rows, question),
        "training": training(rows, question),
        "confusion": [*sections.scores(rows, table, arm), *matrices] if matrices or "confusion" in asked else [],
        "classes": sections.classes(study, rows, table, arm),
        "parameters": parameters.section(table, question) if varies or "parameters" in asked else [],
        "costs": sections.costs(table),
        "stability": stability.section(rows, question, always="stability" in asked),
        "texts": sections.texts(study, arm, rows),
    }


def _missing(part: Part) -> list[str]:
    sentences = left_out(part.rows, part.arm.question, part.arm.of) if len(part.rows) else []
    return ["Left out:\n\n" + "\n".join(f"- {sentence}" for sentence in sentences)] if sentences else []


def _state(study: Study, frame: pd.DataFrame) -> list[str]:
    """How far the study has come, where that is not far enough for a comparison."""
    if not study.arms:
        return ["The study has no arms: nothing was asked of any model yet."]
    if frame.empty:
        return ["No trial has ended yet, so there is nothing to conclude. The commands are under Provenance."]
    finished = frame["status"] == "finished"
    if not finished.any():
        return [f"None of the {count(len(frame), 'trial')} so far finished; what went wrong is under Not finished."]
    if not (finished & (frame["phase"] == "compare")).any():
        return [f"The study is still tuning: {count(int(finished.sum()), 'trial')} finished, none of the comparison."]
    return []


def _heading(arm: Arm, study: Study) -> str:
    """The arm's name as a heading where there are several; arms of one place are told apart by what they fix."""
    if len(study.arms) == 1:
        return ""
    fixed = ", ".join(f"{name} = {value}" for name, value in arm.question.fixed.items())
    twins = sum(other.title == arm.title for other in study.arms) > 1
    return f"### {escape(arm.title)}" + (f" ({escape(fixed or 'nothing fixed')})" if twins else "")


def _under(arm: Arm, study: Study, section: list[str]) -> list[str]:
    return [_heading(arm, study), *section] if any(section) else []
