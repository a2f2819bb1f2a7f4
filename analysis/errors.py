"""Errors text by text: what every trial gets wrong, and what the baseline and its rival make of it.

The rival is the whole recipe where the question takes one apart, else the best other setting on validation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from analysis.folder import Arm, Study
from analysis.names import names_of
from analysis.predicted import SURE, Counts, Predicted, read
from analysis.tables import best_of, grouped, recipe_of
from analysis.texts import read_rows
from study.question import Question

BASELINE, BEST = "baseline", "best"


@dataclass(frozen=True)
class Side:
    """One setting's predictions: its name, counts by data set, and per trial how sure it was when right and wrong.

    ``sureness``: data, seed, errors, right, wrong (mean probability of the class predicted), sure (share of the errors
    with a probability of ``predicted.SURE`` or more).
    """

    name: str
    counts: Mapping[str, Counts]
    sureness: pd.DataFrame


@dataclass(frozen=True)
class Errors:
    """The errors of all compared trials of an arm on one split, and those of its two sides.

    ``rates`` has every trial's share of texts wrong: key, data, rate. ``sides`` has the baseline and its rival, as far
    as there are any. ``left_out`` trials have no predictions, or others' texts. ``ratio`` is texts tested by texts
    trained on.
    """

    model: str
    data: str
    split: str
    folds: bool
    classes: tuple[str, ...]
    counts: Mapping[str, Counts]
    rates: pd.DataFrame
    sides: Mapping[str, Side]
    left_out: int
    ratio: float

    @property
    def texts(self) -> int:
        return sum(len(one.rows) for one in self.counts.values())

    @property
    def trials(self) -> int:
        return len(self.rates)


@dataclass
class _Gathered:
    name: str
    counts: dict[str, Counts] = field(default_factory=dict)
    sureness: list[dict[str, object]] = field(default_factory=list)


def examine(study: Study, arm: Arm, rows: pd.DataFrame) -> Errors | None:
    """The errors of an arm's compared trials, read one trial after the other; None where none has predictions."""
    trials, table = grouped(rows, arm.question)
    if trials.empty:
        return None
    split = str(table["split"].iloc[0])
    sides = _sides(table, arm.question)
    classes = {label: place for place, label in enumerate(arm.labels)}
    counts: dict[str, Counts] = {}
    rates = []
    for trial in trials[["key", "row", "seed"]].to_dict("records"):
        one = read(study, trial["key"], split, classes)
        if one is None:
            continue
        mine = counts.setdefault(one.data, Counts(one.rows, one.label))
        if not mine.takes(one):
            continue
        mine.add(one, len(classes))
        rates.append((one.key, one.data, float(1 - one.right.mean())))
        side = sides.get(trial["row"])
        if side is not None:
            side.counts.setdefault(one.data, Counts(one.rows, one.label)).add(one, len(classes), trial["seed"])
            side.sureness.append({"data": one.data, "seed": trial["seed"], **_sureness(one)})
    if not rates:
        return None
    found = {role: side for role, side in zip((BASELINE, BEST), _in_order(sides, table), strict=True) if side}
    return Errors(
        model=arm.model_name,
        data=arm.data_name,
        split=split,
        folds=bool(trials["fold"].notna().any()),
        classes=tuple(classes),
        counts=dict(sorted(counts.items())),
        rates=pd.DataFrame(rates, columns=["key", "data", "rate"]),
        sides=found,
        left_out=len(trials) - len(rates),
        ratio=float(trials[f"{split}_texts"].mean() / trials["train_texts"].mean()),
    )


def agreement(errors: Errors) -> pd.DataFrame:
    """Texts that every trial has right, that every trial has wrong, and others: outcome, texts, share, by_chance.

    by_chance is the share if every trial, at its own rate, erred on texts of its own: what all have wrong beyond that
    is hard for all of them, or wrongly labelled. In folds a text is tested by the trials of its fold.
    """
    right = wrong = right_chance = wrong_chance = 0.0
    for data, counts in errors.counts.items():
        rates = errors.rates.loc[errors.rates["data"] == data, "rate"].to_numpy()
        right += int((counts.wrong == 0).sum())
        wrong += int((counts.wrong == counts.trials).sum())
        right_chance += len(counts.rows) * float(np.prod(1 - rates))
        wrong_chance += len(counts.rows) * float(np.prod(rates))
    texts = errors.texts
    found = [("right", right, right_chance), ("wrong", wrong, wrong_chance)]
    found.insert(1, ("mixed", texts - right - wrong, texts - right_chance - wrong_chance))
    rows = [(outcome, int(some), some / texts, chance / texts) for outcome, some, chance in found]
    return pd.DataFrame(rows, columns=["outcome", "texts", "share", "by_chance"])


def hardest(errors: Errors, study: Study, most: int = 10) -> pd.DataFrame:
    """Texts most often wrong: data, row, text, label, predicted (most often, when wrong), wrong, trials, sure.

    sure is the mean probability of the true class; ties go to the lower, then to the lower row. Data sets without
    texts, and texts that no trial had wrong, are left out.
    """
    parts = []
    for data, counts in errors.counts.items():
        if study.texts(data) is None:
            continue
        others = counts.votes.copy()
        others[np.arange(len(others)), counts.label] = 0
        rows = pd.DataFrame({"row": counts.rows, "label": counts.label, "wrong": counts.wrong})
        rows = rows.assign(data=data, trials=counts.trials, sure=counts.true / counts.trials)
        rows["predicted"] = others.argmax(axis=1)
        parts.append(rows[rows["wrong"] > 0])
    if not parts:
        return pd.DataFrame(columns=["data", "row", "text", "label", "predicted", "wrong", "trials", "sure"])
    every = pd.concat(parts, ignore_index=True)
    every["share"] = every["wrong"] / every["trials"]
    ascending = [False, True, True, True]
    top = every.sort_values(["share", "sure", "row", "data"], ascending=ascending).head(most)
    for name in ("label", "predicted"):
        top[name] = [errors.classes[place] for place in top[name]]
    return with_texts(top, study, errors.split)[
        ["data", "row", "text", "label", "predicted", "wrong", "trials", "sure"]
    ]


def with_texts(rows: pd.DataFrame, study: Study, split: str) -> pd.DataFrame:
    """The rows (data, row) with their text, in their order; those whose text was not kept are left out."""
    found = []
    for data, some in rows.groupby("data"):
        path = study.texts(str(data))
        if path is not None:
            found.append(read_rows(path, split, list(some["row"]))[["row", "text"]].assign(data=data))
    if not found:
        return rows.iloc[:0].assign(text="")
    return rows.merge(pd.concat(found, ignore_index=True), on=["data", "row"]).reset_index(drop=True)


def _sides(table: pd.DataFrame, question: Question) -> dict[int, _Gathered]:
    """The rows of the comparison that are looked at closely: the baseline and its rival."""
    others = table[~table["is_baseline"]]
    recipe = recipe_of(others, question)
    chosen = [best_of(table[table["is_baseline"]], question), best_of(others, question) if recipe is None else recipe]
    rows = [int(str(row.name)) for row in chosen if row is not None]
    return dict(zip(rows, map(_Gathered, names_of(table.loc[rows], question)), strict=True))


def _in_order(sides: Mapping[int, _Gathered], table: pd.DataFrame) -> tuple[Side | None, Side | None]:
    baseline = [side for row, side in sides.items() if table.at[row, "is_baseline"]]
    best = [side for row, side in sides.items() if not table.at[row, "is_baseline"]]
    made = [Side(s[0].name, s[0].counts, pd.DataFrame(s[0].sureness)) if s and s[0].counts else None
            for s in (baseline, best)]  # fmt: skip
    return made[0], made[1]


def _sureness(one: Predicted) -> dict[str, float]:
    wrong = ~one.right
    sure = one.sure.astype(float)
    mean = {name: float(sure[which].mean()) if which.any() else np.nan for name, which in
            (("right", ~wrong), ("wrong", wrong))}  # fmt: skip
    share = float((sure[wrong] >= SURE).mean()) if wrong.any() and not np.isnan(sure).all() else np.nan
    return {"errors": float(wrong.sum()), **mean, "sure": share}
