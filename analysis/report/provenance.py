"""Where the numbers come from: models, data, seeds, versions, code, machines, commands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from analysis.folder import Arm, Study
from analysis.language import retold, say
from analysis.markdown import code, count, describe, escape, fenced, number, table
from analysis.metrics import split_name
from study.record import Record


def provenance(study: Study) -> list[str]:
    """The blocks of Markdown that say what the study's numbers were made from, and how to make them again."""
    records = sorted(study.records.values(), key=lambda record: record.key)
    return [
        _sources(study.arms),
        *_notes(study.arms, records),
        table(["", ""], _facts(records), text_columns=2) if records else "",
        say("Commands:") if study.commands else "",
        fenced(study.commands) if study.commands else "",
    ]


def _sources(arms: Sequence[Arm]) -> str:
    rows: dict[tuple[str, str], list[str]] = {}
    for arm in arms:
        for kind, stored, name, detail in (
            (say("model"), arm.model, arm.model_name, _size(arm.model.get("geometry") or {})),
            *((say("data"), data, _called(arm, data), _texts(arm, data)) for data in arm.parts),
        ):
            source = escape(retold(stored.get("source") or "–"))
            cells = [kind, escape(name), code(stored["fingerprint"]), source, detail or "–"]
            rows.setdefault((kind, stored["fingerprint"]), cells)
    headers = ["", say("name"), say("fingerprint"), say("source"), say("size")]
    return table(headers, list(rows.values()), text_columns=5)


def _size(geometry: Mapping[str, Any]) -> str:
    """The depth, width and heads of a model, as far as they are known."""
    said = {"depth": say("depth"), "width": say("width"), "heads": say("heads")}
    return ", ".join(f"{words} {number(geometry[name])}" for name, words in said.items() if name in geometry)


def _about(arm: Arm, note: str) -> str:
    """What a note on data is about: the data set where all its folds have it, else the first fold that does."""
    having = [data for data in arm.parts if note in (data.get("notes") or ())]
    return arm.data_name if len(having) == len(arm.parts) else _called(arm, having[0])


def _called(arm: Arm, data: Mapping[str, Any]) -> str:
    """A data set's name, with the number of the fold that it is."""
    fold = data.get("fold")
    if not fold:
        return arm.data_name
    return say("{data}, fold {number} of {folds}", data=arm.data_name, number=fold["number"], folds=fold["of"])


def _texts(arm: Arm, data: Mapping[str, Any]) -> str:
    """How many texts the splits have, and the classes."""
    texts = ", ".join(f"{split_name(name)} {number(amount)}" for name, amount in (data.get("sizes") or {}).items())
    if not arm.labels:
        return texts
    return say("{texts}; classes: {classes}", texts=texts, classes=", ".join(escape(label) for label in arm.labels))


def _notes(arms: Sequence[Arm], records: Sequence[Record]) -> list[str]:
    """Sentences about the data, the fixed settings of the arms, and the trials' own notes with how many have each."""
    lines: dict[str, None] = {}
    for arm in arms:
        for data in arm.parts:
            for note in data.get("notes") or ():
                # a note on the model begins with its name already
                name = f"{arm.model['name']}: "
                about, told = (name, note[len(name) :]) if note.startswith(name) else (f"{_about(arm, note)}: ", note)
                lines[f"- {escape(about)} {escape(retold(told))}"] = None
    for arm in arms:
        if arm.question.fixed:
            fixed = say("{arm}, fixed: {setting}", arm=escape(arm.title), setting=describe(arm.question.fixed))
            lines[f"- {fixed}"] = None
    notes = Counter(note for record in records for note in record.notes)
    own = [f"- {escape(retold(note))} ({count(times, 'trial')})" for note, times in sorted(notes.items())]
    return ["\n".join([*lines, *own])]


def _facts(records: Sequence[Record]) -> list[list[str]]:
    seeds = {phase: sorted({r.seed for r in records if r.phase == phase}) for phase in ("tune", "compare")}
    hardware = (record.provenance.get("hardware") or {} for record in records)
    times = [record.provenance.get(end) for record in records for end in ("started", "ended")]
    ends = sorted(str(time) for time in times if time)
    seconds = [record.costs["trial_seconds"] for record in records if record.costs.get("trial_seconds") is not None]
    profiles = (retold(record.provenance.get("profile") or "") or say("not recorded") for record in records)
    facts = {
        say("versions"): _versions(records),
        say("commit"): _several(_commit(record) for record in records),
        say("hardware"): _several(filter(None, map(_machine, hardware))),
        say("execution profile"): _several(profiles),
        say("seeds, tuning"): ", ".join(map(str, seeds["tune"])),
        say("seeds, comparison"): ", ".join(map(str, seeds["compare"])),
        say("trials"): _trials(len(records), sum(seconds) / 60 if seconds else None),
        say("first start, last end"): f"{ends[0]}, {ends[-1]}" if ends else "",
    }
    return [[name, escape(fact)] for name, fact in facts.items() if fact]


def _trials(amount: int, minutes: float | None) -> str:
    """How many trials there are and how long they took, as far as that is known."""
    if minutes is None:
        return number(amount)
    return say("{amount}, which took {minutes} minutes in all", amount=number(amount), minutes=number(minutes, 1))


def _versions(records: Iterable[Record]) -> str:
    versions: dict[str, set[str]] = {}
    for record in records:
        for package, version in (record.provenance.get("versions") or {}).items():
            versions.setdefault(package, set()).add(str(version))
    return ", ".join(f"{package} {' / '.join(sorted(found))}" for package, found in sorted(versions.items()))


def _commit(record: Record) -> str:
    commit = record.provenance.get("commit")
    if not commit:
        return say("not recorded")
    return say("{commit} with uncommitted changes", commit=commit) if record.provenance.get("uncommitted") else commit


def _machine(hardware: dict[str, Any]) -> str:
    memory = hardware.get("memory_bytes")
    parts = [
        hardware.get("cpu"),
        count(hardware["cores"], "core") if hardware.get("cores") else None,
        f"{memory / 2**30:.0f} GiB" if memory else None,
        hardware.get("gpu"),
    ]
    return ", ".join(str(part) for part in parts if part)


def _several(values: Iterable[str]) -> str:
    """The value, or each with the number of trials that have it."""
    counted = Counter(values)
    if len(counted) == 1:
        return next(iter(counted))
    return "; ".join(f"{value} ({count(times, 'trial')})" for value, times in sorted(counted.items()))
