"""Replay: lower blocks that give back what they once computed, so that a pass runs only what is above them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any

import torch
from torch import nn

from study.data.tokens import STATES
from study.models.parts import Parts, parameters_of


class Unreplayable(Exception):
    """The network's lower blocks hand on more than one tensor of hidden states per text; the message says what."""


class Prefix:
    """The embeddings and first ``count`` blocks of a network, frozen, and how their output goes in and out.

    ``inputs`` is a batch by which the form of that output is found: fewer texts than tokens in the longest. Raises
    Unreplayable where something of the prefix is trained, or where blocks hand on more than hidden states.
    """

    def __init__(self, model: nn.Module, where: Parts, count: int, inputs: Mapping[str, torch.Tensor]):
        self.model = model
        self._modules = [part for part in where.prefix(count)[len(where.embeddings) :] if isinstance(part, nn.Module)]
        self._above = where.blocks[count] if count < len(where.blocks) else None
        self._replay = ExitStack()
        if any(p.requires_grad for part in where.prefix(count) for p in parameters_of(part)):
            raise Unreplayable("some of their weights are trained")
        outputs = self._outputs(inputs)
        self._forms = {module: _form(output) for module, output in outputs}
        if len(self._forms) != len(self._modules):
            raise Unreplayable("some of them are not called as modules")
        hidden = _hidden(outputs[-1][1])
        texts, longest = inputs["attention_mask"].shape
        if hidden.ndim != 3 or sorted(hidden.shape[:2]) != sorted((texts, longest)):
            raise Unreplayable(
                f"their output has the shape {tuple(hidden.shape)} for {texts} texts of {longest} tokens"
            )
        self._time_first = hidden.shape[0] != texts
        self._dtype, self.width = hidden.dtype, hidden.shape[2]

    def states(self, inputs: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """The output of the prefix for a batch, by a pass through it: (texts, longest, width)."""
        hidden = _hidden(self._outputs(inputs)[-1][1])
        return hidden.transpose(0, 1) if self._time_first else hidden

    def install(self) -> None:
        """Let the model take states as the input STATES, and skip the prefix's blocks where it is given them.

        The embeddings are looked up all the same: they tell the network what it is reading. Nothing of the network is
        changed but during a pass.
        """
        self.model.register_forward_pre_hook(self._before, with_kwargs=True)
        self.model.register_forward_hook(self._after, always_call=True)

    @contextmanager
    def replaying(self, states: torch.Tensor) -> Iterator[None]:
        """Let the prefix's blocks give these states (texts, longest, width) for whatever they are called with."""
        # Contiguous, as the blocks' own output is: dropout draws in the order in which a tensor lies in memory.
        states = (states.transpose(0, 1).contiguous() if self._time_first else states).to(self._dtype)
        for module, length in self._forms.items():
            replayed = states if length is None else (states, *[None] * (length - 1))
            module.forward = partial(_given, replayed)
        try:
            yield
        finally:
            for module in self._forms:
                del module.forward

    def _before(self, _model: nn.Module, args: tuple, inputs: dict[str, Any]) -> tuple[tuple, dict[str, Any]]:
        states = inputs.pop(STATES, None)
        if states is not None:
            self._replay.enter_context(self.replaying(states))
        return args, inputs

    def _after(self, *_: Any) -> None:
        self._replay.close()

    def _outputs(self, inputs: Mapping[str, torch.Tensor]) -> list[tuple[nn.Module, Any]]:
        """What the prefix's modules return for a batch, in the order of their calls; what is above them does not run.

        Where layers share their weights a block is called several times, and its last call is the one that counts.
        """
        outputs: list[tuple[nn.Module, Any]] = []
        handles = [
            module.register_forward_hook(lambda module, _inputs, output: outputs.append((module, output)))
            for module in self._modules
        ]
        if self._above is not None:
            handles.append(self._above.register_forward_pre_hook(_stop))
        try:
            self.model(**inputs)
        except _Reached:
            pass
        finally:
            for handle in handles:
                handle.remove()
        return outputs


class _Reached(Exception):
    """The pass has come to the end of the prefix."""


def _stop(_module: nn.Module, _inputs: object) -> None:
    raise _Reached


def _given(states: Any, *_: Any, **__: Any) -> Any:
    return states


def _form(output: Any) -> int | None:
    """None for hidden states alone, else how many things are returned, the hidden states first and the rest None."""
    if isinstance(output, torch.Tensor):
        return None
    if isinstance(output, Sequence) and isinstance(output[0], torch.Tensor) and not any(_real(o) for o in output[1:]):
        return len(output)
    raise Unreplayable(f"one of them returns {type(output).__name__} with more than hidden states")


def _real(value: Any) -> bool:
    return value is not None and value != ()


def _hidden(output: Any) -> torch.Tensor:
    return output if isinstance(output, torch.Tensor) else output[0]
