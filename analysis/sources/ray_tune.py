"""A Ray Tune experiment folder as a table: only its text files are read, nothing pickled is ever opened."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from pandas.errors import EmptyDataError

from analysis.language import say
from analysis.markdown import count
from analysis.sources.files import parsed_lines
from analysis.sources.flat import flat
from analysis.sources.known import Known, keep
from study.errors import InputError

_OWN = ("config", "node_ip", "hostname", "pid", "date", "timestamp", "done", "experiment_id")
"""What Ray writes into every result beside what the trial reported; the configuration is in params.json."""


def trials_in(folder: Path) -> list[Path]:
    """The folders of trials that lie in a folder."""
    return sorted(path.parent for path in folder.glob("*/params.json"))


def read_ray(folder: Path) -> pd.DataFrame:
    """One row per trial: name, status, error, ``config/NAME``, the values it reported last, and all of them as a curve.

    The status is that of the experiment's state, where Ray left one; else a trial with error.txt has failed and one
    that reported has finished.
    """
    states = _states(folder)
    rows = [_row(trial, states) for trial in trials_in(folder)]
    raw = pd.DataFrame(rows)
    settings = [str(name) for name in raw.columns if str(name).startswith("config/")]
    columns: dict[str, Any] = {"settings": settings, "status": "status"}
    columns |= {"costs": {"trial_seconds": "time_total_s"}} if "time_total_s" in raw else {}
    notes = [say("The scores of a trial are those that it reported last.")]
    reports = raw["curve"].map(len)
    early = int(((reports < reports.max()) & (reports > 0) & raw["error"].isna()).sum())
    if early:
        notes.append(
            say(
                "Reported fewer times than the others, which did {most} times: {some}. A scheduler may have stopped "
                "them; they count as Ray's state says.",
                some=count(early, "trial"),
                most=int(reports.max()),
            )
        )
    return keep(raw, Known(folder.name, folder, say("Ray Tune experiment"), columns, tuple(notes)))


def _row(trial: Path, states: Mapping[str, str]) -> dict[str, Any]:
    try:
        config = json.loads((trial / "params.json").read_text(encoding="utf-8"))
        reported = _reported(trial)
    except (ValueError, OSError, AttributeError) as error:
        raise InputError(
            f"{trial} cannot be read: {error}. Move this trial's folder away to go on without it."
        ) from None
    last = reported[-1] if reported else {}
    told = trial / "error.txt"
    said = told.read_text(encoding="utf-8", errors="replace").strip().splitlines() if told.is_file() else []
    known = "failed" if told.is_file() else "finished" if reported else "pending"
    return {
        "trial": trial.name,
        "status": states.get(str(last.get("trial_id", "")), states.get(trial.name, known)),
        "error": said[-1] if said else None,
        **{f"config/{name}": value for name, value in flat(_readable(config)).items()},
        **last,
        "curve": [_point(one) for one in reported],
    }


def _readable(config: Mapping[str, Any]) -> dict[str, Any]:
    """The configuration without what Ray could only pickle, which it marks with its type."""
    inner = {name: _readable(value) if isinstance(value, Mapping) else value for name, value in config.items()}
    return {name: value for name, value in inner.items() if not (isinstance(value, Mapping) and "_type" in value)}


def _reported(trial: Path) -> list[dict[str, Any]]:
    """What a trial reported, oldest first: from result.json, or where there is none from progress.csv."""
    lines, table = trial / "result.json", trial / "progress.csv"
    if lines.is_file() and lines.stat().st_size:
        found = [flat(one) for one in parsed_lines(lines.read_text(encoding="utf-8"))]
    elif table.is_file():
        try:
            found = pd.read_csv(table).to_dict("records")  # type: ignore[assignment]
        except EmptyDataError:
            return []
    else:
        return []
    return [{str(k): v for k, v in one.items() if str(k).split("/")[0] not in _OWN} for one in found]


def _point(reported: Mapping[str, Any]) -> dict[str, Any]:
    """An evaluation as a record's curve has it, with what a trial counts in as its step."""
    numbers = {k: v for k, v in reported.items() if isinstance(v, (int, float)) and not isinstance(v, bool)}
    step = numbers.get("step", numbers.get("training_iteration"))
    return {**numbers, **({} if step is None else {"step": step})}


def _states(folder: Path) -> dict[str, str]:
    """The status of each trial by its id and folder, as the newest experiment state says; it is JSON in JSON."""
    files = sorted(folder.glob("experiment_state-*.json"), key=lambda path: path.name)
    if not files:
        return {}
    try:
        stored = json.loads(files[-1].read_text(encoding="utf-8"))
        trials = [json.loads(one[0]) if isinstance(one[0], str) else one[0] for one in stored["trial_data"]]
    except (ValueError, KeyError, TypeError, IndexError):
        return {}  # the state is of another version: what the trials left is enough
    found = {}
    for trial in trials:
        for name in (trial.get("trial_id"), trial.get("relative_logdir")):
            if name and trial.get("status"):
                found[str(name)] = str(trial["status"])
    return found
