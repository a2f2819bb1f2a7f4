"""Racing: few seeds for every setting compared, and more only for those that may still be the best."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

LEVEL = 0.05
"""The chance, at most about, that a whole race sends away the setting that is best in truth."""

Scores = Mapping[int, float | None]
"""Validation scores by seed, larger being better; None of a trial that ended without one."""


@dataclass(frozen=True)
class Race:
    """How many of the seeds each runner is to be run on now, and whether any will be asked for more."""

    seeds: tuple[int, ...]
    open: tuple[bool, ...]


def race(scores: Sequence[Scores], seeds: Sequence[int], first: int, stays: Sequence[bool]) -> Race:
    """Where a race between settings stands, given the scores that are there: a pure function of these.

    Every runner is run on the first ``first`` seeds, then those that remain on half as many more, and so on. When all
    that remain have a score on every seed so far, each that is worse than the leader beyond doubt goes: where the
    interval of its mean paired difference to the runner with the best mean leaves out zero. Those that ``stays`` says
    so remain whatever their scores; so does one that lacks a score (a trial that failed), about which nothing is known.

    The interval is a t-interval over seeds (more seeds can settle nothing else) by the variance of the pair's own
    differences; or, where that is no larger, by the residual variance of all runners and seeds after their means are
    taken out, which knows more after few seeds: whichever is shorter. Its level is divided by these two and by the
    number of stages and of runners, as all of them are looked at (Bonferroni). Sources: Maron and Moore (1994),
    "Hoeffding races"; Birattari and others (2002), "A racing algorithm for configuring metaheuristics".

    Limits: means of those sent away rest on fewer seeds, and are a little too low, as they went on a bad draw; and the
    winner is chosen by the scores it is chosen from.
    """
    looks = stages(len(seeds), first)
    remain, ran = list(range(len(scores))), [0] * len(scores)
    for count in looks:
        for runner in remain:
            ran[runner] = count
        if count == len(seeds) or any(seed not in scores[r] for r in remain for seed in seeds[:count]):
            break
        gone = _gone([[scores[r][seed] for seed in seeds[:count]] for r in remain], len(looks))
        remain = [r for r, out in zip(remain, gone, strict=True) if stays[r] or not out]
        if len(remain) == 1 or all(stays[r] for r in remain):
            remain = []
    return Race(tuple(ran), tuple(r in remain and ran[r] < len(seeds) for r in range(len(scores))))


def _gone(rows: Sequence[Sequence[float | None]], looks: int) -> list[bool]:
    """The same as ``worse`` of those that have all their scores; the others are not gone."""
    whole = [[score for score in row if score is not None] for row in rows]
    known = [len(some) == len(row) for some, row in zip(whole, rows, strict=True)]
    told = iter(worse([row for row, all_there in zip(whole, known, strict=True) if all_there], looks))
    return [all_there and next(told) for all_there in known]


def stages(seeds: int, first: int) -> list[int]:
    """The numbers of seeds after which it is decided who goes on: half as many more each time, to all of them."""
    found = [min(first, seeds)]
    while found[-1] < seeds:
        found.append(min(seeds, found[-1] + max(1, found[-1] // 2)))
    return found


def worse(rows: Sequence[Sequence[float]], looks: int) -> list[bool]:
    """Of scores (runners, seeds): whether each runner is told from the one with the best mean. None is, of one seed."""
    from scipy.stats import t

    runners, seeds = len(rows), len(rows[0]) if rows else 0
    if runners < 2 or seeds < 2:
        return [False] * runners
    means = [fmean(row) for row in rows]
    leader = rows[means.index(max(means))]
    by_seed = [fmean(row[s] for row in rows) for s in range(seeds)]
    centre = fmean(means)
    left = [row[s] - mean - by_seed[s] + centre for row, mean in zip(rows, means, strict=True) for s in range(seeds)]
    freedom = (runners - 1) * (seeds - 1)
    pooled = 2 * sum(x * x for x in left) / freedom
    tail = 1 - LEVEL / 2 / 2 / looks / (runners - 1)
    by_all, by_pair = float(t.ppf(tail, freedom)), float(t.ppf(tail, seeds - 1))
    found = []
    for row in rows:
        apart = [best - own for best, own in zip(leader, row, strict=True)]
        mean = fmean(apart)
        own = sum((x - mean) ** 2 for x in apart) / (seeds - 1)
        wide = by_pair * math.sqrt(own)
        if own <= pooled:
            wide = min(wide, by_all * math.sqrt(pooled))
        found.append(0 < mean > wide / math.sqrt(seeds))
    return found
