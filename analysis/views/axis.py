"""The x axis of a scatter: numbers in their order, linear or logarithmic, or categories side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter, NullLocator

from analysis.markdown import value
from analysis.views.categories import LETTER, WIDE, Names, below

NEAR = 1 / 6
"""The largest step, as a share of the axis' span: what belongs to a value stands within half a step of it."""

_SPREAD = 6
"""The most steps between numbers that are not written at the values themselves."""


@dataclass(frozen=True)
class Axis:
    """Where values stand: ``places`` are their numbers, decades on a logarithmic axis, or categories' order.

    ``step`` is the room around a value, ``span`` the distance of the outermost, both as places.
    """

    values: tuple[object, ...]
    places: tuple[float, ...]
    numeric: bool
    log: bool
    step: float
    span: float

    def place(self, values: pd.Series, aside: pd.Series | float) -> np.ndarray:
        """Positions of the values, moved aside by a share of the step."""
        moved = np.asarray(aside, dtype=float) * self.step
        if not self.numeric:
            return np.array([self.values.index(v) for v in values], dtype=float) + moved
        numbers = values.to_numpy(dtype=float)
        return numbers * 10**moved if self.log else numbers + moved

    @property
    def names(self) -> Names:
        """How categories are named below the axes; nothing on an axis of numbers."""
        if self.numeric:
            return Names(())
        numbers = (int, float, np.number)
        return below([value(x) if isinstance(x, numbers) and not isinstance(x, bool) else str(x) for x in self.values])

    def label(self, axes: Axes) -> None:
        """Scale, limits and ticks: at each value where they are few or are categories."""
        if not self.numeric:
            self.names.write(axes)
        elif self.log:
            axes.set_xscale("log")
            axes.xaxis.set_minor_formatter(NullFormatter())
            if doubling(self.values) and self._fits:
                axes.set_xticks(np.array(self.values, dtype=float), [value(x) for x in self.values])
                axes.xaxis.set_minor_locator(NullLocator())
            elif self.span < 1:
                # less than a decade may hold no power of ten, and matplotlib would label nothing
                axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 3, 5) if self.span > 0.5 else range(1, 10)))
                axes.xaxis.set_major_formatter(lambda amount, _: value(amount))
                axes.xaxis.set_minor_locator(NullLocator())
        elif len(self.values) <= 13 and self._fits:
            axes.set_xticks(np.array(self.values, dtype=float), [value(x) for x in self.values])
        else:
            whole = all(float(x).is_integer() for x in self.values)  # type: ignore[arg-type]
            axes.xaxis.set_major_locator(MaxNLocator(_SPREAD, integer=whole))
        low, high = self.places[0] - self._edge, self.places[-1] + self._edge
        axes.set_xlim(*((10**low, 10**high) if self.log else (low, high)))

    @property
    def _edge(self) -> float:
        """The room beyond the outermost values."""
        if len(self.places) == 1:
            return 0.5 * self.span
        return max((0.5 if self.numeric else 0.6) * self.step, 0.05 * self.span)

    @property
    def _fits(self) -> bool:
        """Whether each value can be written at its place without running into the next."""
        widths = np.array([len(value(x)) + 1 for x in self.values]) * LETTER
        gaps = np.diff(self.places) * WIDE / (self.span + 2 * self._edge)
        return bool(np.all(gaps >= (widths[1:] + widths[:-1]) / 2))


def doubling(values: Sequence[object] | np.ndarray) -> bool:
    """Whether a few positive numbers grow by doubling in at least half of their steps, as 4, 8, 16, 24, 32 do."""
    numbers = np.asarray(values, dtype=float)
    if not 3 <= len(numbers) <= 10 or numbers.min() <= 0 or numbers.max() < 8 * numbers.min():
        return False
    powers = np.diff(np.log2(numbers))
    # where steps get so small, numbers at the ticks would run into each other
    return bool(2 * np.isclose(powers, np.rint(powers)).sum() >= len(powers) and powers.min() >= 0.07 * powers.sum())


def _uneven(values: np.ndarray) -> bool:
    """Whether numbers are zero and a row that grows by factors, which neither a linear nor a logarithmic axis shows."""
    gaps = np.diff(values)
    above = values[values > 0]
    if values.min() != 0 or len(above) < 3:
        return False
    return doubling(above) or bool(above.max() >= 20 * above.min() and gaps.max() >= 8 * gaps.min())


def axis_of(prepared: pd.DataFrame) -> Axis:
    """The axis that the x values of a prepared frame need; categories keep the order they come in."""
    column = prepared["x"]
    numeric = pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
    log = numeric and bool(prepared["log"].iloc[0])
    values = np.unique(column.to_numpy(dtype=float)) if numeric else list(dict.fromkeys(column))
    numeric = numeric and not _uneven(np.asarray(values))
    places = np.log10(values) if log else np.array(values if numeric else range(len(values)), dtype=float)
    gaps = np.diff(places)
    if len(gaps):
        span = float(places[-1] - places[0])
        # the gap of two values far apart is most of the axis, and half of it at neither of them
        step = min(max(float(gaps.min()), span / 15), NEAR * span)
    else:
        span = 1.0 if log or not numeric else abs(float(places[0])) or 1.0
        step = NEAR * span
    return Axis(tuple(values), tuple(places), numeric, log, step, span)
