"""Plan: from the arms of a study and its ledger to the trials still missing. A pure function: no state to lose."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean

from study.folder import Arm
from study.halving import rungs
from study.methods import active_methods
from study.question import Question, Scalar, Setting, better_is_lower
from study.racing import race
from study.record import SCORED, TERMINAL, Record
from study.search import propose
from study.settings import resolve
from study.trial import Trial


@dataclass(frozen=True)
class Planned:
    """A trial, why it runs ("screen", "tune" or "compare"), and the arm it belongs to."""

    trial: Trial
    phase: str
    arm: int

    @property
    def key(self) -> str:
        return self.trial.key

    @property
    def body(self) -> Body | None:
        """What names the body that the trial begins from, where a method makes one that trials share; else None."""
        return body_of(self.trial)


Body = tuple[str, str, tuple[tuple[str, Scalar | None], ...]]


def body_of(one: Trial | Record) -> Body | None:
    """The model, the data and the settings that decide it, of a trial or a record; None for the checkpoint's own."""
    knobs = [name for method in active_methods(one.setting) if method.body for name in method.knobs]
    said = tuple((name, one.setting.get(name)) for name in sorted(knobs))
    return (one.model.fingerprint, one.data.fingerprint, said) if knobs else None


@dataclass
class Plan:
    """Where a study stands.

    ``done`` and ``ready`` (in the order to run) are trials; ``undecided`` counts those whose setting depends on results
    that are not there yet: comparisons after tuning, proposals of an adaptive search. ``dead`` says which points
    cannot be compared because all their tuning failed.
    """

    done: list[Planned] = field(default_factory=list)
    ready: list[Planned] = field(default_factory=list)
    pending: list[Planned] = field(default_factory=list)
    undecided: int = 0
    dead: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        return len(self.done) + len(self.ready) + len(self.pending) + self.undecided


def plan(arms: Sequence[Arm], records: Mapping[str, Record], pending: Sequence[Planned] = ()) -> Plan:
    """The plan of a study, given its records and the trials running now."""
    running = {planned.key for planned in pending}
    result, every = Plan(), dict[str, Planned]()
    for number, arm in enumerate(arms):
        wanted, undecided, dead = _arm(arm, number, records, pending)
        result.undecided += undecided
        result.dead += dead
        for planned in wanted:
            # What one arm tunes another may compare: the comparison measures all that tuning does.
            if planned.key not in every or planned.phase == "compare":
                every[planned.key] = planned
    for planned in every.values():
        if terminal(records.get(planned.key), planned.phase):
            result.done.append(planned)
        else:
            (result.pending if planned.key in running else result.ready).append(planned)
    # Tuning first: every comparison waits for some of it.
    result.ready.sort(key=lambda planned: planned.phase == "compare")
    return result


def terminal(record: Record | None, phase: str) -> bool:
    """Whether this trial has come to an end that is not tried again.

    What was run for tuning has no test scores, so it cannot stand for a comparison.
    """
    return record is not None and record.status in TERMINAL and (phase != "compare" or record.phase == phase)


def _arm(
    arm: Arm, number: int, records: Mapping[str, Record], pending: Sequence[Planned]
) -> tuple[list[Planned], int, list[str]]:
    question = arm.question
    wanted, undecided, dead = [], 0, []
    compared: list[Setting] = []
    for point in question.points(arm.geometry):
        base = {**question.fixed, **point}
        if not question.tuned:
            compared.append(base)
            continue
        tuning, open_proposals = _tuning(arm, number, base, records, pending)
        wanted += tuning
        undecided += open_proposals
        if open_proposals or not all(terminal(records.get(p.key), p.phase) for p in tuning):
            tried = len(tuning) // len(question.selection_seeds) + open_proposals
            undecided += min(question.keep, tried) * len(question.seeds)
            continue
        best = chosen(question, [records[p.key] for p in tuning if p.phase == "tune"])
        if not best:
            where = ", ".join(f"{k}={v}" for k, v in point.items()) or "the search"
            dead.append(f"{where}: every tuning trial failed, so there is nothing to compare")
        compared += best
    if not question.factor_names and question.baseline:
        compared.insert(0, {**question.baseline, **question.fixed})
    comparisons, later = _comparisons(arm, number, compared, records, settled=not undecided)
    return wanted + comparisons, undecided + later, dead


def _comparisons(
    arm: Arm, number: int, settings: Sequence[Setting], records: Mapping[str, Record], settled: bool
) -> tuple[list[Planned], int]:
    """The comparison trials of these settings, and how many more may follow from their scores.

    ``settled`` says that there will be no more settings: before that nobody can be the best.
    """
    question, seeds = arm.question, tuple(arm.question.seeds)
    every = [[Planned(_trial(arm, setting, seed), "compare", number) for seed in seeds] for setting in settings]
    if question.first_seeds is None:
        return [planned for some in every for planned in some], 0
    scores = [{p.trial.seed: score for p in some for score in _scores(question, records.get(p.key))} for some in every]
    given = question.baseline
    stays = [bool(given) and all(setting.get(n, v) == v for n, v in given.items()) for setting in settings]
    now = race(scores if settled else [{} for _ in every], seeds, question.first_seeds, stays)
    wanted = [planned for some, count in zip(every, now.seeds, strict=True) for planned in some[:count]]
    return wanted, sum(len(seeds) - count for count, more in zip(now.seeds, now.open, strict=True) if more)


def _scores(question: Question, record: Record | None) -> list[float | None]:
    """The validation score of a comparison that has ended, larger being better, None where it has none; else nothing"""
    if record is None or not terminal(record, "compare"):
        return []
    score = record.metrics.get("validation", {}).get(question.metric) if record.status in SCORED else None
    if score is None or not math.isfinite(score):
        return [None]
    return [-score if question.lower_is_better else score]


def chosen(question: Question, tuning: Sequence[Record]) -> list[Setting]:
    """The settings that go on to the comparison: the best."""
    return ranked(question, tuning)[: question.keep]


def ranked(question: Question, tuning: Sequence[Record]) -> list[Setting]:
    """The settings of these records by mean validation score over the selection seeds, the best first.

    A setting that predicts one class comes last, because predicting the positive class throughout can score a high
    F1; and trials that ran to their end come before those a scheduler stopped, whose training was shorter.
    """
    by_setting: dict[str, list[Record]] = {}
    for record in tuning:
        by_setting.setdefault(str(sorted(resolve(record.setting).items())), []).append(record)
    sign = 1 if better_is_lower(question.metric) else -1
    found = []
    for name, group in by_setting.items():
        every = [r.metrics.get("validation", {}).get(question.metric) for r in group if r.status in SCORED]
        scores = [score for score in every if score is not None and math.isfinite(score)]
        if len(scores) == len(group):
            last = any(r.degenerate for r in group), any(r.status == "stopped" for r in group)
            found.append((*last, sign * fmean(scores), name, resolve(group[0].setting)))
    found.sort(key=lambda entry: entry[:4])
    return [setting for *_, setting in found]


def _tuning(
    arm: Arm, number: int, base: Setting, records: Mapping[str, Record], pending: Sequence[Planned]
) -> tuple[list[Planned], int]:
    """The tuning trials of a point, and how many are still to come: proposals of an adaptive search, further rungs."""
    question = arm.question
    if question.search == "halving":
        return _halved(arm, number, base, records)
    if question.search == "random":
        settings, later = question.candidates(), 0
    else:
        settings, later = _adaptive(arm, base, records, pending)
    seeds = question.selection_seeds
    trials = [Planned(_trial(arm, {**base, **s}, seed), "tune", number) for s in settings for seed in seeds]
    return trials, later * len(seeds)


def _halved(arm: Arm, number: int, base: Setting, records: Mapping[str, Record]) -> tuple[list[Planned], int]:
    """The trials of each rung of successive halving that is decided, and how many the others will have."""
    question, seeds = arm.question, arm.question.selection_seeds
    wanted: list[Planned] = []
    candidates = question.candidates()
    plan_of_rungs = rungs(len(candidates))
    for place, (share, size) in enumerate(plan_of_rungs):
        last = place == len(plan_of_rungs) - 1
        at = {} if last else {"train_share": share}
        tried = [
            Planned(_trial(arm, {**base, **one, **at}, seed), "tune" if last else "screen", number)
            for one in candidates[:size]
            for seed in seeds
        ]
        wanted += tried
        if not last and not all(terminal(records.get(p.key), "screen") for p in tried):
            return wanted, sum(later for _, later in plan_of_rungs[place + 1 :]) * len(seeds)
        if not last:
            best = ranked(question, [records[p.key] for p in tried])
            candidates = [{name: setting[name] for name in question.tuned} for setting in best]
    return wanted, 0


def _adaptive(
    arm: Arm, base: Setting, records: Mapping[str, Record], pending: Sequence[Planned]
) -> tuple[list[Setting], int]:
    """The tuned settings tried or proposed so far with one new proposal, and the number still to come after it."""
    question = arm.question
    # In the order of their keys: what is proposed must not depend on the order in which results came in.
    told = sorted((r for r in records.values() if terminal(r, "tune") and _same_point(arm, base, r)), key=_key)
    running = [p.trial.setting for p in sorted(pending, key=_key) if _same_point(arm, base, p.trial)]
    tried = _distinct(question, [*(r.setting for r in told), *running])
    if len(tried) >= question.trials:
        return tried, 0
    for attempt in range(20):
        new = propose(question, told, running, len(tried) + attempt * question.trials)
        if new not in tried:
            return [*tried, new], question.trials - len(tried) - 1
    # The proposals repeat themselves: take what is left, and if nothing is, the space has been tried whole.
    left = [candidate for candidate in question.candidates(question.trials * 10) if candidate not in tried]
    return [*tried, *left[:1]], max(0, min(len(left), question.trials - len(tried)) - 1)


def _key(one: Record | Planned) -> str:
    return one.key


def _same_point(arm: Arm, base: Setting, one: Record | Trial) -> bool:
    """Whether a record or trial tunes this point of this arm."""
    return (
        one.model.fingerprint == arm.model.fingerprint
        and one.data.fingerprint == arm.data.fingerprint
        and one.seed in arm.question.selection_seeds
        and _same_base(arm.question, base, one.setting)
    )


def _same_base(question: Question, base: Setting, setting: Mapping) -> bool:
    """Whether a complete setting is this point with some values of the tuned settings, as the search proposes them."""
    tuned = {name: setting[name] for name in question.tuned if name in setting}
    return (
        len(tuned) == len(question.tuned)
        and all(question.tuned[name].contains(value) for name, value in tuned.items())
        # A record from before a knob was added lacks it: resolved, it has what it ran with.
        and resolve({**base, **tuned}) == resolve(setting)
    )


def _distinct(question: Question, settings: Sequence[Mapping]) -> list[Setting]:
    found: list[Setting] = []
    for setting in settings:
        tuned = {name: setting[name] for name in question.tuned}
        if tuned not in found:
            found.append(tuned)
    return found


def _trial(arm: Arm, setting: Setting, seed: int) -> Trial:
    return Trial(arm.question.task, arm.model, arm.data, resolve(setting), seed, arm.corpus)
