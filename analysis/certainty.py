"""How sure a comparison is beyond its means: centres, chances of being better, seeds that would have shown it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from analysis.errors import BASELINE, BEST, Errors
from analysis.frame import metric_column
from analysis.names import names_of
from analysis.paired import baseline_rows
from analysis.ranges import estimate_within, possible
from analysis.replicates import in_folds, paired
from analysis.stats import (
    Estimate,
    Interval,
    almost_stochastic_order,
    iqm,
    iqm_interval,
    median_interval,
    paired_improvement,
    probability_of_improvement,
    seeds_for,
    violation_ratio,
    wilcoxon_p,
)
from analysis.tables import grouped, shown_of
from study.question import Question

DRAWN = 200
"""The most runs of a setting that are drawn anew: of more, means and their intervals say all there is to say."""

NUMBERS = (
    "median", "median_low", "median_high", "iqm", "iqm_low", "iqm_high", "paired", "paired_low", "paired_high", "any",
    "any_low", "any_high", "wilcoxon_p", "violation", "aso", "seeds_for",
)  # fmt: skip
COLUMNS = ("row", "setting", "is_baseline", "split", "n", "pairs", *NUMBERS)


def certainty(rows: pd.DataFrame, question: Question, generator: np.random.Generator, most: int = 40) -> pd.DataFrame:
    """One row per setting compared with at least two scores, at most so many, the best and the baseline among them.

    Columns: row of the comparison, setting, is_baseline, split, n (scores); median and iqm with the ends of their 95%
    intervals (missing below six and two scores; those of the iqm also above ``DRAWN``). Against the baseline, over
    ``pairs`` seeds that both have: ``paired``, the probability of a better score than the baseline's of the same seed,
    and ``any``, than that of an independent run, with their ends; wilcoxon_p, of the signed ranks; violation, the
    violation ratio, and aso, its upper bound corrected for all settings (near 0: better at every quantile; missing
    above ``DRAWN``); seeds_for, the seeds with which the difference seen would have been shown with a power of 80% at
    0.05 by Holm's first step. Better is higher, or lower where the metric says so.

    Empty in folds: their runs share training texts, and all of these take runs for independent.
    """
    trials, table = grouped(rows, question) if len(rows) else (rows, pd.DataFrame())
    if table.empty or in_folds(trials):
        return pd.DataFrame(columns=list(COLUMNS))
    score = metric_column(question.metric, str(table["split"].iloc[0]))
    shown = shown_of(table, question, most)
    bases = baseline_rows(table, question)
    wanted = {*shown.index, *bases.reindex(shown.index).dropna().astype(int)}
    scored = trials[trials["row"].isin(wanted) & trials[score].notna()]
    mine: dict[Any, pd.DataFrame] = dict(list(scored.groupby("row")))
    comparisons = int((table["pairs"] > 0).sum())
    found = []
    for name, (number, row) in zip(names_of(shown, question), shown.iterrows(), strict=True):
        if len(mine.get(number, ())) < 2:
            continue
        of = {"row": number, "setting": name, "is_baseline": bool(row["is_baseline"]), "split": row["split"]}
        base = bases.get(number, np.nan)
        against = mine.get(int(base)) if pd.notna(base) else None
        needed = seeds_for(float(row["difference"]), float(row["deviation"]), comparisons)
        numbers = _centres(mine[number][score], score, generator) | {"seeds_for": needed}
        if against is not None:
            numbers |= _against(mine[number], against, score, question, generator, comparisons)
        found.append(of | numbers)
    return pd.DataFrame(found, columns=list(COLUMNS)).astype(dict.fromkeys(NUMBERS, "float64"))


def discordance(errors: Errors) -> float:
    """The share of texts on which just one of baseline and rival is right, on average over the seeds that both have.

    NaN where they share no seed.
    """
    if BASELINE not in errors.sides or BEST not in errors.sides:
        return float("nan")
    one, other = (errors.sides[role].counts for role in (BASELINE, BEST))
    shares = [
        float((one[data].right_of(seed) != other[data].right_of(seed)).mean())
        for data in one.keys() & other.keys()
        for seed in one[data].right.keys() & other[data].right.keys()
    ]
    return float(np.mean(shares)) if shares else float("nan")


def _centres(scores: pd.Series, column: str, generator: np.random.Generator) -> dict[str, Any]:
    """The median and the interquartile mean, no further than the score can be."""
    values = scores.to_numpy(dtype=float)
    middle = Interval(len(values), iqm(values), np.nan, np.nan)
    if len(values) <= DRAWN:
        middle = iqm_interval(values, generator)
    kept = estimate_within(Estimate(middle.n, middle.value, middle.low, middle.high), possible(column, scores))
    median = median_interval(values)
    return {
        "n": len(values), "pairs": 0, **_ends("median", median),
        **_ends("iqm", Interval(kept.n, kept.mean, kept.low, kept.high)),
    }  # fmt: skip


def _against(
    mine: pd.DataFrame,
    base: pd.DataFrame,
    score: str,
    question: Question,
    generator: np.random.Generator,
    comparisons: int,
) -> dict[str, Any]:
    """What is said of a setting against its baseline."""
    sign = -1.0 if question.lower_is_better else 1.0
    apart = sign * paired(mine.assign(row=0), base.assign(row=0), score)["difference"].to_numpy(dtype=float)
    one, other = (sign * side[score].to_numpy(dtype=float) for side in (mine, base))
    few = max(len(one), len(other)) <= DRAWN
    return {
        "pairs": len(apart),
        **_ends("paired", paired_improvement(apart)),
        **_ends("any", probability_of_improvement(one, other)),
        "wilcoxon_p": wilcoxon_p(apart),
        "violation": violation_ratio(one, other),
        "aso": almost_stochastic_order(one, other, generator, comparisons) if few else np.nan,
    }


def _ends(name: str, found: Interval) -> dict[str, float]:
    return {name: found.value, f"{name}_low": found.low, f"{name}_high": found.high}
