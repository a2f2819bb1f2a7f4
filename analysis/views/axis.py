"""The x axis of a scatter: numbers in their order, linear or logarithmic, or categories side by side."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter, NullLocator

from analysis.markdown import value


@dataclass(frozen=True)
class Axis:
    """Where values stand. ``step`` is the distance between neighbours and ``span`` that of the outermost, in decades
    on a logarithmic axis.
    """

    values: tuple[object, ...]
    numeric: bool
    log: bool
    step: float
    span: float = 0.0

    def place(self, values: pd.Series, aside: pd.Series | float) -> np.ndarray:
        """Positions of the values, moved aside by a share of the step."""
        if not self.numeric:
            return np.array([self.values.index(v) for v in values], dtype=float) + np.asarray(aside) * self.step
        places = values.to_numpy(dtype=float)
        if self.log:
            return places * 10 ** (np.asarray(aside, dtype=float) * self.step)
        return places + np.asarray(aside, dtype=float) * self.step

    def label(self, axes: Axes) -> None:
        """Scale and ticks: at each value where they are few or are categories."""
        if not self.numeric:
            axes.set_xticks(range(len(self.values)), [str(x) for x in self.values])
        elif self.log:
            axes.set_xscale("log")
            axes.xaxis.set_minor_formatter(NullFormatter())
            if self.span < 1:
                # less than a decade may hold no power of ten, and matplotlib would label nothing
                axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 3, 5) if self.span > 0.5 else range(1, 10)))
                axes.xaxis.set_major_formatter(lambda amount, _: value(amount))
                axes.xaxis.set_minor_locator(NullLocator())
        elif len(self.values) <= 13:
            axes.set_xticks(np.array(self.values, dtype=float), [value(x) for x in self.values])
        else:
            whole = all(float(x).is_integer() for x in self.values)  # type: ignore[arg-type]
            axes.xaxis.set_major_locator(MaxNLocator(integer=whole))


def axis_of(prepared: pd.DataFrame) -> Axis:
    """The axis that the x values of a prepared frame need; categories keep the order they come in."""
    column = prepared["x"]
    numeric = pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
    if not numeric:
        return Axis(tuple(dict.fromkeys(column)), numeric=False, log=False, step=1.0)
    log = bool(prepared["log"].iloc[0])
    values = np.unique(column.to_numpy(dtype=float))
    places = np.log10(values) if log else values
    gaps = np.diff(places)
    wide = float(places[-1] - places[0]) or 1.0
    step = max(float(gaps.min()), wide / 15) if len(gaps) else 0.1 * wide
    return Axis(tuple(values), numeric=True, log=log, step=step, span=wide)
