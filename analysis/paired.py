"""Paired differences: every setting of a comparison against its baseline, replicate by replicate."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.folder import points_of
from analysis.frame import column_of, metric_column
from analysis.points import following
from analysis.ranges import within
from analysis.replicates import differences, differing, in_folds, paired
from analysis.resampled import Resampled
from analysis.rowwise import mean_intervals, moments
from analysis.stats import holm
from study.question import Question

LEVEL = 0.05
DIFFERENCE = (
    "pairs", "difference", "difference_low", "difference_high", "seeds_low", "seeds_high", "deviation", "p",
    "smallest_p", "p_holm", "significant", "mixed_profiles",
)  # fmt: skip
_NUMBERS = DIFFERENCE[1:10]


def with_differences(
    table: pd.DataFrame, trials: pd.DataFrame, question: Question, resampled: Resampled | None = None
) -> pd.DataFrame:
    """The comparison table with each setting's paired difference from its baseline, on the table's ``split``.

    A pair shares model, data, fold, seed and every setting that is neither tuned nor part of the baseline. Where
    several tuned settings of the baseline were compared, the one best on validation stands for it. ``pairs`` counts
    seeds, or folds; ``p`` is the sign-flip test's, in folds the corrected t-test's (see ``replicates``); ``p_holm``
    corrects it for all settings compared on that model and data. The interval is for what the split's estimand says;
    seeds_low and seeds_high are the ends of the one over seeds on these texts alone, deviation the standard deviation
    of the seeds' differences (all missing in folds). A difference is
    ``significant`` where p_holm is at most 0.05 and the interval leaves zero out.
    """
    score = metric_column(question.metric, "test" if (table["split"] == "test").any() else "validation")
    base = baseline_rows(table, question)
    asked = base[base.notna()].astype("int64")
    needed = ["row", "fold", "seed", "key", "profile", score, "train_texts", "validation_texts", "test_texts"]
    trials = trials[needed]
    # every row that has a baseline meets that baseline's trials under its own number
    others = pd.DataFrame({"row": asked.index, "base": asked.to_numpy()}).merge(
        trials.rename(columns={"row": "base"}), on="base"
    )
    mine = trials[trials["row"].isin(asked.index)]
    pairs = paired(mine, others, score)
    found = differences(pairs, mine, score, resampled)
    found = found.rename(
        columns={"n": "pairs", "mean": "difference", "low": "difference_low", "high": "difference_high"}
    )
    if not in_folds(mine):
        over_seeds = within(mean_intervals(pairs["difference"], pairs["row"]), differing(pairs, score))
        deviation = moments(pairs["difference"], pairs["row"])["sd"]
        found = found.assign(seeds_low=over_seeds["low"], seeds_high=over_seeds["high"], deviation=deviation)
    added = found.reindex(index=table.index, columns=list(DIFFERENCE))
    added["pairs"] = added["pairs"].fillna(0).astype("int64")
    added = added.astype(dict.fromkeys(_NUMBERS, "float64"))
    for _, rows in table.groupby(["model", "data"]).groups.items():
        added.loc[rows, "p_holm"] = holm(added.loc[rows, "p"].tolist())
    added["significant"] = significant(added["p_holm"], added["difference_low"], added["difference_high"])
    added["mixed_profiles"] = _mixed(trials, pairs).reindex(table.index, fill_value=False)
    return table.join(added[list(DIFFERENCE)])


def baseline_rows(table: pd.DataFrame, question: Question) -> pd.Series:
    """For every row of a comparison the row that its difference is from; missing where it has none, or is a baseline.

    Where the baseline leaves a factor open (full fine-tuning, at whatever number of examples), every value of that
    factor has a baseline of its own.
    """
    settings = list(table.columns[2 : table.columns.get_loc("seeds")])
    return _baselines(table, ["model", "data", *_shared(settings, question)], question)


def baseline_of(row: pd.Series, table: pd.DataFrame, question: Question) -> pd.Series | None:
    """The row that the difference of a row of the comparison is from; None where it has none, or is a baseline."""
    number = baseline_rows(table, question).to_dict().get(row.name)
    return None if number is None or pd.isna(number) else table.loc[[int(number)]].iloc[0]


def significant(p: pd.Series, low: pd.Series, high: pd.Series) -> pd.Series:
    """Which differences are called significant: p (Holm) is at most 0.05, and the interval leaves zero out."""
    return (p <= LEVEL) & ((low > 0) | (high < 0))


def _baselines(table: pd.DataFrame, shared: Sequence[str], question: Question) -> pd.Series:
    """The same, with the settings that a row and its baseline share; a value that either lacks is no obstacle."""
    lower = question.lower_is_better
    near = table[table["is_baseline"] & table["validation"].notna()]
    near = near.sort_values(["seeds", "validation"], ascending=[False, lower], kind="stable")
    if near.empty:
        return pd.Series(np.nan, index=table.index)
    codes = pd.DataFrame({name: pd.factorize(table[name].astype(object))[0] for name in shared}, index=table.index)
    others = codes[~table["is_baseline"]].drop_duplicates()
    bases = codes.loc[near.index].to_numpy()
    places = {}
    for one in others.itertuples(index=False, name=None):
        fits = ((bases == one) | (bases < 0) | (np.array(one) < 0)).all(axis=1)
        places[one] = near.index[fits.argmax()] if fits.any() else np.nan
    of_others = codes[~table["is_baseline"]]
    chosen = [places[one] for one in of_others.itertuples(index=False, name=None)]
    return pd.Series(chosen, index=of_others.index, dtype="float64").reindex(table.index)


def _shared(settings: list[str], question: Question) -> list[str]:
    """The settings that a pair has in common: what varies, less what is tuned, the baseline's and single points' own.

    A factor that only some points name (``lora.rank`` beside ``frozen_layers``) is what differs, not what is shared,
    and so is one that follows from the baseline's (a learning rate of each method's own).
    """
    points = points_of(question)
    partial = {name for name in question.factor_names if not all(name in point for point in points)}
    own = following(question, question.baseline)
    free = {column_of(name) for name in {*question.tuned, *question.baseline, *partial, *own}}
    return [name for name in settings if name not in free]


def _mixed(trials: pd.DataFrame, pairs: pd.DataFrame) -> pd.Series:
    """Whether the trials of a row, and those it is compared with, ran under different execution profiles, by row."""
    of_others = pairs[["row", "profile_baseline"]].rename(columns={"profile_baseline": "profile"})
    return pd.concat([trials[["row", "profile"]], of_others]).groupby("row")["profile"].nunique() > 1
