"""Method: a change to fine-tuning, as a value that holds the hooks it uses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from study.knobs import Knob
from study.question import Scalar

if TYPE_CHECKING:
    from study.data import TextData
    from study.models.loading import Model

Knobs = Mapping[str, Scalar]
Hook = Callable[..., Any]


@dataclass(frozen=True)
class Method:
    """What a method changes; a hook left out changes nothing. ``setting`` is the trial's, complete.

    =================  ============================================================  =================================
    hook               called                                                        returns
    =================  ============================================================  =================================
    ready              ready(), before the clock of a trial starts                   nothing: imports, as a rule
    data               data(tokens, setting, seed), before training                  the training examples
    body               body(trial, context, found), before surgery                   weights for the body (a ``Body``)
    model              model(model, setting), after loading (surgery)                the model
    parameter_groups   parameter_groups(model, setting), before the optimizer        optimizer groups, or None
    loss               loss(inner, model, inputs, setting) around the task's loss    the loss
    training_step      training_step(inner, trainer, inputs, setting) around a       the detached loss
                       micro-batch's forward and backward pass
    callbacks          callbacks(setting), before training                           transformers callbacks
    fit                fit(trainer, setting) instead of ``trainer.train()``          nothing
    outputs            outputs(trainer, split, setting) instead of evaluating        logits (texts, classes), float32
    finish             finish(model, setting), after training                        the model that was trained
    merge              merge(model, setting), after all that, where what was         the model that is evaluated
                       trained can be put into the weights; latency is measured
                       before and after
    evaluate           evaluate(inner, model, inputs, setting) around a prediction   logits
    =================  ============================================================  =================================

    A method is active where one of its switches leaves its identity value, or where the setting ``method`` is its name,
    which implies the settings ``implied`` where nothing else is said; only then do its knobs and its version enter a
    trial's key. Raise ``version`` when its numbers change. ``conflicts`` names methods it cannot be
    combined with. ``work(setting)`` is how often it goes through a batch where plain training does once, on average
    over the steps; it only serves to estimate how long a study takes. ``problem(model, setting)`` is a sentence about
    why a model that was found, but not loaded, cannot have it, or None; ``data_problem(data, setting)`` one about why
    these texts cannot. ``at_once`` is how many texts it computes together for each example of a batch. ``ignores`` are
    settings of the training loop that mean nothing to it: its trials have none. ``reads_corpus(setting)`` says whether
    the study's corpus is part of what it does.
    """

    name: str
    version: int
    knobs: Mapping[str, Knob]
    implied: Mapping[str, Scalar] = field(default_factory=dict)
    ignores: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    at_once: int = 1
    ready: Hook | None = None
    data: Hook | None = None
    body: Hook | None = None
    model: Hook | None = None
    parameter_groups: Hook | None = None
    loss: Hook | None = None
    training_step: Hook | None = None
    callbacks: Hook | None = None
    fit: Hook | None = None
    outputs: Hook | None = None
    finish: Hook | None = None
    merge: Hook | None = None
    evaluate: Hook | None = None
    work: Callable[[Knobs], float] | None = None
    problem: Callable[[Model, Knobs], str | None] | None = None
    data_problem: Callable[[TextData, Knobs], str | None] | None = None
    reads_corpus: Callable[[Knobs], bool] | None = None

    @cached_property
    def switches(self) -> tuple[str, ...]:
        """The knobs that turn the method on."""
        return tuple(name for name, knob in self.knobs.items() if knob.identity is not None and knob.switch)

    def chosen(self, setting: Knobs) -> bool:
        """Whether the setting ``method`` names this one."""
        return setting.get("method") == self.name

    def active(self, setting: Knobs) -> bool:
        """Whether this setting turns the method on."""
        given = [name for name in self.switches if name in setting]
        return self.chosen(setting) or any(setting[name] != self.knobs[name].identity for name in given)
