"""AdamW without bias correction, the optimizer of the original BERT."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch


class UncorrectedAdamW(torch.optim.Optimizer):
    """AdamW whose moments, zero at the start, are not scaled up in the first steps.

    m = b1 m + (1 - b1) g;  v = b2 v + (1 - b2) g²;  w = (1 - lr wd) w - lr m / (sqrt(v) + eps). With the default betas
    the first step is sqrt(10) times as large as with correction, the largest about 6.6 times (step 12), and the two
    are within 10 % of each other after 1,750. Source: Devlin et al. (2019), BERT (optimization.py); named as a
    cause of failed runs by Mosbach et al. (2021), arXiv 2006.04884, and Zhang et al. (2021), arXiv 2006.05987.
    Unlike BERT's, ``eps`` is 1e-8 by default, as in the optimizer it is compared with.
    """

    def __init__(self, params: Any, lr: float, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8):
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps, "weight_decay": 0.0})

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> float | None:  # type: ignore[override]
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            weights = [w for w in group["params"] if w.grad is not None]
            if weights:
                self._update(weights, group)
        return loss

    def _update(self, weights: list[torch.Tensor], group: dict[str, Any]) -> None:
        for weight in weights:
            if not self.state[weight]:
                self.state[weight] = {name: torch.zeros_like(weight) for name in ("exp_avg", "exp_avg_sq")}
        gradients = [weight.grad for weight in weights if weight.grad is not None]
        firsts, seconds = ([self.state[w][name] for w in weights] for name in ("exp_avg", "exp_avg_sq"))
        (beta1, beta2), rate = group["betas"], group["lr"]
        torch._foreach_lerp_(firsts, gradients, 1 - beta1)
        torch._foreach_mul_(seconds, beta2)
        torch._foreach_addcmul_(seconds, gradients, gradients, 1 - beta2)
        scales = torch._foreach_sqrt(seconds)
        torch._foreach_add_(scales, group["eps"])
        if group["weight_decay"]:
            torch._foreach_mul_(weights, 1 - rate * group["weight_decay"])
        torch._foreach_addcdiv_(weights, firsts, scales, -rate)
