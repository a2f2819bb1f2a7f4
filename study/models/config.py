"""A checkpoint's config.json: as it is stored, as transformers reads it, and the geometry in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from study.errors import InputError
from study.models.said import said
from study.question import Geometry

if TYPE_CHECKING:
    from study.models.architectures import Architecture


def stored_config(name: str, folder: Path) -> dict[str, Any]:
    """What config.json holds; raises InputError where it is missing or no JSON object."""
    file = folder / "config.json"
    if not file.is_file():
        raise InputError(f"--model {name}: {folder} has no config.json. Give a folder saved by save_pretrained.")
    try:
        config = json.loads(file.read_text(encoding="utf-8"))
    except ValueError:
        config = None
    if not isinstance(config, dict):
        raise InputError(f"--model {name}: its config.json is not JSON. Give a folder saved by save_pretrained.")
    return config


def read_config(name: str, path: str, stored: dict[str, Any]) -> Any:
    """transformers' configuration; raises InputError for what only code from the checkpoint itself could build."""
    from transformers import CONFIG_MAPPING, AutoConfig

    model_type = stored.get("model_type")
    if stored.get("auto_map"):
        raise InputError(
            f"--model {name}: its config.json has auto_map, so the model is Python code that comes with the "
            "checkpoint. Such code is not run (trust_remote_code is off). Choose a model that transformers itself "
            "implements."
        )
    if model_type is not None and model_type not in CONFIG_MAPPING:
        from transformers import __version__

        raise InputError(
            f"--model {name}: transformers cannot read its config.json: model_type {model_type!r} is unknown to the "
            f"installed transformers {__version__}. Update transformers, or choose another model."
        )
    try:
        config = AutoConfig.from_pretrained(path, trust_remote_code=False)
    except Exception as error:  # configurations check themselves, and raise whatever they like
        raise InputError(
            f"--model {name}: transformers cannot read its config.json: {said(error)}. Fetch or save the model again."
        ) from None
    return config


def geometry_of(config: Any, row: Architecture) -> Geometry:
    """Blocks, hidden width, heads, and the most tokens a text may have (None where nothing limits them)."""
    depth, positions = getattr(config, row.depth), getattr(config, "max_position_embeddings", None)
    if positions is None or positions < 1:
        positions = None
    elif row.reserved:
        positions -= config.pad_token_id + 1
    shared = config.num_hidden_layers // depth
    return Geometry(depth, config.hidden_size, config.num_attention_heads, positions, shared)
