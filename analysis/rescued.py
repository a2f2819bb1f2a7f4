"""Texts that one setting gets right where the baseline does not, and the other way round."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.errors import Errors, Side, with_texts
from analysis.folder import Study
from analysis.stats import mcnemar_p

PAIR = ("data", "seed", "both_right", "rescued", "broken", "both_wrong", "p")


def pairs(baseline: Side, other: Side) -> pd.DataFrame:
    """One row per shared seed (and data set of a fold): texts that both have right, rescued, broken, both wrong; p.

    Rescued: the other is right and the baseline wrong. p is McNemar's exact one, of these two trained models: the rows
    are of the same texts, so that their p-values are no independent evidence.
    """
    rows = []
    for data, base in baseline.counts.items():
        more = other.counts.get(data)
        for seed in sorted(base.right.keys() & (more.right.keys() if more else set())):
            assert more is not None
            rows.append({"data": data, "seed": seed, **_crossed(base.right_of(seed), more.right_of(seed))})
    return pd.DataFrame(rows, columns=list(PAIR))


def by_majority(baseline: Side, other: Side) -> pd.Series:
    """The same counts of the majority vote over each side's seeds; in folds of all folds' texts together."""
    sides = [(b, other.counts[data]) for data, b in baseline.counts.items() if data in other.counts]
    if not sides:
        return pd.Series(dict.fromkeys(PAIR[2:], np.nan))
    base, more = (np.concatenate([pair[place].majority == pair[place].label for pair in sides]) for place in (0, 1))
    return pd.Series(_crossed(base, more))


def changed_texts(errors: Errors, study: Study, baseline: Side, other: Side, most: int = 5) -> pd.DataFrame:
    """The texts most clearly rescued, then those most clearly broken, as many of each: data, row, text, label, change,
    baseline_wrong, baseline_trials, other_wrong, other_trials, baseline_predicted, other_predicted.

    By the difference of the shares of trials that have a text wrong; ties go to the lower row. The classes predicted
    are those of the majority. Only texts on which the majorities differ count.
    """
    parts = []
    for data, base in baseline.counts.items():
        more = other.counts.get(data)
        if more is None:
            continue
        rows = pd.DataFrame({"row": base.rows, "label": base.label})
        rows = rows.assign(
            data=data, baseline_wrong=base.wrong, baseline_trials=base.trials, other_wrong=more.wrong,
            other_trials=more.trials, baseline_predicted=base.majority, other_predicted=more.majority,
            gain=base.wrong / base.trials - more.wrong / more.trials,
        )  # fmt: skip
        right = [base.majority == base.label, more.majority == more.label]
        rows["change"] = np.where(right[1] & ~right[0], "rescued", np.where(right[0] & ~right[1], "broken", ""))
        parts.append(rows[rows["change"] != ""])
    if not parts:
        return pd.DataFrame(columns=["change", "text"])
    every = pd.concat(parts, ignore_index=True)
    top = [
        every[every["change"] == change].sort_values(["gain", "row", "data"], ascending=[up, True, True]).head(most)
        for change, up in (("rescued", False), ("broken", True))
    ]
    found = with_texts(pd.concat(top, ignore_index=True), study, errors.split)
    for name in ("label", "baseline_predicted", "other_predicted"):
        found[name] = [errors.classes[place] for place in found[name]]
    return found


def _crossed(base: np.ndarray, other: np.ndarray) -> dict[str, float]:
    rescued, broken = int((other & ~base).sum()), int((base & ~other).sum())
    return {
        "both_right": int((base & other).sum()),
        "rescued": rescued,
        "broken": broken,
        "both_wrong": int((~base & ~other).sum()),
        "p": mcnemar_p(rescued, broken)[0],
    }
