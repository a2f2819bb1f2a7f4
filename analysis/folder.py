"""A study folder as a value: its arms, records and latencies, read once and never written to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pandas as pd
import pyarrow.parquet as pq

from study.errors import InputError
from study.question import Geometry, Question, Setting
from study.record import Record
from study.store import Store


@dataclass(frozen=True)
class Arm:
    """One model, one data set and one way of asking; the names are those of the frame."""

    question: Question
    model_name: str
    data_name: str
    model: Mapping[str, Any]
    data: Mapping[str, Any]

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
    """What to call a model or data set, by its name and fingerprint."""

    def predictions(self, key: str) -> pd.DataFrame | None:
        """The predictions of a trial: split, row, label, predicted, one probability per class; or None."""
        table = self.store.predictions(key)
        return None if table is None else table.to_pandas()

    def texts(self, fingerprint: str) -> pd.DataFrame | None:
        """The texts of a data set: split, row, text, label; or None where they were not kept."""
        path = Path(self.store.path("data", fingerprint, "texts.parquet"))
        return pq.read_table(path).to_pandas() if path.is_file() else None


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
    names = _names(
        [(arm[kind]["name"], arm[kind]["fingerprint"]) for arm in arms for kind in ("model", "data")],
        [(ref.name, ref.fingerprint) for record in records.values() for ref in (record.model, record.data)],
    )
    return Study(
        store=store,
        asks=str(stored.get("asks") or stored.get("question") or "What did the trials find?"),
        source=str(stored.get("source") or ""),
        commands=tuple(stored.get("commands") or ()),
        arms=tuple(_arm(arm, names) for arm in arms),
        records=records,
        latency=store.get_json("latency.json") or {},
        damaged=tuple(Path(path).name for path in store.damaged()),
        names=names,
    )


def points_of(question: Question) -> list[Setting]:
    """The points a stored question compares; none where only tuned settings vary."""
    geometry = cast(Geometry, None)  # the values of a stored question are written out, so none of them reads it
    return [point for point in question.points(geometry) if point]


def _arm(stored: Mapping[str, Any], names: Mapping[tuple[str, str], str]) -> Arm:
    model, data = stored["model"], stored["data"]
    return Arm(
        question=Question.from_json(stored["question"]),
        model_name=names[model["name"], model["fingerprint"]],
        data_name=names[data["name"], data["fingerprint"]],
        model=model,
        data=data,
    )


def _names(*refs: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """A name for each (name, fingerprint): the name itself, or with the fingerprint's start where two share it."""
    pairs = {pair for some in refs for pair in some}
    shared = [name for name, _ in pairs]
    return {(name, mark): f"{name} ({mark[:6]})" if shared.count(name) > 1 else name for name, mark in sorted(pairs)}
