"""One row per method: a setting that turns it on, and one that turns all its knobs to the identity."""

from __future__ import annotations

ON = {
    "freezing": {"frozen_layers": 2},
    "early_stopping": {"early_stopping": 1, "evaluations_per_epoch": 4},
    "pooling": {"pooling": "mean"},
    "class_weights": {"class_weights": "balanced"},
}

OFF = {
    "freezing": {"frozen_layers": 0, "frozen_embeddings": False},
    "early_stopping": {"early_stopping": 0},
    "pooling": {"pooling": "pooler"},
    "class_weights": {"class_weights": "none"},
}
