"""The report: report.md with its figures and tables, written into the study folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis.arms import rows_of, unasked
from analysis.conclusion import conclude
from analysis.data import data
from analysis.failures import failures
from analysis.folder import Arm, Study, read_study
from analysis.frame import frame_of
from analysis.left_out import left_out
from analysis.markdown import count, escape
from analysis.pictures import clear, draw_comparisons, draw_confusions
from analysis.provenance import provenance
from analysis.sections import classes, comparison, costs, texts, tuning
from analysis.tables import compare


@dataclass(frozen=True)
class Part:
    """One arm with its trials and their comparison."""

    arm: Arm
    rows: pd.DataFrame
    table: pd.DataFrame


def write_report(folder: str | Path) -> Path:
    """Write report.md, figures/, table.csv and trials.csv into a study folder; the path of report.md.

    The report says what is asked, what follows, and shows what that rests on. It is written from whatever is there: a
    half-finished, failed or empty study is said to be one. The same folder gives the same report to the byte.
    """
    study = read_study(folder)
    frame = frame_of(study)
    target = Path(study.store.root)
    arms = [(arm, rows_of(arm, study.arms, frame)) for arm in study.arms]
    parts = [Part(arm, rows, compare(rows, arm.question)) for arm, rows in arms]
    frame.to_csv(target / "trials.csv", index=False)
    _whole_table(parts).to_csv(target / "table.csv", index=False)
    pictures = draw_comparisons(study, arms, target / "figures")
    matrices = draw_confusions(study, arms, target / "figures")
    clear(target / "figures", [*pictures, *(block for matrix in matrices for block in matrix)])
    blocks = [
        f"# {escape(study.asks)}",
        f"From: {escape(study.source)}" if study.source else "",
        *_conclusion(study, frame, parts),
        *_comparison(study, parts, pictures),
        *data(study),
        *_details(study, parts, matrices),
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


def _conclusion(study: Study, frame: pd.DataFrame, parts: Sequence[Part]) -> list[str]:
    state = _state(study, frame)
    blocks = ["## Conclusion", *state]
    for part in parts if not state else ():
        sentences = conclude(part.table, part.arm.question, part.arm.labels, part.arm.of)
        blocks += _under(part.arm, study, ["\n".join(f"- {sentence}" for sentence in sentences)])
    return blocks


def _comparison(study: Study, parts: Sequence[Part], pictures: list[str]) -> list[str]:
    """The figures, and each arm's table with what it leaves out."""
    blocks = list(pictures)
    for part in parts:
        sentences = left_out(part.rows, part.arm.question, part.arm.of) if len(part.rows) else []
        missing = ["Left out:\n\n" + "\n".join(f"- {sentence}" for sentence in sentences)] if sentences else []
        blocks += _under(part.arm, study, [*comparison(part.table, part.arm), *missing])
    if not blocks:
        return []
    return [
        "## Comparison",
        *blocks,
        "All columns are in [table.csv](table.csv), all trials in [trials.csv](trials.csv).",
    ]


def _details(study: Study, parts: Sequence[Part], matrices: Sequence[list[str]]) -> list[str]:
    sections = {
        "What was tuned": [tuning(part.rows, part.arm.question) for part in parts],
        "Classes": [
            [*matrix, *classes(study, part.rows, part.table, part.arm)]
            for matrix, part in zip(matrices, parts, strict=True)
        ],
        "Costs": [costs(part.table) for part in parts],
        "Texts most often wrong": [texts(study, part.arm, part.rows) for part in parts],
    }
    blocks = []
    for title, of_arms in sections.items():
        found = [_under(part.arm, study, section) for part, section in zip(parts, of_arms, strict=True)]
        if any(found):
            blocks += [f"## {title}", *(block for section in found for block in section)]
    return blocks


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
