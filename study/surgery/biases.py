"""The biases of a model's body, and why there may be none to train."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from study.models.config import read_config, stored_config
from study.models.parts import Parts, parts
from study.question import Scalar

if TYPE_CHECKING:
    from torch import nn

    from study.models.loading import Model


def biases(module: nn.Module) -> list[nn.Parameter]:
    """Its parameters that are added to something: named ``bias``, or ``…_bias`` (XLNet's, added to the queries)."""
    return [p for name, p in module.named_parameters() if name.endswith(("bias", "_bias"))]


def bitfit_problem(model: Model, setting: Mapping[str, Scalar]) -> str | None:
    """A sentence about why this model cannot be trained by its biases, or None; reads its configuration only."""
    if not setting.get("bitfit", False):
        return None
    config = (Path(model.path) / "config.json").read_text(encoding="utf-8")
    problem = _none(*_counts(model.ref.name, model.path, config), int(setting.get("frozen_layers", 0)))
    return problem and f"--model {model.ref.name}: {problem}"


def bias_problem(model: nn.Module, where: Parts, frozen: int) -> str | None:
    """The same of a loaded network."""
    network: Any = model
    return _none(network.config.model_type, tuple(len(biases(block)) for block in where.blocks), frozen)


def _none(model_type: str, counts: tuple[int, ...], frozen: int) -> str | None:
    if not any(counts):
        return (
            f"bitfit=true: the architecture {model_type!r} as this config.json has it holds no biases in its blocks. "
            "Leave bitfit at false, give adapter.width or lora.rank in its place, or choose another --model."
        )
    if frozen >= len(counts):
        return (
            f"frozen_layers={frozen}: leaves none of the {len(counts)} blocks for bitfit, which trains the biases of "
            f"blocks that are not frozen. With bitfit=true, give --set frozen_layers values below {len(counts)}."
        )
    return None


@lru_cache(maxsize=32)
def _counts(name: str, path: str, _config: str) -> tuple[str, tuple[int, ...]]:
    """The architecture and the biases in each block, of the network built without memory.

    ``_config``, the text of its config.json, takes part only in the caching.
    """
    import torch
    from transformers import AutoModelForSequenceClassification

    config = read_config(name, path, stored_config(name, Path(path)))
    with torch.random.fork_rng(devices=[]), torch.device("meta"):
        network = AutoModelForSequenceClassification.from_config(config, trust_remote_code=False)
    return config.model_type, tuple(len(biases(block)) for block in parts(network).blocks)
