"""A study as a value, from one folder or several: its arms, records and latencies, read once and never written to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.folds import Fold, folds_of
from analysis.joined import NO_GEOMETRY, Asked, joined
from analysis.language import say
from analysis.parts import Latencies, Part, labels_of, united
from study.errors import InputError, Problems
from study.question import Question, Setting
from study.record import Record
from study.store import Store, refs_in, rows_of


@dataclass(frozen=True)
class Arm:
    """One model, one data set and one way of asking; the names are those of the frame.

    The folds of one data set are one arm: ``folds`` has the stored data of each, ``data`` those of the first. ``of`` is
    how many folds there are meant to be, 0 where the data are not folded. ``studies`` names the folders that ask it,
    where the study comes from several.
    """

    question: Question
    model_name: str
    data_name: str
    model: Mapping[str, Any]
    data: Mapping[str, Any]
    folds: tuple[Mapping[str, Any], ...] = ()
    of: int = 0
    studies: tuple[str, ...] = ()

    @property
    def parts(self) -> tuple[Mapping[str, Any], ...]:
        """The stored data of every fold, or of the one data set."""
        return self.folds or (self.data,)

    @property
    def fingerprints(self) -> tuple[str, ...]:
        return tuple(data["fingerprint"] for data in self.parts)

    @property
    def title(self) -> str:
        return say("{model} on {data}", model=self.model_name, data=self.data_name)

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(str(label) for label in self.data.get("labels") or ())


@dataclass(frozen=True)
class Study:
    """All that study folders, or tables of trials, hold but predictions and texts, which are read when asked for.

    ``root`` is where the report belongs: the folder; None where there are several, or none.
    """

    parts: tuple[Part, ...] = field(repr=False)
    root: Path | None
    asks: str
    source: str
    commands: tuple[str, ...]
    arms: tuple[Arm, ...]
    records: Mapping[str, Record]
    latency: Latencies
    damaged: tuple[str, ...]
    names: Mapping[tuple[str, str], str]
    """What to call a model or data set, by its name and fingerprint; folds are called what their whole is called."""
    folds: Mapping[str, Fold]
    """Which fold a data set is, by its fingerprint."""
    defaults: Mapping[str, Any]
    """What a record has of a setting that was added after it was written."""
    origins: Mapping[str, str] = field(default_factory=dict)
    """Which folder each record is from, by its key; empty where there is one folder."""
    notes: tuple[str, ...] = ()
    """How tables of trials were read: what was taken for what, and what was left out."""

    def predictions(self, key: str) -> pd.DataFrame | None:
        """The predictions of a trial: split, row, label, predicted, one probability per class; or None."""
        for store in self._stores:
            table = store.predictions(key)
            if table is not None:
                return table.to_pandas()
        return None

    def texts(self, fingerprint: str) -> Path | None:
        """The parquet file with the texts of a data set (see ``texts.read_rows``); None where they were not kept."""
        paths = (Path(store.path("data", fingerprint, "texts.parquet")) for store in self._stores)
        return next((path for path in paths if path.is_file()), None)

    @property
    def _stores(self) -> tuple[Store, ...]:
        return tuple(part.store for part in self.parts if part.store is not None)


def read_study(folder: str | Path) -> Study:
    """The study in a folder; an InputError says what to do where there is none."""
    return unite([part_of(folder)])


def read_studies(folders: Sequence[str | Path]) -> Study:
    """The studies in several folders as one; an InputError names every folder that holds none."""
    problems, parts = Problems(), []
    for folder in dict.fromkeys(Path(folder).resolve() for folder in folders):
        with problems.collecting():
            parts.append(part_of(folder))
    problems.raise_if_any()
    if not parts:
        raise InputError("No study was given. Give the folders that `run_study.py run ... --out FOLDER` wrote.")
    return unite(parts)


def is_study(folder: str | Path) -> bool:
    """Whether a folder has a study.json."""
    return Path(folder, "study.json").is_file()


def part_of(folder: str | Path) -> Part:
    """What a study folder holds; an InputError says what to do where it is none."""
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
    return Part(
        name=Path(store.root).name,
        place=Path(store.root),
        asks=str(stored.get("asks") or stored.get("question") or "What did the trials find?"),
        source=str(stored.get("source") or ""),
        arms=tuple(stored.get("arms") or ()),
        records=records,
        commands=tuple(stored.get("commands") or ()),
        latency=store.get_json("latency.json") or {},
        damaged=tuple(f"{key}.json" for key in records.damaged),
        defaults=stored.get("defaults") or {},
        store=store,
    )


def unite(parts: Sequence[Part]) -> Study:
    """The study that these parts are together: the arms of all, each trial once, names told apart."""
    several = len(parts) > 1
    labels = labels_of(parts)
    records, latency, origins = united(parts)
    stored = [arm for part in parts for arm in part.arms]
    folds = folds_of(arm["data"] for arm in stored)
    names = _names(
        [(arm[kind]["name"], arm[kind]["fingerprint"]) for arm in stored for kind in ("model", "data")],
        refs_in(rows_of(records)),
        folds=folds,
    )
    return Study(
        parts=tuple(parts),
        root=None if several or parts[0].store is None else parts[0].place,
        asks=" ".join(dict.fromkeys(part.asks for part in parts)),
        source="; ".join(dict.fromkeys(part.source for part in parts if part.source)),
        commands=tuple(dict.fromkeys(command for part in parts for command in part.commands)),
        arms=tuple(_arm(asked, names, folds) for asked in joined(parts, labels if several else [""], folds)),
        records=records,
        latency=latency,
        damaged=tuple(
            f"{label}/{name}" if several else name
            for part, label in zip(parts, labels, strict=True)
            for name in part.damaged
        ),
        names=names,
        folds=folds,
        defaults={} if several else parts[0].defaults,
        origins=origins,
        notes=tuple(note for part in parts for note in part.notes),
    )


def points_of(question: Question) -> list[Setting]:
    """The points a stored question compares; none where only tuned settings vary."""
    return [point for point in question.points(NO_GEOMETRY) if point]


def compares_baseline(question: Question) -> bool:
    """Whether a stored question has its baseline among the points it compares."""
    return question.compares_baseline(NO_GEOMETRY)


def _arm(asked: Asked, names: Mapping[tuple[str, str], str], folds: Mapping[str, Fold]) -> Arm:
    model, data = asked.model, asked.data[0]
    fold = folds.get(data["fingerprint"])
    return Arm(
        question=asked.question,
        model_name=names[model["name"], model["fingerprint"]],
        data_name=names[data["name"], data["fingerprint"]],
        model=model,
        data=data,
        folds=asked.data if fold else (),
        of=fold.of if fold else 0,
        studies=tuple(filter(None, asked.studies)),
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
