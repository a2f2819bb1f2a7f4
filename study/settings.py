"""The schema of a setting: every name that may be set, its default, and what is wrong with one that is given."""

from __future__ import annotations

from collections.abc import Mapping

from study.errors import unknown
from study.knobs import Knob
from study.methods import METHODS, active_methods, conflicts
from study.question import Geometry, Scalar, Setting

TRAINING: dict[str, Knob] = {
    "learning_rate": Knob(float, 5e-5, "AdamW's peak learning rate", low=0, above_low=True, high=1),
    "batch_size": Knob(int, 16, "texts, or windows of them, per optimizer step", low=1),
    "micro_batch": Knob(
        int, 0, "texts per forward pass at most, a batch being accumulated from several (0: all)", identity=0, low=0
    ),
    "gradient_checkpointing": Knob(
        bool, False, "activations computed again in the backward pass instead of kept", identity=False
    ),
    "epochs": Knob(float, 3, "passes over the training texts", low=0, above_low=True),
    "weight_decay": Knob(float, 0.0, "AdamW's decoupled weight decay", identity=0.0, low=0),
    "bias_correction": Knob(bool, True, "AdamW's bias correction (off in the original BERT)", identity=True),
    "warmup_ratio": Knob(
        float, 0.0, "share of the steps in which the learning rate rises", identity=0.0, low=0, high=0.99
    ),
    "max_length": Knob(int, 128, "tokens of a text that the model reads at once", low=4, high="positions"),
    "truncation": Knob(
        str,
        "head",
        "what is read of a text longer than max_length",
        identity="head",
        choices=("head", "tail", "head_tail", "windows"),
    ),
    "precision": Knob(str, "fp32", "arithmetic", identity="fp32", choices=("fp32", "bf16")),
    "evaluations_per_epoch": Knob(
        int, 1, "validation passes per epoch (0: one, when training has ended)", identity=1, low=0
    ),
}
"""The settings of the training loop itself; those of methods are declared by the methods."""

CHOICE: dict[str, Knob] = {
    "method": Knob(
        str,
        "full",
        "how the model learns from the examples: all of it that nothing else freezes, or by the method of this name",
        identity="full",
        choices=("full", "lora", "linear_probe", "setfit"),
    ),
}
"""The setting that turns a method on by its name. It enters no key by itself: what it turns on does."""


def all_knobs() -> dict[str, Knob]:
    """Every setting's schema by name: the training loop's, then each method's."""
    knobs = TRAINING | CHOICE
    for method in METHODS.values():
        knobs.update(method.knobs)
    return knobs


def resolve(given: Mapping[str, Scalar]) -> Setting:
    """The complete setting: training's defaults and those of the methods that are on; numbers in their knob's type.

    A method's knob whose default does nothing is left out, so that a setting shows what was meant; so is what a method
    in use ignores.
    """
    knobs = all_knobs()
    setting = {name: knob.default for name, knob in TRAINING.items()} | dict(given)
    for method in active_methods(setting):
        if method.chosen(setting):
            setting = {**method.implied, **setting}
        setting = {n: knob.default for n, knob in method.knobs.items() if knob.default != knob.identity} | setting
    ignored = {name for method in active_methods(setting) for name in method.ignores}
    return {name: normalised(value, knobs.get(name)) for name, value in sorted(setting.items()) if name not in ignored}


def with_defaults(setting: Mapping[str, Scalar]) -> Setting:
    """A resolved setting with the defaults of what its methods ignore, for the loop that they replace."""
    return {name: knob.default for name, knob in TRAINING.items()} | dict(setting)


def normalised(value: Scalar, knob: Knob | None = None) -> Scalar:
    """The value in its knob's type, so that 3 and 3.0 are one epoch count and one key."""
    if knob is not None and not isinstance(value, (bool, str)):
        return knob.kind(value) if knob.kind in (int, float) else value
    return value


def identifying(setting: Mapping[str, Scalar]) -> Setting:
    """The part of a resolved setting that a key hashes: what is not at its identity, of active methods only."""
    knobs = dict(TRAINING)
    for method in active_methods(setting):
        knobs.update(method.knobs)
    return {
        name: setting[name]
        for name, knob in sorted(knobs.items())
        if name in setting and (knob.identity is None or setting[name] != knob.identity)
    }


def problems(setting: Mapping[str, Scalar], geometry: Geometry | None = None) -> list[str]:
    """Every problem of a setting, one sentence each: unknown names, wrong types and ranges, methods that conflict."""
    knobs = all_knobs()
    found = [unknown("setting", name, knobs) for name in setting if name not in knobs]
    valued = ((name, value) for name, value in setting.items() if name in knobs)
    found += [p for name, value in valued if (p := knobs[name].problem(name, value, geometry))]
    return found or [*contradictions(setting), *conflicts(setting)]


def contradictions(setting: Mapping[str, Scalar]) -> list[str]:
    """A sentence for every way in which what ``method`` says does not go with the rest of the setting."""
    found = []
    if setting.get("method") == "full":
        trained = [m for m in METHODS.values() if m.name in CHOICE["method"].choices and m.active(setting)]
        found += [f"method=full trains the whole model, but {m.name} is on. Give method={m.name}." for m in trained]
    for method in METHODS.values():
        off = [n for n in method.implied if method.chosen(setting) and setting.get(n) == method.knobs[n].identity]
        found += [f"method={method.name}: {name}={setting[name]} turns it off. Leave one of them out." for name in off]
    return found
