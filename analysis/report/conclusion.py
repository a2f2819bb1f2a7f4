"""The conclusion of one arm: sentences filled by its numbers, none stronger than its replicates allow."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from analysis.folder import compares_baseline
from analysis.frame import column_of
from analysis.language import say
from analysis.markdown import count, describe, p_is, percent, score, signed
from analysis.metrics import metric_name, split_name
from analysis.paired import baseline_of
from analysis.replicates import over, unit
from analysis.report.render import scored
from analysis.report.verdicts import needed, power, reach, setting_in_words, sides, verdicts, visible
from analysis.tables import best_of, recipe_of
from study.question import Question


def conclude(table: pd.DataFrame, question: Question, labels: Sequence[str] = (), folds: int = 0) -> list[str]:
    """What the comparison table of one model and data set says, one finding per sentence or two.

    ``folds`` is how many folds the data have, 0 where they have none.
    """
    best = best_of(table, question)
    if best is None:
        return [say("No finished comparison trial has a validation score yet, so there is nothing to compare.")]
    return [
        _best(best, table, question, labels),
        *_unfinished(table, folds),
        *_against_baseline(best, table, question),
        *_of_recipe(best, table, question),
        *verdicts(table, question),
        *reach(table, question),
        *power(table),
        *needed(best, table, question),
        *_warnings(table),
    ]


def _best(best: pd.Series, table: pd.DataFrame, question: Question, labels: Sequence[str]) -> str:
    numbers = {
        "setting": setting_in_words(best, table, question),
        "metric": metric_name(question.metric, labels),
        "score": score(best["validation"], best["validation_low"], best["validation_high"]),
        "over": over(best),
    }
    if pd.isna(best["test"]):
        return say(
            "Best on validation: {setting}, mean validation {metric} {score} over {over}. There is no test score yet.",
            **numbers,
        )
    sentence = say(
        "Best on validation: {setting}, mean validation {metric} {score} over {over}; on test {test}.",
        test=scored(best, "test"),
        **numbers,
    )
    if unit(best) == "fold":
        return f"{sentence} {say('One fold gives no interval.')}" if best["folds"] == 1 else sentence
    return f"{sentence} {say('One seed gives no interval.')}" if best["seeds"] == 1 else sentence


def _unfinished(table: pd.DataFrame, folds: int) -> list[str]:
    fewest = int(table["folds"].fillna(0).min())
    if fewest >= folds:
        return []
    return [
        say(
            "Not every fold has been compared: some settings rest on {some} of {folds} folds so far.",
            some=fewest,
            folds=folds,
        )
    ]


def _against_baseline(best: pd.Series, table: pd.DataFrame, question: Question) -> list[str]:
    if not question.baseline:
        return []
    if best["is_baseline"]:
        return [say("This is the baseline itself: no other setting was better on validation.")]
    baseline = describe(question.baseline)
    base = baseline_of(best, table, question)
    if not best["pairs"] or base is None:
        return [_unpaired(best, question, baseline)]
    split, pairs = best["split"], int(best["pairs"])
    numbers = {
        "setting": describe({**question.baseline, **_own(base, table, question)}),
        "split": split_name(split),
        "score": score(base[split], base[f"{split}_low"], base[f"{split}_high"]),
        "difference": signed(best["difference"], best["difference_low"], best["difference_high"]),
        "pairs": count(pairs, unit(best)),
    }
    if pairs == 1 or pd.isna(best["difference_low"]):
        found = say(
            "Against the baseline ({setting}; {split} {score}) its paired {split} difference is {difference} over "
            "{pairs}.",
            **numbers,
        )
        return [f"{found} {_no_interval(best, pairs)}"]
    found = say(
        "Against the baseline ({setting}; {split} {score}) its paired {split} difference is {difference} over {pairs}, "
        "{p}.",
        p=p_is(best["p"]),
        **numbers,
    )
    return [f"{found} {_verdict(best, question)}"]


def _of_recipe(best: pd.Series, table: pd.DataFrame, question: Question) -> list[str]:
    """The whole recipe against the baseline, where the question takes one apart and it is not the best itself."""
    recipe = recipe_of(table, question)
    base = None if recipe is None else baseline_of(recipe, table, question)
    if recipe is None or base is None or recipe.name == best.name or pd.isna(recipe["difference_low"]):
        return []
    split = recipe["split"]
    found = say(
        "The whole recipe: {split} {score}, which against the baseline is {difference} over {pairs}, {p}.",
        split=split_name(split),
        score=score(recipe[split], recipe[f"{split}_low"], recipe[f"{split}_high"]),
        difference=signed(recipe["difference"], recipe["difference_low"], recipe["difference_high"]),
        pairs=count(int(recipe["pairs"]), unit(recipe)),
        p=p_is(recipe["p"]),
    )
    share = recipe["trainable_parameters"] / base["trainable_parameters"]
    trains = say("It trains {share} of the baseline's parameters.", share=percent(share)) if share < 1 else ""
    return [" ".join(filter(None, [found, _verdict(recipe, question, selected=False), trains]))]


def _own(base: pd.Series, table: pd.DataFrame, question: Question) -> dict[str, object]:
    """The compared settings that tell this baseline from the others, where there are several."""
    columns = [column_of(name) for name in question.factor_names if column_of(name) in table]
    several = table.loc[table["is_baseline"], columns].nunique() > 1
    return {name: base[name] for name in columns if several[name]}


def _unpaired(best: pd.Series, question: Question, baseline: str) -> str:
    if not compares_baseline(question):
        return say(
            "It cannot be compared with the baseline ({setting}): that is not among the values compared; add it to "
            "them.",
            setting=baseline,
        )
    if unit(best) == "fold":
        return say("It cannot be compared with the baseline ({setting}): they share no scored fold.", setting=baseline)
    return say("It cannot be compared with the baseline ({setting}): they share no scored seed.", setting=baseline)


def _no_interval(best: pd.Series, pairs: int) -> str:
    if unit(best) == "fold":
        return (
            say("One pair says nothing about other folds.")
            if pairs == 1
            else say("It is the same in every fold, so that there is no interval.")
        )
    return say("One pair says nothing about other seeds.")


def _verdict(row: pd.Series, question: Question, selected: bool = True) -> str:
    """What the interval of a row's difference says; ``selected`` on validation, or compared whatever that said."""
    side = int(sides(row.to_frame().T, question).iloc[0])
    if side > 0:
        return say("The whole interval is on the better side.")
    if side < 0:
        return (
            say("The whole interval is on the worse side: what validation selected did not hold on test.")
            if selected and row["split"] == "test"
            else say("The whole interval is on the worse side.")
        )
    return say(
        "The interval includes zero: no difference is found. One beyond about ±{visible} would have been visible.",
        visible=visible(row.to_frame().T),
    )


def _warnings(table: pd.DataFrame) -> list[str]:
    degenerate, trials = int(table["degenerate"].sum()), int(table["trials"].sum())
    sentences = []
    if degenerate:
        sentences.append(
            say(
                "{number} of {trials} predicted one class only; the means include them.",
                number=degenerate,
                trials=count(trials, "compared trial"),
            )
        )
    if table["mixed_profiles"].any():
        sentences.append(say("Some means or differences mix execution profiles, which agree only within a tolerance."))
    return sentences
