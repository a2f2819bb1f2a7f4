"""Components: the parts of a recipe that a question turns on and off, and the points at which each is alone or gone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analysis.folder import points_of
from study.question import Question, Scalar, Setting


@dataclass(frozen=True)
class Component:
    """A factor with two values: the baseline's, which is without it, and one other."""

    name: str
    off: Scalar
    on: Scalar


def components(question: Question) -> tuple[Component, ...]:
    """The parts of the recipe that a question with the view "ablation" takes apart, in its order; else none.

    A part is a factor that every point names with one of two values, one of them the baseline's. A single part is no
    recipe, and neither are parts that are nowhere all on.
    """
    if question.view.name != "ablation":
        return ()
    points = points_of(question)
    found = []
    for name in question.factor_names:
        values = list(dict.fromkeys(point[name] for point in points if name in point))
        if name not in question.baseline or len(values) != 2 or not all(name in point for point in points):
            continue
        others = [value for value in values if value != question.baseline[name]]
        if len(others) == 1:
            found.append(Component(name, question.baseline[name], others[0]))
    whole = point_with(found, found, question)
    return tuple(found) if len(found) > 1 and any(_has(point, whole) for point in points) else ()


def point_with(on: Sequence[Component], every: Sequence[Component], question: Question) -> Setting:
    """The point at which just these components are on, and every other setting is the baseline's."""
    return {**question.baseline, **{one.name: one.on if one in on else one.off for one in every}}


def _has(point: Setting, values: Setting) -> bool:
    return all(point.get(name, value) == value for name, value in values.items())
