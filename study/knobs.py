"""Knob: the name, type and range of one setting, wherever it is declared."""

from __future__ import annotations

import math
from dataclasses import dataclass

from study.question import Geometry, Scalar

_OF_MODEL: dict[object, str] = {"depth": "the blocks", "positions": "the longest input"}


@dataclass(frozen=True)
class Knob:
    """One setting's schema. ``identity`` is the value at which it does nothing: it never enters a key.

    An identity outside the range (``lora.rank`` 0, where ranks begin at 1) stands for "without" among values that are
    compared; a setting with that value alone asks for nothing (see ``off``).

    Of a method's knobs those with an identity are its switches, unless ``switch`` is false.
    ``low`` and ``high`` are inclusive unless ``above_low`` or ``below_high``. ``high`` may name a number of the model:
    its depth, or its positions (tokens); where the model has no such limit, there is none.
    """

    kind: type
    default: Scalar
    help: str
    identity: Scalar | None = None
    low: float | None = None
    high: float | str | None = None
    above_low: bool = False
    below_high: bool = False
    choices: tuple[Scalar, ...] = ()
    switch: bool = True

    def allowed(self, geometry: Geometry | None = None) -> str:
        """What may be given, in words."""
        if self.choices:
            return "one of " + ", ".join(f'"{one}"' if "," in str(one) else str(one) for one in self.choices)
        high = self._high(geometry)
        kind = {int: "a whole number", float: "a number", bool: "true or false", str: "a word"}[self.kind]
        low = "" if self.low is None else f" {'above' if self.above_low else 'from'} {_plain(self.low)}"
        beside = ""
        if self.identity is not None and self.off(self.identity):
            beside = f"; {self.identity} for none beside other values"
        return kind + low + ("" if high is None else f" {'below' if self.below_high else 'to'} {_plain(high)}") + beside

    def problem(self, name: str, value: Scalar, geometry: Geometry | None = None) -> str | None:
        """A sentence about what is wrong with this value, or None."""
        if self._fits(value, geometry):
            return None
        why = f" ({_OF_MODEL[self.high]} of the model)" if self.high in _OF_MODEL and self._high(geometry) else ""
        return f"{name}={value}: must be {self.allowed(geometry)}{why}. Change --set {name}=…"

    def off(self, value: Scalar) -> bool:
        """Whether this value only says "without": the identity, where that is outside the range."""
        return self._is_identity(value) and not self._in_range(value, None)

    def _is_identity(self, value: Scalar) -> bool:
        return self.identity is not None and value == self.identity and isinstance(value, bool) == (self.kind is bool)

    def _fits(self, value: Scalar, geometry: Geometry | None) -> bool:
        return self._is_identity(value) or self._in_range(value, geometry)

    def _in_range(self, value: Scalar, geometry: Geometry | None) -> bool:
        if self.choices:
            return value in self.choices
        if self.kind in (bool, str):
            return isinstance(value, self.kind)
        if isinstance(value, (bool, str)) or not math.isfinite(value):
            return False
        if self.kind is int and value != int(value):
            return False
        high = self._high(geometry)
        below = self.low is not None and (value <= self.low if self.above_low else value < self.low)
        above = high is not None and (value >= high if self.below_high else value > high)
        return not below and not above

    def _high(self, geometry: Geometry | None) -> float | None:
        if isinstance(self.high, str):
            return getattr(geometry, self.high) if geometry else None
        return self.high


def _plain(number: float) -> str:
    return f"{number:g}"
