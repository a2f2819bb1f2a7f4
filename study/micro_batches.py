"""How many texts go through the model at once. Standard library only: plans and records need it without torch."""

from __future__ import annotations

_EVALUATED = 64  # batches are of similar length there too, so few tokens are padding


def micro_batch(batch: int, most: int) -> int:
    """Examples per forward pass: the largest number that divides the batch and is at most ``most`` (0: no limit)."""
    return max(size for size in range(1, batch + 1) if batch % size == 0 and (size <= most or most < 1))


def evaluation_batch(batch: int, most: int) -> int:
    """Examples per batch where nothing is learnt and less is kept: 64, or four times the parts of a batch if fewer."""
    return _EVALUATED if most < 1 else min(_EVALUATED, 4 * micro_batch(batch, most))
