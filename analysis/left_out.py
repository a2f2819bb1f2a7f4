"""What a comparison leaves out, counted and said in sentences."""

from __future__ import annotations

import pandas as pd

from analysis.arms import matches
from analysis.folder import points_of
from analysis.markdown import count, describe, listed
from analysis.tables import compare, settings_of
from study.question import Question

ENDS = {
    "failed": "failed",
    "diverged": "diverged (the loss stopped being finite)",
    "out_of_memory": "ran out of memory",
    "stopped": "was stopped by the scheduler",
}
PHASES = {"tune": "tuning", "compare": "comparison"}


def left_out(frame: pd.DataFrame, question: Question) -> list[str]:
    """One sentence per reason why a trial, seed, point or pair is not in the comparison; empty when it is whole."""
    mine = frame[frame["question"] == question.name]
    table = compare(mine, question)
    return [*_ends(mine), *_points(table, question), *_seeds(mine, table, question), *_pairs(table, question)]


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


def _seeds(frame: pd.DataFrame, table: pd.DataFrame, question: Question) -> list[str]:
    names = settings_of(table)
    finished = frame[(frame["phase"] == "compare") & (frame["status"] == "finished")]
    gaps: dict[str, list[str]] = {}
    for _, row in table.iterrows():
        setting = {name: row[name] for name in names if pd.notna(row[name])}
        same = finished[(finished["model"] == row["model"]) & (finished["data"] == row["data"])]
        seen = set(same.loc[matches(same, setting), "seed"])
        missing = ", ".join(str(seed) for seed in question.seeds if seed not in seen)
        if missing:
            gaps.setdefault(missing, []).append(describe(setting))
    sentences = []
    for missing, settings in gaps.items():
        every = f"all {count(len(table), 'setting')}"
        where = every if len(settings) == len(table) > 1 else listed(settings)
        sentences.append(f"Without seed{'s' * (',' in missing)} {missing}: {where}.")
    for split, column in (("validation", question.metric), ("test", f"test_{question.metric}")):
        unscored = int(finished[column].isna().sum())
        if unscored:
            sentences.append(
                f"{unscored} of {count(len(finished), 'finished comparison trial')} without a {split} score."
            )
    return sentences


def _pairs(table: pd.DataFrame, question: Question) -> list[str]:
    """Settings without a difference, and those whose difference rests on fewer seeds than their mean."""
    if not table["is_baseline"].any():
        return []
    others = table[~table["is_baseline"]]
    sentences = []
    unpaired = int((others["pairs"] == 0).sum())
    if unpaired:
        sentences.append(f"{count(unpaired, 'setting')} not paired: no scored seed in common with the baseline.")
    partly = int(((others["pairs"] > 0) & (others["pairs"] < others["seeds"])).sum())
    if partly:
        sentences.append(
            f"{count(partly, 'setting')} paired on fewer seeds than the mean beside it, for want of the baseline's."
        )
    return sentences
