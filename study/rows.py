"""Rows: what a frame needs of each record, in typed columns, so that it can be had without parsing any record."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from study.question import better_is_lower
from study.record import Record

VERSION = "1"
"""Counts up when ``row`` changes what it holds, so that what was kept by an older one is not taken for it."""

KINDS = {"int": pa.int64(), "float": pa.float64(), "bool": pa.bool_(), "str": pa.string()}
"""The kinds of scalar. Each has columns of its own, so that a setting may be a number here and a word there."""

Scalar = bool | int | float | str
Row = list[tuple[str, Scalar]]

_KIND = {int: "int", float: "float", bool: "bool", str: "str"}
_BLOCK = 4096
_LARGEST = 2**63


def row(record: Record) -> Row:
    """The scalars of a record with their names; what is missing is left out.

    Settings, scores and costs are called ``setting/NAME``, ``validation/NAME``, ``test/NAME`` and ``costs/NAME``.
    """
    validation, test = record.metrics.get("validation") or {}, record.metrics.get("test") or {}
    found: list[tuple[str, Any]] = [
        ("question", record.question),
        ("phase", record.phase),
        ("status", record.status),
        ("seed", record.seed),
        ("model", record.model.name),
        ("model_fingerprint", record.model.fingerprint),
        ("data", record.data.name),
        ("data_fingerprint", record.data.fingerprint),
        ("structure", record.structure),
        ("unmerged", record.unmerged),
        ("degenerate", record.degenerate),
        ("profile", record.provenance.get("profile")),
        ("error", f"{record.error.get('type')}: {record.error.get('message')}" if record.error else None),
        ("validation_texts", _texts(validation)),
        ("test_texts", _texts(test)),
        *_epochs(record).items(),
    ]
    found += [("setting/" + name, value) for name, value in record.setting.items()]
    found += [("validation/" + name, value) for name, value in validation.items()]
    found += [("test/" + name, value) for name, value in test.items()]
    found += [("costs/" + name, value) for name, value in record.costs.items()]
    return [pair for pair in found if type(pair[1]) in _KIND or isinstance(pair[1], (int, float, str))]


def table(records: Mapping[str, Record]) -> pa.Table:
    """The rows of records in the order of their keys: ``key``, and ``KIND NAME`` for each name and kind of scalar."""
    pairs = iter(sorted(records.items()))
    blocks = [block_of([(key, row(record)) for key, record in block]) for block in _blocks(pairs)]
    return pa.concat_tables(blocks, promote_options="default") if blocks else block_of([])


def block_of(rows: Sequence[tuple[str, Row]]) -> pa.Table:
    """A table of rows that are at hand; tables of other rows can be put below it, missing columns being null."""
    columns: dict[tuple[str, type], list[Any]] = {}
    for place, (_, scalars) in enumerate(rows):
        for name, value in scalars:
            found = columns.get((name, type(value)))
            if found is None:
                found = columns[name, type(value)] = [None] * len(rows)
            found[place] = value
    arrays: dict[str, pa.Array] = {}
    for (name, kind), found in columns.items():
        for title, array in _arrays(name, kind, found):
            arrays[title] = pc.coalesce(arrays[title], array) if title in arrays else array
    return pa.table({"key": pa.array([key for key, _ in rows], pa.string()), **arrays})


def _arrays(name: str, kind: type, found: list[Any]) -> Iterator[tuple[str, pa.Array]]:
    """The column of these values; whole numbers too large for one of them are floats."""
    if kind not in _KIND:  # a scalar of numpy, say, which is also a float
        kind = next(one for one in (int, float, str) if issubclass(kind, one))
        found = [value if value is None else kind(value) for value in found]
    if kind is int:
        large = [value if value is not None and not -_LARGEST <= value < _LARGEST else None for value in found]
        if any(value is not None for value in large):
            yield f"float {name}", pa.array([value and float(value) for value in large], pa.float64())
            found = [value if other is None else None for value, other in zip(found, large, strict=True)]
    yield f"{_KIND[kind]} {name}", pa.array(found, KINDS[_KIND[kind]])


def names_in(rows: pa.Table, place: str) -> list[str]:
    """The names of the settings, scores or costs that any row has, in order."""
    found = (column.split(" ", 1)[1] for column in rows.column_names if " " in column)
    return sorted({name.removeprefix(f"{place}/") for name in found if name.startswith(f"{place}/")})


def column(rows: pa.Table, name: str, kind: str) -> pa.ChunkedArray:
    """The values of one kind under a name; null where a row has none."""
    if f"{kind} {name}" in rows.column_names:
        return rows[f"{kind} {name}"]
    return pa.chunked_array([pa.nulls(rows.num_rows, KINDS[kind])])


def values(rows: pa.Table, name: str) -> list[Any]:
    """The values under a name of whatever kind, as Python has them; None where a row has none."""
    found: list[Any] = [None] * rows.num_rows
    for kind in KINDS:
        if f"{kind} {name}" in rows.column_names:
            one = rows[f"{kind} {name}"]
            if one.null_count == 0:
                return one.to_pylist()
            found = [new if old is None else old for old, new in zip(found, one.to_pylist(), strict=True)]
    return found


def refs_in(rows: pa.Table) -> set[tuple[str, str]]:
    """The (name, fingerprint) of every model and data set."""
    pairs: set[tuple[str, str]] = set()
    for kind in ("model", "data"):
        both = [column(rows, name, "str").to_pylist() for name in (kind, f"{kind}_fingerprint")]
        pairs |= set(zip(*both, strict=True))
    return pairs


def _blocks(pairs: Iterator[tuple[str, Record]]) -> Iterator[list[tuple[str, Record]]]:
    while block := list(itertools.islice(pairs, _BLOCK)):
        yield block


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


def _texts(scores: Mapping[str, Any]) -> int | None:
    """How many texts were scored: the sum of the confusion matrix."""
    matrix = scores.get("confusion")
    return sum(map(sum, matrix)) if matrix else None
