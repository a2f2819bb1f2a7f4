"""One row per method: a setting that turns it on, and one that turns all its knobs to the identity."""

from __future__ import annotations

ON = {
    "pretraining": {"pretraining.steps": 2, "pretraining.head_steps": 2, "pretraining.batch_size": 4},
    "freezing": {"frozen_layers": 2},
    "lora": {"lora.rank": 4, "lora.dropout": 0.1},
    "adapter": {"adapter.width": 4, "adapter.style": "houlsby"},
    "bitfit": {"bitfit": True},
    "awp": {"awp.epsilon": 0.01},
    "early_stopping": {"early_stopping": 1, "evaluations_per_epoch": 4},
    "pooling": {"pooling": "mean"},
    "class_weights": {"class_weights": "balanced"},
    "reinit": {"reinit_layers": 1},
    "mixout": {"mixout.p": 0.7, "mixout.target": "linear"},
    "layer_decay": {"layer_decay": 0.8},
    "share": {"train_share": 0.5},
    "shots": {"shots": 6},
    "linear_probe": {"method": "linear_probe"},
    "setfit": {"method": "setfit", "setfit.iterations": 1},
}

OFF = {
    "pretraining": {"pretraining.steps": 0},
    "freezing": {"frozen_layers": 0, "frozen_embeddings": False},
    "lora": {"lora.rank": 0},
    "adapter": {"adapter.width": 0},
    "bitfit": {"bitfit": False},
    "awp": {"awp.epsilon": 0.0},
    "early_stopping": {"early_stopping": 0},
    "pooling": {"pooling": "pooler"},
    "class_weights": {"class_weights": "none"},
    "reinit": {"reinit_layers": 0},
    "mixout": {"mixout.p": 0.0, "mixout.replace_dropout": False},
    "layer_decay": {"layer_decay": 1.0},
    "share": {"train_share": 1.0},
    "shots": {"shots": 0},
    "linear_probe": {"method": "full"},
    "setfit": {"method": "full"},
}
