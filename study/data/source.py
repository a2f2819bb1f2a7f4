"""Source: splits found somewhere and not yet read, the same for a file, a folder and the Hub."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa


@dataclass(frozen=True)
class RawSplit:
    """One split before it is read: ``where`` names it in messages, ``types`` maps its columns to their types.

    ``batches`` streams the columns it is asked for, in that order, a few MiB at a time, and raises InputError where the
    rows cannot be read; ``class_names`` has the names of integer classes where the source states them (the Hub's
    ClassLabel); ``notes`` say how the file was taken where it could be taken in two ways.
    """

    where: str
    types: Mapping[str, pa.DataType]
    batches: Callable[[Sequence[str]], Iterator[pa.RecordBatch]] = field(repr=False)
    class_names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Source:
    """Where data comes from: its short name, a sentence fragment that says the place, its splits, what to note."""

    name: str
    place: str
    splits: Mapping[str, RawSplit]
    notes: tuple[str, ...] = ()


def shown(names: Sequence[str], most: int = 20) -> str:
    """Names in quotes, separated by commas, the first few of many."""
    return few([repr(name) for name in names], most)


def few(words: Sequence[str], most: int = 20) -> str:
    """Words separated by commas, the first few of many."""
    return ", ".join(words[:most]) + (f" and {len(words) - most:,} more" if len(words) > most else "")


def type_name(kind: pa.DataType) -> str:
    """A column's type in words."""
    if pa.types.is_dictionary(kind):
        return type_name(kind.value_type)
    if is_list(kind):
        return f"lists of {type_name(kind.value_type)}"
    if is_text(kind):
        return "strings"
    if pa.types.is_integer(kind):
        return "integers"
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return "decimal numbers"
    if pa.types.is_boolean(kind):
        return "booleans"
    return "nothing" if pa.types.is_null(kind) else f"values of type {kind}"


def is_list(kind: pa.DataType) -> bool:
    """Whether each row of such a column is a list."""
    return pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)


def is_text(kind: pa.DataType) -> bool:
    """Whether such a column holds strings, whatever their encoding in memory."""
    if pa.types.is_dictionary(kind):
        return is_text(kind.value_type)
    return pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
