"""An Optuna storage as a table: a database or a journal, opened for reading only."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pandas as pd

from analysis.language import say
from analysis.sources.known import Known, keep
from analysis.sources.options import option
from study.errors import InputError, unknown

if TYPE_CHECKING:
    import optuna

_SQLITE = "sqlite:///"


def is_url(path: str) -> bool:
    """Whether this is the address of a database rather than a path."""
    return "://" in path


def is_sqlite(path: Path) -> bool:
    """Whether a file is an SQLite database."""
    with path.open("rb") as file:
        return file.read(16) == b"SQLite format 3\x00"


def is_journal(path: Path) -> bool:
    """Whether a file is a journal of Optuna: JSON lines, each with the code of an operation."""
    with path.open("rb") as file:
        first = file.readline(1_000_000)
    try:
        found = json.loads(first)
    except ValueError:
        return False
    return isinstance(found, dict) and "op_code" in found


def read_optuna(place: str | Path, study_name: str | None = None, objective: str | None = None) -> pd.DataFrame:
    """One row per trial: number, state, the objective by its name, params_NAME, user_attrs_NAME, seconds, curve.

    An InputError names the studies of a storage that holds several, and the objectives of a study that has several.
    """
    import optuna

    storage = _storage(place)
    names = optuna.get_all_study_names(storage)
    if study_name is None and len(names) != 1:
        held = ", ".join(names) or "none"
        raise InputError(
            f"{place} holds {len(names)} studies of Optuna ({held}). Name the one to read with {option('study_name')}."
        )
    if study_name is not None and study_name not in names:
        raise InputError(unknown("study of Optuna", study_name, names))
    study = optuna.load_study(study_name=study_name or names[0], storage=storage)
    index, metric = _objective(study, objective)
    raw = pd.DataFrame([_row(trial, index, metric) for trial in study.get_trials(deepcopy=False)])
    lower = study.directions[index] == optuna.study.StudyDirection.MINIMIZE
    columns = {
        "settings": [str(name) for name in raw.columns if str(name).startswith("params_")],
        "metric": metric,
        "lower_is_better": bool(lower),
        "status": "state",
        "costs": {"trial_seconds": "seconds"},
    }
    path = None if is_url(str(place)) else Path(place)
    return keep(raw, Known(study.study_name, path, say("Optuna storage"), columns))


def _storage(place: str | Path) -> optuna.storages.BaseStorage:
    import optuna
    from optuna.storages.journal import BaseJournalBackend

    class Journal(BaseJournalBackend):
        """Optuna's own opens the file to append to it, which a file that may only be read does not allow."""

        def read_logs(self, log_number_from: int) -> Iterable[dict[str, Any]]:
            with Path(place).open(encoding="utf-8") as file:
                for number, line in enumerate(file):
                    if number >= log_number_from and line.endswith("\n"):
                        yield json.loads(line)

        def append_logs(self, logs: list[dict[str, Any]]) -> None:
            raise PermissionError("a journal that is being read is not written to")

    optuna.logging.get_logger("optuna").setLevel(logging.WARNING)
    if not is_url(str(place)) and not is_sqlite(Path(place)):
        return optuna.storages.JournalStorage(Journal())
    url = str(place) if is_url(str(place)) else f"{_SQLITE}{place}"
    if url.startswith(_SQLITE):
        path = Path(url.removeprefix(_SQLITE))
        if not path.is_file():
            raise InputError(f"{url}: there is no file {path}. Give sqlite:/// and the path of the database.")
        url = f"{_SQLITE}file:{quote(str(path))}?mode=ro&uri=true"
    try:
        return optuna.storages.RDBStorage(url, skip_table_creation=True)
    except Exception as error:  # whatever the database's driver raises: it cannot be opened, or is no storage
        raise InputError(f"{place} cannot be opened as a storage of Optuna: {str(error).splitlines()[0]}") from None


def _objective(study: optuna.Study, asked: str | None) -> tuple[int, str]:
    """Which of a study's objectives is read, and what it is called; the only one, or the one asked for."""
    directions = study.directions
    names = list(study.metric_names or (["value"] if len(directions) == 1 else map(str, range(len(directions)))))
    if asked is None:
        if len(names) > 1:
            raise InputError(
                f"{study.study_name} has several objectives, {', '.join(names)}: a comparison goes by one. "
                f"Name it with {option('objective')}."
            )
        return 0, names[0]
    if asked not in names:
        raise InputError(unknown("objective", asked, names))
    return names.index(asked), asked if study.metric_names else f"value_{asked}"


def _row(trial: optuna.trial.FrozenTrial, index: int, metric: str) -> dict[str, Any]:
    last = list(trial.intermediate_values.items())
    values = trial.values or []
    return {
        "number": trial.number,
        "state": trial.state.name,
        metric: values[index] if len(values) > index else None,
        **{f"params_{name}": value for name, value in trial.params.items()},
        **{f"user_attrs_{name}": value for name, value in trial.user_attrs.items()},
        "seconds": trial.duration.total_seconds() if trial.duration else None,
        "error": None,
        "curve": [{"step": step, metric: value} for step, value in sorted(last)],
    }
