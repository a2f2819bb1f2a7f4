"""A study folder as a value: its arms, records and latencies, read once and never written to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pandas as pd

from analysis.folds import Fold, folds_of
from study.errors import InputError
from study.question import Geometry, Question, Setting
from study.record import Record
from study.store import Store


@dataclass(frozen=True)
class Arm:
    """One model, one data set and one way of asking; the names are those of the frame.

    The folds of one data set are one arm: ``folds`` has the stored data of each, ``data`` those of the first. ``of`` is
    how many folds there are meant to be, 0 where the data are not folded.
    """

    question: Question
    model_name: str
    data_name: str
    model: Mapping[str, Any]
    data: Mapping[str, Any]
    folds: tuple[Mapping[str, Any], ...] = ()
    of: int = 0

    @property
    def parts(self) -> tuple[Mapping[str, Any], ...]:
        """The stored data of every fold, or of the one data set."""
        return self.folds or (self.data,)

    @property
    def fingerprints(self) -> tuple[str, ...]:
        return tuple(data["fingerprint"] for data in self.parts)

    @property
    def title(self) -> str:
        return f"{self.model_name} on {self.data_name}"

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(str(label) for label in self.data.get("labels") or ())


@dataclass(frozen=True)
class Study:
    """Everything a study folder holds but its predictions and texts, which are read when asked for."""

    store: Store
    asks: str
    source: str
    commands: tuple[str, ...]
    arms: tuple[Arm, ...]
    records: Mapping[str, Record]
    latency: Mapping[str, Mapping[str, Any]]
    damaged: tuple[str, ...]
    names: Mapping[tuple[str, str], str]
    """What to call a model or data set, by its name and fingerprint; folds are called what their whole is called."""
    folds: Mapping[str, Fold]
    """Which fold a data set is, by its fingerprint."""
    defaults: Mapping[str, Any]
    """What a record has of a setting that was added after it was written."""

    def predictions(self, key: str) -> pd.DataFrame | None:
        """The predictions of a trial: split, row, label, predicted, one probability per class; or None."""
        table = self.store.predictions(key)
        return None if table is None else table.to_pandas()

    def texts(self, fingerprint: str) -> Path | None:
        """The parquet file with the texts of a data set (see ``texts.read_rows``); None where they were not kept."""
        path = Path(self.store.path("data", fingerprint, "texts.parquet"))
        return path if path.is_file() else None


def read_study(folder: str | Path) -> Study:
    """The study in a folder; an InputError says what to do where there is none."""
    store = Store(folder)
    stored = store.get_json("study.json")
    if not isinstance(stored, Mapping):
        there = Path(store.path("study.json")).exists()
        raise InputError(
            f"{folder} is no study: its study.json "
            + ("cannot be read; run the study again with the same --out to write it anew." if there else "is missing; ")
            + ("" if there else "give the folder that `run_study.py run ... --out FOLDER` wrote.")
        )
    records = store.records()
    arms = stored.get("arms") or ()
    folds = folds_of(arm["data"] for arm in arms)
    names = _names(
        [(arm[kind]["name"], arm[kind]["fingerprint"]) for arm in arms for kind in ("model", "data")],
        [(ref.name, ref.fingerprint) for record in records.values() for ref in (record.model, record.data)],
        folds=folds,
    )
    return Study(
        store=store,
        asks=str(stored.get("asks") or stored.get("question") or "What did the trials find?"),
        source=str(stored.get("source") or ""),
        commands=tuple(stored.get("commands") or ()),
        arms=_arms(arms, names, folds),
        records=records,
        latency=store.get_json("latency.json") or {},
        damaged=tuple(Path(path).name for path in store.damaged()),
        names=names,
        folds=folds,
        defaults=stored.get("defaults") or {},
    )


def points_of(question: Question) -> list[Setting]:
    """The points a stored question compares; none where only tuned settings vary."""
    geometry = cast(Geometry, None)  # the values of a stored question are written out, so none of them reads it
    return [point for point in question.points(geometry) if point]


def compares_baseline(question: Question) -> bool:
    """Whether a stored question has its baseline among the points it compares."""
    return question.compares_baseline(cast(Geometry, None))


def _arms(
    stored: Sequence[Mapping[str, Any]], names: Mapping[tuple[str, str], str], folds: Mapping[str, Fold]
) -> tuple[Arm, ...]:
    """The arms in their order, those of one model, question and whole joined into the first of them."""
    together: dict[tuple[str, str, str], list[Mapping[str, Any]]] = {}
    for number, arm in enumerate(stored):
        fold = folds.get(arm["data"]["fingerprint"])
        # arms that are no folds stay apart, whatever they share
        place = fold.whole if fold else f"arm {number}"
        together.setdefault((arm["model"]["fingerprint"], place, repr(arm["question"])), []).append(arm)
    return tuple(_arm(alike, names, folds) for alike in together.values())


def _arm(alike: Sequence[Mapping[str, Any]], names: Mapping[tuple[str, str], str], folds: Mapping[str, Fold]) -> Arm:
    model, data = alike[0]["model"], alike[0]["data"]
    fold = folds.get(data["fingerprint"])
    return Arm(
        question=Question.from_json(alike[0]["question"]),
        model_name=names[model["name"], model["fingerprint"]],
        data_name=names[data["name"], data["fingerprint"]],
        model=model,
        data=data,
        folds=tuple(arm["data"] for arm in alike) if fold else (),
        of=fold.of if fold else 0,
    )


def _names(*refs: Iterable[tuple[str, str]], folds: Mapping[str, Fold]) -> dict[tuple[str, str], str]:
    """A name for each (name, fingerprint): the name itself, or with the fingerprint's start where two share it."""
    pairs = {pair for some in refs for pair in some}
    whole = {
        (name, mark): (folds[mark].name, folds[mark].whole) if mark in folds else (name, mark) for name, mark in pairs
    }
    shared = [name for name, _ in set(whole.values())]
    return {
        pair: f"{name} ({mark[:6]})" if shared.count(name) > 1 else name for pair, (name, mark) in sorted(whole.items())
    }
