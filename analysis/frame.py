"""The frame: every record of a study as a pandas DataFrame, one row per trial."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.folder import Study, read_study
from study.question import better_is_lower
from study.record import Record

METRICS = ("accuracy", "precision", "recall", "f1", "mcc", "loss")
COSTS = (
    "trainable_parameters",
    "total_parameters",
    "train_seconds",
    "trial_seconds",
    "examples_per_second",
    "peak_memory_bytes",
    "saved_bytes",
    "micro_batch_used",
    "out_of_memory_retries",
    "awp_attacked_steps",
    "awp_skipped_steps",
)
EPOCHS = ("epochs_run", "kept_epoch")
LATENCIES = tuple(
    f"latency_{size}{kind}{end}" for kind in ("", "_unmerged") for size in (1, 32) for end in ("", "_low", "_high")
)
IDENTITY = ("question", "key", "phase", "status", "seed", "model", "data")
FOLDS = ("fold", "folds")
NUMBERS = (
    *METRICS,
    *(f"test_{metric}" for metric in METRICS),
    "train_texts",
    "validation_texts",
    "test_texts",
    *COSTS,
    *EPOCHS,
    *LATENCIES,
)
_SCORES = 2 * len(METRICS) + 3  # the scores, and how many texts they rest on
STRINGS = ("profile", "structure", "model_fingerprint", "data_fingerprint", "error")
RESERVED = frozenset((*IDENTITY, *FOLDS, *NUMBERS, *STRINGS, "degenerate"))


def load_frame(folder: str | Path) -> pd.DataFrame:
    """One row per trial of the study in a folder; what was not measured is NaN.

    Columns: question, key, phase, status, seed, model, data; fold (from 1) and folds (how many), missing where the data
    are not folded; one per setting; the validation scores and, as ``test_``, the test scores; how many texts were
    trained on and each score computed on; degenerate; costs (counts, seconds, bytes); epochs_run, and kept_epoch, whose
    weights early stopping kept; latency_1 and latency_32 (seconds per text in batches of 1 and 32: the median over
    passes, with _low and _high the 5th and 95th percentile), and latency_1_unmerged and so on of a model that was
    merged for serving; profile, structure, fingerprints (data_fingerprint is the fold's) and error.
    Models or data sets that share a name are told apart by their fingerprint; folds have the name of their whole. A
    folder that is no study is an InputError.
    """
    return frame_of(read_study(folder))


def frame_of(study: Study) -> pd.DataFrame:
    """The frame of a study already read."""
    records = list(study.records.values())
    rows = pd.DataFrame([_row(record, study) for record in records], columns=[*IDENTITY, *NUMBERS, *STRINGS])
    rows = rows.astype({"seed": "int64", **dict.fromkeys(NUMBERS, "float64")})
    rows = rows.astype(dict.fromkeys([c for c in (*IDENTITY, *STRINGS) if c != "seed"], "str"))
    rows["degenerate"] = pd.array([record.degenerate for record in records], dtype="boolean")
    folds = [study.folds.get(record.data.fingerprint) for record in records]
    rows["fold"] = pd.array([fold.number if fold else None for fold in folds], dtype="Int64")
    rows["folds"] = pd.array([fold.of if fold else None for fold in folds], dtype="Int64")
    rows["train_texts"] = rows["data_fingerprint"].map(_trained_on(study)).astype("float64")
    names = dict.fromkeys(name for record in records for name in record.setting)
    settings = {
        column_of(name): _typed([record.setting.get(name, study.defaults.get(name)) for record in records])
        for name in sorted(names)
    }
    order = [*IDENTITY, *FOLDS, *settings, *NUMBERS[:_SCORES], "degenerate", *NUMBERS[_SCORES:], *STRINGS]
    return rows.assign(**settings)[order].sort_values("key", ignore_index=True)


def column_of(setting: str) -> str:
    """The frame's column of a setting: its name, or ``setting.NAME`` where the frame has a column of that name."""
    return f"setting.{setting}" if setting in RESERVED else setting


def setting_columns(frame: pd.DataFrame) -> list[str]:
    """The columns of a frame that are settings."""
    return [str(column) for column in frame.columns if column not in RESERVED]


def _row(record: Record, study: Study) -> dict[str, Any]:
    validation, test = record.metrics.get("validation", {}), record.metrics.get("test", {})
    latency = study.latency.get(record.structure or "", {})
    return {
        "question": record.question,
        "key": record.key,
        "phase": record.phase,
        "status": record.status,
        "seed": record.seed,
        "model": study.names[record.model.name, record.model.fingerprint],
        "data": study.names[record.data.name, record.data.fingerprint],
        **{metric: validation.get(metric) for metric in METRICS},
        **{f"test_{metric}": test.get(metric) for metric in METRICS},
        "validation_texts": _texts(validation),
        "test_texts": _texts(test),
        **{cost: record.costs.get(cost) for cost in COSTS},
        **_epochs(record),
        **_latencies(latency, ""),
        **_latencies(study.latency.get(record.unmerged or "", {}), "_unmerged"),
        "profile": record.provenance.get("profile"),
        "structure": record.structure,
        "model_fingerprint": record.model.fingerprint,
        "data_fingerprint": record.data.fingerprint,
        "error": f"{record.error.get('type')}: {record.error.get('message')}" if record.error else None,
    }


def _epochs(record: Record) -> dict[str, Any]:
    """How many epochs were trained, and after how many the weights were kept that early stopping went back to.

    The first of equal scores is the one that was kept.
    """
    if not record.curve:
        return {}
    metric = record.setting.get("early_stopping.metric")
    run = {"epochs_run": record.curve[-1].get("epoch")}
    scored = [point for point in record.curve if point.get(str(metric)) is not None]
    if not record.setting.get("early_stopping") or not scored:
        return run
    sign = -1 if better_is_lower(str(metric)) else 1
    return run | {"kept_epoch": max(scored, key=lambda point: sign * point[str(metric)]).get("epoch")}


def _latencies(measured: Mapping[str, Any], kind: str) -> dict[str, Any]:
    ends = {"": "median", "_low": "low", "_high": "high"}
    return {
        f"latency_{size}{kind}{end}": (measured.get(f"batch_{size}") or {}).get(name)
        for size in (1, 32)
        for end, name in ends.items()
    }


def _trained_on(study: Study) -> dict[str, int]:
    """How many training texts a data set has, by its fingerprint, as far as study.json says."""
    every = [data for arm in study.arms for data in arm.parts]
    return {data["fingerprint"]: data["sizes"]["train"] for data in every if "train" in (data.get("sizes") or {})}


def _texts(scores: Mapping[str, Any]) -> int | None:
    """How many texts were scored: the sum of the confusion matrix."""
    matrix = scores.get("confusion")
    return sum(map(sum, matrix)) if matrix else None


def _typed(values: list[Any]) -> pd.Series:
    """A column of the narrowest type that holds the values; missing ones are NaN (NA among booleans)."""
    kinds = {type(value) for value in values if value is not None}
    if kinds == {bool}:
        return pd.Series(values, dtype="boolean")
    if kinds == {int} and None not in values:
        return pd.Series(values, dtype="int64")
    if kinds <= {int, float}:
        return pd.Series(values, dtype="float64")
    return pd.Series(values, dtype="str" if kinds == {str} else "object")
