"""What a comparison leaves out, counted and said in sentences."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from analysis.folder import points_of
from analysis.frame import metric_column
from analysis.language import say
from analysis.markdown import count, describe, listed
from analysis.metrics import split_name
from analysis.points import points_without
from analysis.replicates import in_folds
from analysis.tables import compared, grouped, settings_of
from study.question import Question

_LISTED = 20
"""The most seeds that are named one by one."""


def left_out(frame: pd.DataFrame, question: Question, folds: int = 0) -> list[str]:
    """One sentence per reason why a trial, seed, point or pair is not in the comparison; empty when it is whole.

    ``folds`` is how many folds the data have, 0 where they have none.
    """
    asked = frame["question"] == question.name
    mine = frame if asked.all() else frame[asked]
    finished = compared(mine, question)
    trials, table = grouped(mine, question)
    return [
        *_ends(mine),
        *_points(table, question),
        *_replicates(trials, table, question, folds),
        *_unscored(finished, question),
        *_lost(len(finished) - len(trials)),
        *_pairs(table),
    ]


def _ends(frame: pd.DataFrame) -> list[str]:
    sentences = []
    for phase in ("screen", "tune", "compare"):
        ends = frame.loc[frame["phase"] == phase, "status"]
        trials = {
            "screen": count(len(ends), "screening trial"),
            "tune": count(len(ends), "tuning trial"),
            "compare": count(len(ends), "comparison trial"),
        }[phase]
        for status in ("failed", "diverged", "out_of_memory", "stopped"):
            number = int((ends == status).sum())
            if number:
                sentences.append(_end(status, number, trials))
    return sentences


def _end(status: str, number: int, trials: str) -> str:
    if status == "failed":
        return say("{number} of {trials} failed.", number=number, trials=trials)
    if status == "diverged":
        return say("{number} of {trials} diverged (the loss stopped being finite).", number=number, trials=trials)
    if status == "out_of_memory":
        return say("{number} of {trials} ran out of memory.", number=number, trials=trials)
    if number == 1:
        return say("1 of {trials} was stopped by the scheduler.", trials=trials)
    return say("{number} of {trials} were stopped by the scheduler.", number=number, trials=trials)


def _points(table: pd.DataFrame, question: Question) -> list[str]:
    """Whole points, or the baseline, without one finished comparison trial."""
    sentences = []
    points = points_of(question)
    absent = points_without(table, points)
    if absent:
        names = listed([describe(point) for point in absent])
        of = count(len(points), "point")
        sentences.append(
            say(
                "{number} of {points} without a finished comparison trial: {names}.",
                number=len(absent),
                points=of,
                names=names,
            )
        )
    if question.baseline and not table["is_baseline"].any() and len(table):
        sentences.append(
            say(
                "The baseline ({setting}) has no finished comparison trial, so no difference from it can be given.",
                setting=describe(question.baseline),
            )
        )
    return sentences


def _replicates(trials: pd.DataFrame, table: pd.DataFrame, question: Question, folds: int) -> list[str]:
    """Which seeds, or folds and seeds, settings are without."""
    asked = trials[trials["seed"].isin(list(question.seeds))]
    folded = in_folds(trials)
    seen = asked.drop_duplicates(["row", "fold", "seed"])["row"].value_counts().reindex(table.index, fill_value=0)
    lacking = table.index[seen < len(set(question.seeds)) * (max(1, folds) if folded else 1)]
    groups = dict(list(asked[asked["row"].isin(lacking)].groupby("row")[["seed", "fold"]]))
    nothing = asked.iloc[:0]
    settings = dict(zip(lacking, table.loc[lacking, settings_of(table)].to_dict("records"), strict=True))
    gaps: dict[str, list[str]] = {}
    for row in lacking:
        if missing := _missing(groups.get(row, nothing), question, folds if folded else 0):
            gaps.setdefault(missing, []).append(describe({str(name): v for name, v in settings[row].items()}))
    every = count(len(table), "setting")
    return [
        say("Without {missing}: all {settings}.", missing=missing, settings=every)
        if len(of) == len(table) > 1
        else say("Without {missing}: {settings}.", missing=missing, settings=listed(of))
        for missing, of in gaps.items()
    ] + _raced(question, bool(gaps))


def _raced(question: Question, some: bool) -> list[str]:
    """Why settings are without seeds where few were run first."""
    if question.first_seeds is None or not some:
        return []
    return [
        say(
            "More than the first {number} seeds ran only for settings that could still be the best on validation: the "
            "means of the others rest on fewer seeds and are a little low.",
            number=question.first_seeds,
        )
    ]


def _missing(trials: pd.DataFrame, question: Question, folds: int) -> str:
    """The seeds that a setting has no trial with, fold by fold where there are folds; empty where there are none."""
    if not folds:
        return _seeds(set(trials["seed"]), question)
    gaps: dict[str, list[int]] = {}
    for fold in range(1, folds + 1):
        seen = set(trials.loc[trials["fold"] == fold, "seed"])
        if missing := _seeds(seen, question):
            gaps.setdefault(missing if seen else "", []).append(fold)
    return "; ".join(
        say("{seeds} in {folds}", seeds=seeds, folds=_folds(where, folds)) if seeds else _folds(where, folds)
        for seeds, where in gaps.items()
    )


def _folds(numbers: list[int], folds: int) -> str:
    if len(numbers) == folds:
        return say("every fold")
    if len(numbers) == 1:
        return say("fold {number}", number=numbers[0])
    return say("folds {numbers}", numbers=_few(numbers))


def _seeds(seen: set[int], question: Question) -> str:
    missing = [seed for seed in question.seeds if seed not in seen]
    if len(missing) < 2:
        return say("seed {number}", number=missing[0]) if missing else ""
    return say("seeds {numbers}", numbers=_few(missing))


def _few(numbers: Sequence[int]) -> str:
    shown = ", ".join(map(str, numbers[:_LISTED]))
    more = len(numbers) - _LISTED
    return say("{shown} and {more} more", shown=shown, more=more) if more > 0 else shown


def _unscored(finished: pd.DataFrame, question: Question) -> list[str]:
    sentences = []
    for split in ("validation", "test"):
        column = metric_column(question.metric, split)
        unscored = int(finished[column].isna().sum())
        # that there is no test score at all is the conclusion's first sentence
        if unscored and (split == "validation" or unscored < len(finished)):
            trials = count(len(finished), "finished comparison trial")
            sentences.append(
                say(
                    "{number} of {trials} without a {split} score.",
                    number=unscored,
                    trials=trials,
                    split=split_name(split),
                )
            )
    return sentences


def _lost(trials: int) -> list[str]:
    """Candidates of a fold that another of its candidates beat on validation: the comparison takes one of each fold."""
    if not trials:
        return []
    return [say("{trials} of candidates that were not their fold's best on validation.", trials=count(trials, "trial"))]


def _pairs(table: pd.DataFrame) -> list[str]:
    """Settings without a difference, and those whose difference rests on fewer seeds than their mean."""
    if not table["is_baseline"].any():
        return []
    others = table[~table["is_baseline"]]
    folded = bool(table["folds"].notna().any())
    sentences = []
    if unpaired := int((others["pairs"] == 0).sum()):
        settings = count(unpaired, "setting")
        sentences.append(
            say("{settings} not paired: no scored fold in common with the baseline.", settings=settings)
            if folded
            else say("{settings} not paired: no scored seed in common with the baseline.", settings=settings)
        )
    most = others["test_n"].where(others["split"] == "test", others["validation_n"])
    if partly := int(((others["pairs"] > 0) & (others["pairs"] < most)).sum()):
        settings = count(partly, "setting")
        sentences.append(
            say(
                "{settings} paired on fewer folds than the mean beside it, for want of the baseline's.",
                settings=settings,
            )
            if folded
            else say(
                "{settings} paired on fewer seeds than the mean beside it, for want of the baseline's.",
                settings=settings,
            )
        )
    return sentences
