"""Export: a study's trials as Optuna studies in a storage of the user's, for Optuna's own tools."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.arms import rows_of
from analysis.folder import Arm, Study, points_of
from analysis.frame import frame_of
from study.errors import InputError
from study.question import Domain, Scalar, distinct
from study.record import Record

if TYPE_CHECKING:
    import optuna
    from optuna.distributions import BaseDistribution
    from optuna.trial import FrozenTrial

_SQLITE = "sqlite:///"


def to_optuna(study: Study, storage: str) -> list[str]:
    """The names of the Optuna studies that hold the trials of this one: one per arm and phase.

    The phases are apart because tuning and comparing run on seeds of their own. The objective is the validation score
    that decides; parameters are what the question varies, so a trial that lacks one of them (a rank without LoRA) lacks
    it there too; intermediate values are the curve, by the number of the evaluation. A trial that is there already is
    not added again, unless it has ended in another way since. Raises InputError where the storage cannot be opened or
    holds something else under such a name.
    """
    frame, names = frame_of(study), dict[str, None]()
    for arm in study.arms:
        keys = rows_of(arm, study.arms, frame)["key"]
        for phase in ("tune", "compare"):
            records = [record for key in keys if (record := study.records[key]).phase == phase]
            if records:
                name = _name(arm, phase, names)
                names[name] = None
                with _told(storage):
                    _add(_opened(storage, name, arm, phase), arm, records, study.defaults)
    return list(names)


def _name(arm: Arm, phase: str, taken: Mapping[str, None]) -> str:
    """What the Optuna study is called; arms that ask the same of the same in different ways are numbered."""
    title = f"{arm.question.name}: {arm.model_name} on {arm.data_name}"
    numbered = (f"{title} ({phase})" if number == 1 else f"{title} [{number}] ({phase})" for number in count(1))
    return next(name for name in numbered if name not in taken)


@contextmanager
def _told(storage: str) -> Iterator[None]:
    """Optuna quiet, and what a storage cannot do as an InputError."""
    import optuna
    from sqlalchemy.exc import SQLAlchemyError

    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        yield
    except InputError:
        raise
    except (SQLAlchemyError, optuna.exceptions.StorageInternalError, ImportError, ValueError, OSError) as error:
        why = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise InputError(
            f"--optuna {storage}: {why.rstrip('.')}. Give a storage that Optuna opens, such as {_SQLITE}results/x.db."
        ) from None
    finally:
        optuna.logging.set_verbosity(before)


def _opened(storage: str, name: str, arm: Arm, phase: str) -> optuna.Study:
    import optuna

    if storage.startswith(_SQLITE):
        Path(storage.removeprefix(_SQLITE)).parent.mkdir(parents=True, exist_ok=True)
    directions = optuna.study.StudyDirection
    direction = directions.MINIMIZE if arm.question.lower_is_better else directions.MAXIMIZE
    opened = optuna.create_study(storage=storage, study_name=name, direction=direction, load_if_exists=True)
    about = {
        "question": arm.question.name,
        "model_fingerprint": arm.model["fingerprint"],
        "data_fingerprint": arm.data["fingerprint"],
        "metric": arm.question.metric,
        "phase": phase,
    }
    there = opened.user_attrs
    if opened.get_trials(deepcopy=False) and {mark: there.get(mark) for mark in about} != about:
        raise InputError(
            f"--optuna {storage}: it has a study {name!r} that is not this one. Give another storage, or remove it: "
            f"optuna delete-study --storage {storage} --study-name {name!r}"
        )
    for mark, value in about.items():
        opened.set_user_attr(mark, value)
    return opened


def _add(opened: optuna.Study, arm: Arm, records: Sequence[Record], defaults: Mapping[str, Any]) -> None:
    """Add the trials that the Optuna study lacks."""
    known = {(t.user_attrs.get("key"), t.user_attrs.get("status")) for t in opened.get_trials(deepcopy=False)}
    settings = {record.key: {**defaults, **record.setting} for record in records}
    spaces = distributions(arm, list(settings.values()))
    new = [record for record in records if (record.key, record.status) not in known]
    trials = [_trial(record, settings[record.key], spaces, arm.question.metric) for record in new]
    try:
        opened.add_trials(trials)
    except ValueError as error:
        if "dynamic value space" not in str(error) and "distribution kind" not in str(error):
            raise
        raise InputError(
            f"{opened.study_name!r} was exported when its question had other values to choose from, and Optuna keeps "
            "the choices of a study. Give another storage, or remove that study there."
        ) from None


def distributions(arm: Arm, settings: Sequence[Mapping[str, Scalar]]) -> dict[str, BaseDistribution]:
    """Optuna's distribution of each setting that the question varies, wide enough for these settings.

    A tuned setting has its domain. A factor has the range from its least to its greatest value where its values are
    numbers, so that values can be added later; else it is one of them.
    """
    points = [*points_of(arm.question), arm.question.baseline, *settings]
    names = dict.fromkeys((*arm.question.factor_names, *arm.question.tuned, *arm.question.baseline))
    found = {}
    for name in names:
        values = distinct(point[name] for point in points if point.get(name) is not None)
        domain = arm.question.tuned.get(name)
        if values or domain:
            found[name] = _of_domain(domain, values) if domain else _of_values(values)
    return found


def _of_domain(domain: Domain, values: Sequence[Scalar]) -> BaseDistribution:
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    if domain.kind == "choice":
        return CategoricalDistribution(distinct((*domain.args, *values)))
    numbers: list[Any] = [*domain.ends, *(value for value in values if not isinstance(value, (bool, str)))]
    if domain.kind == "randint" and all(number == int(number) for number in numbers):
        return IntDistribution(int(min(numbers)), int(max(numbers)))
    log = domain.kind == "loguniform" and min(numbers) > 0
    return FloatDistribution(float(min(numbers)), float(max(numbers)), log=log)


def _of_values(values: Sequence[Scalar]) -> BaseDistribution:
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    numbers: list[Any] = [value for value in values if not isinstance(value, (bool, str))]
    if len(numbers) < len(values):
        return CategoricalDistribution(values)
    if all(isinstance(number, int) for number in numbers):
        return IntDistribution(min(numbers), max(numbers))
    return FloatDistribution(float(min(numbers)), float(max(numbers)))


def _trial(
    record: Record, setting: Mapping[str, Scalar], spaces: Mapping[str, BaseDistribution], metric: str
) -> FrozenTrial:
    from optuna.trial import TrialState, create_trial

    inside = {
        name: space
        for name, space in spaces.items()
        if setting.get(name) is not None and space._contains(space.to_internal_repr(setting[name]))
    }
    score = record.metrics.get("validation", {}).get(metric)
    scored = score is not None and math.isfinite(score)
    states = {"finished": TrialState.COMPLETE, "stopped": TrialState.PRUNED}
    state = states.get(record.status, TrialState.FAIL) if scored else TrialState.FAIL
    curve = {n: point[metric] for n, point in enumerate(record.curve, 1) if point.get(metric) is not None}
    made = create_trial(
        state=state,
        value=None if state == TrialState.FAIL else score,
        params={name: setting[name] for name in inside},
        distributions=inside,
        user_attrs=_attributes(record),
        intermediate_values=curve,
    )
    started, ended = (_time(record.provenance.get(name)) for name in ("started", "ended"))
    made.datetime_start, made.datetime_complete = started or made.datetime_start, ended or made.datetime_complete
    return made


def _attributes(record: Record) -> dict[str, Any]:
    """What Optuna has no field for; scores on the test split and costs by name."""
    attributes: dict[str, Any] = {
        "key": record.key,
        "seed": record.seed,
        "phase": record.phase,
        "status": record.status,
        "data_fingerprint": record.data.fingerprint,
    }
    if record.error:
        attributes["error"] = f"{record.error.get('type')}: {record.error.get('message')}"
    for place, values in (("test", record.metrics.get("test", {})), ("costs", record.costs)):
        attributes |= {f"{place}/{name}": v for name, v in values.items() if isinstance(v, (int, float, str))}
    return attributes


def _time(text: str | None) -> datetime | None:
    """A time as Optuna keeps it: local, without its zone."""
    return None if not text else datetime.fromisoformat(text).astimezone().replace(tzinfo=None)
