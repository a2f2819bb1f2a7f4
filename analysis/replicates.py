"""What a mean is over: seeds on fixed splits, or seeds and texts; folds, each the mean of its seeds."""

from __future__ import annotations

import pandas as pd

from analysis.frame import METRICS
from analysis.language import say
from analysis.markdown import count
from analysis.ranges import Ends, apart, possible, within
from analysis.resampled import Resampled
from analysis.rowwise import crossed_intervals, fold_intervals, mean_intervals, sign_flip_ps
from analysis.stats import Estimate, smallest_p

SEEDS, TEXTS, FOLDS = "seeds", "texts", "folds"
"""What an interval is for: the recipe with other seeds on these very texts; with other seeds on other texts like these;
what the whole procedure gives on other texts, by cross-validation."""


def in_folds(trials: pd.DataFrame) -> bool:
    """Whether these trials, all of one comparison, are on folds."""
    return bool(trials["fold"].notna().any())


def estimand(trials: pd.DataFrame, column: str, resampled: Resampled | None = None) -> str:
    """What the intervals of a column's means over these trials are for: ``SEEDS``, ``TEXTS`` or ``FOLDS``."""
    if in_folds(trials):
        return FOLDS
    return SEEDS if _split(trials[trials[column].notna()], column, resampled) is None else TEXTS


def estimate(trials: pd.DataFrame, column: str, resampled: Resampled | None = None) -> Estimate:
    """The mean of a column over replicates with its interval; trials without a value are left out.

    On fixed splits a replicate is a seed, and with ``resampled`` scores the interval is for other texts too (see
    ``stats.crossed``). Seeds of one fold share its texts, so in folds they are averaged first and the folds are what
    there are n of. The interval is no further than the score can be (see ``ranges.within``).
    """
    found = estimates(trials.assign(row=0), column, resampled)
    if found.empty:
        return Estimate(0, float("nan"), float("nan"), float("nan"))
    return _as_estimate(found.iloc[0])


def estimates(trials: pd.DataFrame, column: str, resampled: Resampled | None = None) -> pd.DataFrame:
    """n, mean, low and high of a column for every ``row`` that has a value, by row; see ``estimate``."""
    known = trials[trials[column].notna()]
    return within(_estimates(known, column, resampled, in_folds(trials)), possible(column, known[column]))


def _estimates(known: pd.DataFrame, column: str, resampled: Resampled | None, folded: bool) -> pd.DataFrame:
    if folded:
        means = known.groupby(["row", "fold"])[column].mean()
        return fold_intervals(means, means.index.to_frame()["row"], _ratios(known, column))
    values = known[column].astype("float64")
    if resampled is None or (split := _split(known, column, resampled)) is None:
        return mean_intervals(values, known["row"])
    draws = resampled.draws(list(known["key"]), split)
    return crossed_intervals(values, known["row"], draws, resampled.texts[split])


def difference(
    trials: pd.DataFrame, baseline: pd.DataFrame, column: str, resampled: Resampled | None = None
) -> tuple[Estimate, float, float, pd.Index]:
    """The paired difference ``trials`` - ``baseline``, its p, the smallest p there could be, and the pairs' replicates.

    A pair shares its seed, and its fold where there are folds. With ``resampled`` scores the interval is for other
    texts too, which both sides then share; p is for these texts. Sign flips would need folds to be exchangeable, which
    sharing training texts they are not; the corrected t-test's p has no least value.
    """
    index = ["fold", "seed"] if in_folds(trials) else ["seed"]
    pairs = paired(trials.assign(row=0), baseline.assign(row=0), column)
    replicates = pd.MultiIndex.from_frame(pairs[index]) if len(index) > 1 else pd.Index(pairs["seed"])
    found = differences(pairs, trials.assign(row=0), column, resampled)
    if found.empty:
        nothing = float("nan")
        return Estimate(0, nothing, nothing, nothing), nothing, nothing, replicates
    row = found.iloc[0]
    return _as_estimate(row), float(row["p"]), float(row["smallest_p"]), replicates


def paired(trials: pd.DataFrame, baseline: pd.DataFrame, column: str) -> pd.DataFrame:
    """One row per pair: row, fold, seed, difference, the key of either side, and the baseline's profile, in order.

    A pair has a score on both sides and shares row, seed, and fold; a replicate twice on one side is a ValueError.
    """
    index = ["row", "fold", "seed"] if in_folds(trials) else ["row", "seed"]
    columns = [*dict.fromkeys([*index, "fold"]), column, "key", "profile"]
    sides = [some.loc[some[column].notna(), columns] for some in (trials, baseline)]
    for side in sides:
        if side.duplicated(index).any():
            raise ValueError("two values of one replicate; a pair needs one each")
    if "fold" not in index:
        sides[1] = sides[1].drop(columns="fold")
    both = sides[0].merge(sides[1], on=index, suffixes=("", "_baseline")).sort_values(index, ignore_index=True)
    return both.assign(difference=both[column].astype("float64") - both[f"{column}_baseline"].astype("float64"))


def differences(
    pairs: pd.DataFrame, trials: pd.DataFrame, column: str, resampled: Resampled | None = None
) -> pd.DataFrame:
    """n, mean, low, high, p and smallest_p for every ``row`` that has a pair, by row; see ``difference``."""
    return within(_differences(pairs, trials, column, resampled), differing(pairs, column))


def differing(pairs: pd.DataFrame, column: str) -> Ends:
    """The least and greatest difference that pairs (see ``paired``) can have of a column."""
    return apart(possible(column, pairs[column], pairs[f"{column}_baseline"]))


def _differences(pairs: pd.DataFrame, trials: pd.DataFrame, column: str, resampled: Resampled | None) -> pd.DataFrame:
    if in_folds(trials):
        means = pairs.groupby(["row", "fold"])["difference"].mean()
        found = fold_intervals(means, means.index.to_frame()["row"], _ratios(trials, column))
        return found.assign(smallest_p=(found["n"] * 0.0).where(found["n"] > 1))
    split = _split(pairs, column, resampled, "key", "key_baseline")
    if resampled is None or split is None:
        found = mean_intervals(pairs["difference"], pairs["row"])
    else:
        draws = resampled.draws(list(pairs["key"]), split) - resampled.draws(list(pairs["key_baseline"]), split)
        found = crossed_intervals(pairs["difference"], pairs["row"], draws, resampled.texts[split])
    smallest = {n: smallest_p(int(n)) for n in found["n"].unique()}
    return found.assign(p=sign_flip_ps(pairs["difference"], pairs["row"]), smallest_p=found["n"].map(smallest))


def over(row: pd.Series) -> str:
    """What the means of a row of the comparison table are over: "3 seeds", or "5 folds × 2 seeds"."""
    seeds = count(int(row["seeds"]), "seed")
    if pd.isna(row["folds"]):
        return seeds
    return say("{folds} × {seeds}", folds=count(int(row["folds"]), "fold"), seeds=seeds)


def unit(row: pd.Series) -> str:
    """What the pairs of a row of the comparison table are counted in: "fold" or "seed"."""
    return "seed" if pd.isna(row["folds"]) else "fold"


def _as_estimate(row: pd.Series) -> Estimate:
    return Estimate(int(row["n"]), float(row["mean"]), float(row["low"]), float(row["high"]))


def _split(trials: pd.DataFrame, column: str, resampled: Resampled | None, *keys: str) -> str | None:
    """The split whose draws all these trials have; None where some have none."""
    split = resampled.split(column) if resampled is not None else None
    if resampled is None or split is None:
        return None
    return split if all(resampled.covers(list(trials[name]), split) for name in keys or ("key",)) else None


def _ratios(trials: pd.DataFrame, column: str) -> pd.Series:
    """Texts that a column was computed on by texts trained on, on average in each row; what is not a score goes by the
    test's."""
    split = "validation" if column in METRICS or column.startswith("metric.") else "test"
    texts = trials.groupby("row")[[f"{split}_texts", "train_texts"]].mean()
    return texts[f"{split}_texts"] / texts["train_texts"]
