"""Answers: what the trials of each arm say, worked out once and then written, drawn or explored."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from analysis.arms import rows_of
from analysis.classes import cells_of
from analysis.curves import with_curves
from analysis.error_groups import accuracy_by_group
from analysis.errors import Errors, examine
from analysis.folder import Arm, Study
from analysis.frame import frame_of
from analysis.pretraining import PretrainedBody, bodies_of, perplexities
from analysis.replicates import SEEDS, TEXTS
from analysis.resampled import Resampled, resample
from analysis.tables import compare, compared
from study.errors import InputError, unknown

ESTIMANDS = {
    TEXTS: "the expected score over seeds, on texts like these",
    SEEDS: "the expected score over seeds, on these very texts",
}
"""What means and intervals are of, by name."""


@dataclass(frozen=True)
class Answer:
    """One arm with its trials, their scores on texts drawn anew (where asked for and there), and their comparison."""

    study: Study
    arm: Arm
    rows: pd.DataFrame
    resampled: Resampled | None
    table: pd.DataFrame

    @cached_property
    def curves(self) -> pd.DataFrame:
        """The trials with their learning curves, a row per evaluation."""
        return with_curves(self.study, self.rows)

    @cached_property
    def cells(self) -> pd.DataFrame:
        """The trials with their confusion counts, a row per cell."""
        return cells_of(self.study, self.rows)

    @cached_property
    def errors(self) -> Errors | None:
        """Which texts the compared trials got wrong; None where their predictions were not kept."""
        return examine(self.study, self.arm, self.rows)

    @cached_property
    def groups(self) -> pd.DataFrame:
        """Accuracies by length and by class; empty without predictions."""
        return accuracy_by_group(self.errors, self.study) if self.errors else pd.DataFrame()

    @cached_property
    def bodies(self) -> list[PretrainedBody]:
        """The bodies that the trials' own were pre-trained further to."""
        return bodies_of(self.study, self.rows)

    @cached_property
    def perplexities(self) -> pd.DataFrame:
        """The bodies' perplexities before and after, a row per kind of text; empty where none was pre-trained."""
        return perplexities(self.bodies)

    def seen(self, kind: str) -> pd.DataFrame:
        """The frame that a view reads (see ``View.rows``): trials, cells, curves, groups or perplexities."""
        return self.rows if kind == "trials" else getattr(self, kind)


def answers_of(study: Study, estimand: str = TEXTS, frame: pd.DataFrame | None = None) -> list[Answer]:
    """The answer of every arm of a study; ``estimand`` "texts" or "seeds" says what intervals are to cover.

    "texts" needs predictions of all compared trials on the same texts; an arm without them covers seeds alone, which
    its table says. An unknown estimand is an InputError.
    """
    if estimand not in ESTIMANDS:
        raise InputError(unknown("estimand", estimand, ESTIMANDS))
    every = frame_of(study) if frame is None else frame
    found = []
    for arm in study.arms:
        rows = rows_of(arm, study.arms, every)
        keys = list(compared(rows, arm.question)["key"])
        drawn = resample(study, arm, keys, arm.question.metric) if estimand == TEXTS else None
        found.append(Answer(study, arm, rows, drawn, compare(rows, arm.question, drawn)))
    return found
