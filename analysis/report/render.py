"""The comparison table as Markdown: scores and differences in one table, costs in another."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from analysis.markdown import code, number, p_value, percent, score, signed, table, value
from analysis.metrics import METRIC_NAMES, metric_name
from analysis.replicates import over, unit
from analysis.tables import settings_of
from study.question import Question


def comparison(compared: pd.DataFrame, question: Question, best: pd.Series | None) -> str:
    """The scores of every setting with their intervals and paired differences; the best on validation is bold."""
    names = settings_of(compared)
    metric = METRIC_NAMES.get(question.metric, question.metric)
    folded = bool(compared["folds"].notna().any())
    headers = [
        *(code(name) for name in names),
        *(["folds"] if folded else []),
        "seeds",
        f"validation {metric}",
        f"test {metric}",
        "difference",
    ]
    headers += ["p", "p (Holm)"]
    varies = compared["trainable_parameters"].nunique() > 1
    headers += ["trainable parameters", "share"] if varies else []
    rows = []
    for index, row in compared.iterrows():
        cells = [value(row[name]) for name in names]
        cells[-1:] = [f"{cells[-1]}{_marks(row)}"] if cells else []
        cells += [value(row[name]) for name in (("folds", "seeds") if folded else ("seeds",))]
        cells += [score(row[s], row[f"{s}_low"], row[f"{s}_high"]) for s in ("validation", "test")]
        cells += ["baseline"] if row["is_baseline"] else [_difference(row)]
        cells += [p_value(row["p"]), p_value(row["p_holm"])]
        cells += [number(row["trainable_parameters"]), percent(row["trainable_share"])] if varies else []
        if best is not None and index == best.name:
            cells = [f"**{cell}**" for cell in cells]
        rows.append(cells)
    return table(headers, rows, text_columns=0)


def legend(compared: pd.DataFrame, question: Question, labels: Sequence[str] = ()) -> str:
    """What the comparison table's columns and marks mean, as one paragraph."""
    split = compared["split"].iloc[0]
    folded = bool(compared["folds"].notna().any())
    parts = [
        _estimand(compared, question)
        if folded
        else "Means over seeds with 95% t-intervals. They cover the spread between seeds, not the choice of the texts.",
        "Bold: best on validation." if len(compared) > 1 else "",
        f"The score is {metric_name(question.metric, labels)}." if labels else "",
    ]
    if compared["pairs"].any():
        same, test = ("fold and seed", "the corrected t-test") if folded else ("seed", "exact sign-flip test")
        parts.append(
            f"Difference: {split} score minus the baseline's at the same {same}, each at its own tuned settings; "
            f"p: {test}, then corrected for all settings compared (Holm). The intervals of the differences are not "
            "corrected."
        )
    if compared["degenerate"].any():
        parts.append("†: some trials predicted one class only.")
    if compared["mixed_profiles"].any():
        parts.append("‡: mixes execution profiles, whose numbers agree only within a tolerance.")
    return " ".join(part for part in parts if part)


def _estimand(compared: pd.DataFrame, question: Question) -> str:
    """What means over folds estimate, and what their intervals rest on."""
    most = compared.sort_values(["folds", "seeds"]).iloc[-1]
    tuned = ", each fold tuned on its own validation split" if question.tuned else ""
    return (
        f"Cross-validation, {over(most)}{tuned}. A mean is over folds, each fold the mean of its seeds; it estimates "
        "the score, on texts like these, of what the whole procedure gives when it is run on as many texts as a fold "
        "trains on, not the score of one trained model. Folds share training texts, so their scores are not "
        "independent: 95% intervals and p are those of the corrected resampled t-test (Nadeau and Bengio 2003), with "
        "the variance of a mean over J folds taken as (1/J + texts tested on / texts trained on) s² and J − 1 degrees "
        "of freedom; where all folds agree there is none. No unbiased estimator of that variance exists (Bengio and "
        "Grandvalet 2004): read them as approximate."
    )


def costs(compared: pd.DataFrame) -> str:
    """What every setting costs: parameters, training time and memory, file size, latency. Unmeasured columns go."""
    names = settings_of(compared)
    columns = {
        "training (s)": [number(s, 1) for s in compared["train_seconds"]],
        "texts/s": [number(s) for s in compared["examples_per_second"]],
        "peak memory (MiB)": [number(b / 2**20) for b in compared["peak_memory_bytes"]],
        "saved (MiB)": [number(b / 2**20, 1) for b in compared["saved_bytes"]],
        **{
            f"latency, batch {size}{words} (ms/text)": _latencies(compared, f"latency_{size}{kind}")
            for kind, words in (("", ""), ("_unmerged", ", not merged"))
            for size in (1, 32)
        },
    }
    measured = {name: cells for name, cells in columns.items() if set(cells) != {"–"}}
    if not measured:
        return ""
    rows = [
        [*(value(row[name]) for name in names), *(cells[i] for cells in measured.values())]
        for i, (_, row) in enumerate(compared.iterrows())
    ]
    return table([*(code(name) for name in names), *measured], rows, text_columns=0)


def _latencies(compared: pd.DataFrame, column: str) -> list[str]:
    """Milliseconds with the 5th and 95th percentile over passes."""
    ends = zip(*(1000 * compared[f"{column}{end}"] for end in ("", "_low", "_high")), strict=True)
    return [
        number(middle, 2) + ("" if pd.isna(low) or pd.isna(high) else f" ({number(low, 2)}–{number(high, 2)})")
        for middle, low, high in ends
    ]


def _difference(row: pd.Series) -> str:
    text = signed(row["difference"], row["difference_low"], row["difference_high"])
    most = row["folds"] if unit(row) == "fold" else row["seeds"]
    return f"{text} (n = {row['pairs']})" if 0 < row["pairs"] < most else text


def _marks(row: pd.Series) -> str:
    return ("†" if row["degenerate"] else "") + ("‡" if row["mixed_profiles"] else "")
