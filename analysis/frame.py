"""The frame: every record of a study as a pandas DataFrame, one row per trial."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from analysis.folder import Study, read_study
from analysis.folds import Fold
from analysis.origin import marked
from study.store import column, names_in, rows_of, values

METRICS = ("accuracy", "precision", "recall", "f1", "mcc", "loss")
COSTS = (
    "trainable_parameters",
    "total_parameters",
    "train_seconds",
    "prefix_seconds",
    "trial_seconds",
    "examples_per_second",
    "peak_memory_bytes",
    "saved_bytes",
    "micro_batch_used",
    "out_of_memory_retries",
    "awp_attacked_steps",
    "awp_skipped_steps",
    "tokens_seen",
    "train_flops",
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
RESERVED = frozenset(("study", *IDENTITY, *FOLDS, *NUMBERS, *STRINGS, "degenerate"))
_OTHER = ("metric.", "test_metric.")


def load_frame(folder: str | Path) -> pd.DataFrame:
    """One row per trial of the study in a folder; what was not measured is NaN.

    Columns: question, key, phase, status, seed, model, data; fold (from 1) and folds (how many), missing where the data
    are not folded; one per setting; the validation scores and, as ``test_``, the test scores; how many texts were
    trained on and each score computed on; degenerate; costs (counts, seconds, bytes); epochs_run, and kept_epoch, whose
    weights early stopping kept; latency_1 and latency_32 (seconds per text in batches of 1 and 32: the median over
    passes, with _low and _high the 5th and 95th percentile), and latency_1_unmerged and so on of a model that was
    merged for serving; profile, structure, fingerprints (data_fingerprint is the fold's) and error.
    A study from several folders has a column study before these, which names the folder of each. A score that is none
    of METRICS is ``metric.NAME`` and ``test_metric.NAME`` (see ``metric_column``), missing where a question asks for
    one that no trial has. Models or data sets that share a name are told apart by their fingerprint; folds have the
    name of their whole. A folder that is no study is an InputError.
    """
    study = read_study(folder)
    return marked(frame_of(study), study)


def frame_of(study: Study) -> pd.DataFrame:
    """The frame of a study already read."""
    rows = rows_of(study.records)
    words = {name: _words(column(rows, name, "str")) for name in (*IDENTITY, *STRINGS, "unmerged") if name != "key"}
    folds = words["data_fingerprint"].map(study.folds)
    other = sorted({*_scores_in(rows), *(arm.question.metric for arm in study.arms)} - {*METRICS})
    columns = {
        **words,
        "key": _words(rows["key"]),
        "seed": _numbers(rows, "seed").astype("int64"),
        **{kind: _called(rows, kind, study) for kind in ("model", "data")},
        "fold": pd.array([fold.number if isinstance(fold, Fold) else None for fold in folds], dtype="Int64"),
        "folds": pd.array([fold.of if isinstance(fold, Fold) else None for fold in folds], dtype="Int64"),
        "train_texts": words["data_fingerprint"].map(_trained_on(study)).astype("float64"),
        **{name: _numbers(rows, name) for name in ("validation_texts", "test_texts", *EPOCHS)},
        **{
            metric_column(name, split): _numbers(rows, f"{split}/{name}")
            for split in ("validation", "test")
            for name in (*METRICS, *other)
        },
        **{name: _numbers(rows, f"costs/{name}") for name in COSTS},
        **_latencies(words["structure"], study, ""),
        **_latencies(words["unmerged"], study, "_unmerged"),
        "degenerate": pd.array(values(rows, "degenerate"), dtype="boolean"),
    }
    settings = {column_of(name): _setting(rows, name, study) for name in names_in(rows, "setting")}
    further = [metric_column(name, split) for split in ("validation", "test") for name in other]
    scores = [*NUMBERS[:_SCORES], *further]
    if study.origins:
        columns["study"] = _words(rows["key"]).map(study.origins)
    first = ["study"] if study.origins else []
    order = [*first, *IDENTITY, *FOLDS, *settings, *scores, "degenerate", *NUMBERS[_SCORES:], *STRINGS]
    return pd.DataFrame({name: settings.get(name, columns.get(name)) for name in order})


def column_of(setting: str) -> str:
    """The frame's column of a setting: its name, or ``setting.NAME`` where the frame has a column of that name."""
    return f"setting.{setting}" if setting in RESERVED or setting.startswith(_OTHER) else setting


def metric_column(name: str, split: str = "validation") -> str:
    """The frame's column of a score: its name, ``metric.NAME`` where it is none of METRICS; ``test_`` before either."""
    found = name if name in METRICS else f"metric.{name}"
    return f"test_{found}" if split == "test" else found


def setting_columns(frame: pd.DataFrame) -> list[str]:
    """The columns of a frame that are settings."""
    return [str(name) for name in frame.columns if name not in RESERVED and not str(name).startswith(_OTHER)]


def _words(found: pa.ChunkedArray) -> pd.Series:
    return pd.Series(found.to_pandas(), dtype="str")


def _numbers(rows: pa.Table, name: str) -> pd.Series:
    """The numbers under a name; NaN where there is none."""
    whole, broken = (column(rows, name, kind).cast("float64", safe=False) for kind in ("int", "float"))
    return pd.Series(pc.coalesce(broken, whole).to_numpy(), dtype="float64")


def _scores_in(rows: pa.Table) -> set[str]:
    """The scores on validation or test that any row has as a number."""
    numbers = rows.select([name for name in rows.column_names if name.split(" ", 1)[0] in ("int", "float")])
    return {*names_in(numbers, "validation"), *names_in(numbers, "test")}


def _setting(rows: pa.Table, name: str, study: Study) -> pd.Series:
    """A setting's values; a record from before the setting was added has its default."""
    default = study.defaults.get(name)
    found = values(rows, f"setting/{name}")
    return _typed(found if default is None else [default if value is None else value for value in found])


def _called(rows: pa.Table, kind: str, study: Study) -> pd.Series:
    """What models or data sets are called in this study."""
    pairs = zip(values(rows, kind), values(rows, f"{kind}_fingerprint"), strict=True)
    return pd.Series([study.names[pair] for pair in pairs], dtype="str")


def _latencies(structures: pd.Series, study: Study, kind: str) -> dict[str, pd.Series]:
    """The columns of what was measured of a structure that is merged for serving, or not (``kind``)."""
    ends = {"": "median", "_low": "low", "_high": "high"}
    found = {}
    for size, (end, name) in itertools.product((1, 32), ends.items()):
        times = {mark: (measured.get(f"batch_{size}") or {}).get(name) for mark, measured in study.latency.items()}
        found[f"latency_{size}{kind}{end}"] = structures.map(times).astype("float64")
    return found


def _trained_on(study: Study) -> dict[str, int]:
    """How many training texts a data set has, by its fingerprint, as far as study.json says."""
    every = [data for arm in study.arms for data in arm.parts]
    return {data["fingerprint"]: data["sizes"]["train"] for data in every if "train" in (data.get("sizes") or {})}


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
