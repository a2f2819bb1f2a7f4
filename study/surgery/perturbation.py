"""Perturbing weights: the step of a given relative size that raises the loss fastest, and the exact way back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch


def finite(tensors: Sequence[torch.Tensor]) -> bool:
    """Whether the norm of every tensor is finite. The only time that the device is waited for."""
    return bool(torch.isfinite(torch.stack(torch._foreach_norm(list(tensors)))).all())


def ascent(
    weights: Sequence[torch.Tensor], gradients: Sequence[torch.Tensor], epsilon: float
) -> tuple[torch.Tensor, ...]:
    """One number per tensor, by which its gradient becomes a step: epsilon * ||w|| / ||g||, Frobenius norms.

    0 where the weight or the gradient is all zeros, so that there is no size or no direction to follow.
    """
    sizes = torch.stack(torch._foreach_norm(list(weights)))
    slopes = torch.stack(torch._foreach_norm(list(gradients)))
    return torch.where(slopes > 0, epsilon * sizes / slopes, torch.zeros_like(slopes)).unbind()


@contextmanager
def moved(weights: Sequence[torch.Tensor], steps: Sequence[torch.Tensor]) -> Iterator[None]:
    """Inside, every weight has its step added; afterwards, whatever happened, it has its old bits in its old storage.

    Costs a copy of these weights. Copied back and not subtracted, which would leave w + v - v: w with rounding errors.
    """
    with torch.no_grad():
        before = [weight.clone() for weight in weights]
        torch._foreach_add_(list(weights), list(steps))
    try:
        yield
    finally:
        with torch.no_grad():
            torch._foreach_copy_(list(weights), before)
