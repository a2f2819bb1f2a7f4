"""The network of a checkpoint: what was loaded, what was newly drawn, and what became of the checkpoint's head."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from study.errors import InputError
from study.models.heads import head_problem, why_kept
from study.models.parts import Parts, parts
from study.models.said import said
from study.models.weights import stored_names, stored_tensors, weight_files

if TYPE_CHECKING:
    from torch import nn

_HOW: dict[str, Any] = {"dtype": "float32", "output_loading_info": True}


def load_network(name: str, path: str, auto_class: str, names: tuple[str, ...], device: str | None = None) -> nn.Module:
    """The network in fp32 with ``newly_initialised`` and ``load_notes`` set; raises InputError where nothing fits."""
    how = _HOW if device is None else {**_HOW, "device_map": device}
    import transformers

    text = (Path(path) / "config.json").read_text(encoding="utf-8")
    stored = json.loads(text)
    labels = {"id2label": dict(enumerate(names)), "label2id": {n: i for i, n in enumerate(names)}}
    kind = getattr(transformers, auto_class)
    files = weight_files(name, Path(path))
    problem = head_problem(stored, names)
    network_class, outside = _head_of_class(auto_class, path, text)
    head = outside & stored_names(name, files)

    def loaded(**further: Any) -> tuple[Any, dict[str, Any]]:
        if head and problem:
            tensors = stored_tensors(name, files, without=set(head))
            return _load_without(network_class, path, labels, tensors, **how, **further)
        return kind.from_pretrained(path, **labels, **how, **further)

    try:
        network, info = loaded()
    except (RuntimeError, OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            f"--model {name}: its weights do not fit its config.json: {_mismatch(loaded) or said(error)}. Fetch or "
            "save the model again."
        ) from None
    missing = set(info["missing_keys"])
    _check_blocks(name, network, parts(network), missing)
    network.newly_initialised = tuple(n for n, _ in network.named_parameters() if n in missing)
    network.load_notes = _head_notes(stored, names, problem) if head else ()
    return network


def _head_notes(stored: dict[str, Any], names: tuple[str, ...], problem: str | None) -> tuple[str, ...]:
    if problem:
        return (f"head of the checkpoint replaced by a new one: {problem}",)
    return (f"head of the checkpoint kept: {why_kept(stored, names)}",)


def _mismatch(loaded: Callable[..., tuple[Any, dict[str, Any]]]) -> str | None:
    """The first tensor whose shape in the checkpoint is not the configuration's, and how many more there are.

    transformers tells them only to whom loads once more and lets them pass; None where that was not what failed.
    """
    try:
        network, info = loaded(ignore_mismatched_sizes=True)
    except (RuntimeError, OSError, ValueError):
        return None
    shapes = {name: (tuple(its), tuple(wanted)) for name, its, wanted in info["mismatched_keys"]}
    if not shapes:
        return None
    # In the network's order, because transformers gives a set.
    first = next((name for name in network.state_dict() if name in shapes), min(shapes))
    its, wanted = shapes[first]
    others = len(shapes) - 1
    more = f" ({others} more {'does' if others == 1 else 'do'} not fit)" if others else ""
    return f"tensor {first} is {its} in the checkpoint, and {wanted} by config.json{more}"


def _load_without(
    kind: Any, path: str, labels: dict[str, Any], tensors: dict[str, Any], **how: Any
) -> tuple[Any, dict[str, Any]]:
    """The network from these tensors alone, and what was missing.

    The checkpoint's head is left out of what is loaded and not overwritten afterwards: so a new head is drawn exactly
    as for a checkpoint that has none.
    """
    from transformers import AutoConfig

    config = AutoConfig.from_pretrained(path, trust_remote_code=False, **labels)
    return kind.from_pretrained(None, config=config, state_dict=tensors, **how)


@lru_cache(maxsize=32)
def _head_of_class(auto_class: str, path: str, _config: str) -> tuple[Any, frozenset[str]]:
    """The class of the network and the names of its parameters outside the body, built without memory.

    ``_config``, the text of its config.json, takes part only in the caching.
    """
    import torch
    import transformers

    config = transformers.AutoConfig.from_pretrained(path, trust_remote_code=False)
    with torch.random.fork_rng(devices=[]), torch.device("meta"):
        network = getattr(transformers, auto_class).from_config(config)
    body = {id(p) for p in network.base_model.parameters()}
    return type(network), frozenset(name for name, p in network.named_parameters() if id(p) not in body)


def _check_blocks(name: str, network: nn.Module, where: Parts, missing: set[str]) -> None:
    inside = {id(p) for block in where.blocks for p in block.parameters()}
    blocks = [n for n, p in network.named_parameters() if id(p) in inside]
    if missing.issuperset(blocks):
        config: Any = network.config
        raise InputError(
            f"--model {name}: not one of the {len(blocks)} parameters of its blocks is in the checkpoint "
            f"({blocks[0]}, …), so it is no checkpoint of the architecture {config.model_type!r} that its config.json "
            "names. Fetch or save the model again."
        )
