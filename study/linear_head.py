"""A linear head as the optimum of a logistic regression, put into a torch layer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from torch import nn

if TYPE_CHECKING:
    from study.data import TextData

_ITERATIONS = 1_000


def fit_linear_head(
    head: nn.Linear, vectors: np.ndarray, classes: np.ndarray, weights: np.ndarray | None = None, c: float = 1.0
) -> None:
    """Fit a logistic regression to vectors (examples, width) with these class numbers, and copy it into the head."""
    from sklearn.linear_model import LogisticRegression

    fitted = LogisticRegression(C=c, max_iter=_ITERATIONS).fit(vectors, classes, sample_weight=weights)
    copy_regression(head, fitted)


def copy_regression(head: nn.Linear, fitted: Any) -> None:
    """Give the head the probabilities of a fitted regression of scikit-learn, for classes numbered from 0.

    With two classes that has one score, the logarithm of the odds of the second: the head's logits are minus and plus
    half of it.
    """
    import torch

    weight, bias = np.asarray(fitted.coef_), np.asarray(fitted.intercept_)
    if len(weight) == 1:
        weight, bias = np.concatenate([-weight, weight]) / 2, np.concatenate([-bias, bias]) / 2
    with torch.no_grad():
        head.weight.copy_(torch.from_numpy(weight))
        head.bias.copy_(torch.from_numpy(bias))


def logits(head: nn.Linear, vectors: np.ndarray) -> np.ndarray:
    """The head's outputs for vectors (examples, width): (examples, classes), float32."""
    weight, bias = head.weight.detach().cpu().numpy(), head.bias.detach().cpu().numpy()
    return np.asarray(vectors @ weight.T + bias, np.float32)


def class_problem(data: TextData, method: str) -> str | None:
    """A sentence where a class has no training text, so that no regression can tell it apart; else None."""
    counts = np.bincount(data.splits["train"]["label"].to_numpy(), minlength=len(data.labels))
    none = [repr(name) for name, count in zip(data.labels, counts, strict=True) if not count]
    if not none:
        return None
    return (
        f"method={method}: {data.name} has no training text of class {', '.join(none)}. Add some, or remove the class."
    )
