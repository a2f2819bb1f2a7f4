"""What of a question needs a corpus, and what becomes of it where none is given."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from study.methods import active_methods
from study.question import Geometry, Question, Setting
from study.settings import resolve
from study.words import counted


def reads_corpus(setting: Setting) -> bool:
    """Whether a method that this setting turns on reads the study's corpus."""
    complete = resolve(setting)
    return any(method.reads_corpus(complete) for method in active_methods(complete) if method.reads_corpus)


def corpus_problems(question: Question, geometry: Geometry, corpus: str | None, named: Iterable[str]) -> list[str]:
    """A sentence where a corpus is given that nothing reads, or where a setting named by the user needs one."""
    points = [{**question.fixed, **point} for point in question.points(geometry)]
    reading = [point for point in points if reads_corpus(point)]
    if corpus and not reading:
        return [
            f"--corpus {corpus}: nothing in {question.name} reads it. Give pretraining.steps and "
            "pretraining.corpus=domain with --set, or leave it out."
        ]
    asked = "pretraining.corpus" in named or len(reading) == len(points)
    if reading and asked and not corpus:
        return [
            f"pretraining.corpus={reading[0]['pretraining.corpus']}: needs texts to pre-train on. Give them with "
            "--corpus, or set pretraining.corpus=task."
        ]
    return []


def without_corpus(question: Question) -> tuple[Question, tuple[str, ...]]:
    """The question, its points written out, without those that need a corpus, and a note if there are any."""
    points = question.factors
    assert not hasattr(points, "keys"), "points are written out for a model first"
    kept = tuple(point for point in points if not reads_corpus({**question.fixed, **point}))
    if len(kept) == len(points):
        return question, ()
    note = f"{counted(len(points) - len(kept), 'point')} left out that pre-train on a corpus: give one with --corpus"
    return replace(question, factors=kept), (note,)
