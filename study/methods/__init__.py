"""METHODS: every change to fine-tuning this package knows, in the order in which surgery is done."""

from __future__ import annotations

from study.methods import (
    adapter,
    awp,
    bitfit,
    class_weights,
    early_stopping,
    freezing,
    layer_decay,
    linear_probe,
    lora,
    mixout,
    pooling,
    pretraining,
    reinit,
    setfit,
    share,
    shots,
)
from study.methods.base import Knobs, Method

METHODS: dict[str, Method] = {
    method.name: method
    for method in (
        pretraining.METHOD,
        share.METHOD,
        shots.METHOD,
        pooling.METHOD,
        reinit.METHOD,
        freezing.METHOD,
        lora.METHOD,
        adapter.METHOD,
        bitfit.METHOD,
        mixout.METHOD,
        awp.METHOD,
        layer_decay.METHOD,
        linear_probe.METHOD,
        setfit.METHOD,
        early_stopping.METHOD,
        class_weights.METHOD,
    )
}


def active_methods(setting: Knobs) -> list[Method]:
    """The methods this setting turns on, in surgery order."""
    return [method for method in METHODS.values() if method.active(setting)]


def conflicts(setting: Knobs) -> list[str]:
    """A sentence for every pair of active methods that cannot be combined."""
    active = active_methods(setting)
    names = {method.name for method in active}
    return [
        f"{method.name} and {other} cannot be combined. Turn one of them off."
        for method in active
        for other in method.conflicts
        if other in names
    ]
