"""What doing less decides, against all of it, on recorded studies: few seeds first, early stopping, halving.

    python -m tests.benchmarks.less_work analysis/notebooks/records/frozen_layers [FOLDER ...]

For every study named (folders with records), as far as its records go:

seeds: the race of ``--first-seeds 3`` over the comparisons of each of its questions, the seeds in 200 orders. Saved:
the share of the trials' seconds that were never spent. Same: how often the setting with the best mean validation score
at the end is that of all seeds; lost: by how much its score over all seeds is below that one's, on average, at worst.

asha, median: the tuning trials in 200 orders, one after the other, each until the scheduler stops it. Saved: the share
of the optimizer steps. Same and lost: of the candidate chosen at each point, trained to its end; the mean over points.

halving: where a study holds the rungs of ``--search halving`` and all its candidates on all texts. Saved: the share of
the texts trained.

No model is trained; nothing is written.
"""

from __future__ import annotations

import argparse
import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from statistics import fmean

from study.folder import Arm, Folder
from study.launch.schedulers import replay, scheduler_of
from study.plan import Planned, plan, ranked
from study.racing import race
from study.record import Record

ORDERS = 200
FIRST = 3

Outcome = tuple[float, float]
"""The share of the work that was saved, and by how much the chosen one is worse than the one all work chooses."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+")
    for name in parser.parse_args().folders:
        folder = Folder(name)
        records = dict(folder.store.records())
        for arm in folder.arms():
            for way, outcomes in _outcomes(arm, records):
                saved, lost = zip(*outcomes, strict=True)
                same = sum(one <= 1e-12 for one in lost) / len(lost)
                print(
                    f"{name} ({arm.data.name}): {way}: saved {fmean(saved):.0%}, same in {same:.0%}, "
                    f"lost {fmean(lost):.4f} on average, {max(lost):.4f} at worst, of {len(outcomes)}",
                    flush=True,
                )


def _outcomes(arm: Arm, records: Mapping[str, Record]) -> Iterator[tuple[str, list[Outcome]]]:
    compared = _groups(arm, records, "compare")
    if len(compared) > 1 and len(arm.question.seeds) > FIRST:
        yield f"seeds, {FIRST} of {len(arm.question.seeds)} first, {len(compared)} settings", _raced(arm, compared)
    tuned = [record for group in _groups(arm, records, "tune").values() for record in group]
    if len(tuned) > 4 and all(len(record.curve) > 1 for record in tuned):
        for name in ("asha", "median"):
            yield f"{name}, {len(tuned)} candidates", _stopped(arm, tuned, name)
    if halved := _halved(arm, records):
        yield "halving", [halved]


def _groups(arm: Arm, records: Mapping[str, Record], phase: str) -> dict[str, list[Record]]:
    """The records of the arm's planned trials by setting; of settings that have all their scores."""
    asked = replace(arm, question=replace(arm.question, first_seeds=None, search="random"))
    result = plan([asked], records)
    found: dict[str, list[Record]] = defaultdict(list)
    missing = {str(p.trial.setting) for p in result.ready}
    for planned in result.done:
        if planned.phase == phase and str(planned.trial.setting) not in missing:
            found[str(planned.trial.setting)].append(records[planned.key])
    return {name: group for name, group in found.items() if all(_score(arm, r) is not None for r in group)}


def _score(arm: Arm, record: Record) -> float | None:
    score = record.metrics.get("validation", {}).get(arm.question.metric)
    return None if score is None else -score if arm.question.lower_is_better else score


def _known(arm: Arm, record: Record) -> float:
    score = _score(arm, record)
    assert score is not None
    return score


def _orders(count: int) -> Iterator[list[int]]:
    rng = random.Random(0)
    for _ in range(ORDERS):
        yield rng.sample(range(count), count)


def _raced(arm: Arm, groups: Mapping[str, Sequence[Record]]) -> list[Outcome]:
    base = arm.question.baseline
    rows = list(groups.values())
    stays = [bool(base) and all(row[0].setting.get(n, v) == v for n, v in base.items()) for row in rows]
    scores = [[_known(arm, record) for record in row] for row in rows]
    seconds = [[record.costs["trial_seconds"] for record in row] for row in rows]
    means = [fmean(row) for row in scores]
    seeds, found = len(scores[0]), []
    for order in _orders(seeds):
        told = race([{seed: row[i] for seed, i in enumerate(order)} for row in scores], range(seeds), FIRST, stays)
        taken = sum(row[i] for row, count in zip(seconds, told.seeds, strict=True) for i in order[:count])
        most = max(told.seeds)
        ahead = [fmean(row[i] for i in order[:count]) for row, count in zip(scores, told.seeds, strict=True)]
        left = [r for r, count in enumerate(told.seeds) if count == most]
        winner = max(left, key=lambda r: ahead[r])
        found.append((1 - taken / sum(map(sum, seconds)), max(means) - means[winner]))
    return found


def _stopped(arm: Arm, tuned: Sequence[Record], name: str) -> list[Outcome]:
    question = replace(arm.question, scheduler=name)
    every = sum(record.curve[-1]["step"] for record in tuned)
    best, found = _chosen(arm, tuned, tuned), []
    for order in _orders(len(tuned)):
        scheduler, ended = scheduler_of([question], []), []
        for record in (tuned[i] for i in order):
            said = replay(scheduler, record, question.metric)
            stop = said.index("STOP") if "STOP" in said else len(said) - 1
            ended.append(_ended(arm, record, stop))
        taken = sum(record.curve[-1]["step"] for record in ended)
        lost = [one - other for one, other in zip(best, _chosen(arm, ended, tuned), strict=True)]
        found.append((1 - taken / every, fmean(lost)))
    return found


def _ended(arm: Arm, record: Record, stop: int) -> Record:
    """The record of a trial that was stopped at this evaluation; as it is at its last."""
    if stop == len(record.curve) - 1:
        return record
    at = record.curve[stop][arm.question.metric]
    return replace(
        record, status="stopped", curve=record.curve[: stop + 1], metrics={"validation": {arm.question.metric: at}}
    )


def _chosen(arm: Arm, ended: Sequence[Record], whole: Sequence[Record]) -> list[float]:
    """What the setting chosen at each point scores when it is trained to its end."""
    scores = {str(record.setting): _known(arm, record) for record in whole}
    points: dict[str, list[Record]] = defaultdict(list)
    for record in sorted(ended, key=lambda record: record.key):
        points[str([record.setting.get(name) for name in arm.question.factor_names])].append(record)
    return [scores[str(ranked(arm.question, group)[0])] for _, group in sorted(points.items())]


def _halved(arm: Arm, records: Mapping[str, Record]) -> Outcome | None:
    """What the rungs chose and took, against all candidates on all texts; None where either is not there."""
    if arm.question.search != "halving":
        return None
    whole = plan([replace(arm, question=replace(arm.question, search="random"))], records)
    part = plan([arm], records)
    tried = [p for p in (*whole.done, *whole.ready) if p.phase == "tune"]
    rungs = [p for p in (*part.done, *part.ready) if p.phase in ("screen", "tune")]
    if any(p.key not in records for p in (*tried, *rungs)):
        return None

    def texts(planned: Sequence[Planned]) -> float:
        return sum(p.trial.setting.get("train_share", 1.0) * p.trial.setting["epochs"] for p in planned)

    every = [records[p.key] for p in tried]
    best = _chosen(arm, every, every)
    kept = _chosen(arm, [records[p.key] for p in rungs if p.phase == "tune"], every)
    return 1 - texts(rungs) / texts(tried), fmean(one - other for one, other in zip(best, kept, strict=True))


if __name__ == "__main__":
    main()
