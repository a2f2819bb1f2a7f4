"""The report: one text from everything that studies hold, written as Markdown, HTML, LaTeX or PDF."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.ablation import ablation, in_words
from analysis.answers import ESTIMANDS, Answer, answers_of
from analysis.arms import unasked
from analysis.folder import Study
from analysis.frame import frame_of
from analysis.language import LANGUAGES, known, say, speaking
from analysis.markdown import count, escape
from analysis.once import once_each
from analysis.replicates import TEXTS
from analysis.report import by_value
from analysis.report.chapters import chapters, under
from analysis.report.conclusion import conclude
from analysis.report.failures import failures
from analysis.report.formats import FORMATS, Explorer, explorer, write
from analysis.report.outline import outlined
from analysis.report.pictures import OF_ARM, clear, draw_comparisons, draw_each
from analysis.report.provenance import provenance
from analysis.sources import open_studies
from study.errors import Problems, unknown

ELSEWHERE = "results/report"
"""Where the report of several studies, or of a table that is no study of ours, is written unless told otherwise."""


def write_report(
    paths: str | Path | Sequence[str | Path],
    *,
    out: str | Path | None = None,
    formats: Sequence[str] = ("md",),
    language: str = "en",
    estimand: str = TEXTS,
    **declared: Any,
) -> list[Path]:
    """Write the report of a study, of several together, or of a table of trials; the paths of its files by format.

    ``paths`` are study folders, or foreign tables whose columns are ``declared`` (see ``sources.Declared``). ``out`` is
    the folder for report, figures/, table.csv and trials.csv: the study's own for one, else ``ELSEWHERE``. ``formats``
    are of md, html, latex and pdf; ``language`` is en or es; ``estimand`` says what intervals are to cover (see
    ``answers.ESTIMANDS``).

    The report says what is asked, what follows, and shows what that rests on, in the order of the question's outline
    where it has one. It is written from whatever is there: a half-finished, failed or empty study is said to be one.
    The same folder gives the same report to the byte. What is wrong with the paths, the declarations, the formats or an
    outline is an InputError before anything is written.
    """
    problems = _problems(formats, language, estimand)
    with speaking(language if language in LANGUAGES else "en"), once_each():
        with problems.collecting():
            study = open_studies([paths] if isinstance(paths, (str, Path)) else paths, **declared)
        problems.raise_if_any()
        order = outlined(study.arms)
        frame = frame_of(study)
        answers = answers_of(study, estimand, frame)
        target = Path(out or study.root or ELSEWHERE)
        target.mkdir(parents=True, exist_ok=True)
        text = _text(study, frame, answers, order, target / "figures")
        frame.to_csv(target / "trials.csv", index=False)
        _whole_table(answers).to_csv(target / "table.csv", index=False)
        return write(text, target, formats, _explorers(answers) if "html" in formats else ())


def _problems(formats: Sequence[str], language: str, estimand: str) -> Problems:
    problems = Problems()
    problems.add(*(unknown("report format", name, FORMATS) for name in formats if name not in FORMATS))
    if not formats:
        problems.add(f"no report format was given. Give one or more of {', '.join(FORMATS)}.")
    for kind, name, allowed in (("language", language, LANGUAGES), ("estimand", estimand, ESTIMANDS)):
        if name not in allowed:
            problems.add(unknown(kind, name, allowed))
    return problems


def _text(
    study: Study, frame: pd.DataFrame, answers: Sequence[Answer], order: Sequence[tuple[str, str]], folder: Path
) -> str:
    """The report as Markdown, its figures drawn into a folder."""
    pictures = draw_comparisons(answers, folder)
    drawn = {name: draw_each(name, answers, folder) for name in OF_ARM}
    clear(folder, [*pictures, *(block for each in drawn.values() for arm in each for block in arm)])
    asked = {name for arm in study.arms for _, name in arm.question.outline}
    figures = [{name: blocks[place] for name, blocks in drawn.items()} for place in range(len(answers))]
    shown = chapters(study, answers, figures, asked)
    shown["comparison"] = _with_files([*pictures, *shown["comparison"]])
    blocks = [
        f"# {escape(_each(study, 'asks', ' '))}",
        say("From: {source}", source=escape(source)) if (source := _each(study, "source", "; ")) else "",
        *_conclusion(study, frame, answers),
        *(block for title, name in order for block in _headed(title, shown[name], name in asked)),
        *failures(study, unasked(study.arms, frame)),
        "## " + say("Provenance"),
        *provenance(study),
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _each(study: Study, name: str, between: str) -> str:
    """What every folder or table says it asks, or where that is from, once, in the language spoken."""
    return between.join(known(said) for said in dict.fromkeys(getattr(part, name) for part in study.parts) if said)


def _with_files(blocks: list[str]) -> list[str]:
    files = say("All columns are in [table.csv](table.csv), all trials in [trials.csv](trials.csv).")
    return [*blocks, files] if blocks else []


def _whole_table(answers: Sequence[Answer]) -> pd.DataFrame:
    tables = [answer.table.assign(question=answer.arm.question.name) for answer in answers]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()


def _explorers(answers: Sequence[Answer]) -> list[Explorer]:
    found = (explorer(answer.rows, answer.arm.question) for answer in answers)
    return [one for one in found if one is not None]


def _headed(title: str, blocks: Sequence[str], asked: bool) -> list[str]:
    """A section under its heading; one that was asked for says so where it has nothing to show."""
    if not any(blocks):
        return [f"## {escape(title)}", say("No trial has left anything to show here.")] if asked else []
    return [f"## {escape(title)}", *blocks]


def _conclusion(study: Study, frame: pd.DataFrame, answers: Sequence[Answer]) -> list[str]:
    state = _state(study, frame)
    blocks = ["## " + say("Conclusion"), *state]
    for answer in answers if not state else ():
        lines = "\n".join(f"- {sentence}" for sentence in concluded(answer))
        blocks += under(answer.arm, study, [lines])
    return blocks


def concluded(answer: Answer) -> list[str]:
    """What follows from one arm's trials, a sentence or two per finding."""
    arm = answer.arm
    sentences = conclude(answer.table, arm.question, arm.labels, arm.of)
    each = by_value.in_words(answer.table, arm.question)
    return [*sentences, *each, *in_words(ablation(answer.rows, arm.question, answer.resampled))]


def _state(study: Study, frame: pd.DataFrame) -> list[str]:
    """How far the study has come, where that is not far enough for a comparison."""
    if not study.arms:
        return [say("The study has no arms: nothing was asked of any model yet.")]
    if frame.empty:
        return [say("No trial has ended yet, so there is nothing to conclude. The commands are under Provenance.")]
    finished = frame["status"] == "finished"
    if not finished.any():
        trials = count(len(frame), "trial")
        return [say("Of {trials} so far none finished; what went wrong is under Not finished.", trials=trials)]
    if not (finished & (frame["phase"] == "compare")).any():
        trials = count(int(finished.sum()), "trial")
        return [say("The study is still tuning: {trials} finished, none of the comparison.", trials=trials)]
    return []
