"""Paired differences: every setting of a comparison against its baseline, replicate by replicate."""

from __future__ import annotations

from typing import Any

import pandas as pd

from analysis.folder import points_of
from analysis.frame import column_of
from analysis.replicates import difference
from analysis.stats import holm
from study.question import Question, better_is_lower

DIFFERENCE = ("pairs", "difference", "difference_low", "difference_high", "p", "smallest_p", "p_holm", "mixed_profiles")


def with_differences(
    table: pd.DataFrame, trials: pd.DataFrame, question: Question, settings: list[str]
) -> pd.DataFrame:
    """The comparison table with each setting's paired difference from its baseline, on the table's ``split``.

    A pair shares model, data, fold, seed and every setting that is neither tuned nor part of the baseline. Where
    several tuned settings of the baseline were compared, the one best on validation stands for it. ``pairs`` counts
    seeds, or folds; ``p`` is the sign-flip test's, in folds the corrected t-test's (see ``replicates``); ``p_holm``
    corrects it for all settings compared on that model and data.
    """
    by_row = [trials[trials["row"] == row] for row in table.index]
    score = f"test_{question.metric}" if (table["split"] == "test").any() else question.metric
    shared = ["model", "data", *_shared(settings, question)]
    found = []
    for row in table.index:
        other = None if table.at[row, "is_baseline"] else _baseline_of(table.loc[row, shared], table, question)
        found.append(_difference(by_row[row], None if other is None else by_row[other], score))
    differences = pd.DataFrame(found, columns=list(DIFFERENCE), index=table.index)
    numbers = [name for name in DIFFERENCE if name not in ("pairs", "mixed_profiles")]
    differences = differences.astype({"pairs": "int64", "mixed_profiles": "bool"} | dict.fromkeys(numbers, "float64"))
    for _, rows in table.groupby(["model", "data"]).groups.items():
        differences.loc[rows, "p_holm"] = holm(differences.loc[rows, "p"].tolist())
    return table.join(differences)


def _baseline_of(kept: pd.Series, table: pd.DataFrame, question: Question) -> int | None:
    """The table's row that stands for the baseline of a row with these values, or None."""
    near = table[table["is_baseline"] & table["validation"].notna()]
    for name, value in kept.dropna().items():
        near = near[(near[name] == value).astype("boolean").fillna(True).astype(bool) | near[name].isna()]
    if near.empty:
        return None
    lower = better_is_lower(question.metric)
    return int(near.sort_values(["seeds", "validation"], ascending=[False, lower], kind="stable").index[0])


def _shared(settings: list[str], question: Question) -> list[str]:
    """The settings that a pair has in common: what varies, less what is tuned, the baseline's and single points' own.

    A factor that only some points name (``lora.rank`` beside ``frozen_layers``) is what differs, not what is shared.
    """
    points = points_of(question)
    partial = {name for name in question.factor_names if not all(name in point for point in points)}
    free = {column_of(name) for name in {*question.tuned, *question.baseline, *partial}}
    return [name for name in settings if name not in free]


def _difference(trials: pd.DataFrame, baseline: pd.DataFrame | None, score: str) -> dict[str, Any]:
    profiles = set(trials["profile"].dropna())
    if baseline is None:
        return {"pairs": 0, "mixed_profiles": len(profiles) > 1}
    found, p, smallest, paired = difference(trials, baseline, score)
    other = baseline.set_index(list(paired.names))
    profiles |= set(other.loc[other.index.isin(paired), "profile"].dropna())
    return {
        "pairs": found.n,
        "difference": found.mean,
        "difference_low": found.low,
        "difference_high": found.high,
        "p": p,
        "smallest_p": smallest,
        "mixed_profiles": len(profiles) > 1,
    }
