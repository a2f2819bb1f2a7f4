"""Adaptive search: the next setting to try, as a function of the ledger alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from study.question import Domain, Question, Setting, better_is_lower
from study.record import Record
from study.seeding import stream

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution

SEARCHES = ("random", "optuna", "halving")


def propose(question: Question, told: Sequence[Record], pending: Sequence[Setting], index: int) -> Setting:
    """The index-th setting Optuna's TPE proposes, given every result so far.

    A study is rebuilt from the records each time, so nothing is lost or repeated when a search is interrupted, and 24
    trials begin with the same 12. The first quarter (at least 4) are the question's own independent draws. A trial
    that a scheduler stopped is told with the values it had, as pruned; one that diverged or ran out of memory as
    pruned without any, which ranks it last. Source: Bergstra et al. (2011); Optuna's TPESampler.
    """
    first = question.candidates(max(4, question.trials // 4))
    if index < len(first):
        return first[index]
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    distributions = {name: _distribution(domain) for name, domain in question.tuned.items()}
    sampler = optuna.samplers.TPESampler(
        seed=stream(index, question.name) % 2**32, n_startup_trials=0, multivariate=True, constant_liar=True
    )
    study = optuna.create_study(
        direction="minimize" if better_is_lower(question.metric) else "maximize", sampler=sampler
    )
    for record in told:
        if (params := _params(question, record.setting)) is not None:
            study.add_trial(
                optuna.trial.create_trial(params=params, distributions=distributions, **_ending(question, record))
            )
    for setting in pending:
        if (params := _params(question, setting)) is not None:
            study.add_trial(
                optuna.trial.create_trial(
                    params=params, distributions=distributions, state=optuna.trial.TrialState.RUNNING
                )
            )
    found = study.ask(distributions).params
    return {n: question.tuned[n].rounded(v) if question.tuned[n].continuous else v for n, v in found.items()}


def _ending(question: Question, record: Record) -> dict[str, Any]:
    from optuna.trial import TrialState

    value = record.metrics.get("validation", {}).get(question.metric)
    if record.status == "finished" and value is not None:
        return {"state": TrialState.COMPLETE, "value": value}
    steps = {
        i: point[question.metric] for i, point in enumerate(record.curve, 1) if point.get(question.metric) is not None
    }
    return {"state": TrialState.PRUNED, "intermediate_values": steps if record.status == "stopped" else {}}


def _params(question: Question, setting: Mapping[str, Any]) -> Setting | None:
    """The tuned part of a setting, or None if it could not have been proposed."""
    params = {name: setting[name] for name in question.tuned if name in setting}
    fits = len(params) == len(question.tuned) and all(question.tuned[n].contains(v) for n, v in params.items())
    return params if fits else None


def _distribution(domain: Domain) -> BaseDistribution:
    from optuna import distributions as d

    if domain.kind == "choice":
        return d.CategoricalDistribution(domain.args)
    if domain.kind == "randint":
        return d.IntDistribution(int(domain.ends[0]), int(domain.ends[1]))
    return d.FloatDistribution(float(domain.args[0]), float(domain.args[1]), log=domain.kind == "loguniform")
