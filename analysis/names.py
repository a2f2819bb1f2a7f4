"""Short names of settings and of a recipe's parts, for figures and narrow tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import pandas as pd

from analysis.components import Component, components
from analysis.frame import column_of
from analysis.language import known, say, worded
from analysis.markdown import value
from analysis.points import following
from analysis.spoken_values import spoken_value
from study.question import Question

METHODS = {"lora": "LoRA", "awp": "AWP", "bitfit": "BitFit", "setfit": "SetFit", "pretraining": "pre-training"}
"""Methods whose names are not written as words."""

FULL = ("frozen_layers", "lora.rank", "adapter.width", "awp.epsilon", "mixout.p")
"""Settings without any of which a model is fine-tuned in full."""


def baseline_name(question: Question) -> str:
    """What to call the baseline: full fine-tuning, or that without further pre-training, where it is that."""
    named = question.baseline
    if named and all((n in FULL and not named[n]) or (n, named[n]) == ("method", "full") for n in named):
        return say("full fine-tuning")
    return say("no further pre-training") if named == {"pretraining.steps": 0} else say("baseline")


def part_name(component: Component) -> str:
    """A part of a recipe by its method and its strength: "LoRA (rank 8)"."""
    _, dot, knob = component.name.partition(".")
    said = _method(component)
    if isinstance(component.on, bool):
        return said if component.on else say("no {part}", part=said)
    return f"{said} ({_words(knob)} {_plain(component.on)})" if dot else f"{said} {_plain(component.on)}"


def names_of(table: pd.DataFrame, question: Question) -> list[str]:
    """A short name for each row of a comparison table or frame, by what differs from the baseline.

    A recipe's points are told by their parts: "whole recipe", "without LoRA", "LoRA alone". Rows that would share a
    name, because several candidates of one point were compared, are told apart by what was tuned.
    """
    parts, factors, told = components(question), question.factor_names, following(question, ["method"])
    # a comparison has a hundred columns, and of a large one all rows would be laid out in full
    read = {column_of(name) for name in (*factors, *question.tuned, "method")}
    rows = table[[name for name in table.columns if name in read]].to_dict("records")
    named = (_by_parts(row, parts, question) if parts else "" for row in rows)
    found = [name or _by_difference(row, question, factors, told) for name, row in zip(named, rows, strict=True)]
    settings = [tuple((str(name), _key(row.get(name))) for name in map(column_of, question.tuned)) for row in rows]
    # a frame has a row per seed: only different settings of one name need more
    shared = Counter(name for name, _ in set(zip(found, settings, strict=True)))
    tuned = [", ".join(_said(name, row[c]) for name in question.tuned if (c := column_of(name)) in row) for row in rows]
    return [
        f"{name}, {extra}" if shared[name] > 1 and extra else name for name, extra in zip(found, tuned, strict=True)
    ]


def _by_parts(row: Mapping[Any, Any], parts: Sequence[Component], question: Question) -> str:
    """The name of a point of a recipe; empty where the row is at another."""
    others = {name for name in question.factor_names if name not in {part.name for part in parts}}
    if any(_differs(row, name, question) for name in others):
        return ""
    on = [part for part in parts if row.get(column_of(part.name)) == part.on]
    if len(on) == len(parts):
        return say("whole recipe")
    if len(on) == len(parts) - 1 and len(parts) > 2:
        return say("without {part}", part=_method(next(part for part in parts if part not in on)))
    return say("{part} alone", part=_method(on[0])) if len(on) == 1 else ""


def _by_difference(row: Mapping[Any, Any], question: Question, factors: Sequence[str], told: Collection[str]) -> str:
    """The name by the factors that differ from the baseline's; ``told`` are those that follow from the method."""
    words: dict[str, list[str]] = {}
    # of several factors the method is said where it is the baseline's too: "full fine-tuning, shots 8"
    always = "method" if len(factors) > 1 and pd.notna(row.get("method")) else ""
    for name in factors:
        if name == always or (name not in told and _differs(row, name, question)):
            method, dot, _ = name.partition(".")
            said = _said(name, row[column_of(name)])
            words.setdefault(method if dot else f" {name}", []).append(said)
    parts = [", ".join(said) if key[0] == " " else f"{known(METHODS.get(key, key))} {', '.join(said)}"
             for key, said in words.items()]  # fmt: skip
    if parts:
        return ", ".join(parts)
    if factors:
        return baseline_name(question)
    tuned = [_said(name, row[column_of(name)]) for name in question.tuned if column_of(name) in row]
    # where nothing varies there is one setting, which is all that it has
    return ", ".join(tuned or [_said(name, amount) for name, amount in question.fixed.items()])


def _differs(row: Mapping[Any, Any], name: str, question: Question) -> bool:
    amount = row.get(column_of(name))
    return amount is not None and not pd.isna(amount) and amount != question.baseline.get(name)


def _said(name: str, amount: Any) -> str:
    if spoken := spoken_value(name, amount):
        return spoken
    if isinstance(amount, bool):
        return _words(name) if amount else say("no {part}", part=_words(name))
    return f"{_words(name)} {_plain(amount)}"


def _method(part: Component) -> str:
    method = part.name.partition(".")[0]
    return METHODS.get(method, known(_words(method)))


def _key(amount: Any) -> str:
    return "" if amount is None or pd.isna(amount) else repr(amount)


def _words(name: str) -> str:
    return worded(name.rpartition(".")[2])


def _plain(amount: Any) -> str:
    return amount if isinstance(amount, str) else value(amount)
