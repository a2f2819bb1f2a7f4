"""What a reader can explore of an arm's trials: their settings, scores and costs as the axes of two drawings."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from analysis.frame import column_of, metric_column, setting_columns
from analysis.language import grouped, say
from analysis.markdown import count
from analysis.metrics import metric_name
from analysis.report.failures import phase_name, status_name
from study.question import Question

LIMIT = 2000
"""The most trials that are drawn."""

FEW = 12
"""The most different numbers that may stand side by side where no scale shows them well."""

Scalar = float | int | str | None


@dataclass(frozen=True)
class Axis:
    """One column of the frame: a value per trial, None where it is missing; places in order where it has categories.

    ``kind`` is setting, score, cost or trial (seed, phase, status); ``log`` means that the numbers span decades.
    """

    name: str
    label: str
    kind: str
    values: tuple[Scalar, ...]
    categories: tuple[Scalar, ...] = ()
    log: bool = False


@dataclass(frozen=True)
class Explorer:
    """The trials of one arm: their keys, their axes, and the sentences under the drawings."""

    title: str
    keys: tuple[str, ...]
    axes: tuple[Axis, ...]
    notes: tuple[str, ...] = ()
    words: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> str:
        """Everything as JSON that may stand inside a script element, whatever names and values it holds."""
        return json.dumps(asdict(self), allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")


def explorer(frame: pd.DataFrame, question: Question) -> Explorer | None:
    """What can be explored of an arm's trials; None where none has a score, or no setting differs.

    Of more than ``LIMIT`` trials as many are taken, evenly in the order of their keys, which are hashes; a sentence
    says so.
    """
    kept = frame.sort_values("key", ignore_index=True)
    if len(kept) > LIMIT:
        kept = kept.iloc[np.linspace(0, len(kept) - 1, LIMIT).round().astype(int)].reset_index(drop=True)
    settings = _settings(kept, question)
    scores = _scores(kept, question)
    if not settings or not scores:
        return None
    axes = [axis(kept[name], name.removeprefix("setting."), "setting") for name in settings]
    axes += [axis(kept[name], label, "score") for name, label in scores.items()]
    axes += [axis(amounts, label, "cost") for amounts, label in _costs(kept)]
    axes += [axis(amounts, label, "trial") for amounts, label in _coordinates(kept)]
    notes = (say("{shown} are drawn, chosen evenly of {trials} by their keys.", shown=count(LIMIT, "trial"),
                 trials=count(len(frame), "trial")),) if len(frame) > LIMIT else ()  # fmt: skip
    title = " · ".join(str(name) for column in ("model", "data") for name in dict.fromkeys(kept[column]))
    return Explorer(title, tuple(kept["key"]), tuple(axes), notes, _words())


def _settings(frame: pd.DataFrame, question: Question) -> list[str]:
    """The settings that differ, first what is compared, then what was tuned: a reader sees the first of them first.

    Of those that no question names, one that has a single value or is missing only says that its method is on.
    """
    asked = [column_of(name) for name in (*question.factor_names, *question.tuned)]
    asked = [name for name in asked if name in frame and frame[name].nunique(dropna=False) > 1]
    others = [name for name in setting_columns(frame) if frame[name].nunique() > 1]
    return list(dict.fromkeys([*asked, *others]))


def axis(column: pd.Series, label: str, kind: str) -> Axis:
    """A column as an axis: numbers on a scale, linear or logarithmic; all else, and uneven numbers, as categories."""
    values = tuple(_plain(value) for value in column)
    there = {value for value in values if value is not None}
    numbers = [value for value in there if not isinstance(value, str)]
    if len(numbers) < len(there) or pd.api.types.is_bool_dtype(column):
        values = tuple(value if value is None else str(value) for value in values)
        order: Iterable[Scalar] = sorted({value for value in values if value is not None}, key=str)
        return Axis(str(column.name), label, kind, values, tuple(order))
    if _uneven(numbers):
        return Axis(str(column.name), label, kind, values, tuple(sorted(numbers)))
    return Axis(str(column.name), label, kind, values, log=_decades(numbers))


def _decades(numbers: list[float]) -> bool:
    """Whether positive numbers span decades and lie as a logarithmic scale wants them: most near the small end.

    The smallest of many even draws from 0 to 1 is tiny too, but half of them are above 0.5.
    """
    if len(numbers) < 2 or min(numbers) <= 0 or max(numbers) < 20 * min(numbers):
        return False
    return float(np.median(numbers)) < 0.3 * (min(numbers) + max(numbers))


def _uneven(numbers: list[float]) -> bool:
    """Whether numbers are zero and a few that grow by factors: neither a linear nor a logarithmic scale shows them."""
    above = [number for number in numbers if number > 0]
    return 2 < len(numbers) <= FEW and min(numbers) == 0 and max(above) >= 20 * min(above)


def _plain(value: Any) -> Scalar:
    """A value as JSON has it; None where it is missing, or is no finite number."""
    if value is None or value is pd.NA:
        return None
    if isinstance(value, (bool, np.bool_)):
        return str(bool(value))
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        return float(f"{value:.7g}") if np.isfinite(value) else None
    return str(value)


def _scores(frame: pd.DataFrame, question: Question) -> dict[str, str]:
    """The columns of the question's metric that have a value, with what to call them; validation first."""
    metric = question.metric
    words = metric_name(metric)
    names = {
        metric_column(metric): say("validation {metric}", metric=words),
        metric_column(metric, "test"): say("test {metric}", metric=words),
    }
    return {name: label for name, label in names.items() if name in frame and frame[name].notna().any()}


def _costs(frame: pd.DataFrame) -> list[tuple[pd.Series, str]]:
    """The costs that differ between trials, in the units of their labels."""
    units = {
        "trainable_parameters": (say("trainable parameters"), 1.0),
        "train_seconds": (say("training (s)"), 1.0),
        "peak_memory_bytes": (say("peak memory (MiB)"), 2.0**-20),
        "saved_bytes": (say("saved (MiB)"), 2.0**-20),
        "latency_1": (say("latency, batch 1 (ms/text)"), 1000.0),
        "latency_32": (say("latency, batch 32 (ms/text)"), 1000.0),
    }
    differ = [name for name in units if name in frame and frame[name].nunique() > 1]
    return [(frame[name] * units[name][1], units[name][0]) for name in differ]


def _coordinates(frame: pd.DataFrame) -> list[tuple[pd.Series, str]]:
    """What else tells trials apart, in words."""
    names = {"seed": say("seed"), "fold": say("fold"), "phase": say("phase"), "status": say("status")}
    words = {"phase": phase_name, "status": status_name}
    differ = [name for name in names if name in frame and frame[name].nunique() > 1]
    return [(frame[name].map(words[name]) if name in words else frame[name], names[name]) for name in differ]


def _words() -> dict[str, str]:
    """What the drawings say, with {names} that they fill in themselves."""
    return {
        "parallel": say("Parallel coordinates: each line is a trial"),
        "scatter": say("Scatter: each dot is a trial"),
        "colour": say("Colour"),
        "horizontal": say("Horizontal"),
        "vertical": say("Vertical"),
        "clear": say("Clear"),
        "missing": say("missing"),
        "group": grouped(","),
        "key": say("key"),
        "shown": say("{shown} of {all} trials shown", shown="{shown}", all="{all}"),
        "hint": say(
            "Drag along an axis to keep the trials in that range; click it to keep all again. Point at a trial, or use"
            " the arrow keys, to see it whole."
        ),
    }
