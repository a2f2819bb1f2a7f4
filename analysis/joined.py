"""Which of the arms that folders hold are one: the folds of a data set, and what several folders ask alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from analysis.folds import Fold
from analysis.parts import Part
from study.question import Geometry, Question, Setting

NO_GEOMETRY = cast(Geometry, None)
"""The values of a stored question are written out, so none of them reads it."""


@dataclass(frozen=True)
class Asked:
    """One model, one way of asking, and the data sets as study.json has them: one, or the folds of one.

    ``studies`` names the folders that ask it.
    """

    question: Question
    model: Mapping[str, Any]
    data: tuple[Mapping[str, Any], ...]
    studies: tuple[str, ...]


def joined(parts: Sequence[Part], labels: Sequence[str], folds: Mapping[str, Fold]) -> list[Asked]:
    """The arms of all parts in their order; those of one model, question and whole joined into the first of them.

    Arms of several folders join as those of one do when it is run again: points, seeds and trials are added. Arms of
    one folder that are no folds stay apart, whatever they share.
    """
    found: list[Asked] = []
    for part, label in zip(parts, labels, strict=True):
        before = len(found)
        for stored in part.arms:
            arm = Asked(Question.from_json(stored["question"]), stored["model"], (stored["data"],), (label,))
            last = len(found) if arm.data[0]["fingerprint"] in folds else before
            for index, known in enumerate(found[:last]):
                if both := _both(known, arm, folds):
                    found[index] = both
                    break
            else:
                found.append(arm)
    return found


def _both(one: Asked, other: Asked, folds: Mapping[str, Fold]) -> Asked | None:
    """The arm that asks what both ask, of the folds of both; None where they differ in more than points and seeds."""
    place, its = [
        (arm.model["fingerprint"], folds[mark].whole if (mark := arm.data[0]["fingerprint"]) in folds else (mark,))
        for arm in (one, other)
    ]
    question = _grown(one.question, other.question)
    if question is None or place != its:
        return None
    known = [data["fingerprint"] for data in one.data]
    further = (data for data in other.data if data["fingerprint"] not in known)
    return Asked(question, one.model, (*one.data, *further), tuple(dict.fromkeys((*one.studies, *other.studies))))


def _grown(one: Question, other: Question) -> Question | None:
    """The question with the points, seeds and trials of both; None where they differ in anything else."""
    if one == other:
        return one
    grown = replace(
        one,
        factors=_in_order([dict(point) for question in (one, other) for point in question.points(NO_GEOMETRY)]),
        seeds=tuple(dict.fromkeys((*one.seeds, *other.seeds))),
        trials=max(one.trials, other.trials),
    )
    return grown if replace(other, factors=grown.factors, seeds=grown.seeds, trials=grown.trials) == grown else None


def _in_order(points: Sequence[Setting]) -> tuple[Setting, ...]:
    """The points without repetition; those of the same numbers in ascending order, others in the order they come in."""
    kept = [point for index, point in enumerate(points) if point not in points[:index]]
    alike = len({tuple(point) for point in kept}) == 1
    if alike and not any(isinstance(value, str) for point in kept for value in point.values()):
        kept.sort(key=lambda point: tuple(point.values()))
    return tuple(kept)
