"""The report's sections of one arm: each a list of Markdown blocks, empty where there is nothing to show."""

from __future__ import annotations

import pandas as pd

from analysis.ablation import ablation
from analysis.classes import per_class
from analysis.folder import Arm, Study
from analysis.frame import metric_column
from analysis.language import say
from analysis.markdown import count, escape, number, p_value, percent, score, signed, table
from analysis.metrics import metric_name, split_name
from analysis.names import names_of
from analysis.replicates import FOLDS, estimate, over, unit
from analysis.report import render
from analysis.report.legend import legend, over_texts
from analysis.report.verdicts import setting_in_words
from analysis.resampled import Resampled
from analysis.tables import best_of, grouped
from analysis.views.confusion import keys_of, panels
from study.question import Question

_SCORES = ("accuracy", "precision", "recall", "f1", "mcc")


def comparison(table: pd.DataFrame, arm: Arm) -> list[str]:
    """The table of scores and its legend."""
    if table.empty:
        return []
    said = [legend(table, arm.question, arm.labels), render.further(table)]
    return [render.comparison(table, arm.question, best_of(table, arm.question)), " ".join(filter(None, said))]


def costs(table: pd.DataFrame, question: Question) -> list[str]:
    """The table of costs, and the parameters where they are the same for every setting."""
    shown = render.costs(table, question) if len(table) else ""
    if not shown:
        return []
    note = say("Means over the finished comparison trials.")
    if table[["latency_1", "latency_32"]].notna().any(axis=None):
        timed = say("Latency: the median, and the 5th to 95th percentile over passes, while no trial of the study ran.")
        note = f"{note} {timed}"
    if table["latency_1_unmerged"].notna().any():
        unmerged = say(
            "Not merged: the model as it was trained, before the low-rank updates were added into its weights."
        )
        note = f"{note} {unmerged}"
    return [shown, " ".join(filter(None, [note, render.further(table)])), _same_parameters(table)]


def _same_parameters(table: pd.DataFrame) -> str:
    """How many parameters every setting trains, where it is the same for all."""
    trainable, share = table["trainable_parameters"].dropna(), table["trainable_share"].dropna()
    if trainable.nunique() != 1:
        return ""
    amount = number(trainable.iloc[0])
    if share.empty:
        return say("Every setting trains {amount} parameters.", amount=amount)
    return say(
        "Every setting trains {amount} parameters ({share} of all).", amount=amount, share=percent(share.iloc[0])
    )


def scores(rows: pd.DataFrame, compared_table: pd.DataFrame, arm: Arm) -> list[str]:
    """Accuracy, precision, recall, F1 and MCC of the settings whose confusion matrices are shown."""
    found = panels(compared_table, arm.question)
    if not found:
        return []
    trials = grouped(rows, arm.question)[0]
    shown = compared_table.loc[[row.name for row in found.values()]]
    names = dict(zip(shown.index, names_of(shown, arm.question), strict=True))
    split = compared_table["split"].iloc[0]
    cells = []
    for title, row in found.items():
        mine = trials[trials["row"] == row.name]
        estimates = [estimate(mine, metric_column(m, split)) for m in _SCORES]
        cells.append([title, escape(names[row.name]), *(score(one.mean, one.low, one.high) for one in estimates)])
    headers = ["", say("setting"), *(metric_name(metric, arm.labels) for metric in _SCORES)]
    folded = rows["fold"].notna().any()
    said = (
        say("On the {split} split, means over folds with 95% intervals.", split=split_name(split))
        if folded
        else say(
            "On the {split} split, means with 95% t-intervals over seeds, on these very texts.", split=split_name(split)
        )
    )
    return [table(headers, cells, text_columns=2), said]


def ablated(rows: pd.DataFrame, question: Question, resampled: Resampled | None = None) -> list[str]:
    """What each part of the recipe changes, both ways, as a table; nothing where there is no recipe to take apart."""
    found = ablation(rows, question, resampled) if len(rows) else pd.DataFrame()
    if found.empty:
        return []
    cells = [
        [
            escape(row["component"]),
            row["direction"],
            render.starred(signed(row["difference"], row["low"], row["high"]), row["significant"]),
            p_value(row["p"]),
            p_value(row["p_holm"]),
            str(row["n"]),
        ]
        for _, row in found.iterrows()
    ]
    headers = [say("part"), "", say("difference"), "p", "p (Holm)", "n"]
    return [table(headers, cells, text_columns=2), " ".join(_of_ablation(found, question))]


def _of_ablation(found: pd.DataFrame, question: Question) -> list[str]:
    """What the table of the ablation means, sentence by sentence."""
    split, metric = split_name(found["split"].iloc[0]), metric_name(question.metric)
    folded = bool((found["estimand"] == FOLDS).any())
    said = [
        say(
            "Difference: what having the part changes in {split} {metric}, paired over folds, with its 95% interval.",
            split=split,
            metric=metric,
        )
        if folded
        else say(
            "Difference: what having the part changes in {split} {metric}, paired over seeds, with its 95% interval.",
            split=split,
            metric=metric,
        )
    ]
    said += [] if folded else [over_texts(found["estimand"].iloc[0])]
    said.append(
        say(
            "Added: the baseline with the part minus the baseline. Removed: the whole recipe minus the recipe "
            "without the "
            "part. p is corrected for all {number} differences (Holm). A part that adds alone and is not missed from "
            "the "
            "whole is done by the other parts as well.",
            number=int((found["n"] > 0).sum()),
        )
    )
    if found["significant"].any():
        said.append(say("Bold and \\*: significant, p (Holm) being at most 0.05 and zero outside the interval."))
    if missing := int((found["n"] == 0).sum()):
        said.append(
            say("{differences} not there yet: no pair of finished trials.", differences=count(missing, "difference"))
        )
    return said


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
        said = {
            "name": name[:1].upper() + name[1:],
            "setting": setting_in_words(row, compared_table, arm.question),
            "split": split_name(row["split"]),
            "trials": over(row),
        }
        blocks.append(
            say("{name} ({setting}), {split}, counts added up over {trials}:", **said)
            if unit(row) == "fold"
            else say("{name} ({setting}), {split}, mean of {trials}:", **said)
        )
        blocks.append(table([say("class"), say("precision"), say("recall"), "F1", say("texts")], cells))
    return blocks
