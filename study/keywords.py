"""The keyword options of ``run_study.run`` as the command line's arguments."""

from __future__ import annotations

import argparse
import os
from collections.abc import Collection, Mapping
from typing import Any, cast

from study.arguments import add_launch_options, add_study_options
from study.errors import InputError, Problems, unknown
from study.question import Domain, Scalar, distinct

_PATHS = ("model", "data", "out", "corpus", "fill_in")
"""The options that may be paths."""


def from_keywords(options: Mapping[str, Any]) -> argparse.Namespace:
    """The arguments of ``run`` as the command line would give them, from keyword options.

    Raises InputError for unknown options and for values of no use. What is wrong with single settings goes into
    ``unknown``, which is told with everything else that is wrong.
    """
    parser = argparse.ArgumentParser()
    add_study_options(parser)
    add_launch_options(parser)
    arguments = parser.parse_args(["--", str(options.get("question"))])
    known = vars(arguments)
    given = {name: _as_text(name, value) for name, value in options.items() if value is not None}
    wrong = [unknown("option", name, known) for name in given if name not in known]
    wrong += [problem for action in parser._actions if (problem := _mistyped(action, given.get(action.dest)))]
    problems = Problems()
    given["set"] = _settings(given.get("set", {}), problems)
    if wrong or given["set"] is None:
        raise InputError([*wrong, *problems.found])
    known.update(given, unknown=problems.found)
    return arguments


def _mistyped(action: argparse.Action, value: Any) -> str | None:
    """What is wrong with the type of a keyword option, which the command line would have converted."""
    if value is None:
        return None
    if action.dest in (*_PATHS, "text_column"):
        return None if isinstance(value, str) else _no_text(action.dest, value)
    kinds, words = {int: ((int,), "a whole number"), float: ((int, float), "a number")}.get(
        cast(type, action.type), ((object,), "")
    )
    if isinstance(value, kinds) and not (words and isinstance(value, bool)):
        return None
    return f"{action.dest}={value!r}: must be {words}."


def _as_text(name: str, value: Any) -> Any:
    """What the command line would have had for a path, or for the two columns of pairs; other values as they are."""
    if name in _PATHS and isinstance(value, os.PathLike):
        return os.fspath(value)
    if name == "text_column" and isinstance(value, (list, tuple)) and len(value) == 2:
        # A comma inside a name would make other columns of the two.
        return ",".join(value) if all(isinstance(one, str) and "," not in one for one in value) else value
    return value


def _no_text(name: str, value: Any) -> str:
    may = {
        "model": "a folder (a str or a pathlib.Path), or a name on the Hub; a model in memory can be saved first, with "
        "its tokenizer: save_pretrained(folder)",
        "data": "a folder or a file (a str or a pathlib.Path), a name on the Hub, or reviews",
        "out": "a folder (a str or a pathlib.Path)",
        "corpus": "a folder or a file (a str or a pathlib.Path), or a name on the Hub",
        "fill_in": "a file (a str or a pathlib.Path)",
        "text_column": "a column's name, or a list or tuple of two names without a comma, for pairs",
    }
    if name == "text_column":
        return f"text_column={value!r}: must be {may[name]}."
    saved = "; a DataFrame can be saved first: frame.to_parquet('texts.parquet')" if name == "data" else ""
    return f"{name} is of type {type(value).__name__}: must be {may[name]}{saved}."


def _settings(given: Any, problems: Problems) -> dict[str, Any] | None:
    """The settings as scalars, tuples of scalars and domains, without those in ``problems``; None of no mapping."""
    if not isinstance(given, Mapping):
        problems.add(
            f"settings is of type {type(given).__name__}: must be a mapping from a setting's name to its value, such "
            "as {'epochs': 2, 'frozen_layers': (0, 3)}."
        )
        return None
    found = {}
    for name, value in given.items():
        with problems.collecting():
            found[name] = _setting(name, value)
    return found


def _setting(name: Any, value: Any) -> Scalar | tuple[Scalar, ...] | Domain:
    """One value, several, or a domain; raises InputError for anything else, and for none at all."""
    if not isinstance(name, str):
        raise InputError(f"settings: {name!r} is no name of a setting, which is a str.")
    if isinstance(value, Domain):
        args = tuple(_scalar(name, one) for one in value.args)
        try:
            return Domain(value.kind, args)
        except ValueError as error:  # what numpy's types had hidden from it
            raise InputError(f"settings: {name}: {error}.") from None
    value = _listed(value)
    if isinstance(value, (str, bytes, bytearray, Mapping)) or not isinstance(value, Collection):
        return _scalar(name, value)
    values = [_scalar(name, one) for one in value]
    if not values:
        raise InputError(f"settings: {name} has no values; give one or more.")
    if isinstance(value, (set, frozenset)):
        # A set of words has another order in every process. Numbers and words have none between them.
        values.sort(key=lambda one: (isinstance(one, str), one))
    return distinct(values)


def _scalar(name: str, value: Any) -> Scalar:
    value = _listed(value)
    if isinstance(value, (bool, int, float, str)):
        return value
    raise InputError(
        f"settings: {name} has a value of type {type(value).__name__}; give a number, a word or a bool, several of "
        "them in a list or tuple, or a study.question.Domain."
    )


def _listed(value: Any) -> Any:
    """An array as a list, a scalar of numpy as Python's: told by the method they share, for numpy may not be loaded.

    First of all, because numpy's float64 is also a float and its str_ also a str.
    """
    return value.tolist() if callable(getattr(value, "tolist", None)) else value
