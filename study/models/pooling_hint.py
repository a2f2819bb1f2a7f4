"""The pooling that a sentence encoder says it was trained with."""

from __future__ import annotations

import json
from pathlib import Path

from study.models.architectures import can_pool
from study.question import Setting


def normalises(folder: Path) -> bool:
    """Whether a sentence-transformers checkpoint divides its embeddings by their length, as it was trained to."""
    modules = folder / "modules.json"
    if not modules.is_file():
        return False
    return any(str(one.get("type", "")).endswith(".Normalize") for one in json.loads(modules.read_text("utf-8")))


def suggested_pooling(folder: Path, model_type: str) -> Setting:
    """Mean pooling where a sentence-transformers checkpoint was trained with it and its architecture can do it."""
    pooling = folder / "1_Pooling" / "config.json"
    if not pooling.is_file() or not can_pool(model_type):
        return {}
    said = json.loads(pooling.read_text(encoding="utf-8"))
    return {"pooling": "mean"} if said.get("pooling_mode_mean_tokens") or said.get("pooling_mode") == "mean" else {}
