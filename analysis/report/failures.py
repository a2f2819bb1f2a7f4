"""What went wrong, trial by trial, and how to try again."""

from __future__ import annotations

import pandas as pd

from analysis.folder import Study
from analysis.language import retold, say
from analysis.markdown import code, count, describe, escape, listed, table
from study.record import Record

SHOWN = 20


def failures(study: Study, unasked: pd.DataFrame) -> list[str]:
    """The report's section on failed and stopped trials, damaged records and trials that no arm asks for."""
    bad = [r for r in study.records.values() if r.status != "finished"]
    bad.sort(key=lambda r: (r.phase != "compare", r.status == "stopped", r.key))
    blocks = []
    if bad:
        varying = _varying(study)
        rows = [_row(record, study, varying) for record in bad[:SHOWN]]
        blocks.append(table(_headers(), rows, text_columns=5))
        again = say(
            "Tracebacks are in records/KEY.json. To try one again: `run_study.py rerun FOLDER KEY`, FOLDER being the "
            "folder of this report."
        )
        more = say("{trials} in trials.csv.", trials=count(len(bad) - SHOWN, "more trial"))
        # a table of somebody's trials has no tracebacks, and nothing to run them with
        ours = any(part.store for part in study.parts)
        blocks.append(" ".join([*([again] if ours else []), *([more] if len(bad) > SHOWN else [])]))
    if study.damaged:
        names = listed([code(name) for name in study.damaged])
        amount = count(len(study.damaged), "record")
        blocks.append(
            say("{records} cannot be read and will run again with the study's command: {names}.",
                records=amount, names=names)
        )  # fmt: skip
    if len(unasked):
        blocks.append(
            say(
                "{trials} of other points or settings than the arms in study.json ask for: in trials.csv, in no table "
                "above.",
                trials=count(len(unasked), "trial"),
            )
        )
    return [f"## {say('Not finished')}", *blocks] if blocks else []


def _row(record: Record, study: Study, varying: list[str]) -> list[str]:
    setting = {name: record.setting[name] for name in varying if record.setting.get(name) is not None}
    models = {r.model.fingerprint for r in study.records.values()}
    data = {r.data.fingerprint for r in study.records.values()}
    place = [escape(study.names[record.model.name, record.model.fingerprint])] if len(models) > 1 else []
    place += [escape(study.names[record.data.name, record.data.fingerprint])] if len(data) > 1 else []
    error = record.error or {}
    said = f"{error.get('type')}: {error.get('message')}" if error else "; ".join(map(retold, record.notes)) or "–"
    trial = ", ".join(part for part in (*place, describe(setting), say("seed {seed}", seed=record.seed)) if part)
    return [code(record.key), trial, phase_name(record.phase), status_name(record.status), escape(said, limit=300)]


def _headers() -> list[str]:
    return [say("key"), say("trial"), say("phase"), say("ended"), say("error")]


def phase_name(phase: str) -> str:
    """What a trial was run for, in words."""
    return {"screen": say("screen"), "tune": say("tune"), "compare": say("compare")}.get(phase, phase)


def status_name(status: str) -> str:
    """How a trial ended, in words."""
    named = {
        "finished": say("finished"),
        "stopped": say("stopped"),
        "failed": say("failed"),
        "diverged": say("diverged"),
        "out_of_memory": say("out of memory"),
    }
    return named.get(status, status.replace("_", " "))


def _varying(study: Study) -> list[str]:
    """The settings that tell the study's trials apart."""
    names = dict.fromkeys(name for record in study.records.values() for name in record.setting)
    return [name for name in names if len({repr(r.setting.get(name)) for r in study.records.values()}) > 1]
