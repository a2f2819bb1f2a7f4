"""Several comparisons at once."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, isfinite, nan


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's (1979) adjusted p-values, in the given order; NaN stays NaN and is no comparison."""
    order = sorted((p, i) for i, p in enumerate(p_values) if isfinite(p))
    adjusted = [nan] * len(p_values)
    highest = -inf
    for rank, (p, i) in enumerate(order):
        highest = max(highest, min(1.0, (len(order) - rank) * p))
        adjusted[i] = highest
    return adjusted
