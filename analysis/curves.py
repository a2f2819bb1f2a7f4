"""Learning curves: what every trial scored at each of its evaluations while it trained."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from analysis.folder import Study, read_study
from analysis.frame import METRICS, frame_of, metric_column, setting_columns
from analysis.replicates import in_folds
from analysis.tables import grouped
from study.question import Question
from study.record import Record

POINT = ("evaluation", "step", "epoch", "train_loss", *METRICS)
"""What is known of an evaluation: its number from 1, when it was, and the losses and scores."""

AT = "curve."
"""Before the names of POINT in a frame that also has the trials' final scores."""

ENDINGS = ("row", "trials", "best_epoch", "best_loss", "last_train_loss", "last_loss", "gap")


def load_curves(folder: str | Path) -> pd.DataFrame:
    """One row per trial and evaluation of the study in a folder, in the order of keys and steps.

    Columns: key, question, phase, status, seed, model, data, fold; one per setting; evaluation (its number, from 1),
    step and epoch; train_loss (the mean since the evaluation before, as it was minimised), and the validation scores,
    those of other names as ``metric.NAME``.
    A setting called as one of these is ``setting.NAME``. Trials that left no evaluation have no row.
    """
    return curves_of(read_study(folder))


def curves_of(study: Study) -> pd.DataFrame:
    """The learning curves of a study already read (see ``load_curves``)."""
    frame = frame_of(study)
    settings = setting_columns(frame)
    taken = {name: f"setting.{name}" for name in settings if name in POINT}
    kept = frame[["key", "question", "phase", "status", "seed", "model", "data", "fold", *settings]]
    return kept.rename(columns=taken).merge(_points(study.records[key] for key in frame["key"]), on="key")


def with_curves(study: Study, frame: pd.DataFrame) -> pd.DataFrame:
    """The trials of a frame with their curves: one row per trial and evaluation, its values as ``curve.NAME``."""
    points = _points(study.records[key] for key in frame["key"])
    return frame.merge(points.rename(columns={name: f"{AT}{name}" for name in points if name != "key"}), on="key")


def shared_evaluations(curves: pd.DataFrame) -> pd.DataFrame:
    """The rows of one setting's curves (see ``with_curves``) at evaluations that every one of its trials reached.

    Beyond them a mean would be over those trials alone that went on, which early stopping chooses by their scores.
    """
    reached = curves.groupby(f"{AT}evaluation")["key"].transform("nunique")
    return curves[reached == curves["key"].nunique()]


def endings(curves: pd.DataFrame, question: Question) -> pd.DataFrame:
    """One row per setting compared: row (in the comparison), trials, and means over trials of how training went.

    best_epoch: when the validation score of ``question.metric`` was best, the first time; best_loss: the lowest
    validation loss; last_train_loss and last_loss: at the last evaluation; gap: last_loss - last_train_loss. In folds
    every trial counts the same. ``curves``: see ``with_curves``.
    """
    trials = grouped(trials_of(curves), question)[0]
    if trials.empty:
        return pd.DataFrame(columns=list(ENDINGS))
    found = trials[["row", "key"]].merge(_endings(curves, question), left_on="key", right_index=True).groupby("row")
    return found[list(ENDINGS[2:])].mean().assign(trials=found.size()).reset_index()[list(ENDINGS)]


def trials_of(curves: pd.DataFrame) -> pd.DataFrame:
    """The trials' frame that curves were joined to (see ``with_curves``)."""
    return curves.drop(columns=[name for name in curves if str(name).startswith(AT)]).drop_duplicates(
        "key", ignore_index=True
    )


def unequal(curves: pd.DataFrame, question: Question) -> int:
    """How many settings compared have trials of different lengths."""
    trials = grouped(trials_of(curves), question)[0]
    lengths = curves.groupby("key")[f"{AT}evaluation"].max()
    return int((trials.assign(length=trials["key"].map(lengths)).groupby("row")["length"].nunique() > 1).sum())


def over_words(curves: pd.DataFrame) -> str:
    """What a setting's mean is over: "fold" or "seed"."""
    return "fold" if in_folds(curves) else "seed"


def _points(records: Iterable[Record]) -> pd.DataFrame:
    rows = [
        {"key": record.key, "evaluation": number}
        | {name if name in POINT else metric_column(name): amount for name, amount in point.items() if _number(amount)}
        for record in records
        for number, point in enumerate(record.curve, start=1)
    ]
    names = dict.fromkeys(("key", *POINT, *(name for row in rows for name in row)))
    points = pd.DataFrame(rows, columns=list(names))
    return points.astype(dict.fromkeys(names, "float64") | {"key": "str", "evaluation": "int64"})


def _number(amount: object) -> bool:
    return isinstance(amount, (int, float)) and not isinstance(amount, bool)


def _endings(curves: pd.DataFrame, question: Question) -> pd.DataFrame:
    """The numbers of ENDINGS of every trial, by its key."""
    sign = -1 if question.lower_is_better else 1
    scored = curves.assign(rank=sign * curves[AT + metric_column(question.metric)]).dropna(subset=["rank"])
    best = scored.sort_values(["key", "rank", f"{AT}evaluation"], ascending=[True, False, True]).drop_duplicates("key")
    last = curves.sort_values(["key", f"{AT}evaluation"]).drop_duplicates("key", keep="last").set_index("key")
    return pd.DataFrame(
        {
            "best_epoch": best.set_index("key")[f"{AT}epoch"],
            "best_loss": curves.groupby("key")[f"{AT}loss"].min(),
            "last_train_loss": last[f"{AT}train_loss"],
            "last_loss": last[f"{AT}loss"],
            "gap": last[f"{AT}loss"] - last[f"{AT}train_loss"],
        }
    )
