"""What a comparison leaves out, counted and said in sentences."""

from __future__ import annotations

import pandas as pd

from analysis.arms import matches
from analysis.folder import points_of
from analysis.markdown import count, describe, listed
from analysis.replicates import in_folds
from analysis.tables import compared, grouped, settings_of
from study.question import Question

ENDS = {
    "failed": "failed",
    "diverged": "diverged (the loss stopped being finite)",
    "out_of_memory": "ran out of memory",
    "stopped": "was stopped by the scheduler",
}
PHASES = {"tune": "tuning", "compare": "comparison"}


def left_out(frame: pd.DataFrame, question: Question, folds: int = 0) -> list[str]:
    """One sentence per reason why a trial, seed, point or pair is not in the comparison; empty when it is whole.

    ``folds`` is how many folds the data have, 0 where they have none.
    """
    mine = frame[frame["question"] == question.name]
    trials, table = grouped(mine, question)
    return [
        *_ends(mine),
        *_points(table, question),
        *_replicates(trials, table, question, folds),
        *_unscored(compared(mine, question), question),
        *_lost(len(compared(mine, question)) - len(trials)),
        *_pairs(table, question),
    ]


def _ends(frame: pd.DataFrame) -> list[str]:
    sentences = []
    for phase, name in PHASES.items():
        trials = frame[frame["phase"] == phase]
        for status, words in ENDS.items():
            number = int((trials["status"] == status).sum())
            if number:
                sentences.append(f"{number} of {count(len(trials), f'{name} trial')} {words}.")
    return sentences


def _points(table: pd.DataFrame, question: Question) -> list[str]:
    """Whole points, or the baseline, without one finished comparison trial."""
    sentences = []
    points = points_of(question)
    absent = [point for point in points if not matches(table, point).any()]
    if absent:
        names = listed([describe(point) for point in absent])
        of = count(len(points), "point")
        sentences.append(f"{len(absent)} of {of} without a finished comparison trial: {names}.")
    if question.baseline and not table["is_baseline"].any() and len(table):
        sentences.append(
            f"The baseline ({describe(question.baseline)}) has no finished comparison trial, "
            "so no difference from it can be given."
        )
    return sentences


def _replicates(trials: pd.DataFrame, table: pd.DataFrame, question: Question, folds: int) -> list[str]:
    """Which seeds, or folds and seeds, settings are without."""
    names = settings_of(table)
    gaps: dict[str, list[str]] = {}
    for number, row in table.iterrows():
        setting = {name: row[name] for name in names if pd.notna(row[name])}
        if missing := _missing(trials[trials["row"] == number], question, folds):
            gaps.setdefault(missing, []).append(describe(setting))
    every = f"all {count(len(table), 'setting')}"
    return [
        f"Without {missing}: {every if len(settings) == len(table) > 1 else listed(settings)}."
        for missing, settings in gaps.items()
    ]


def _missing(trials: pd.DataFrame, question: Question, folds: int) -> str:
    """The seeds that a setting has no trial with, fold by fold where there are folds; empty where there are none."""
    if not in_folds(trials):
        return _seeds(set(trials["seed"]), question)
    gaps: dict[str, list[int]] = {}
    for fold in range(1, folds + 1):
        seen = set(trials.loc[trials["fold"] == fold, "seed"])
        if missing := _seeds(seen, question):
            gaps.setdefault(f"{missing} in " if seen else "", []).append(fold)
    return "; ".join(f"{seeds}{_folds(where, folds)}" for seeds, where in gaps.items())


def _folds(numbers: list[int], folds: int) -> str:
    every = len(numbers) == folds
    return "every fold" if every else f"fold{'s' * (len(numbers) > 1)} {', '.join(map(str, numbers))}"


def _seeds(seen: set[int], question: Question) -> str:
    missing = [str(seed) for seed in question.seeds if seed not in seen]
    return f"seed{'s' * (len(missing) > 1)} {', '.join(missing)}" if missing else ""


def _unscored(finished: pd.DataFrame, question: Question) -> list[str]:
    sentences = []
    for split, column in (("validation", question.metric), ("test", f"test_{question.metric}")):
        unscored = int(finished[column].isna().sum())
        if unscored:
            sentences.append(
                f"{unscored} of {count(len(finished), 'finished comparison trial')} without a {split} score."
            )
    return sentences


def _lost(trials: int) -> list[str]:
    """Candidates of a fold that another of its candidates beat on validation: the comparison takes one of each fold."""
    return [f"{count(trials, 'trial')} of candidates that were not their fold's best on validation."] if trials else []


def _pairs(table: pd.DataFrame, question: Question) -> list[str]:
    """Settings without a difference, and those whose difference rests on fewer seeds than their mean."""
    if not table["is_baseline"].any():
        return []
    others = table[~table["is_baseline"]]
    folded = bool(table["folds"].notna().any())
    what, most = ("fold", others["folds"]) if folded else ("seed", others["seeds"])
    sentences = []
    unpaired = int((others["pairs"] == 0).sum())
    if unpaired:
        sentences.append(f"{count(unpaired, 'setting')} not paired: no scored {what} in common with the baseline.")
    partly = int(((others["pairs"] > 0) & (others["pairs"] < most)).sum())
    if partly:
        sentences.append(
            f"{count(partly, 'setting')} paired on fewer {what}s than the mean beside it, for want of the baseline's."
        )
    return sentences
