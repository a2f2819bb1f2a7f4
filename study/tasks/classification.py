"""Classification of whole texts: one class per text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from study.tasks.base import Task

if TYPE_CHECKING:
    import torch

    from study.data.tokens import Tokens
    from study.models.padding import Padding


def collate(features: Sequence[dict[str, Any]], padding: Padding) -> dict[str, torch.Tensor]:
    """A batch padded to its longest example: input_ids, attention_mask (batch, longest), int64; labels (batch,).

    token_type_ids (batch, longest), weights (batch,), float32, and STATES (batch, longest, width), float32 and zero at
    padding, where the features have them.
    """
    import torch

    from study.data.tokens import STATES

    ids = [feature["input_ids"] for feature in features]
    batch = {
        "input_ids": _padded(ids, padding.id, padding.side),
        "attention_mask": _padded([np.ones(len(one), np.int64) for one in ids], 0, padding.side),
    }
    if "token_type_ids" in features[0]:
        types = [feature["token_type_ids"] for feature in features]
        batch["token_type_ids"] = _padded(types, padding.type_id, padding.side)
    if "weights" in features[0]:
        batch["weights"] = torch.tensor([feature["weights"] for feature in features], dtype=torch.float32)
    if STATES in features[0]:
        batch[STATES] = _padded([feature[STATES] for feature in features], 0, padding.side, np.float32)
    return batch | {"labels": torch.tensor([feature["labels"] for feature in features])}


def _padded(rows: Sequence[np.ndarray], value: int, side: str, kind: type = np.int64) -> torch.Tensor:
    import torch

    longest = max(map(len, rows))
    table = np.full((len(rows), longest, *rows[0].shape[1:]), value, kind)
    for line, row in zip(table, rows, strict=True):
        start = longest - len(row) if side == "left" else 0
        line[start : start + len(row)] = row
    return torch.from_numpy(table)


def loss(logits: torch.Tensor, labels: torch.Tensor, weights: torch.Tensor | None = None) -> torch.Tensor:
    """Mean cross-entropy in nats of logits (batch, classes) against class numbers (batch,).

    With ``weights`` (batch,) the mean over the batch of weight times cross-entropy. torch's
    ``CrossEntropyLoss(weight=)`` divides by the sum of the batch's weights instead, so that an example counts for more
    the fewer heavy ones share its batch; here it counts the same in every batch, and the mean over batches or over
    accumulated parts of one is the weighted loss of the whole data set.
    """
    from torch.nn.functional import cross_entropy

    if weights is None:
        return cross_entropy(logits.float(), labels)
    return (weights * cross_entropy(logits.float(), labels, reduction="none")).mean()


def score(labels: np.ndarray, logits: np.ndarray, names: Sequence[str]) -> dict[str, Any]:
    """Accuracy, precision, recall, F1, MCC, loss (nats), the confusion matrix and each class's scores.

    Precision, recall and F1 are those of the second class where there are two (the positive one), else the
    unweighted mean over classes. A ratio 0/0 counts as 0, as in scikit-learn's default. ``confusion[i][j]`` counts
    texts of class i predicted as class j.
    """
    from sklearn.metrics import confusion_matrix, matthews_corrcoef, precision_recall_fscore_support

    predicted = logits.argmax(-1)
    classes = list(range(len(names)))
    precision, recall, f1, support = precision_recall_fscore_support(labels, predicted, labels=classes, zero_division=0)
    headline = 1 if len(names) == 2 else slice(None)
    return {
        "accuracy": float((predicted == labels).mean()),
        "precision": float(np.mean(precision[headline])),
        "recall": float(np.mean(recall[headline])),
        "f1": float(np.mean(f1[headline])),
        "mcc": float(matthews_corrcoef(labels, predicted)),
        "loss": float(-_log_softmax(logits)[np.arange(len(labels)), labels].mean()),
        "confusion": confusion_matrix(labels, predicted, labels=classes).tolist(),
        "per_class": {
            name: {
                "precision": float(precision[i]),
                "recall": float(recall[i]),
                "f1": float(f1[i]),
                "support": int(support[i]),
            }
            for i, name in enumerate(names)
        },
    }


def predictions(tokens: Tokens, logits: np.ndarray, names: Sequence[str]) -> dict[str, Any]:
    """Columns row, label, predicted and ``p_<class>`` (float32 probabilities), one entry per text."""
    probabilities = np.exp(_log_softmax(logits)).astype(np.float32)
    return {
        "row": np.asarray(tokens.rows),
        "label": np.asarray(tokens.labels),
        "predicted": logits.argmax(-1).astype(np.int32),
        **{f"p_{name}": probabilities[:, i] for i, name in enumerate(names)},
    }


def degenerate(logits: np.ndarray) -> bool:
    """Whether every text got the same class."""
    return len(np.unique(logits.argmax(-1))) == 1


def _log_softmax(logits: np.ndarray) -> np.ndarray:
    from scipy.special import log_softmax

    return log_softmax(logits.astype(np.float64), axis=-1)


TASK = Task(
    name="classification",
    auto_class="AutoModelForSequenceClassification",
    metrics=("f1", "accuracy", "precision", "recall", "mcc", "loss"),
    collate=collate,
    loss=loss,
    score=score,
    predictions=predictions,
    degenerate=degenerate,
)
