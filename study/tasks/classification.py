"""Classification of whole texts: one class per text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from study.tasks.base import Task

if TYPE_CHECKING:
    import torch

    from study.data.tokens import Tokens


def collate(features: Sequence[dict[str, Any]], pad: int) -> dict[str, torch.Tensor]:
    """A batch padded on the right to its longest text: input_ids, attention_mask (batch, longest), labels (batch,)."""
    import torch

    longest = max(len(f["input_ids"]) for f in features)
    ids = torch.full((len(features), longest), pad, dtype=torch.long)
    mask = torch.zeros((len(features), longest), dtype=torch.long)
    for i, feature in enumerate(features):
        length = len(feature["input_ids"])
        ids[i, :length] = torch.from_numpy(np.array(feature["input_ids"]))
        mask[i, :length] = 1
    labels = torch.tensor([f["labels"] for f in features])
    return {"input_ids": ids, "attention_mask": mask, "labels": labels}


def loss(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Mean cross-entropy in nats of logits (batch, classes) against class numbers (batch,)."""
    from torch.nn.functional import cross_entropy

    return cross_entropy(logits.float(), labels)


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
