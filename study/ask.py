"""Asking: from what a user types to the arms of a study, with everything that is wrong told before a model loads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from study.corpora import corpus_problems, without_corpus
from study.data import DataOptions, TextData, load_corpus, load_folds, write_texts
from study.errors import Problems, unknown
from study.folder import Arm, Folder
from study.models.loading import DEFAULT_MODEL, Model, find_model, load_tokenizer
from study.overrides import with_metric, with_override
from study.question import Geometry, Question, Setting
from study.question_problems import (
    checkpointing_problems,
    data_problems,
    idle_problems,
    method_problems,
    pair_problems,
    question_problems,
)
from study.record import Ref
from study.search import SEARCHES
from study.settings import all_knobs
from study.tasks import TASKS

if TYPE_CHECKING:
    from study.gpu_memory import Budget

SCHEDULERS = ("none", "asha", "median")


@dataclass(frozen=True)
class Request:
    """What a user asks for: a question, on which model and data, and what to change about it.

    ``settings`` maps names to a scalar (fixed), a tuple (compared) or a Domain (tuned). ``gpu_memory`` is a size such
    as 4GB that every trial has to keep to. ``corpus`` is where texts to pre-train on are, and ``fill_in`` a file of
    sentences with a blank each.
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
    first_seeds: int | None = None
    gpu_memory: object = None
    corpus: str | None = None
    fill_in: str | None = None


def ask(request: Request, problems: Problems | None = None) -> list[tuple[Arm, TextData]]:
    """The arms this request adds to a study, each with its texts: one, or one for each fold.

    An InputError holds everything wrong with the request, together with the ``problems`` found before.
    """
    return _asked(request, problems)[0]


def _asked(request: Request, problems: Problems | None) -> tuple[list[tuple[Arm, TextData]], TextData | None]:
    """The arms with their texts, and the corpus."""
    problems = problems or Problems()
    model: Model | None = None
    folds: tuple[TextData, ...] = ()
    corpus: TextData | None = None
    sentences: tuple[str, ...] = ()
    question = changed(request, problems)
    budget = _budget(request, problems)
    with problems.collecting():
        model = find_model(request.model)
    wrong = question_problems(question, model.geometry if model else None)
    problems.add(*wrong)
    if model and not wrong:
        problems.add(*idle_problems(question, model.geometry, request.settings))
        problems.add(*checkpointing_problems(question, model), *method_problems(question, model))
        problems.add(*corpus_problems(question, model.geometry, request.corpus, request.settings))
    with problems.collecting():
        folds = load_folds(request.data)
    if folds:
        problems.add(*pair_problems(question, folds[0]))
    if folds and model and not wrong:
        problems.add(*data_problems(question, model.geometry, folds))
    if request.corpus is not None:
        with problems.collecting():
            corpus = load_corpus(request.corpus, request.data.text_column)
    if request.fill_in is not None:
        from study.pretraining.fill_in import read_sentences, unreadable

        with problems.collecting():
            sentences = read_sentences(request.fill_in)
        if model:
            able = model.geometry.objectives
            wrong = unreadable(sentences, load_tokenizer(model), able, model.geometry.positions)
            problems.add(*(f"--fill-in {request.fill_in}: {problem}" for problem in wrong))
    problems.raise_if_any()
    assert model is not None
    asked, notes = _suggested(question, model).at(model.geometry), model.notes
    if corpus is None:
        asked, left_out = without_corpus(asked)
        notes = (*notes, *left_out)
    if budget:
        from study.gpu_memory import within

        asked, note = within(asked, model, len(folds[0].labels), budget)
        notes = (*notes, note)
    arms = [replace(_arm(asked, replace(model, notes=notes), data), sentences=sentences) for data in folds]
    if corpus is not None:
        ref = Ref(corpus.name, corpus.fingerprint)
        arms = [replace(arm, corpus=ref, corpus_source=corpus.source) for arm in arms]
    return list(zip(arms, folds, strict=True)), corpus


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
    suggested = {**_within(model.geometry), **model.suggested, **_objective(model.geometry, said)}
    added = {name: value for name, value in suggested.items() if name not in said}
    return replace(question, fixed={**added, **question.fixed})


def _objective(geometry: Geometry, said: Iterable[str]) -> Setting:
    """The model's own objective where a question pre-trains, so that keys and tables hold it and not "auto"."""
    trains = any(name.startswith("pretraining.") for name in said)
    return {"pretraining.objective": geometry.objectives[0]} if trains and geometry.objectives else {}


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
    seeds = _seeds(question, request.seeds) if request.seeds else tuple(question.seeds)
    problems.add(*_race_problems(request, len(seeds)))
    return replace(
        question,
        seeds=seeds,
        trials=request.trials or question.trials,
        first_seeds=request.first_seeds or question.first_seeds,
    )


def _race_problems(request: Request, seeds: int) -> list[str]:
    """What is wrong with asking for few seeds first."""
    first = request.first_seeds
    if first is None:
        return []
    if not 2 <= first < seeds:
        return [
            f"--first-seeds {first}: must be from 2, for differences to have an interval, to below the number of seeds "
            f"({seeds}). Change it or --seeds."
        ]
    if request.data.folds:
        return ["--first-seeds decides on each data set by itself, and folds are one together. Leave out one of them."]
    return []


def _seeds(question: Question, count: int) -> tuple[int, ...]:
    """The first so many seeds, without those that select."""
    several = range(max(0, count) + len(question.selection_seeds))
    return tuple(seed for seed in several if seed not in question.selection_seeds)[: max(0, count)]


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
    asked, corpus = _asked(request, problems)
    with folder.store.lock():
        for data in (*(data for _, data in asked), *([corpus] if corpus else [])):
            if not folder.texts(data.fingerprint).exists():
                write_texts(data, folder.texts(data.fingerprint))
        arms = folder.with_arms([arm for arm, _ in asked])
        folder.write(arms, command)
    return arms
