"""Errors in the report: texts that all get wrong, what one setting rescues and breaks, and where errors are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from analysis.error_groups import accuracy_by_group
from analysis.errors import BASELINE, BEST, Errors, Side, agreement, hardest
from analysis.folder import Study
from analysis.language import say
from analysis.markdown import count, escape, number, p_value, percent, score, signed, table, value
from analysis.metrics import split_name
from analysis.predicted import SURE
from analysis.ranges import POSSIBLE, estimate_within
from analysis.replicates import FOLDS, SEEDS
from analysis.report.legend import over_what
from analysis.rescued import by_majority, changed_texts, pairs
from analysis.stats import fold_interval, mean_interval

MOST = 10
"""The most texts, or seeds, that a table lists."""

LONG = 200
"""The characters of a text that are shown."""


def section(errors: Errors | None, study: Study, figure: Sequence[str] = ()) -> list[str]:
    """The tables of errors and their legends, with the figure of accuracies by group; empty without predictions."""
    if errors is None:
        return []
    blocks = [*_agreement(errors), *_hardest(errors, study)]
    baseline, best = errors.sides.get(BASELINE), errors.sides.get(BEST)
    if baseline and best:
        blocks += _pairs(errors, baseline, best) + _changed(errors, study, baseline, best)
    blocks += _groups(errors, study, figure) + _sureness(errors)
    if errors.left_out:
        blocks.append(
            say(
                "Left out of this section: {trials} whose predictions were not kept, or are of other texts.",
                trials=count(errors.left_out, "compared trial"),
            )
        )
    return blocks


def _agreement(errors: Errors) -> list[str]:
    found = agreement(errors)
    said = {
        "right": say("right in every trial"),
        "mixed": say("right in some"),
        "wrong": say("wrong in every trial"),
    }
    cells = [
        [said[row["outcome"]], number(row["texts"]), percent(row["share"]), percent(row["by_chance"], 1)]
        for row in found.to_dict("records")
    ]
    headers = [say("outcome"), say("texts"), say("share"), say("share by chance")]
    legend = say(
        "Of the {texts} of the {split} split, in {trials}. By chance: if each trial, at its own rate of errors, erred "
        "on texts of its own. What all get wrong beyond that is hard for all of them, or wrongly labelled.",
        texts=count(errors.texts, "text"),
        split=split_name(errors.split),
        trials=count(errors.trials, "compared trial"),
    )
    if errors.folds:
        legend += " " + say("Each text is tested by the trials of its own fold.")
    return [table(headers, cells), legend]


def _hardest(errors: Errors, study: Study) -> list[str]:
    found = hardest(errors, study, MOST)
    if found.empty:
        return []
    cells = [
        [
            escape(row["text"], limit=LONG),
            escape(row["label"]),
            escape(row["predicted"]),
            say("{wrong} of {trials}", wrong=number(row["wrong"]), trials=number(row["trials"])),
            score(row["sure"]),
        ]
        for row in found.to_dict("records")
    ]
    headers = [say("text"), say("true class"), say("predicted"), say("wrong in"), say("probability of the true class")]
    legend = say("The texts most often wrong; of equals those whose true class was given the lower mean probability.")
    return [table(headers, cells, text_columns=3), legend]


def _pairs(errors: Errors, baseline: Side, best: Side) -> list[str]:
    every = pairs(baseline, best)
    if every.empty:
        return []
    fold = {data: str(place) for place, data in enumerate(errors.counts, start=1)}
    names = [
        say("fold {fold}, seed {seed}", fold=fold[row["data"]], seed=row["seed"])
        if errors.folds
        else say("seed {seed}", seed=row["seed"])
        for row in every.to_dict("records")
    ]
    cells = [_counts(name, row) for name, row in zip(names, every.to_dict("records"), strict=True)][:MOST]
    if len(every) > len(fold):
        cells.append(_counts(say("majority of the seeds"), by_majority(baseline, best).to_dict()))
    elif errors.folds:
        cells.append(_counts(say("all folds"), by_majority(baseline, best).to_dict()))
    headers = ["", say("both right"), say("rescued"), say("broken"), say("both wrong"), say("p (McNemar)")]
    legend = say(
        "Rescued: right with {best}, wrong with {baseline}; broken: the other way round. p is McNemar's exact one, of "
        "these very models on texts like these: rows share their texts, so that their p are not to be combined, and "
        "nothing is said of other seeds.",
        best=escape(best.name),
        baseline=escape(baseline.name),
    )
    if len(every) > MOST:
        legend += " " + say("{pairs} not shown.", pairs=count(len(every) - MOST, "pair"))
    return [table(headers, cells), legend]


def _counts(name: str, row: Mapping[Any, Any]) -> list[str]:
    amounts = [number(row[key]) for key in ("both_right", "rescued", "broken", "both_wrong")]
    return [name, *amounts, p_value(row["p"])]


def _changed(errors: Errors, study: Study, baseline: Side, best: Side) -> list[str]:
    found = changed_texts(errors, study, baseline, best, MOST // 2)
    if found.empty:
        return []
    change = {"rescued": say("rescued"), "broken": say("broken")}
    cells = [
        [
            change[row["change"]],
            escape(row["text"], limit=LONG),
            escape(row["label"]),
            _wrong(row, "baseline"),
            _wrong(row, "other"),
        ]
        for row in found.to_dict("records")
    ]
    headers = [
        "", say("text"), say("true class"), say("wrong with {name}", name=escape(baseline.name)),
        say("wrong with {name}", name=escape(best.name)),
    ]  # fmt: skip
    legend = say("The texts most clearly rescued and broken, of those on which the majorities of the seeds differ.")
    return [table(headers, cells, text_columns=3), legend]


def _wrong(row: Mapping[Any, Any], side: str) -> str:
    return say("{wrong} of {trials}", wrong=number(row[f"{side}_wrong"]), trials=number(row[f"{side}_trials"]))


def _groups(errors: Errors, study: Study, figure: Sequence[str]) -> list[str]:
    found = accuracy_by_group(errors, study)
    if found.empty:
        return []
    names = {role: escape(side.name) for role, side in errors.sides.items()}
    roles = [role for role in (BASELINE, BEST, "difference") if (found["role"] == role).any()]
    words = {"words": say("words"), "characters": say("characters"), "": say("class")}
    cells = []
    for (_, unit, group), same in found.groupby(["kind", "unit", "group"], sort=False):
        one = same.set_index("role")
        low, high, texts = one[["low_end", "high_end", "texts"]].iloc[0]
        name = escape(group) if unit == "" else f"{value(low)}–{value(high)}"
        shown = [_accuracy(role, one.loc[role].to_dict()) for role in roles]
        cells.append([words[str(unit)], name, number(texts), *shown])
    headers = ["", "", say("texts"), *(names.get(role, say("difference")) for role in roles)]
    return [*figure, table(headers, cells, text_columns=2), _accuracy_of(errors)]


def _accuracy(role: str, row: Mapping[Any, Any]) -> str:
    ends = row["mean"], row["low"], row["high"]
    return signed(*ends) if role == "difference" else score(*ends)


def _accuracy_of(errors: Errors) -> str:
    split = split_name(errors.split)
    if errors.folds:
        said = say("Accuracy in parts of the {split} splits, with 95% intervals over folds.", split=split)
    else:
        said = say(
            "Accuracy in parts of the {split} split, with 95% intervals over seeds and texts like these.", split=split
        )
    return f"{said} " + say("Lengths are quarters of the texts. These intervals are not corrected for their number.")


def _sureness(errors: Errors) -> list[str]:
    cells = []
    for side in errors.sides.values():
        if side.sureness["right"].isna().all():
            continue
        cells.append([escape(side.name), *(_mean(side.sureness, name, errors) for name in ("right", "wrong", "sure"))])
    if not cells:
        return []
    headers = [
        say("probability of the class predicted"),
        say("when right"),
        say("when wrong"),
        say("errors with {probability} or more", probability=value(SURE)),
    ]
    legend = say("Means over trials, with 95% intervals: how sure the models are of what they get wrong.")
    legend += " " + over_what(FOLDS if errors.folds else SEEDS)
    return [table(headers, cells), legend]


def _mean(sureness: pd.DataFrame, name: str, errors: Errors) -> str:
    known = sureness.dropna(subset=[name])
    if errors.folds:
        found = fold_interval(known.groupby("data")[name].mean(), errors.ratio)
    else:
        found = mean_interval(known[name])
    # a probability, as an accuracy is one
    kept = estimate_within(found, POSSIBLE["accuracy"])
    return score(kept.mean, kept.low, kept.high)
