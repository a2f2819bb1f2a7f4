"""Where in a model LoRA goes for a setting, and why it cannot, told before the model is loaded."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from study.errors import InputError
from study.models.config import read_config, stored_config
from study.question import Scalar
from study.surgery.projections import Projection, projections

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import nn

    from study.models.loading import Model

_DEFAULT = "query,value"
_WANTED: dict[str, tuple[str, ...]] = {
    _DEFAULT: ("query", "value"),
    "attention": ("query", "key", "value", "output"),
    "linear": (),
}
"""``lora.targets`` -> the roles every block must have, a fused matrix standing for query, key and value; () is all."""


def lora_targets(model: nn.Module, setting: Mapping[str, Scalar]) -> list[Projection]:
    """The matrices that get LoRA, from bottom to top; raises InputError where there are none to be sure of."""
    network: Any = model
    return _chosen(projections(model), setting, network.config.model_type)


def lora_problem(model: Model, setting: Mapping[str, Scalar]) -> str | None:
    """A sentence about why this model cannot have the LoRA of this setting, or None; reads its configuration only."""
    if not setting.get("lora.rank", 0):
        return None
    stored = stored_config(model.ref.name, Path(model.path))
    found = _of_config(model.ref.name, model.path, (Path(model.path) / "config.json").read_text(encoding="utf-8"))
    try:
        _chosen(found, setting, str(stored["model_type"]))
    except InputError as problem:
        return f"--model {model.ref.name}: {problem}"
    return None


@lru_cache(maxsize=32)
def _of_config(name: str, path: str, _config: str) -> tuple[Projection, ...]:
    """The matrices of the network, built without memory. ``_config`` takes part only in the caching."""
    import torch
    from transformers import AutoModelForSequenceClassification

    config = read_config(name, path, stored_config(name, Path(path)))
    with torch.random.fork_rng(devices=[]), torch.device("meta"):
        return projections(AutoModelForSequenceClassification.from_config(config, trust_remote_code=False))


def _chosen(found: Sequence[Projection], setting: Mapping[str, Scalar], model_type: str) -> list[Projection]:
    depth = 1 + max((one.block for one in found), default=-1)
    targets = str(setting.get("lora.targets", _DEFAULT))
    above = [one for one in found if one.block >= _lowest(setting, depth, model_type)]
    wanted = _WANTED[targets]
    lacking = sorted({block for block in {one.block for one in above} if not _complete(above, block, wanted)})
    if lacking:
        raise InputError(
            f"lora.targets={targets}: the architecture {model_type!r} has no matrix known by its name as "
            f"{' or '.join(wanted)} in {len(lacking)} of its blocks (number {lacking[0]}). Give --set "
            "lora.targets=linear, which takes every linear layer of the blocks, or choose another --model."
        )
    chosen = [one for one in above if not wanted or one.role in (*wanted, "fused")]
    dropout = setting.get("lora.dropout", 0.0)
    if dropout and any(one.bare for one in chosen):
        raise InputError(
            f"lora.dropout={dropout}: the architecture {model_type!r} holds the matrices of its attention as bare "
            "parameters, whose input cannot be dropped from. Give --set lora.dropout=0, or leave it out."
        )
    return chosen


def _lowest(setting: Mapping[str, Scalar], depth: int, model_type: str) -> int:
    """The number of the lowest block that gets LoRA: frozen blocks get none."""
    if depth == 0:
        raise InputError(
            f"lora.rank={setting['lora.rank']}: the architecture {model_type!r} has no linear layer in its blocks. "
            "Leave lora.rank out, or choose another --model."
        )
    first, frozen = int(setting.get("lora.first_block", 0)), int(setting.get("frozen_layers", 0))
    if max(first, frozen) >= depth:
        name, value = ("lora.first_block", first) if first >= depth else ("frozen_layers", frozen)
        raise InputError(
            f"{name}={value}: leaves none of the {depth} blocks for LoRA, which goes into blocks that are not frozen "
            f"and not below lora.first_block. With lora.rank={setting['lora.rank']}, give --set {name} values "
            f"below {depth}."
        )
    return max(first, frozen)


def _complete(found: Sequence[Projection], block: int, wanted: Sequence[str]) -> bool:
    """Whether this block has a matrix of every role wanted, alone or in a fused one."""
    roles = {str(one.role) for one in found if one.block == block}
    return all(role in roles or ("fused" in roles and role != "output") for role in wanted)
