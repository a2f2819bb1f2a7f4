"""Schedulers: Ray Tune's rules for stopping weak tuning trials early, told first what the ledger knows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from study.launch.worker import oriented
from study.question import Question
from study.record import Record

_TIME, _SCORE = "evaluations", "score"
"""What the workers report for a scheduler to judge (see ``worker``)."""


def scheduler_of(questions: Sequence[Question], records: Iterable[Record]) -> Any:
    """The scheduler these questions ask for, having seen the curves of these records; None where none asks for one.

    ``asha``: at each power of two of evaluations the better half goes on (Li and others 2020, "A system for massively
    parallel hyperparameter tuning"). ``median``: a trial stops whose best score is below the median of what three or
    more others had on average by then (Golovin and others 2017, "Google Vizier").
    """
    asking = [question for question in questions if question.scheduler != "none"]
    if not asking:
        return None
    curves = [record for record in records if record.phase == "tune" and record.curve]
    if asking[0].scheduler == "asha":
        made = _asha(max((len(record.curve) for record in curves), default=1))
    else:
        made = _median()
    for record in curves:
        replay(made, record, asking[0].metric)
    return made


def replay(scheduler: Any, record: Record, metric: str) -> list[str]:
    """Show the scheduler an ended trial, so that an interrupted search is judged by what it knew; what it decides."""
    trial = _Ended(record.key)
    scheduler.on_trial_add(None, trial)
    said = []
    for count, point in enumerate(record.curve, 1):
        if point.get(metric) is not None:
            said.append(scheduler.on_trial_result(None, trial, {_TIME: count, _SCORE: oriented(metric, point[metric])}))
    return said


class _Ended:
    """A trial as schedulers see it."""

    status = "TERMINATED"

    def __init__(self, key: str):
        self.trial_id = key


def _asha(evaluations: int) -> Any:
    from ray.tune.schedulers import AsyncHyperBandScheduler

    return AsyncHyperBandScheduler(
        time_attr=_TIME, metric=_SCORE, mode="max", max_t=max(100, evaluations), grace_period=1, reduction_factor=2
    )


def _median() -> Any:
    from ray.tune.schedulers import MedianStoppingRule, TrialScheduler

    class Median(MedianStoppingRule):
        """Tune's rule for trials that cannot be paused, and whose last report is their record and no score."""

        def on_trial_result(self, tune_controller, trial, result):
            # One from the ledger went on, whatever would be decided now that more is known.
            self._stopped_trials.discard(trial)
            return super().on_trial_result(tune_controller, trial, result)

        def on_trial_complete(self, tune_controller, trial, result):
            pass

        def _on_insufficient_samples(self, tune_controller, trial, time):
            return TrialScheduler.CONTINUE

    return Median(time_attr=_TIME, metric=_SCORE, mode="max", grace_period=1, min_samples_required=3)
