"""Tracking: the trials of a study in TensorBoard, MLflow or Weights & Biases while they run, by Ray's own callbacks."""

from __future__ import annotations

import importlib.util
import logging
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from study.errors import InputError, unknown
from study.record import SCORED, TERMINAL, Record

if TYPE_CHECKING:
    from study.launch.supply import Supply

TRACKERS = {
    "tensorboard": ("tensorboardX", "tensorboardX"),
    "mlflow": ("mlflow", "mlflow-skinny sqlalchemy alembic"),
    "wandb": ("wandb", "wandb"),
}
"""The trackers, each with the module it needs and what pip installs to have it."""

_LONGEST = 150


@dataclass(eq=False)
class Run:
    """A trial as Ray's loggers want to see one: a name to read, its settings, and a folder for its files."""

    name: str
    trial_id: str
    config: dict[str, Any]
    local_path: str
    experiment_dir_name: str
    logged: int = 0

    @property
    def evaluated_params(self) -> dict[str, Any]:
        return self.config

    def init_local_path(self) -> None:
        os.makedirs(self.local_path, exist_ok=True)

    def __str__(self) -> str:
        return self.name


@dataclass
class Tracker:
    """One of Ray's loggers, how it is called, where its files go, and what is done before it starts a run anew."""

    name: str
    logger: Any
    folder: Path
    renew: Callable[[Any, Run, Record], None]


def tracker_names(given: str | Sequence[str] | None) -> tuple[str, ...]:
    """The trackers named in ``--log-to a,b``; an InputError where one is unknown or its package is not installed."""
    if not isinstance(given, (str, list, tuple, type(None))):
        raise InputError(f"log_to={given!r}: must be {', '.join(TRACKERS)}, or several of them in a list.")
    words = given.split(",") if isinstance(given, str) else (given or ())
    names = tuple(dict.fromkeys(str(word).strip() for word in words if str(word).strip()))
    problems = [unknown("--log-to", name, TRACKERS) for name in names if name not in TRACKERS]
    for name in names:
        module, package = TRACKERS.get(name, ("sys", ""))
        if importlib.util.find_spec(module) is None:
            problems.append(f"--log-to {name}: {module} is not installed. pip install {package}")
    if problems:
        raise InputError(problems)
    return names


def trackers(supply: Supply, names: Iterable[str]) -> list[Any]:
    """A Ray Tune callback for each tracker, ready to log; an InputError where one cannot be reached."""
    found = []
    for name in names:
        folder = supply.folder.logs / name
        try:
            folder.mkdir(parents=True, exist_ok=True)
            tracker = _MAKE[name](folder, supply.arms[0].question.name)
            tracker.logger.setup()
        except Exception as error:
            raise InputError(f"--log-to {name}: {_first_line(error)}. Put that right, or leave {name} out.") from None
        found.append(_callback(tracker, supply))
    return found


def _tensorboard(folder: Path, question: str) -> Tracker:
    from ray.tune.logger import TBXLoggerCallback

    return Tracker("tensorboard", TBXLoggerCallback(), folder, _empty_folder)


def _mlflow(folder: Path, question: str) -> Tracker:
    from ray.air.integrations.mlflow import MLflowLoggerCallback

    def renew(logger: Any, run: Run, record: Record) -> None:
        from mlflow.tracking import MlflowClient

        client = MlflowClient(tracking_uri=uri)
        experiment = logger.mlflow_util.experiment_id
        for old in client.search_runs([experiment], f"tags.key = '{record.key}'"):
            client.delete_run(old.info.run_id)
        logger.tags = {"key": record.key, "phase": record.phase}

    logging.getLogger("mlflow").setLevel(logging.WARNING)
    uri = os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{folder / 'mlflow.db'}"
    return Tracker("mlflow", MLflowLoggerCallback(tracking_uri=uri, experiment_name=question), folder, renew)


def _wandb(folder: Path, question: str) -> Tracker:
    from ray.air.integrations.wandb import WandbLoggerCallback

    # The workers that log may have another environment than this process.
    given: dict[str, Any] = {name: os.environ.get(f"WANDB_{name.upper()}") for name in ("mode", "entity", "dir")}
    project = os.environ.get("WANDB_PROJECT") or question
    logger = WandbLoggerCallback(project=project, group=os.environ.get("WANDB_RUN_GROUP") or question, **given)
    return Tracker("wandb", logger, folder, _empty_folder)  # a run of the same id is written over


def _empty_folder(logger: Any, run: Run, record: Record) -> None:
    shutil.rmtree(run.local_path, ignore_errors=True)
    run.init_local_path()


_MAKE: Mapping[str, Callable[[Path, str], Tracker]] = {"tensorboard": _tensorboard, "mlflow": _mlflow, "wandb": _wandb}


def _callback(tracker: Tracker, supply: Supply) -> Any:
    from ray.tune import Callback

    journal = Journal(tracker, supply)

    class Tracked(Callback):
        """Tells a tracker what the records say."""

        def on_trial_result(self, iteration, trials, trial, result, **info):
            if "record" in result and (record := Record.from_json(result["record"])).status not in TERMINAL:
                journal.evaluated(record)

        def on_trial_complete(self, iteration, trials, trial, **info):
            if record := supply.records.get(trial.config["key"]):
                journal.ended(record)

        def on_trial_error(self, iteration, trials, trial, **info):
            journal.lost(trial.config["key"])

        def on_experiment_end(self, trials, **info):
            journal.close()

    return Tracked()


class Journal:
    """What a tracker is told, each thing once. One that fails is left out from then on; no trial is lost to it."""

    def __init__(self, tracker: Tracker, supply: Supply):
        self._tracker, self._supply = tracker, supply
        self._runs: dict[str, Run] = {}
        self._works = True

    def evaluated(self, record: Record) -> None:
        """An evaluation of a trial that runs."""
        self._safely(partial(self._log_curve, record))

    def ended(self, record: Record) -> None:
        """The end of a trial."""
        self._safely(partial(self._log_end, record))

    def lost(self, key: str) -> None:
        """A trial that will not end."""
        if run := self._runs.pop(key, None):
            self._safely(partial(self._tracker.logger.log_trial_end, run, failed=True))

    def close(self) -> None:
        """Nothing more will come; runs that are still open were interrupted, and begin anew when the study goes on."""
        for key in list(self._runs):
            self.lost(key)
        self._safely(partial(self._tracker.logger.on_experiment_end, []))

    def _run(self, record: Record) -> Run:
        if record.key not in self._runs:
            run = run_of(record, self._supply, self._tracker.folder)
            self._tracker.renew(self._tracker.logger, run, record)
            self._tracker.logger.log_trial_start(run)
            self._runs[record.key] = run
        return self._runs[record.key]

    def _log_curve(self, record: Record) -> None:
        run = self._run(record)
        # A trial whose worker died is run again and evaluated again: those are the same numbers.
        for number in range(run.logged + 1, len(record.curve) + 1):
            self._tracker.logger.log_trial_result(number, run, point_of(record, number))
            run.logged = number

    def _log_end(self, record: Record) -> None:
        self._log_curve(record)
        run = self._runs.pop(record.key)
        self._tracker.logger.log_trial_result(run.logged, run, scores_of(record))
        self._tracker.logger.log_trial_end(run, failed=record.status not in SCORED)

    def _safely(self, tell: Callable[[], Any]) -> None:
        if not self._works:
            return
        try:
            tell()
        except Exception as error:
            self._works = False
            why = f"{self._tracker.name} failed ({_first_line(error)})"
            print(f"warning: {why}; the study goes on, and is not logged there any more", file=sys.stderr)


def run_of(record: Record, supply: Supply, folder: Path) -> Run:
    """The run that logs a trial: called by what the study varies and the seed; its folder has the key's start too."""
    arms = supply.arms
    names = dict.fromkeys(name for arm in arms for name in (*arm.question.factor_names, *arm.question.tuned))
    words = [f"{name}={record.setting[name]}" for name in names if name in record.setting]
    several = {"model": {arm.model.name for arm in arms}, "data": {arm.data.name for arm in arms}}
    whose = {"model": record.model.name, "data": record.data.name}
    words = [whose[kind] for kind, all_names in several.items() if len(all_names) > 1] + words
    name = " ".join([*words, f"seed={record.seed}", *([record.phase] if record.phase != "compare" else [])])
    place = re.sub(r"[^\w.,=+-]+", "_", name)[:_LONGEST] + f"-{record.key[:8]}"
    config = {**record.setting, "seed": record.seed, "phase": record.phase, "key": record.key, **whose}
    return Run(name, record.key, config, str(folder / place), record.question)


def point_of(record: Record, number: int) -> dict[str, Any]:
    """What a logger is told of an evaluation: its number from 1, the step, and the numbers there are."""
    point = record.curve[number - 1]
    numbers = {name: value for name, value in point.items() if name != "step" and _is_number(value)}
    return {"training_iteration": number, "timesteps_total": point["step"], **numbers}


def scores_of(record: Record) -> dict[str, Any]:
    """What a logger is told at the end of a trial: the scores on each split and the costs."""
    step = record.curve[-1]["step"] if record.curve else 0
    found = {"training_iteration": max(1, len(record.curve)), "timesteps_total": step}
    for place, values in (*record.metrics.items(), ("costs", record.costs)):
        found |= {f"{place}/{name}": value for name, value in values.items() if _is_number(value)}
    return found


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")
