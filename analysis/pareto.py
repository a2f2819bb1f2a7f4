"""Scores against costs: which settings no other beats on both, and how sure that is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from analysis.frame import metric_column
from analysis.language import say
from analysis.replicates import in_folds
from analysis.resampled import Resampled
from study.errors import InputError, unknown
from study.question import Question

COSTS = {
    "trainable_parameters": 1.0,
    "latency_1": 1000.0,
    "latency_32": 1000.0,
    "peak_memory_bytes": 2.0**-20,
    "saved_bytes": 2.0**-20,
    "train_seconds": 1.0,
}
"""What a score may be shown against, and by what the frame's column is multiplied."""

TOLD = ("trainable_parameters", "latency_1", "train_seconds", "peak_memory_bytes")
"""The costs that tell something of every study; those that differ between settings have a table in the report."""

DRAWS = 2_000
_FEWEST_DRAWS = 200
_BLOCK = 2_000_000  # places (draws x settings) sorted at once


def cost_name(cost: str) -> str:
    """A cost with its unit, in words; an InputError names the costs there are."""
    words = {
        "trainable_parameters": say("trainable parameters"),
        "latency_1": say("latency at batch 1 (ms per text)"),
        "latency_32": say("latency at batch 32 (ms per text)"),
        "peak_memory_bytes": say("peak memory (MiB)"),
        "saved_bytes": say("saved (MiB)"),
        "train_seconds": say("training (s)"),
    }
    if cost not in words:
        raise InputError(unknown("cost", cost, COSTS, do="Give the view pareto one of these as its x."))
    return words[cost]


def on_front(cost: np.ndarray, score: np.ndarray) -> np.ndarray:
    """Which settings no other beats, along the last axis: cheaper and no worse, or better and no dearer.

    Settings equal in both are on the front together. Higher scores are better.
    """
    order = np.lexsort((-score, cost), axis=-1)
    costs, scores = np.take_along_axis(cost, order, -1), np.take_along_axis(score, order, -1)
    best = np.maximum.accumulate(scores, axis=-1)
    first = np.full((*best.shape[:-1], 1), -np.inf)
    better = scores > np.concatenate((first, best[..., :-1]), axis=-1)
    # a twin of one that is better than all before it is as good: it shares the place of the last that was
    place = np.maximum.accumulate(np.where(better, np.arange(costs.shape[-1]), 0), axis=-1)
    twin = (costs == np.take_along_axis(costs, place, -1)) & (scores == np.take_along_axis(scores, place, -1))
    found = np.empty(cost.shape, dtype=bool)
    np.put_along_axis(found, order, better | twin, -1)
    return found


def dominators(cost: Sequence[float], score: Sequence[float]) -> Iterator[list[int]]:
    """For each setting the places of those that beat it, cheapest first. Higher scores are better.

    One after the other, as a table shows the first few of what may be ten thousand.
    """
    costs, scores = np.asarray(cost, dtype=float), np.asarray(score, dtype=float)
    order = np.lexsort((-scores, costs))
    cheapest, best = costs[order], scores[order]
    for c, s in zip(costs, scores, strict=True):
        yield order[(cheapest <= c) & (best >= s) & ((cheapest < c) | (best > s))].tolist()


def front_probability(
    trials: pd.DataFrame,
    rows: Sequence[int],
    question: Question,
    cost: str,
    generator: np.random.Generator,
    resampled: Resampled | None = None,
) -> np.ndarray:
    """The share of draws in which each of these rows of the comparison is on the front of score and cost.

    ``trials`` are those of one model and data set with their ``row`` (see ``tables.grouped``). Scores and measured
    costs are drawn together from the multivariate t distribution that their means over replicates (seeds, or folds)
    give: what varies together over replicates does so in the draws, and a single score has the spread of its
    t-interval, in folds of ``stats.fold_interval``. (Three seeds drawn with replacement scatter too little.)
    ``resampled`` adds to the scores draws of texts; the interaction of seeds and texts is then counted twice, which
    widens a little. Latency is measured once per structure and stays as it is.

    NaN for every row where one of them has fewer than two replicates, or no score or cost: a front without it is not
    the front. There are 2,000 draws; of more than 1,000 settings fewer, 200 at least.
    """
    tested = trials[metric_column(question.metric, "test")].notna().any()
    split = "test" if tested else "validation"
    score = metric_column(question.metric, split)
    units = "fold" if in_folds(trials) else "seed"
    mine = trials[trials["row"].isin(list(rows))]
    scores, costs = (_by_replicate(mine, column, units, rows) for column in (score, cost))
    counts = (scores.notna() & costs.notna()).sum().to_numpy()
    if len(rows) == 0 or counts.min() < 2:
        return np.full(len(rows), np.nan)
    ratio = float(mine["test_texts"].mean() / mine["train_texts"].mean()) if units == "fold" else 0.0
    spread = np.sqrt((1 / counts + ratio) / (counts - 1))
    freedom = counts.min() - 1
    draws = max(_FEWEST_DRAWS, min(DRAWS, _BLOCK // len(rows)))
    normal = generator.standard_normal((draws, len(scores)))
    normal *= np.sqrt(freedom / generator.chisquare(freedom, size=(draws, 1)))
    drawn = [_drawn(normal, values.to_numpy(dtype=float), spread) for values in (scores, costs)]
    texts = None if resampled is None or units == "fold" else _over_texts(mine, rows, score, resampled)
    if texts is not None:
        drawn[0] = drawn[0] + texts[generator.integers(len(texts), size=draws)]
    sign = -1.0 if question.lower_is_better else 1.0
    step = max(1, _BLOCK // len(rows))
    blocks = [on_front(drawn[1][i : i + step], sign * drawn[0][i : i + step]) for i in range(0, draws, step)]
    return np.concatenate(blocks).mean(axis=0)


def _by_replicate(trials: pd.DataFrame, column: str, unit: str, rows: Sequence[int]) -> pd.DataFrame:
    """A line per replicate, a column per row of the comparison: the mean over its trials."""
    return trials.pivot_table(index=unit, columns="row", values=column, aggfunc="mean", dropna=False).reindex(
        columns=list(rows)
    )


def _drawn(normal: np.ndarray, values: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """Means of every setting, draws x settings, from a number per draw and replicate that all settings share.

    What does not vary stays equal to itself, so that settings of one cost still share it.
    """
    known = ~np.isnan(values)
    centre = np.where(known, values, 0.0).sum(axis=0) / known.sum(axis=0)
    away = np.where(known, values - centre, 0.0)
    same = np.ptp(np.where(known, values, values.max(axis=0, initial=-np.inf, where=known)), axis=0) == 0
    centre[same] = values.max(axis=0, initial=-np.inf, where=known)[same]
    away[:, same] = 0.0
    return centre + spread * (normal @ away)


def _over_texts(trials: pd.DataFrame, rows: Sequence[int], score: str, resampled: Resampled) -> np.ndarray | None:
    """How far each setting's score moves on texts drawn anew, draws x settings; None where a trial has no draws."""
    split = resampled.split(score)
    known = trials[trials[score].notna()]
    if split is None or not resampled.covers(list(known["key"]), split):
        return None
    moved = []
    for row in rows:
        mine = known[known["row"] == row]
        draws = resampled.draws(list(mine["key"]), split)
        moved.append((draws - mine[score].to_numpy(dtype=float)[:, None]).mean(axis=0))
    return np.stack(moved, axis=1)
