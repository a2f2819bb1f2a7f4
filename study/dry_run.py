"""A dry run: training steps of a trial's own network without its memory, to count the bytes that they would take."""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.nn import functional
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

from study.assembly import operated
from study.errors import InputError
from study.models.loading import Model, load
from study.models.said import said
from study.question import Setting
from study.silence import silence_transformers
from study.surgery.checkpointing import install_checkpointing
from study.tasks import TASKS
from study.tasks.base import Task


@dataclass(frozen=True)
class Bytes:
    """Bytes of a trial's tensors: all weights, those trained, what a forward pass saves for the backward pass, and the
    most that is alive at once in a training step (the second or a later one) and in an evaluation."""

    weights: int
    trained: int
    saved: int
    training: int
    evaluation: int


@dataclass(frozen=True)
class Passes:
    """What goes through the network: texts at once in training and in evaluation, of so many tokens; whether gradients
    are kept from one part of a batch to the next; the precision; and whether to count as on a GPU or as here."""

    texts: int
    evaluated: int
    tokens: int
    accumulates: bool = False
    bf16: bool = False
    gpu: bool = True


def dry_run(model: Model, task: str, setting: Setting, classes: int, passes: Passes) -> Bytes:
    """What training and evaluating this setting takes, by running it on tensors that have shapes and no content.

    Nothing as large as the model is held. Raises InputError where the network does not run without its numbers.
    """
    silence_transformers()
    names = tuple(f"class {number}" for number in range(classes))
    with torch.random.fork_rng(devices=[]):
        network = load(model, TASKS[task].auto_class, names, device="meta")
        try:
            with torch.device("meta"):
                network = operated(network, setting, seed=0)
            if setting["gradient_checkpointing"]:
                # The mode is off while its own call of backward() runs, and what is computed again must be the same.
                install_checkpointing(network, context_fn=lambda: (nullcontext(), _AsOnGpu(passes.gpu)))
            # Run as fake tensors: the meta device knows no autocast, and chooses other kernels than a processor does.
            with FakeTensorMode():
                _make_fake(network)
                return measured(network, TASKS[task], passes)
        except InputError:
            raise
        except Exception as error:  # whatever a network raises that looks at its numbers
            raise InputError(
                f"--gpu-memory: what {model.ref.name} takes cannot be counted ({type(error).__name__}: "
                f"{said(error, 160)}). Leave --gpu-memory out and set micro_batch."
            ) from None


def measured(network: nn.Module, task: Task, passes: Passes) -> Bytes:
    """The bytes of this network, real or fake, on the CPU; its gradients are gone afterwards."""
    trained = [p for p in network.parameters() if p.requires_grad]
    own = [*network.parameters(), *network.buffers()]
    alive, saved = _Alive(own), _Saved(own)
    with _AsOnGpu(passes.gpu), alive:
        moments = [torch.zeros_like(p) for p in (*trained, *trained)]
        for parameter in trained:
            parameter.grad = torch.zeros_like(parameter) if passes.accumulates else None
        network.train()
        with saved, torch.autocast("cpu", torch.bfloat16, enabled=passes.bf16):
            loss = _loss(network, task, passes)
        loss.backward()
        training, alive.peak = alive.peak, 0
        for parameter in trained:
            parameter.grad = None
        del loss
        alive.peak = alive.now
        network.eval()
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=passes.bf16):
            network(**_texts(passes.evaluated, passes.tokens))
        del moments
    return Bytes(alive.own, sum(p.nbytes for p in trained), saved.bytes, training, alive.peak)


def _loss(network: nn.Module, task: Task, passes: Passes) -> torch.Tensor:
    labels = torch.zeros(passes.texts, dtype=torch.long)
    return task.loss(network(**_texts(passes.texts, passes.tokens)).logits, labels)


def _texts(count: int, tokens: int) -> dict[str, torch.Tensor]:
    """So many texts of this length, the last of them padded, so that no kernel for batches without padding is taken."""
    mask = torch.ones(count, tokens, dtype=torch.long)
    mask[-1, -1:] = 0
    return {"input_ids": torch.ones(count, tokens, dtype=torch.long), "attention_mask": mask}


def _make_fake(network: nn.Module) -> None:
    """Replace the network's tensors on the meta device by fake ones on the CPU; what is shared stays shared."""
    made: dict[int, Any] = {}

    def fake(tensor: torch.Tensor) -> Any:
        if id(tensor) not in made:
            new = torch.empty(tensor.shape, dtype=tensor.dtype)
            parameter = isinstance(tensor, nn.Parameter)
            made[id(tensor)] = nn.Parameter(new, tensor.requires_grad) if parameter else new
        return made[id(tensor)]

    for module in network.modules():
        for tensors in (module._parameters, module._buffers):
            tensors.update({name: fake(tensor) for name, tensor in tensors.items() if tensor is not None})


class _Alive(TorchDispatchMode):
    """The bytes of storages that are alive ``now``, and the most since ``peak`` was set, those of ``own`` included."""

    def __init__(self, own: Sequence[torch.Tensor]):
        super().__init__()
        self.known: dict[int, Any] = {}
        self.now = self.peak = 0
        for tensor in own:
            self._see(tensor)
        self.own = self.now

    def __torch_dispatch__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = function(*args, **(kwargs or {}))
        for one in result if isinstance(result, (tuple, list)) else (result,):
            if isinstance(one, torch.Tensor):
                self._see(one)
        return result

    def _see(self, tensor: torch.Tensor) -> None:
        storage = tensor.untyped_storage()
        name, size = storage._cdata, storage.nbytes()
        if name not in self.known:
            self.known[name] = weakref.ref(storage, partial(self._gone, name, size))
            self.now += size
            self.peak = max(self.peak, self.now)

    def _gone(self, name: int, size: int, _reference: Any) -> None:
        self.known.pop(name, None)
        self.now -= size


class _Saved(torch.autograd.graph.saved_tensors_hooks):
    """Counts the bytes that autograd saves, a storage once, without those of ``own``."""

    def __init__(self, own: Sequence[torch.Tensor]):
        self.known = {tensor.untyped_storage()._cdata for tensor in own}
        self.bytes = 0
        super().__init__(self._pack, lambda tensor: tensor)

    def _pack(self, tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        if storage._cdata not in self.known:
            self.known.add(storage._cdata)
            self.bytes += storage.nbytes()
        return tensor


class _AsOnGpu(TorchFunctionMode):
    """Answers the one question about numbers that attention asks, and has a GPU's attention where that is wanted.

    Whether a mask has padding in it decides which kernel runs; here it always has. On a processor attention with
    dropout keeps all its probabilities, (texts, heads, tokens, tokens); on a GPU it keeps one number per row. A GPU's
    autocast normalises and takes the softmax in fp32.
    """

    def __init__(self, gpu: bool):
        super().__init__()
        self.gpu = gpu

    def __torch_function__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if function is torch.Tensor.__bool__ and args[0].dtype is torch.bool:
            return False
        if self.gpu and function is functional.scaled_dot_product_attention:
            return _attention_of_gpu(*args, **kwargs)
        if self.gpu and function in (functional.layer_norm, functional.softmax) and args[0].dtype is torch.bfloat16:
            return function(args[0].float(), *args[1:], **kwargs)
        return function(*args, **kwargs)


def _attention_of_gpu(
    query: Any, key: Any, value: Any, attn_mask: Any = None, dropout_p: float = 0.0, **how: Any
) -> Any:
    """What ``scaled_dot_product_attention`` gives, by the kernel that keeps no probabilities."""
    if how.get("enable_gqa"):
        shared = query.shape[1] // key.shape[1]
        key, value = key.repeat_interleave(shared, 1), value.repeat_interleave(shared, 1)
    if attn_mask is not None and attn_mask.dtype is torch.bool:
        attn_mask = torch.zeros(attn_mask.shape, dtype=query.dtype)
    return torch.ops.aten._scaled_dot_product_efficient_attention(
        query, key, value, attn_mask, True, dropout_p, how.get("is_causal", False), scale=how.get("scale")
    )[0]
