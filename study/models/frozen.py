"""Frozen parts: without gradient, and in evaluation mode whatever the model around them is in."""

from __future__ import annotations

from typing import Any

from torch import nn

from study.models.parts import Parts, parameters_of


def freeze_prefix(model: nn.Module, where: Parts, count: int) -> nn.Module:
    """The model with everything up to the first ``count`` blocks frozen, save what no checkpoint has trained."""
    drawn = set(getattr(model, "newly_initialised", ()))
    kept = {id(p) for name, p in model.named_parameters() if name in drawn}
    for part in where.prefix(count):
        for parameter in parameters_of(part):
            parameter.requires_grad_(id(parameter) in kept)
        if isinstance(part, nn.Module) and part not in where.both_ends:
            # A pre-hook and not one call to eval(): the Trainer puts the whole model in training mode at every step.
            part.register_forward_pre_hook(_evaluation_mode)
    if where.both_ends:
        _evaluate_below(where)
    return model


def freeze_body(model: nn.Module) -> None:
    """Take the gradient from every parameter that a checkpoint trained in the body, once.

    The head, and what no checkpoint has trained, stay as they are; so does what methods add afterwards.
    """
    network: Any = model
    if getattr(network, "body_is_frozen", False):
        return
    drawn = set(getattr(network, "newly_initialised", ()))
    new = {id(p) for name, p in network.named_parameters() if name in drawn}
    for parameter in network.base_model.parameters():
        if id(parameter) not in new:
            parameter.requires_grad_(False)
    network.body_is_frozen = True


def _evaluation_mode(module: nn.Module, _inputs: object) -> None:
    if module.training:
        module.eval()


def _evaluate_below(where: Parts) -> None:
    """For modules that the body applies below the first block and above the last: evaluation mode below only."""

    def below(_body: nn.Module, _inputs: object) -> None:
        for module in where.both_ends:
            module.eval()

    def above(_block: nn.Module, _inputs: object, _output: object) -> None:
        for module in where.both_ends:
            module.train(where.body.training)

    where.body.register_forward_pre_hook(below)
    where.blocks[-1].register_forward_hook(above)
