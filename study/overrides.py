"""``--set name=value``: what a user changes about a question, and the question changed."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from study.errors import InputError, Problems
from study.question import DOMAINS, Domain, Geometry, Question, Scalar, Setting, distinct
from study.settings import all_knobs

Override = Scalar | tuple[Scalar, ...] | Domain

_CALL = re.compile(r"(\w+)\((.*)\)", re.DOTALL)


def parse(texts: Sequence[str], problems: Problems) -> dict[str, Override]:
    """Overrides by setting name from ``name=value`` texts; a text that is no override goes to ``problems``.

    ``1e-4`` fixes; ``0,3,6`` is compared, one value after the other; ``loguniform(1e-5,1e-3)`` (also uniform, randint,
    choice) is tuned.
    """
    found: dict[str, Override] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name.strip() or not value.strip():
            problems.add(f"--set {text}: must be name=value, name=value,value,… or name=loguniform(low,high).")
            continue
        if name.strip() in found:
            problems.add(f"--set {name.strip()} is given twice. Give all its values in one, separated by commas.")
        with problems.collecting():
            found[name.strip()] = _value(text, value.strip(), _with_commas(name.strip()))
    return found


def _with_commas(name: str) -> set[str]:
    """The words that this setting may be and that hold a comma themselves (lora.targets=query,value)."""
    knob = all_knobs().get(name)
    return {word for word in knob.choices if isinstance(word, str) and "," in word} if knob else set()


def _parts(value: str, whole: set[str]) -> list[str]:
    """What stands between the commas, without what is empty; neighbours that make one of these words stay together."""
    parts = [part.strip() for part in value.split(",") if part.strip()]
    found: list[str] = []
    while parts:
        count = next((n for n in range(len(parts), 1, -1) if ",".join(parts[:n]) in whole), 1)
        found.append(",".join(parts[:count]))
        parts = parts[count:]
    return found


def _value(text: str, value: str, whole: set[str]) -> Override:
    if call := _CALL.fullmatch(value):
        kind, arguments = call.groups()
        if kind not in DOMAINS:
            raise InputError(f"--set {text}: {kind}(…) is no domain. Use {', '.join(DOMAINS)}.")
        try:
            return Domain(kind, tuple(_scalar(part) for part in _parts(arguments, whole)))
        except (ValueError, TypeError, OverflowError) as error:
            raise InputError(f"--set {text}: {error}.") from None
    if "," in value:
        parts = _parts(value, whole)
        if not parts:
            raise InputError(f"--set {text}: holds no value. Give one or more, separated by commas.")
        if parts[0] in whole and len(parts) == 1 and not value.endswith(","):
            return parts[0]
        return distinct(_scalar(part) for part in parts)
    return _scalar(value)


def _scalar(text: str) -> Scalar:
    text = text.strip()
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text
    return value if isinstance(value, (bool, int, float, str)) else text


def with_override(question: Question, name: str, value: Any) -> Question:
    """The question with a setting fixed (a scalar), compared (a tuple or list) or tuned (a Domain).

    A factor given one value stays a factor with that value, and has none where the question gives it none (the schedule
    of an attack of strength 0, say). The baseline of a question follows what is fixed, and what
    is newly compared is compared with its default, or with the first value where that is not among them.
    """
    factors, tuned = {**_grid(question)}, dict(question.tuned)
    fixed, baseline = dict(question.fixed), dict(question.baseline)
    tuned.pop(name, None)
    fixed.pop(name, None)
    if isinstance(value, Domain):
        if name in factors:
            raise InputError(
                f"--set {name}={value}: {name} is what {question.name} compares, so it cannot be tuned. "
                f"Give values: --set {name}=a,b,c."
            )
        tuned[name] = value
    elif isinstance(value, (tuple, list)) or name in factors:
        values = tuple(value) if isinstance(value, (tuple, list)) else (value,)
        if name not in factors and baseline and name not in baseline and len(values) > 1:
            baseline[name] = _usual(name, values)
        known = factors.get(name)
        factors[name] = partial(_where_asked, known, values) if callable(known) else values
    else:
        fixed[name] = value
        if name in baseline:
            baseline[name] = value
    return replace(question, factors=factors, tuned=tuned, fixed=fixed, baseline=baseline)


def _where_asked(known: Callable[..., Sequence[Scalar]], values: Sequence[Scalar], geometry: Geometry, point: Setting):
    """The values at the points where the question has any."""
    return values if known(geometry, point) else ()


def _usual(name: str, values: Sequence[Scalar]) -> Scalar:
    knobs = all_knobs()
    return knobs[name].default if name in knobs and knobs[name].default in values else values[0]


def _grid(question: Question) -> Mapping[str, Any]:
    if isinstance(question.factors, Mapping):
        return question.factors
    raise InputError(
        f"--set: {question.name} compares a list of points, which cannot be changed setting by setting. "
        "Change the question's file."
    )


def with_metric(question: Question, metric: str) -> Question:
    """The question decided by this metric, which is also what its methods watch."""
    watched = {name: metric for name in question.fixed if name.endswith(".metric")}
    return replace(question, metric=metric, fixed={**question.fixed, **watched})
