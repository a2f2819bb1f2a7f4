"""Everything that is wrong with a question for a model and texts at hand, told before a model is loaded."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from study.data import TextData
from study.errors import Problems, unknown
from study.methods import METHODS
from study.methods.base import Method
from study.models.loading import Model
from study.question import Domain, Geometry, Question, Setting
from study.settings import CHOICE, all_knobs, resolve
from study.settings import problems as setting_problems


def question_problems(question: Question, geometry: Geometry | None) -> list[str]:
    """Everything wrong with a question's settings, with the model's geometry where it is known."""
    knobs = all_knobs()
    found = Problems()
    for name, value in _named(question).items():
        if name not in knobs:
            found.add(unknown("setting", name, knobs, do="Change --set."))
            continue
        if isinstance(value, Domain) and value.continuous and knobs[name].kind is int:
            found.add(f"{name}={value}: {name} is a whole number. Use randint(low,high) or choice(…) for it.")
        for one in _ends(value):
            found.add(*filter(None, [knobs[name].problem(name, one, geometry)]))
        asked = name in question.fixed or name in question.factor_names
        if asked and _ends(value) and all(knobs[name].off(one) for one in _ends(value)):
            found.add(f"{name}={_ends(value)[0]}: must be {knobs[name].allowed(geometry)}. Change it or leave it out.")
    if question.search == "halving" and "train_share" in _named(question):
        found.add("--search halving sets train_share itself. Leave train_share out, or take another --search.")
    if not found.found and geometry is not None:
        for point in question.points(geometry):
            found.add(*setting_problems({**question.fixed, **point}, geometry))
    return found.found


def idle_problems(question: Question, geometry: Geometry, named: Iterable[str]) -> list[str]:
    """A sentence for each of these settings whose method is off at every point of the question."""
    tuned = {name: domain.ends[-1] for name, domain in question.tuned.items()}
    points = [{**question.fixed, **tuned, **point} for point in question.points(geometry) or [{}]]
    return [
        f"{name}: does nothing while {method.name} is off. Also give {' or '.join(_means(method))}, or leave it out."
        for method in METHODS.values()
        for name in named
        if name in method.knobs and name not in method.switches and not any(map(method.active, points))
    ]


def _means(method: Method) -> list[str]:
    """What turns a method on."""
    chosen = [f"method={method.name}"] if method.name in CHOICE["method"].choices else []
    return [*method.switches, *chosen]


def pair_problems(question: Question, data: TextData) -> list[str]:
    """A sentence where pairs of texts are to be cut in a way that only single texts can be."""
    others = [value for value in _values(question, "truncation") if value != "head"]
    if not data.pair or not others:
        return []
    return [
        f"truncation={','.join(others)}: {data.name} has pairs of texts, which are cut at their end only. Leave "
        "truncation at head, or give one text column with --text-column."
    ]


def checkpointing_problems(question: Question, model: Model) -> list[str]:
    """A sentence where activations are to be computed again that this model's architecture can only keep."""
    from study.surgery.checkpointing import checkpointing_problem

    problem = checkpointing_problem(model) if "True" in _values(question, "gradient_checkpointing") else None
    return [problem] if problem else []


READ_BY_METHODS = ("method", "frozen_layers", "epochs", "bias_correction", "evaluations_per_epoch")
"""Settings of others by which a method's ``problem`` may go; any it is not given are at their defaults there."""


def method_problems(question: Question, model: Model) -> list[str]:
    """A sentence for every method asked for that this model cannot have; each setting by itself must be in order."""
    said = (
        method.problem(model, resolve(setting))
        for method in METHODS.values()
        if method.problem
        for setting in _asked(question, model.geometry, {*method.knobs, *READ_BY_METHODS})
        if method.active(setting)
    )
    return list(dict.fromkeys(filter(None, said)))


def data_problems(question: Question, geometry: Geometry, folds: Sequence[TextData]) -> list[str]:
    """A sentence for every method asked for that these texts cannot have."""
    said = (
        method.data_problem(data, resolve(setting))
        for method in METHODS.values()
        if method.data_problem
        for setting in _asked(question, geometry, {*method.knobs, "method", "shots"})
        if method.active(setting)
        for data in folds
    )
    return list(dict.fromkeys(filter(None, said)))


def _asked(question: Question, geometry: Geometry, names: set[str]) -> list[Setting]:
    """What the question may give these settings, each combination once."""
    tuned = {name: domain.ends for name, domain in question.tuned.items() if name in names}
    cells = [dict(zip(tuned, cell, strict=True)) for cell in itertools.product(*tuned.values())]
    points = question.points(geometry)
    settings = ({**question.fixed, **cell, **point} for point in points for cell in cells)
    # Each once: a question has many points that differ in something else.
    return [dict(one) for one in dict.fromkeys(tuple((n, v) for n, v in s.items() if n in names) for s in settings)]


def _values(question: Question, name: str) -> list[str]:
    """Every word that a question may give a setting: fixed, compared or tuned."""
    given = [*_ends(_named(question).get(name, ()))]
    if isinstance(question.factors, Sequence):
        given += [point[name] for point in question.factors if name in point]
    return list(dict.fromkeys(str(value) for value in given))


def _named(question: Question) -> dict[str, Any]:
    """Every setting that a question names, with the value, values or domain it gives it."""
    named: dict[str, Any] = {**question.fixed, **question.baseline, **question.tuned}
    if isinstance(question.factors, Mapping):
        named.update({n: () if callable(v) else tuple(v) for n, v in question.factors.items()})
    return named


def _ends(value: Any) -> Sequence[Any]:
    if isinstance(value, Domain):
        return value.ends
    return value if isinstance(value, tuple) else (value,)
