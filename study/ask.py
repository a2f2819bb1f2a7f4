"""Asking: from what a user types to the arms of a study, with everything that is wrong told before a model loads."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from study.data import DataOptions, TextData, load_folds, write_texts
from study.errors import Problems, unknown
from study.folder import Arm, Folder
from study.methods import METHODS
from study.models.loading import DEFAULT_MODEL, Model, find_model
from study.overrides import with_metric, with_override
from study.question import Domain, Geometry, Question, Setting
from study.record import Ref
from study.search import SEARCHES
from study.settings import all_knobs, resolve
from study.settings import problems as setting_problems
from study.tasks import TASKS

if TYPE_CHECKING:
    from study.gpu_memory import Budget

SCHEDULERS = ("none", "asha")


@dataclass(frozen=True)
class Request:
    """What a user asks for: a question, on which model and data, and what to change about it.

    ``settings`` maps names to a scalar (fixed), a tuple (compared) or a Domain (tuned). ``gpu_memory`` is a size such
    as 4GB that every trial has to keep to.
    """

    question: Question
    model: str = DEFAULT_MODEL
    data: DataOptions = field(default_factory=DataOptions)
    settings: Mapping[str, Any] = field(default_factory=dict)
    seeds: int | None = None
    trials: int | None = None
    search: str | None = None
    scheduler: str | None = None
    metric: str | None = None
    gpu_memory: object = None


def ask(request: Request, problems: Problems | None = None) -> list[tuple[Arm, TextData]]:
    """The arms this request adds to a study, each with its texts: one, or one for each fold.

    An InputError holds everything wrong with the request, together with the ``problems`` found before.
    """
    problems = problems or Problems()
    model: Model | None = None
    folds: tuple[TextData, ...] = ()
    question = changed(request, problems)
    budget = _budget(request, problems)
    with problems.collecting():
        model = find_model(request.model)
    wrong = question_problems(question, model.geometry if model else None)
    problems.add(*wrong)
    if model and not wrong:
        problems.add(*idle_problems(question, model.geometry, request.settings))
        problems.add(*checkpointing_problems(question, model), *method_problems(question, model))
    with problems.collecting():
        folds = load_folds(request.data)
    if folds:
        problems.add(*pair_problems(question, folds[0]))
    problems.raise_if_any()
    assert model is not None
    asked, notes = _suggested(question, model).at(model.geometry), model.notes
    if budget:
        from study.gpu_memory import within

        asked, note = within(asked, model, len(folds[0].labels), budget)
        notes = (*notes, note)
    return [(_arm(asked, replace(model, notes=notes), data), data) for data in folds]


def _budget(request: Request, problems: Problems) -> Budget | None:
    """The bytes of a GPU that a trial has to keep to, where the request says any."""
    if request.gpu_memory is not None:
        from study.gpu_memory import budget

        with problems.collecting():
            return budget(request.gpu_memory)
    return None


def _suggested(question: Question, model: Model) -> Question:
    """The question with what the checkpoint suggests, where neither question nor user says anything about it."""
    said = {*question.fixed, *question.tuned, *question.factor_names}
    suggested = {**_within(model.geometry), **model.suggested}
    added = {name: value for name, value in suggested.items() if name not in said}
    return replace(question, fixed={**added, **question.fixed})


def _within(geometry: Geometry) -> Setting:
    """The defaults that are more than the model can do, lowered to what it can: a short longest input, say."""
    limits = {name: getattr(geometry, k.high) for name, k in all_knobs().items() if isinstance(k.high, str)}
    # a model without a longest input has no limit
    return {n: limit for n, limit in limits.items() if limit is not None and all_knobs()[n].default > limit}


def changed(request: Request, problems: Problems) -> Question:
    """The question as this request wants it; what is wrong with it goes to ``problems``."""
    question = request.question
    for name in ("seeds", "trials"):
        given = getattr(request, name)
        if given is not None and given < 1:
            problems.add(f"--{name} {given}: must be at least 1.")
    for name, known in (("search", SEARCHES), ("scheduler", SCHEDULERS), ("metric", TASKS[question.task].metrics)):
        given = getattr(request, name)
        if given is not None and given not in known:
            problems.add(unknown(f"--{name}", given, known))
        elif given is not None:
            question = with_metric(question, given) if name == "metric" else replace(question, **{name: given})
    for name, value in request.settings.items():
        with problems.collecting():
            question = with_override(question, name, value)
    return replace(
        question,
        seeds=_seeds(question, request.seeds) if request.seeds else tuple(question.seeds),
        trials=request.trials or question.trials,
    )


def _seeds(question: Question, count: int) -> tuple[int, ...]:
    """The first so many seeds, without those that select."""
    several = range(max(0, count) + len(question.selection_seeds))
    return tuple(seed for seed in several if seed not in question.selection_seeds)[: max(0, count)]


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
    if not found.found and geometry is not None:
        for point in question.points(geometry):
            found.add(*setting_problems({**question.fixed, **point}, geometry))
    return found.found


def idle_problems(question: Question, geometry: Geometry, named: Iterable[str]) -> list[str]:
    """A sentence for each of these settings whose method is off at every point of the question."""
    tuned = {name: domain.ends[-1] for name, domain in question.tuned.items()}
    points = [{**question.fixed, **tuned, **point} for point in question.points(geometry) or [{}]]
    return [
        f"{name}: does nothing while {method.name} is off. Also give {' or '.join(method.switches)}, or leave it out."
        for method in METHODS.values()
        for name in named
        if name in method.knobs and name not in method.switches and not any(map(method.active, points))
    ]


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


def method_problems(question: Question, model: Model) -> list[str]:
    """A sentence for every method asked for that this model cannot have; each setting by itself must be in order."""
    said = (
        method.problem(model, resolve(setting))
        for method in METHODS.values()
        if method.problem
        for setting in _asked(question, model.geometry, {*method.knobs, "frozen_layers", "epochs"})
        if method.active(setting)
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


def _arm(question: Question, model: Model, data: TextData) -> Arm:
    return Arm(
        model=model.ref,
        model_at=model.at,
        model_source=model.source,
        geometry=model.geometry,
        data=Ref(data.name, data.fingerprint),
        data_source=data.source,
        labels=data.labels,
        sizes={split: table.num_rows for split, table in data.splits.items()},
        notes=(*data.notes, *(f"{model.ref.name}: {note}" for note in model.notes)),
        question=question,
        checks=data.checks,
        fold=data.fold,
    )


def enlarge(
    folder: Folder, request: Request, command: str | None = None, problems: Problems | None = None
) -> list[Arm]:
    """The arms of the study in this folder once it is asked this as well; its texts and study.json are written."""
    problems = problems or Problems()
    if not problems.found:
        with problems.collecting():
            folder.check_question(request.question.name)
        with problems.collecting():
            folder.check_writable()
    asked = ask(request, problems)
    with folder.store.lock():
        for arm, data in asked:
            if not folder.texts(arm.data.fingerprint).exists():
                write_texts(data, folder.texts(arm.data.fingerprint))
        arms = folder.with_arms([arm for arm, _ in asked])
        folder.write(arms, command)
    return arms
