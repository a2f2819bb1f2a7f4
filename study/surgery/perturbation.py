"""Perturbing weights: the step of a given relative size that raises the loss fastest, and the exact way back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch


def norms(tensors: Sequence[torch.Tensor]) -> torch.Tensor:
    """The Frobenius norm of each tensor: (tensors,)."""
    return torch.stack(torch._foreach_norm(list(tensors)))


def ascent(weights: Sequence[torch.Tensor], slopes: torch.Tensor, epsilon: float) -> tuple[torch.Tensor, ...]:
    """One number per weight, by which its gradient becomes a step: epsilon * ||w|| / ||g||.

    ``slopes`` are the gradients' norms. 0 where the weight or the gradient is all zeros, so that there is no size or no
    direction to follow.
    """
    return torch.where(slopes > 0, epsilon * norms(weights) / slopes, torch.zeros_like(slopes)).unbind()


@contextmanager
def moved(
    weights: Sequence[torch.Tensor], gradients: Sequence[torch.Tensor], factors: Sequence[torch.Tensor]
) -> Iterator[None]:
    """Inside, every weight has factor * gradient added; afterwards, whatever happened, its old bits in its old storage.

    Costs a copy of these weights. Copied back and not subtracted, which would leave w + v - v: w with rounding errors.
    """
    with torch.no_grad():
        before = [weight.clone() for weight in weights]
        _step(weights, gradients, factors)
    del gradients  # they would be kept as long as the weights are moved
    try:
        yield
    finally:
        with torch.no_grad():
            torch._foreach_copy_(list(weights), before)


def _step(weights: Sequence[torch.Tensor], gradients: Sequence[torch.Tensor], factors: Sequence[torch.Tensor]) -> None:
    for weight, gradient, factor in zip(weights, gradients, factors, strict=True):
        weight.addcmul_(gradient, factor)
