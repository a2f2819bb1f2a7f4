"""The classes of a data set: their names in the order of their ids, and the id of every row."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from study.data.labels import NUMBER
from study.data.rows import Rows
from study.data.source import shown
from study.errors import InputError, Problems


def find_classes(splits: Mapping[str, Rows]) -> tuple[tuple[str, ...], dict[str, np.ndarray], tuple[str, ...]]:
    """The class names by id, the id of every row by split, and what to note; InputError where splits disagree."""
    train = splits["train"]
    name_of = _names({value for rows in splits.values() for value in _held(rows)}, train)
    stated = train.names or ()
    order = {name: index for index, name in enumerate(stated)}
    used = {name_of[value] for value in _held(train)}
    labels = tuple(sorted(used, key=order.__getitem__) if order and used <= order.keys() else _sorted(used))
    problems = Problems()
    if len(labels) < 2:
        problems.add(
            f"{train.where} has one class only, {shown(labels)}. Classification needs two or more; add rows of another "
            "class or give another --label-column."
        )
    if broken := [name for name in labels if "\n" in name]:
        problems.add(f"{train.where}: label {broken[0]!r} runs over lines. A label is one line; close its quote.")
    for split, rows in splits.items():
        if split != "train" and len(labels) > 1:
            problems.add(*_disagreements(split, rows, {name_of[v] for v in _held(rows)}, labels))
    problems.raise_if_any()
    ids = {split: _ids(rows, labels, name_of) for split, rows in splits.items()}
    unused = [name for name in stated if name not in used]
    return labels, ids, (f"classes without a row in train left out: {', '.join(unused)}",) if unused else ()


def _held(rows: Rows) -> list[str]:
    return [value for value in rows.values if value is not None]


def _names(values: Iterable[str], train: Rows) -> dict[str, str]:
    """The class name of each value. Numbers stay numbers however they are written; others are kept as they are."""
    values = sorted(values)
    if train.names is None and all(NUMBER.fullmatch(value) for value in values):
        return {value: _whole(value, train.where) for value in values}
    if train.names is None and {value.strip().lower() for value in values} <= {"true", "false"}:
        return {value: value.strip().capitalize() for value in values}
    return {value: value for value in values}


def _whole(value: str, where: str) -> str:
    """An integer as it is usually written; InputError for any other number."""
    number = float(value)
    if not math.isfinite(number) or not number.is_integer():
        raise InputError(
            f"{where}: labels such as {value} look like a number to predict. Classification needs classes (integers, "
            "strings or booleans); give another --label-column."
        )
    return str(int(number)) if re.search("[.eE]", value) else str(int(value))


def _sorted(names: Iterable[str]) -> list[str]:
    """Class names by value: as numbers where all of them are, else by their characters."""
    by_name = sorted(names)
    return sorted(by_name, key=float) if all(NUMBER.fullmatch(name) for name in by_name) else by_name


def _disagreements(split: str, rows: Rows, names: set[str], labels: Sequence[str]) -> list[str]:
    problems = []
    if extra := _sorted(names - set(labels)):
        problems.append(
            f"{rows.where}: {split} has labels that train does not have: {shown(extra)}. Train has {shown(labels)}; "
            "correct or remove those rows."
        )
    if lacking := [name for name in labels if name not in names]:
        problems.append(
            f"{rows.where}: {split} has no row of class {shown(lacking)}. Every class of train is scored; add rows, or "
            f"leave {split} out and it is cut from train."
        )
    return problems


def _ids(rows: Rows, labels: Sequence[str], name_of: Mapping[str, str]) -> np.ndarray:
    position = {name: index for index, name in enumerate(labels)}
    # a missing label has a value as well, None, but no row has it any more
    found = [-1 if value is None else position[name_of[value]] for value in rows.values]
    return np.array(found, np.int32)[rows.codes]
