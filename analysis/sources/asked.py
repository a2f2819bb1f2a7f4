"""The question that a table of trials answers: which of its settings are compared, which were tuned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from analysis.expected import UNDECLARED
from analysis.language import say
from analysis.sources.declared import Declared
from analysis.sources.known import short
from analysis.sources.typed import typed
from study.errors import InputError
from study.question import Domain, Question, Scalar, Setting, View, distinct

FEW = 12
"""A setting with more values than this was searched over, not laid out to be compared."""

_DRAWN = 5
"""A setting with fewer values than this may have another in every trial of a small grid."""

_DECADES = 100  # times as large: what is searched over by factors


def question_of(
    settings: Sequence[Setting], declared: Declared, seeds: Sequence[int], metric: str, lower: bool
) -> tuple[Question, list[str]]:
    """The question, and sentences that say how its settings were divided.

    The rule: where ``compare`` names settings, those are compared and the other varying ones were tuned at each point.
    Else, where no setting was searched over (see ``_searched``), all varying ones are compared, and the points are the
    combinations that there are. Else the table is a search: all were tuned, and each combination is a candidate.
    """
    names = list(dict.fromkeys(name for setting in settings for name in setting))
    values = {name: _values(name, settings) for name in names}
    varying = [n for n in names if len(values[n]) > 1 or any(n not in setting for setting in settings)]
    asked = [short(name) if short(name) in names else name for name in declared.compare or ()]
    searched = {name for name in varying if _searched(name, values[name], settings, alone=len(varying) == 1)}
    factors = asked or ([] if searched else varying)
    tuned = [name for name in varying if name not in factors]
    points = _points(factors, values, settings)
    return (
        Question(
            name=declared.question or "trials",
            asks=declared.asks or say("Which setting has the best score?"),
            source="",
            factors=points,
            tuned={name: _domain(values[name], name in searched) for name in tuned},
            fixed={name: values[name][0] for name in names if name not in varying and name not in factors},
            baseline=_baseline(declared.baseline, values),
            metric=metric,
            lower=lower,
            seeds=tuple(seeds),
            selection_seeds=(),
            trials=len({tuple((name, setting.get(name)) for name in tuned) for setting in settings}),
            search=UNDECLARED,
            view=View("scatter", {"x": next((n for n in (*factors, *tuned) if n in varying), "")})
            if varying
            else View("strip"),
        ),
        _said(factors, tuned, bool(asked), declared),
    )


def _values(name: str, settings: Sequence[Setting]) -> tuple[Scalar, ...]:
    """The values of a setting: numbers in ascending order, words in the order they come in."""
    found = distinct(setting[name] for setting in settings if name in setting)
    return found if any(isinstance(value, str) for value in found) else tuple(sorted(found))


def _points(
    factors: Sequence[str], values: Mapping[str, Sequence[Scalar]], settings: Sequence[Setting]
) -> tuple[Setting, ...]:
    """The combinations there are, in the order of their values; those without a setting come after those with it."""
    places = {name: {_key(value): i for i, value in enumerate(values[name])} for name in factors}
    found = {
        tuple(places[name][_key(setting[name])] if name in setting else len(places[name]) for name in factors): setting
        for setting in settings
    }
    points = [{name: found[place][name] for name in factors if name in found[place]} for place in sorted(found)]
    return tuple(point for point in points if point)


def _searched(name: str, values: Sequence[Scalar], settings: Sequence[Setting], *, alone: bool) -> bool:
    """Whether numbers were drawn: more than ``FEW``, or, beside other settings, another one in every trial."""
    if any(isinstance(value, (str, bool)) for value in values):
        return False
    own = _DRAWN <= len(values) == sum(name in setting for setting in settings)
    return len(values) > FEW or (own and not alone)


def _domain(values: Sequence[Scalar], searched: bool) -> Domain:
    """The domain that holds all values: where numbers were drawn a range, by factors if it is wide; else a choice."""
    if not searched:
        return Domain("choice", tuple(values))
    low, high = values[0], values[-1]
    if all(isinstance(value, int) for value in values):
        return Domain("randint", (low, int(high) + 1))
    wide = float(low) > 0 and float(high) >= _DECADES * float(low)
    return Domain("loguniform" if wide else "uniform", (low, high))


def _baseline(given: Mapping[str, Any], values: Mapping[str, Sequence[Scalar]]) -> Setting:
    """The baseline with its values as the table has them; an InputError names what the table does not have."""
    problems, found = [], {}
    for name, value in given.items():
        known = values.get(name if name in values else short(name))
        if known is None:
            problems.append(f"baseline {name!r} is no setting of the table. Settings: {', '.join(values) or 'none'}.")
            continue
        meant = typed(pd.Series([value], dtype=object))[0]
        same = [one for one in known if _key(one) in (_key(value), _key(meant)) or str(one) == str(value)]
        if same:
            found[name if name in values else short(name)] = same[0]
        else:
            shown = ", ".join(map(str, known[:FEW])) + (", …" if len(known) > FEW else "")
            problems.append(f"baseline {name}={value}: no trial has this value. Values there are: {shown}.")
    if problems:
        raise InputError(problems)
    return found


def _key(value: Any) -> tuple[bool, Any]:
    return isinstance(value, bool), value


def _said(factors: Sequence[str], tuned: Sequence[str], asked: bool, declared: Declared) -> list[str]:
    said = []
    if asked and tuned:
        tunes = ", ".join(tuned)
        said.append(
            say("Settings that vary and are not compared are taken as tuned at each point: {names}.", names=tunes)
        )
    elif not asked and factors:
        said.append(
            say(
                "Compared, because none of them has more than {few} values or another in every trial: {names}.",
                few=FEW,
                names=", ".join(factors),
            )
        )
    elif tuned:
        said.append(
            say(
                "Taken for a search over {names}, because one of them has more than {few} values or another in every "
                "trial: each combination is a candidate.",
                few=FEW,
                names=", ".join(tuned),
            )
        )
    if not declared.baseline:
        said.append(say("No baseline was declared, so no differences from one are given."))
    return said
