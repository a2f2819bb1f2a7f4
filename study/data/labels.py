"""A column of labels, piece by piece: the code of each row's value, and the distinct values as strings."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pyarrow as pa

from study.data.source import is_text, type_name
from study.errors import InputError

MOST_CLASSES = 1000
_COUNTED = 10_000  # distinct values that are told apart before it is plain that they are no classes

NUMBER = re.compile(r"\s*-?(0|[1-9]\d*)(\.\d*)?([eE][+-]?\d+)?\s*|-?inf")
"""Labels of this form are numbers; 007 is not one, so that it stays apart from 7."""

HIDDEN = "-1"
"""What stands for a label that is kept from those who compete."""


class Labels:
    """The labels of a split, given piece by piece. ``names`` are the classes of integer labels where they are stated.

    Values are told apart as strings: 1 and 1.0 are '1', true is 'True', an integer with stated names its name.
    """

    def __init__(self, where: str, names: tuple[str, ...] | None) -> None:
        self.where = where
        self.names = names
        self._codes: list[np.ndarray] = []
        self._code_of: dict[str | None, int] = {}
        self._wrong = ""

    def add(self, column: pa.Array) -> None:
        """Take the next rows."""
        kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
        if self._wrong:
            return
        if not _is_class(kind):
            self._wrong = (
                f" holds {type_name(kind)}, not classes. A label is an integer, a string or a boolean; give another "
                "--label-column."
            )
            return
        coded = column.cast(kind).dictionary_encode()
        values = [*(self._as_string(value) for value in coded.dictionary.to_pylist()), None]
        here = np.array([self._code_of.setdefault(value, len(self._code_of)) for value in values[:-1]] + [-1], np.int32)
        indices = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
        if (indices == -1).any():
            here[-1] = self._code_of.setdefault(None, len(self._code_of))
        self._codes.append(here[indices])
        if len(self._code_of) > _COUNTED:
            self._wrong = self._many(f"more than {_COUNTED:,}")

    def result(self) -> tuple[np.ndarray, tuple[str | None, ...]]:
        """Every row's code, and the value of each code, None where it is missing; InputError for what is no class."""
        values: list[str | None] = list(self._code_of)
        if not self._wrong and len(values) > MOST_CLASSES:
            self._wrong = self._many(f"{len(values):,}")
        if self._wrong:
            raise InputError(f"{self.where}{self._wrong}")
        if all(value is None or value.lower() == "nan" or NUMBER.fullmatch(value) for value in values):
            values = [None if value is None or value.lower() == "nan" else value for value in values]
        return np.concatenate([np.empty(0, np.int32), *self._codes]), tuple(values)

    def _as_string(self, value: Any) -> str | None:
        """A label as a string, its class's name where the source states them; None where it is missing."""
        if value is None or value != value or (isinstance(value, str) and not value.strip()):
            return None
        if isinstance(value, str):
            return value
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if self.names is None or value == int(HIDDEN):
            return str(value)
        if not 0 <= value < len(self.names) or value != int(value):
            self._wrong = (
                f" has the label {value}, but names {len(self.names):,} classes, 0 to {len(self.names) - 1:,}. "
                "Correct those rows."
            )
            return None
        return self.names[int(value)]

    @staticmethod
    def _many(distinct: str) -> str:
        return (
            f" has {distinct} distinct values, which looks like a number to predict or an identifier. "
            f"Classification needs classes, at most {MOST_CLASSES:,}; give another --label-column."
        )


def _is_class(kind: pa.DataType) -> bool:
    test = pa.types
    numeric = test.is_integer(kind) or test.is_floating(kind) or test.is_decimal(kind)
    return numeric or test.is_boolean(kind) or is_text(kind) or test.is_null(kind)
