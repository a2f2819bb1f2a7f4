"""Schedulers: Ray Tune's rules for stopping weak tuning trials early, told first what the ledger knows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import asdict
from typing import Any

from study.launch.worker import oriented
from study.question import Question
from study.record import Record

_TIME, _SCORE = "evaluations", "score"
"""What the workers report for a scheduler to judge (see ``worker``)."""


def scheduler_of(questions: Sequence[Question], records: Iterable[Record]) -> Any:
    """The scheduler these questions ask for, having seen the curves of these records; None where none asks for one.

    Candidates are judged against those of their own point alone, model and data set included, as every point is to be
    tuned equally. ``asha``: at each power of two of evaluations the better half goes on (Li and others 2020, "A system
    for massively parallel hyperparameter tuning"). ``median``: a trial stops whose best score is below the median of
    what three or more others had on average by then (Golovin and others 2017, "Google Vizier").
    """
    asking = [question for question in questions if question.scheduler != "none"]
    if not asking:
        return None
    curves = [record for record in records if record.phase == "tune" and record.curve]
    longest = max((len(record.curve) for record in curves), default=1)
    tuned = {name for question in asking for name in question.tuned}
    made = _by_point((lambda: _asha(longest)) if asking[0].scheduler == "asha" else _median, tuned)
    for record in curves:
        replay(made, record, asking[0].metric)
    return made


def replay(scheduler: Any, record: Record, metric: str) -> list[str]:
    """Show the scheduler an ended trial, so that an interrupted search is judged by what it knew; what it decides."""
    trial = _Ended(record)
    scheduler.on_trial_add(None, trial)
    said = []
    for count, point in enumerate(record.curve, 1):
        if point.get(metric) is not None:
            said.append(scheduler.on_trial_result(None, trial, {_TIME: count, _SCORE: oriented(metric, point[metric])}))
    return said


class _Ended:
    """A trial as schedulers see it."""

    status = "TERMINATED"

    def __init__(self, record: Record):
        self.trial_id = record.key
        of = {"model": asdict(record.model), "data": asdict(record.data), "setting": record.setting}
        self.config = {"trial": of}


def _by_point(make: Callable[[], Any], tuned: Collection[str]) -> Any:
    from ray.tune.schedulers import FIFOScheduler, TrialScheduler

    class ByPoint(FIFOScheduler):
        """A scheduler for each point; trials start in the order in which they come."""

        def __init__(self):
            super().__init__()
            self.each = {}

        def of(self, trial):
            asked = trial.config["trial"]
            settings = sorted((name, value) for name, value in asked["setting"].items() if name not in tuned)
            point = str((asked["model"]["fingerprint"], asked["data"]["fingerprint"], settings))
            if point not in self.each:
                self.each[point] = make()
            return self.each[point]

        def on_trial_add(self, tune_controller, trial):
            if "trial" in trial.config:
                self.of(trial).on_trial_add(tune_controller, trial)

        def on_trial_result(self, tune_controller, trial, result):
            if _SCORE not in result:
                return TrialScheduler.CONTINUE
            return self.of(trial).on_trial_result(tune_controller, trial, result)

    return ByPoint()


def _asha(evaluations: int) -> Any:
    from ray.tune.schedulers import AsyncHyperBandScheduler

    return AsyncHyperBandScheduler(
        time_attr=_TIME, metric=_SCORE, mode="max", max_t=max(100, evaluations), grace_period=1, reduction_factor=2
    )


def _median() -> Any:
    from ray.tune.schedulers import MedianStoppingRule, TrialScheduler

    class Median(MedianStoppingRule):
        """Tune's rule for trials that cannot be paused."""

        def on_trial_result(self, tune_controller, trial, result):
            # One from the ledger went on, whatever would be decided now that more is known.
            self._stopped_trials.discard(trial)
            return super().on_trial_result(tune_controller, trial, result)

        def _on_insufficient_samples(self, tune_controller, trial, time):
            return TrialScheduler.CONTINUE

    return Median(time_attr=_TIME, metric=_SCORE, mode="max", grace_period=1, min_samples_required=3)
