"""A table of anybody's trials as a study in memory, so that every table, figure and the report can be made of it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from analysis.expected import INDEPENDENT
from analysis.folder import Study, unite
from analysis.language import say
from analysis.markdown import count
from analysis.parts import Part
from analysis.sources.asked import question_of
from analysis.sources.columns import Columns, settle
from analysis.sources.declared import Declared, declaration
from analysis.sources.known import known_of
from analysis.sources.options import option
from analysis.sources.rows import Row, rows_of
from analysis.sources.typed import typed
from study.errors import InputError
from study.question import Question
from study.record import SCORED, Record, Ref
from study.store import Held

_TYPE = re.compile(r"[A-Za-z_][\w.]*")


def trials(raw: pd.DataFrame, **declared: Any) -> Study:
    """The study that a table of trials is, one row per trial; ``declared`` are the fields of ``Declared``.

    ``settings``, ``seed``, ``metric``, ``test_metric``, ``model``, ``data`` and ``status`` name columns, ``costs`` maps
    costs to columns, ``baseline`` has settings, ``compare`` names settings. Columns of which nothing is said are left
    out; that, and whatever was guessed, is in the study's notes. An InputError says everything that is wrong.
    """
    return unite([part_from(raw, declaration(declared))])


def part_from(raw: pd.DataFrame, declared: Declared) -> Part:
    """The same as a part of a study, beside which others may stand."""
    known = known_of(raw)
    columns, notes = settle(raw, declared)
    rows, lost = rows_of(raw, columns)
    repeats = _repeats(rows)
    seeds = sorted({row.seed for row in rows}) if columns.seed and repeats else []
    question, said = question_of([row.setting for row in rows], declared, seeds, columns.metric, columns.lower)
    if declared.independent_draws:
        if not question.tuned:
            raise InputError(f"{option('independent_draws')}: no setting was tuned, so that nothing was drawn.")
        question = replace(question, search=INDEPENDENT)
    if not repeats:
        said.append(
            say(
                "No setting ran more than once: there is no interval, and the best score is the best of {trials}, so "
                "that it is optimistic.",
                trials=count(sum(row.score is not None for row in rows), "trial"),
            )
        )
    mark = _mark(raw, columns)
    places = list(dict.fromkeys((row.model, row.data) for row in rows))
    refs = {
        (kind, called): _ref(kind, called, known.name, mark)
        for place in places
        for kind, called in zip(("model", "data"), place, strict=True)
    }
    return Part(
        name=known.name,
        place=known.place,
        asks=question.asks,
        source="",
        arms=tuple(
            {
                "model": _stored(refs["model", model]),
                "data": {**_stored(refs["data", data]), "source": known.source or say("table")},
                "question": question.to_json(),
            }
            for model, data in places
        ),
        records=Held(
            (record.key, record)
            for row in rows
            for record in [_record(row, question, refs["model", row.model], refs["data", row.data], columns)]
        ),
        notes=(*_read(raw, known.name, known.source), *known.notes, *notes, *lost, *said, *_scores(columns)),
    )


def _repeats(rows: Sequence[Row]) -> bool:
    """Whether any setting has a second trial: else seeds are no replicates that the others are without."""
    return len({(row.model, row.data, tuple(sorted(map(repr, row.setting.items())))) for row in rows}) < len(rows)


def _record(row: Row, question: Question, model: Ref, data: Ref, columns: Columns) -> Record:
    coordinates = [question.name, model.fingerprint, data.fingerprint, sorted(row.setting.items()), row.seed]
    scores = {"validation": row.score, "test": row.test}
    return Record(
        key=_digest(coordinates),
        question=question.name,
        phase="compare",
        status=row.status,
        task=question.task,
        model=model,
        data=data,
        setting=row.setting,
        seed=row.seed,
        metrics={
            split: {columns.metric: value}
            for split, value in scores.items()
            if value is not None and row.status in SCORED
        },
        curve=_curve(row.curve, columns),
        costs=row.costs,
        error=_error(row.error) if row.error else None,
    )


def _error(said: str) -> dict[str, str]:
    """An error by its type and message, as Python ends a traceback; one that is written otherwise is all message."""
    kind, colon, message = said.partition(": ")
    return {"type": kind, "message": message} if colon and _TYPE.fullmatch(kind) else {"type": "Error", "message": said}


def _curve(curve: Sequence[Mapping[str, Any]], columns: Columns) -> tuple[dict[str, Any], ...]:
    """The evaluations with the metric under its own name."""
    return tuple({**point, **({columns.metric: point[columns.scored]} if columns.scored in point else {})}
                 for point in curve)  # fmt: skip


def _ref(kind: str, called: str, table: str, mark: str) -> Ref:
    """A model or data set by the name it has in the table; the fingerprint is this table's, which knows no content.

    So two tables' data sets are never taken for one, whatever they are called.
    """
    name = called or ("model" if kind == "model" else table)
    return Ref(name, _digest([mark, kind, name]))


def _stored(ref: Ref) -> dict[str, Any]:
    return {"name": ref.name, "fingerprint": ref.fingerprint}


def _mark(raw: pd.DataFrame, columns: Columns) -> str:
    """A digest of everything in the table that is used."""
    return _digest([[name, typed(raw[name])] for name in sorted(columns.used)])


def _digest(values: Any) -> str:
    return hashlib.sha256(json.dumps(values, sort_keys=True, default=str).encode()).hexdigest()[:16]


def _read(raw: pd.DataFrame, name: str, source: str) -> list[str]:
    return (
        [say("{name} is read as: {source}, {rows}.", name=name, source=source, rows=count(len(raw), "row"))]
        if source
        else []
    )


def _scores(columns: Columns) -> list[str]:
    if columns.tested is None:
        return [
            say(
                "The validation score is column {column}. There is no test score, so that settings are compared on "
                "the score that they may have been selected on.",
                column=columns.scored,
            )
        ]
    return [
        say(
            "The validation score is column {column}, the test score column {tested}.",
            column=columns.scored,
            tested=columns.tested,
        )
    ]
