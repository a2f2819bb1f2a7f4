"""A study's folder: its question, its arms (model, data, way of asking), and where everything lies in it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from study.artefacts import size_of
from study.data.texts import Fold
from study.errors import InputError
from study.question import Geometry, Question, Setting
from study.record import Ref
from study.settings import TRAINING
from study.store import Store


@dataclass(frozen=True)
class Arm:
    """One model on one data set, or on one fold of it, asked one way. Its question has the points written out.

    ``checks`` is what was found out about the texts (``TextData.checks``). ``corpus`` is what models may be pre-trained
    on beside the data's own texts, and ``sentences`` are those whose blanks they fill in, if not the bundled ones.
    """

    model: Ref
    model_at: str
    model_source: str
    geometry: Geometry
    data: Ref
    data_source: str
    labels: tuple[str, ...]
    sizes: Mapping[str, int]
    notes: tuple[str, ...]
    question: Question
    checks: Mapping[str, Any] = field(default_factory=dict)
    fold: Fold | None = None
    corpus: Ref | None = None
    corpus_source: str = ""
    sentences: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        model = asdict(self.model) | {"at": self.model_at, "source": self.model_source}
        data = asdict(self.data) | {"source": self.data_source, "labels": list(self.labels)}
        data |= {"checks": dict(self.checks), "fold": self.fold and asdict(self.fold)}
        corpus = {"corpus": asdict(self.corpus) | {"source": self.corpus_source}} if self.corpus else {}
        return {
            "model": model | {"geometry": asdict(self.geometry)},
            "data": data | {"sizes": dict(self.sizes), "notes": list(self.notes)},
            "question": self.question.to_json(),
            **corpus,
            **({"sentences": list(self.sentences)} if self.sentences else {}),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Arm:
        model, data, corpus = stored["model"], stored["data"], stored.get("corpus")
        return cls(
            model=Ref(model["name"], model["fingerprint"]),
            model_at=model["at"],
            model_source=model["source"],
            geometry=Geometry(**model["geometry"]),
            data=Ref(data["name"], data["fingerprint"]),
            data_source=data["source"],
            labels=tuple(data["labels"]),
            sizes=data["sizes"],
            notes=tuple(data["notes"]),
            question=Question.from_json(stored["question"]),
            checks=data.get("checks") or {},
            fold=Fold(**data["fold"]) if data.get("fold") else None,
            corpus=Ref(corpus["name"], corpus["fingerprint"]) if corpus else None,
            corpus_source=corpus["source"] if corpus else "",
            sentences=tuple(stored.get("sentences", ())),
        )

    @property
    def _content(self) -> tuple[str, ...]:
        return tuple(ref.fingerprint for ref in (self.model, self.data, self.corpus) if ref)

    def merged(self, other: Arm) -> Arm | None:
        """This arm grown by another's points, seeds and trials; None where they ask in different ways."""
        mine, its = self.question, other.question
        grown = replace(
            mine,
            factors=_union(mine.points(self.geometry), its.points(self.geometry)),
            seeds=tuple(dict.fromkeys((*mine.seeds, *its.seeds))),
            trials=max(mine.trials, its.trials),
            first_seeds=max(mine.first_seeds, its.first_seeds) if mine.first_seeds and its.first_seeds else None,
        )
        same = replace(
            its, factors=grown.factors, seeds=grown.seeds, trials=grown.trials, first_seeds=grown.first_seeds
        )
        if self._content != other._content:
            return None
        return replace(other, question=grown) if same.to_json() == grown.to_json() else None


def _union(first: list[Setting], second: list[Setting]) -> tuple[Setting, ...]:
    points = first + [point for point in second if point not in first]
    names = points[0].keys() if points else ()
    if all(point.keys() == names for point in points) and not any(
        isinstance(v, str) for p in points for v in p.values()
    ):
        points = sorted(points, key=lambda point: tuple(point.values()))
    return tuple(points)


class Folder:
    """A study on disk. Reading never writes; ``add`` and the store do, under the store's lock."""

    def __init__(self, root: str | Path):
        self.root = Path(root).resolve()
        self.store = Store(self.root)

    @property
    def cache(self) -> Path:
        return self.root / "artefacts"

    @property
    def scratch(self) -> Path:
        return self.root / "scratch"

    @property
    def logs(self) -> Path:
        """What trackers (``--log-to``) keep here. It cannot be made again: ended trials are not logged twice."""
        return self.root / "logs"

    def texts(self, fingerprint: str) -> Path:
        return self.root / "data" / fingerprint / "texts.parquet"

    def arms(self) -> list[Arm]:
        """Every arm of the study; an InputError where the folder holds no study."""
        stored = self.store.get_json("study.json")
        if stored is None:
            raise InputError(f"{self.root} holds no study (no readable study.json). Give a folder that `run` has made.")
        return [Arm.from_json(arm) for arm in stored["arms"]]

    def question(self) -> str | None:
        """The name of the question asked here; None for a folder without a study."""
        stored = self.store.get_json("study.json")
        return None if stored is None else stored["question"]

    def with_arms(self, new: Sequence[Arm]) -> list[Arm]:
        """The arms this study has once ``new`` ones are asked as well; nothing is written."""
        arms = self.arms() if self.question() else []
        for arm in new:
            grown = {index: merged for index, known in enumerate(arms) if (merged := known.merged(arm))}
            for index in list(grown)[:1]:
                arms[index] = grown[index]
            if not grown:
                arms.append(arm)
        return arms

    def check_question(self, name: str) -> None:
        """An InputError if the folder belongs to another question."""
        other = self.question()
        if other not in (None, name):
            raise InputError(
                f"--out {self.root}: this folder holds the question {other!r}, not {name!r}. "
                "One folder holds one question: give another --out."
            )

    def check_writable(self) -> None:
        """An InputError unless files can be made in this folder, which is made if it is not there."""
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.root):
                pass
        except OSError as error:
            raise InputError(
                f"--out {self.root}: cannot be written ({error.strerror}). Give a folder of yours with --out."
            ) from None

    def clean(self) -> int:
        """Bytes freed by removing what can be made again: artefacts, scratch, the index. Records and logs stay."""
        freed = 0
        for folder in (self.cache, self.scratch):
            if folder.is_dir():
                freed += size_of(folder)
                shutil.rmtree(folder)
        for file in [self.root / "index.parquet", *self.root.rglob("*.tmp")]:
            if file.is_file():
                freed += file.stat().st_size
                file.unlink()
        return freed

    def write(self, arms: list[Arm], command: str | None = None) -> None:
        """Keep the arms, and the command that asked for them, in study.json.

        The values at which the loop's settings do nothing go with them: a record from before one was added has that
        value, and a report, which knows no settings, could not tell.
        """
        question = arms[0].question
        commands = (self.store.get_json("study.json") or {}).get("commands", [])
        if command and command not in commands:
            commands = [*commands, command]
        self.store.put_json(
            "study.json",
            {
                "question": question.name,
                "asks": question.asks,
                "source": question.source,
                "arms": [arm.to_json() for arm in arms],
                "commands": commands,
                "defaults": {name: knob.identity for name, knob in TRAINING.items() if knob.identity is not None},
            },
        )
