"""Parts: what each folder, or table, gives to a study, and how the records of several are one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from study.record import SCORED, Record
from study.store import Store

Latencies = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Part:
    """What one study folder, or one table of trials, holds.

    ``arms`` are as study.json has them: a model, a data set and a question each. ``place`` is the folder, or the file
    of a table; ``store`` has the predictions of a folder, a table has none. ``notes`` say how a table was read.
    """

    name: str
    place: Path | None
    asks: str
    source: str
    arms: tuple[Mapping[str, Any], ...]
    records: Mapping[str, Record]
    commands: tuple[str, ...] = ()
    latency: Latencies = field(default_factory=dict)
    damaged: tuple[str, ...] = ()
    defaults: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    store: Store | None = None


def labels_of(parts: Sequence[Part]) -> list[str]:
    """A name for each part: its own, with as much of its path before it as tells it from the others."""
    names = [part.name for part in parts]
    paths = [part.place.parts if part.place else (part.name,) for part in parts]
    for length in range(2, max((len(path) for path in paths), default=0) + 1):
        shared = {name for name, times in Counter(names).items() if times > 1}
        if not shared:
            break
        names = ["/".join(path[-length:]) if name in shared else name for name, path in zip(names, paths, strict=True)]
    seen: Counter[str] = Counter()
    for index, name in enumerate(names):
        seen[name] += 1
        names[index] = name if seen[name] == 1 else f"{name} ({seen[name]})"
    return names


def united(parts: Sequence[Part]) -> tuple[Mapping[str, Record], Latencies, dict[str, str]]:
    """The records of all parts by key, the latencies by structure, and, of several parts, each record's by key.

    The same key is the same trial, so it counts once: the first that has a score, else the first. A setting that was
    added after a folder was written has that folder's default in its records. A structure whose latency was measured
    in several folders, on different machines or on different days, is one structure in each of them.
    """
    if len(parts) == 1:
        return parts[0].records, parts[0].latency, {}
    named = {name for part in parts for record in part.records.values() for name in record.setting}
    measured = Counter(structure for part in parts for structure in part.latency)
    found: dict[str, Record] = {}
    origins: dict[str, str] = {}
    latency: dict[str, Mapping[str, Any]] = {}
    for part, label in zip(parts, labels_of(parts), strict=True):
        apart = {name: f"{name} ({label})" for name in part.latency if measured[name] > 1}
        latency |= {apart.get(name, name): times for name, times in part.latency.items()}
        defaults = {name: value for name, value in part.defaults.items() if name in named}
        for key, record in part.records.items():
            if key in found and (found[key].status in SCORED or record.status not in SCORED):
                continue
            found[key], origins[key] = _of(record, defaults, apart), label
    return dict(sorted(found.items())), latency, origins


def _of(record: Record, defaults: Mapping[str, Any], structures: Mapping[str, str]) -> Record:
    return replace(
        record,
        setting={**defaults, **record.setting},
        structure=structures.get(str(record.structure), record.structure),
        unmerged=structures.get(str(record.unmerged), record.unmerged),
    )
