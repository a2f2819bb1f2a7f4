"""The report's sections of one arm: each a list of Markdown blocks, empty where there is nothing to show."""

from __future__ import annotations

import pandas as pd

from analysis.ablation import ablation
from analysis.classes import per_class
from analysis.folder import Arm, Study
from analysis.frame import column_of
from analysis.markdown import (
    code,
    count,
    describe,
    escape,
    listed,
    number,
    p_value,
    percent,
    score,
    signed,
    table,
    value,
)
from analysis.metrics import METRIC_NAMES, metric_name
from analysis.mistakes import hardest_texts
from analysis.names import names_of
from analysis.replicates import estimate, over, unit
from analysis.report import render
from analysis.report.conclusion import setting_in_words
from analysis.tables import best_of, compared, grouped
from analysis.tuning import at_the_edge, tuned
from analysis.views.confusion import keys_of, panels
from study.question import Question

_SCORES = ("accuracy", "precision", "recall", "f1", "mcc")

SHOWN = 40
"""The most candidates a report lists; all of them are in trials.csv."""


def comparison(table: pd.DataFrame, arm: Arm) -> list[str]:
    """The table of scores and its legend."""
    if table.empty:
        return []
    question = arm.question
    return [render.comparison(table, question, best_of(table, question)), render.legend(table, question, arm.labels)]


def costs(table: pd.DataFrame) -> list[str]:
    """The table of costs, and the parameters where they are the same for every setting."""
    shown = render.costs(table) if len(table) else ""
    trainable, share = table["trainable_parameters"].dropna(), table["trainable_share"].dropna()
    same = f"Every setting trains {number(trainable.iloc[0])} parameters" if trainable.nunique() == 1 else ""
    same += f" ({percent(share.iloc[0])} of all)." if same and len(share) else "." * bool(same)
    note = (
        "Means over the finished comparison trials; latency: the median, and the 5th to 95th percentile over passes, "
    )
    note += "while no trial of the study ran."
    if table["latency_1_unmerged"].notna().any():
        note += " Not merged: the model as it was trained, before the low-rank updates were added into its weights."
    return [shown, note, same] if shown else []


def tuning(rows: pd.DataFrame, question: Question) -> list[str]:
    """What was tried with which mean validation score; what went on to the comparison is bold."""
    tries = tuned(rows, question)
    if tries.empty:
        return []
    seeds = sorted(rows.loc[rows["phase"] == "tune", "seed"].unique())
    domains = "; ".join(f"{code(name)} from {escape(domain)}" for name, domain in question.tuned.items())
    metric = METRIC_NAMES.get(question.metric, question.metric)
    plural = "s" if len(seeds) > 1 else ""
    said = f"{domains}. Validation {metric} on selection seed{plural} {', '.join(map(str, seeds))}, which no "
    said += "comparison uses; bold: compared. Scores that were selected on are optimistic."
    said += _edges(tries, question)
    if rows["fold"].notna().any():
        said += " Each fold tuned on its own: the scores are means over folds, and bold was compared in one or more."
    wide = [column_of(name) for name in question.tuned]
    if len(wide) == 1 and tries[wide[0]].nunique() <= 8 and question.factor_names:
        return [_pivot(tries, question, wide[0]), said]
    names = [name for name in tries.columns if name not in ("trials", "scored", "validation", "chosen")]
    listed = [
        _bold([*(value(row[name]) for name in names), score(row["validation"]), str(row["trials"])], row["chosen"])
        for _, row in tries.head(SHOWN).iterrows()
    ]
    more = f" {count(len(tries) - SHOWN, 'more candidate')} in trials.csv." if len(tries) > SHOWN else ""
    return [table([*map(code, names), f"validation {metric}", "trials"], listed, text_columns=0), said + more]


def on_the_front(figure: list[str]) -> list[str]:
    """What the figure of scores against costs shows, where it is there."""
    said = "Means with 95% intervals. Joined: no other setting costs less and scores as well, by these means; settings "
    said += "whose intervals overlap may change places. Settings of one cost stand side by side. White: the baseline."
    return [said] if figure else []


def scores(rows: pd.DataFrame, compared_table: pd.DataFrame, arm: Arm) -> list[str]:
    """Accuracy, precision, recall, F1 and MCC of the settings whose confusion matrices are shown."""
    found = panels(compared_table, arm.question)
    if not found:
        return []
    trials = grouped(rows, arm.question)[0]
    names = dict(zip(compared_table.index, names_of(compared_table, arm.question), strict=True))
    split = compared_table["split"].iloc[0]
    cells = []
    for title, row in found.items():
        mine = trials[trials["row"] == row.name]
        estimates = [estimate(mine, f"test_{m}" if split == "test" else m) for m in _SCORES]
        cells.append([title, escape(names[row.name]), *(score(one.mean, one.low, one.high) for one in estimates)])
    headers = ["", "setting", *(metric_name(metric, arm.labels) for metric in _SCORES)]
    return [table(headers, cells, text_columns=2), f"On the {split} split, means with 95% intervals."]


def ablated(rows: pd.DataFrame, question: Question) -> list[str]:
    """What each part of the recipe changes, both ways, as a table; nothing where there is no recipe to take apart."""
    found = ablation(rows, question) if len(rows) else pd.DataFrame()
    if found.empty:
        return []
    cells = [
        [
            escape(row["component"]),
            row["direction"],
            signed(row["difference"], row["low"], row["high"]),
            p_value(row["p"]),
            p_value(row["p_holm"]),
            str(row["n"]),
        ]
        for _, row in found.iterrows()
    ]
    metric, unit = metric_name(question.metric), "folds" if rows["fold"].notna().any() else "seeds"
    said = (
        f"Difference: what having the part changes in {found['split'].iloc[0]} {metric}, paired over {unit}, with its "
    )
    said += "95% interval. Added: the baseline with the part minus the baseline. Removed: the whole recipe minus the "
    said += f"recipe without the part. p is corrected for all {int((found['n'] > 0).sum())} differences (Holm). A part "
    said += "that adds alone and is not missed from the whole is done by the other parts as well."
    missing = int((found["n"] == 0).sum())
    said += f" {count(missing, 'difference')} not there yet: no pair of finished trials." if missing else ""
    headers = ["part", "", "difference", "p", "p (Holm)", "n"]
    return [table(headers, cells, text_columns=2), said]


def classes(study: Study, rows: pd.DataFrame, compared_table: pd.DataFrame, arm: Arm) -> list[str]:
    """Scores of every class for the baseline and the best setting, each over all its trials."""
    blocks = []
    trials = grouped(rows, arm.question)[0]
    for name, row in panels(compared_table, arm.question).items():
        scores = per_class(study, keys_of(trials, row), row["split"])
        if scores.empty:
            continue
        cells = [
            [escape(r["class"]), *(score(r[s]) for s in ("precision", "recall", "f1")), number(r["support"])]
            for _, r in scores.iterrows()
        ]
        how = "counts added up over" if unit(row) == "fold" else "mean of"
        blocks.append(
            f"{name.capitalize()} ({setting_in_words(row, compared_table)}), {row['split']}, {how} {over(row)}:"
        )
        blocks.append(table(["class", "precision", "recall", "F1", "texts"], cells))
    return blocks


def texts(study: Study, arm: Arm, rows: pd.DataFrame) -> list[str]:
    """The texts that most compared trials got wrong."""
    keys = list(compared(rows, arm.question)["key"])
    wrong = hardest_texts(study, arm, keys)
    if wrong.empty:
        return []
    cells = [
        [escape(r["text"], limit=200), escape(r["label"]), escape(r["predicted"]), f"{r['wrong']} of {r['trials']}"]
        for _, r in wrong.iterrows()
    ]
    where = "splits of all folds" if arm.of else "split"
    said = f"Of the {wrong['split'].iloc[0]} {where}, over all finished comparison trials; ties go to the text whose "
    said += "true class was given the lower probability."
    return [table(["text", "true class", "predicted", "wrong in"], cells, text_columns=3), said]


def _edges(tries: pd.DataFrame, question: Question) -> str:
    """A warning where what was chosen is the lowest or highest value tried."""
    chosen = int(tries["chosen"].sum())
    edges = [
        f"{describe({name: edge})} ({times} of {chosen} chosen)"
        for (name, edge), times in at_the_edge(tries, question).items()
    ]
    return f" At the edge of the values tried, so that a better one may lie beyond: {listed(edges)}." if edges else ""


def _pivot(tries: pd.DataFrame, question: Question, wide: str) -> str:
    """Points down, the one tuned setting across."""
    factors = [column_of(name) for name in question.factor_names]
    columns = sorted(tries[wide].dropna().unique())
    rows = []
    for point, same in tries.groupby(factors, dropna=False, sort=False):
        cells = {row[wide]: _bold([score(row["validation"])], row["chosen"])[0] for _, row in same.iterrows()}
        rows.append([*map(value, point), *(cells.get(column, "") for column in columns)])
    headers = [*map(code, factors), *(f"{code(wide)} = {value(column)}" for column in columns)]
    return table(headers, rows, text_columns=0)


def _bold(cells: list[str], bold: bool) -> list[str]:
    return [f"**{cell}**" for cell in cells] if bold else cells
