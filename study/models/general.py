"""The general rule: where embeddings and blocks are in an architecture that has no row, seen in one forward pass."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from study.errors import InputError
from study.models.architectures import ARCHITECTURES, Architecture
from study.models.said import said

_FIRST, _LAST = "the first block starts", "the last block ends"


class _NotFound(Exception):
    """What stands in the way, in words that end a sentence."""


def general(config: Any) -> Architecture:
    """The row that this configuration's network shows when it runs; raises InputError where it shows nothing sure.

    The network is built on the meta device (no memory, no weights). Its blocks are the one ModuleList as long as
    there are layers; its embeddings are the modules with parameters or dropout that run before the first block. That
    this is all is then checked, not assumed: with embeddings and blocks frozen, the last block's output must have no
    gradient, and no dropout may have run before it.
    """
    return _general(config.to_json_string(use_diff=False))


@lru_cache(maxsize=32)
def _general(text: str) -> Architecture:
    from transformers import CONFIG_MAPPING

    stored = json.loads(text)
    model_type = stored["model_type"]
    config = CONFIG_MAPPING[model_type].from_dict(stored)
    try:
        network = _on_meta(config)
        blocks = _blocks(network, config)
        row = _watch(network, blocks)
        _check(network, row)
    except _NotFound as reason:
        raise InputError(
            f"architecture {model_type!r}: it has no row in study/models/architectures.py, and the general rule cannot "
            f"tell where its embeddings and blocks are: {reason}. It would need a row there: {model_type!r}: "
            f"Architecture(embeddings=(…), blocks=…). Choose a --model of: {', '.join(sorted(ARCHITECTURES))}."
        ) from None
    return row


def _on_meta(config: Any) -> Any:
    from transformers import AutoModelForSequenceClassification

    if getattr(config, "is_encoder_decoder", False):
        raise _NotFound("it is an encoder with a decoder, and frozen_layers counts the blocks of one stack")
    try:
        with torch.random.fork_rng(devices=[]), torch.device("meta"):
            network = AutoModelForSequenceClassification.from_config(config, trust_remote_code=False)
    except Exception as error:  # whatever an unknown architecture's constructor raises
        raise _NotFound(
            f"transformers builds no classification model of it ({type(error).__name__}: {said(error, 160)})"
        ) from None
    if network.base_model is network:
        raise _NotFound("its classification model does not say which part of it is the body (base_model)")
    return network


def _blocks(network: Any, config: Any) -> str:
    """The path of the one outermost ModuleList that is as long as there are layers."""
    depth = getattr(config, "num_hidden_layers", None)
    lists = [name for name, m in network.base_model.named_modules() if isinstance(m, nn.ModuleList)]
    lists = [name for name in lists if not any(name.startswith(f"{outer}.") for outer in lists)]
    fitting = [name for name in lists if len(network.base_model.get_submodule(name)) == depth]
    if len(fitting) != 1:
        found = ", ".join(f"{name} ({len(network.base_model.get_submodule(name))})" for name in lists) or "none"
        raise _NotFound(f"wanted is one ModuleList of {depth} layers (num_hidden_layers), found were: {found}")
    return fitting[0]


def _watch(network: Any, blocks: str) -> Architecture:
    """The row: what runs before the first block, and what of it runs once more after the last."""
    body = network.base_model
    stack = body.get_submodule(blocks)
    events: list[str] = []

    def happened(what: str) -> Any:
        return lambda *_: events.append(what)

    handles = [
        stack[0].register_forward_pre_hook(happened(_FIRST)),
        stack[-1].register_forward_hook(happened(_LAST)),
        *(
            module.register_forward_pre_hook(happened(name))
            for name, module in body.named_modules()
            if name and not f"{blocks}.".startswith(f"{name}.") and not name.startswith(f"{blocks}.")
        ),
    ]
    try:
        _forward(network.eval())
    finally:
        for handle in handles:
            handle.remove()
    if events.count(_FIRST) != 1 or events.count(_LAST) != 1:
        raise _NotFound(f"its first block ran {events.count(_FIRST)} times in one pass, its last {events.count(_LAST)}")
    before, after = events[: events.index(_FIRST)], events[events.index(_LAST) :]
    matter = [name for name in dict.fromkeys(before) if _matters(body.get_submodule(name))]
    outermost = tuple(n for n in matter if not any(n.startswith(f"{outer}.") for outer in matter))
    if not outermost:
        raise _NotFound("nothing with parameters runs before its first block")
    return Architecture(outermost, blocks, both_ends=tuple(name for name in outermost if name in after))


def _matters(module: nn.Module) -> bool:
    return any(True for _ in module.parameters()) or any(isinstance(m, nn.Dropout) for m in module.modules())


def _check(network: Any, row: Architecture) -> None:
    """Raise unless freezing by this row leaves neither a gradient nor dropout up to the last block."""
    from study.models.frozen import freeze_prefix
    from study.models.parts import parts_by

    where = parts_by(network, row)
    freeze_prefix(network, where, len(where.blocks))
    outputs: list[Any] = []
    dropouts: list[str] = []
    where.blocks[-1].register_forward_hook(lambda _block, _inputs, output: outputs.append(output))
    with _Dropouts(dropouts, until=outputs):
        _forward(network.train())
    first = outputs[0][0] if isinstance(outputs[0], (tuple, list)) else outputs[0]
    if first.requires_grad:
        raise _NotFound(
            f"with {', '.join(row.embeddings)} and {row.blocks} frozen, the last block's output still has a gradient: "
            "other parameters take part before it"
        )
    if dropouts:
        raise _NotFound(f"with {', '.join(row.embeddings)} and {row.blocks} frozen, dropout still runs before the end")


class _Dropouts(TorchFunctionMode):
    """Notes every call of dropout that does something until an output is there: some have no module of their own."""

    def __init__(self, found: list[str], until: list[Any]):
        super().__init__()
        self.found, self.until = found, until

    def __torch_function__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        name = getattr(function, "__name__", "")

        def given(keyword: str, place: int, default: Any) -> Any:
            return kwargs.get(keyword, args[place] if len(args) > place else default)

        if name == "scaled_dot_product_attention":
            drops = given("dropout_p", 4, 0.0) > 0
        else:
            drops = "dropout" in name and given("p", 1, 0.5) > 0 and given("training", 2, True)
        if drops and not self.until:
            self.found.append(name)
        return function(*args, **kwargs)


def _forward(network: Any) -> None:
    """One pass of the body. No mask and no padding token: to look for padding needs the numbers, and there are none."""
    network.config.pad_token_id = None
    try:
        with torch.device("meta"):
            network.base_model(input_ids=torch.zeros((1, 8), dtype=torch.long))
    except Exception as error:  # whatever an unknown architecture's forward raises
        raise _NotFound(
            f"its forward pass does not run without weights ({type(error).__name__}: {said(error, 160)})"
        ) from None
