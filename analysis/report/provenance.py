"""Where the numbers come from: models, data, seeds, versions, code, machines, commands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from analysis.folder import Arm, Study
from analysis.markdown import code, count, describe, escape, fenced, number, table
from study.record import Record


def provenance(study: Study) -> list[str]:
    """The blocks of Markdown that say what the study's numbers were made from, and how to make them again."""
    records = sorted(study.records.values(), key=lambda record: record.key)
    return [
        _sources(study.arms),
        *_notes(study.arms, records),
        table(["", ""], _facts(records), text_columns=2) if records else "",
        "Commands:" if study.commands else "",
        fenced(study.commands) if study.commands else "",
    ]


def _sources(arms: Sequence[Arm]) -> str:
    rows: dict[tuple[str, str], list[str]] = {}
    for arm in arms:
        geometry = arm.model.get("geometry") or {}
        size = ", ".join(f"{name} {number(geometry[name])}" for name in ("depth", "width", "heads") if name in geometry)
        for kind, stored, name, detail in (
            ("model", arm.model, arm.model_name, size),
            *(("data", data, _called(arm, data), _texts(arm, data)) for data in arm.parts),
        ):
            source = escape(stored.get("source") or "–")
            cells = [kind, escape(name), code(stored["fingerprint"]), source, detail or "–"]
            rows.setdefault((kind, stored["fingerprint"]), cells)
    return table(["", "name", "fingerprint", "source", "size"], list(rows.values()), text_columns=5)


def _about(arm: Arm, note: str) -> str:
    """What a note on data is about: the data set where all its folds have it, else the first fold that does."""
    having = [data for data in arm.parts if note in (data.get("notes") or ())]
    return arm.data_name if len(having) == len(arm.parts) else _called(arm, having[0])


def _called(arm: Arm, data: Mapping[str, Any]) -> str:
    """A data set's name, with the number of the fold that it is."""
    fold = data.get("fold")
    return f"{arm.data_name}, fold {fold['number']} of {fold['of']}" if fold else arm.data_name


def _texts(arm: Arm, data: Mapping[str, Any]) -> str:
    """How many texts the splits have, and the classes."""
    texts = ", ".join(f"{name} {number(amount)}" for name, amount in (data.get("sizes") or {}).items())
    return f"{texts}; classes: {', '.join(escape(label) for label in arm.labels)}" if arm.labels else texts


def _notes(arms: Sequence[Arm], records: Sequence[Record]) -> list[str]:
    """Sentences about the data, the fixed settings of the arms, and the trials' own notes with how many have each."""
    lines: dict[str, None] = {}
    for arm in arms:
        for data in arm.parts:
            for note in data.get("notes") or ():
                # a note on the model begins with its name already
                own = note.startswith(f"{arm.model['name']}: ")
                about = "" if own else f"{escape(_about(arm, note))}: "
                lines[f"- {about}{escape(note)}"] = None
    for arm in arms:
        if arm.question.fixed:
            lines[f"- {escape(arm.title)}, fixed: {describe(arm.question.fixed)}"] = None
    notes = Counter(note for record in records for note in record.notes)
    own = [f"- {escape(note)} ({count(times, 'trial')})" for note, times in sorted(notes.items())]
    return ["\n".join([*lines, *own])]


def _facts(records: Sequence[Record]) -> list[list[str]]:
    seeds = {phase: sorted({r.seed for r in records if r.phase == phase}) for phase in ("tune", "compare")}
    hardware = (record.provenance.get("hardware") or {} for record in records)
    times = [record.provenance.get(end) for record in records for end in ("started", "ended")]
    known = sorted(str(time) for time in times if time)
    seconds = [record.costs["trial_seconds"] for record in records if record.costs.get("trial_seconds") is not None]
    facts = {
        "versions": _versions(records),
        "commit": _several(_commit(record) for record in records),
        "hardware": _several(filter(None, map(_machine, hardware))),
        "execution profile": _several(str(r.provenance.get("profile") or "not recorded") for r in records),
        "seeds, tuning": ", ".join(map(str, seeds["tune"])),
        "seeds, comparison": ", ".join(map(str, seeds["compare"])),
        "trials": f"{len(records):,}"
        + (f", which took {number(sum(seconds) / 60, 1)} minutes in all" if seconds else ""),
        "first start, last end": f"{known[0]}, {known[-1]}" if known else "",
    }
    return [[name, escape(fact)] for name, fact in facts.items() if fact]


def _versions(records: Iterable[Record]) -> str:
    versions: dict[str, set[str]] = {}
    for record in records:
        for package, version in (record.provenance.get("versions") or {}).items():
            versions.setdefault(package, set()).add(str(version))
    return ", ".join(f"{package} {' and '.join(sorted(found))}" for package, found in sorted(versions.items()))


def _commit(record: Record) -> str:
    commit = record.provenance.get("commit")
    changed = " with uncommitted changes" if record.provenance.get("uncommitted") else ""
    return f"{commit}{changed}" if commit else "not recorded"


def _machine(hardware: dict[str, Any]) -> str:
    memory = hardware.get("memory_bytes")
    parts = [
        hardware.get("cpu"),
        f"{hardware['cores']} cores" if hardware.get("cores") else None,
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
