"""What a mean is over: seeds on fixed splits; folds, each the mean of its seeds, in cross-validation."""

from __future__ import annotations

import pandas as pd

from analysis.frame import METRICS
from analysis.markdown import count
from analysis.stats import Estimate, fold_interval, fold_p, mean_interval, paired_differences, sign_flip_p, smallest_p


def in_folds(trials: pd.DataFrame) -> bool:
    """Whether these trials, all of one comparison, are on folds."""
    return bool(trials["fold"].notna().any())


def estimate(trials: pd.DataFrame, column: str) -> Estimate:
    """The mean of a column over replicates with its interval; trials without a value are left out.

    On fixed splits a replicate is a seed. Seeds of one fold share its texts, so in folds they are averaged first and
    the folds are what there are n of.
    """
    known = trials.dropna(subset=[column])
    if not in_folds(trials):
        return mean_interval(known[column])
    return fold_interval(known.groupby("fold")[column].mean(), _ratio(known, column))


def difference(trials: pd.DataFrame, baseline: pd.DataFrame, column: str) -> tuple[Estimate, float, float, pd.Index]:
    """The paired difference ``trials`` - ``baseline``, its p, the smallest p there could be, and the pairs' replicates.

    A pair shares its seed, and its fold where there are folds. Sign flips would need folds to be exchangeable, which
    sharing training texts they are not; the corrected t-test's p has no least value.
    """
    index = ["fold", "seed"] if in_folds(trials) else ["seed"]
    sides = [some.set_index(index if len(index) > 1 else index[0])[column].dropna() for some in (trials, baseline)]
    found = paired_differences(*sides)
    if len(index) == 1:
        return mean_interval(found), sign_flip_p(found), smallest_p(len(found)), found.index
    means, ratio = found.groupby(level="fold").mean(), _ratio(trials, column)
    return fold_interval(means, ratio), fold_p(means, ratio), 0.0 if len(means) > 1 else float("nan"), found.index


def over(row: pd.Series) -> str:
    """What the means of a row of the comparison table are over: "3 seeds", or "5 folds × 2 seeds"."""
    seeds = count(int(row["seeds"]), "seed")
    return seeds if pd.isna(row["folds"]) else f"{count(int(row['folds']), 'fold')} × {seeds}"


def unit(row: pd.Series) -> str:
    """What the pairs of a row of the comparison table are counted in: "fold" or "seed"."""
    return "seed" if pd.isna(row["folds"]) else "fold"


def _ratio(trials: pd.DataFrame, column: str) -> float:
    """Texts that a column was computed on by texts trained on, on average; what is not a score goes by the test's."""
    split = "validation" if column in METRICS else "test"
    return float(trials[f"{split}_texts"].mean() / trials["train_texts"].mean())
