"""What the comparison table's columns and marks mean, and what its intervals are for."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from analysis.language import say
from analysis.markdown import number
from analysis.metrics import METRIC_NAMES, metric_name, split_name
from analysis.replicates import FOLDS, TEXTS, over
from analysis.resampled import MOST
from study.question import Question


def legend(compared: pd.DataFrame, question: Question, labels: Sequence[str] = ()) -> str:
    """What the comparison table's columns and marks mean, as one paragraph."""
    folded = bool(compared["folds"].notna().any())
    parts = [_folds(compared, question) if folded else _intervals(compared, question)]
    if not folded and (compared["seeds"] == 1).any():
        parts.append(say("One seed has no interval."))
    if not folded and not _with_intervals(compared):
        parts.append(say("They estimate what the recipe scores with other seeds, on these very texts."))
    if labels:
        parts.append(say("The score is {metric}.", metric=metric_name(question.metric, labels)))
    if compared["pairs"].any():
        parts.append(_differences(compared, folded))
    if compared["significant"].any():
        parts.append(say("Bold and \\*: significant, p (Holm) being at most 0.05 and zero outside the interval."))
    if compared["degenerate"].any():
        parts.append(say("†: some trials predicted one class only."))
    if compared["mixed_profiles"].any():
        parts.append(say("‡: mixes execution profiles, whose numbers agree only within a tolerance."))
    return " ".join(parts)


def over_texts(estimand: str) -> str:
    """What 95% intervals over seeds are for, in a sentence: other texts too, or these very texts."""
    if estimand == TEXTS:
        return say(
            "The 95% intervals are over seeds and texts: they are for the recipe with other seeds, on other texts like "
            "these."
        )
    return say("The 95% intervals are over seeds: they are for the recipe with other seeds, on these very texts.")


def over_what(estimand: str) -> str:
    """What 95% intervals are for, in a sentence, of folds too."""
    if estimand == FOLDS:
        return say("95% intervals are those of the corrected resampled t-test over folds.")
    return over_texts(estimand)


def _with_intervals(compared: pd.DataFrame) -> list[str]:
    """The splits of which there is an interval."""
    return [split for split in ("validation", "test") if compared[f"{split}_low"].notna().any()]


def _intervals(compared: pd.DataFrame, question: Question) -> str:
    scored = _with_intervals(compared)
    wide = [split for split in scored if compared[f"{split}_estimand"].iloc[0] == TEXTS]
    if not scored:
        return say("Means over seeds.")
    if not wide:
        return say(
            "Means over seeds with 95% t-intervals. They are for the recipe with other seeds, on these very texts; "
            "they "
            "do not cover the choice of the texts: {why}.",
            why=_why(compared, question),
        )
    if len(wide) == len(scored):
        return say(
            "Means over seeds with 95% intervals over seeds and texts: they are for the recipe with other seeds, on "
            "other texts like these (seeds by t, texts drawn anew from the predictions)."
        )
    return say(
        "Means over seeds with 95% intervals. Those of {split} scores are over seeds and texts, for the recipe with "
        "other seeds, on other texts like these; those of {other} scores are over seeds, on these very texts; they do "
        "not cover the choice of the texts: {why}.",
        split=split_name(wide[0]),
        other=split_name(next(split for split in scored if split not in wide)),
        # the estimand was asked for, as the other split shows: what is missing is predictions
        why=say("that takes predictions of the same texts from every trial"),
    )


def _why(compared: pd.DataFrame, question: Question) -> str:
    """Why intervals do not cover the choice of the texts."""
    if question.metric not in METRIC_NAMES:
        return say("this score cannot be computed anew from predictions")
    if compared["trials"].sum() > MOST:
        return say("that is done for up to {most} trials", most=number(MOST))
    return say("that takes the estimand `texts`, and predictions of the same texts from every trial")


def _differences(compared: pd.DataFrame, folded: bool) -> str:
    split = split_name(compared["split"].iloc[0])
    if folded:
        return say(
            "Difference: {split} score minus the baseline's at the same fold and seed, each at its own tuned settings; "
            "p: the corrected t-test, then corrected for all settings compared (Holm). The intervals of the "
            "differences are not corrected.",
            split=split,
        )
    return say(
        "Difference: {split} score minus the baseline's at the same seed, each at its own tuned settings, with an "
        "interval of the same kind; p: exact sign-flip test over the seeds on these very texts, then corrected for all "
        "settings compared (Holm). The intervals of the differences are not corrected.",
        split=split,
    )


def _folds(compared: pd.DataFrame, question: Question) -> str:
    """What means over folds estimate, and what their intervals rest on."""
    most = over(compared.sort_values(["folds", "seeds"]).iloc[-1])
    first = (
        say("Cross-validation, {folds}, each fold tuned on its own validation split.", folds=most)
        if question.tuned
        else say("Cross-validation, {folds}.", folds=most)
    )
    rest = say(
        "A mean is over folds, each fold the mean of its seeds; it estimates "
        "the score, on texts like these, of what the whole procedure gives when it is run on as many texts as a fold "
        "trains on, not the score of one trained model. Folds share training texts, so their scores are not "
        "independent: 95% intervals and p are those of the corrected resampled t-test (Nadeau and Bengio 2003), with "
        "the variance of a mean over J folds taken as (1/J + texts tested on / texts trained on) s² and J − 1 degrees "
        "of freedom; where all folds agree there is none. No unbiased estimator of that variance exists (Bengio and "
        "Grandvalet 2004): read them as approximate."
    )
    return f"{first} {rest}"
