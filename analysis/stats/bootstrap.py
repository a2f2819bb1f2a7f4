"""Samples drawn anew with replacement, in blocks, so that memory stays bounded."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike

DRAWS = 2_000
BLOCK_VALUES = 2**21


def resampled(
    samples: Sequence[ArrayLike],
    statistic: Callable[[list[np.ndarray]], np.ndarray],
    generator: np.random.Generator,
    draws: int = DRAWS,
) -> np.ndarray:
    """``draws`` values of a statistic of some samples, each drawn anew with replacement and apart from the others.

    ``statistic`` gets the drawn samples, one draw per row, and returns one value, or one row of values, per draw.
    """
    arrays = [np.asarray(sample, dtype=float) for sample in samples]
    block = max(1, BLOCK_VALUES // sum(len(array) for array in arrays))
    sizes = [min(block, draws - start) for start in range(0, draws, block)]
    return np.concatenate(
        [
            statistic([array[generator.integers(0, len(array), (size, len(array)))] for array in arrays])
            for size in sizes
        ]
    )
