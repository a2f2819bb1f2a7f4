"""Assembly: from a trial's coordinates to a trainer that is ready to fit. Data, model, task and methods meet here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from study.cost import latency
from study.data import read_batches, read_labels
from study.data.storage import splits_of
from study.data.tokens import Tokens, token_key, tokens
from study.device import prepare
from study.methods import active_methods
from study.models.bodies import Body, put_in
from study.models.loading import Model, find_model, load, load_tokenizer
from study.models.segments import takes_segments
from study.out_of_memory import is_out_of_memory, release
from study.prefix import read_prefix
from study.question import Setting
from study.seeding import seed_everything
from study.settings import with_defaults
from study.surgery.checkpointing import install_checkpointing
from study.tasks import TASKS
from study.training import Job, StudyTrainer

if TYPE_CHECKING:
    from torch import nn

    from study.trial import Context, Trial

_LATENCY_PASSES = {1: 50, 32: 10}
"""Texts per batch -> forward passes timed."""

_NAMED = 6
"""Newly initialised parameters that a note names."""


def trained_body(trial: Trial, context: Context) -> Body | None:
    """The weights with which the trial's body begins where a method gives it others than its checkpoint's, else None.

    What they cost is not the trial's, which others share them with; so this comes before the clock is started, as do
    the imports of the methods.
    """
    for method in active_methods(trial.setting):
        if method.ready:
            method.ready()
    makers = [method.body for method in active_methods(trial.setting) if method.body]
    return makers[0](trial, context, _found(trial, context)) if makers else None


def assemble(
    trial: Trial,
    context: Context,
    on_evaluation: Callable[[StudyTrainer, dict[str, Any]], None],
    body: Body | None = None,
) -> StudyTrainer:
    """The trainer of this trial, its body with these weights if there are any.

    ``on_evaluation`` is called with it and the validation scores while it trains.
    """
    found, splits, names = _inputs(trial, context)
    model, notes = _network(trial, found, names, body)
    weights = body.fingerprint if body else found.ref.fingerprint
    job = Job(
        task=TASKS[trial.task],
        setting=with_defaults(trial.setting),
        methods=active_methods(trial.setting),
        splits=_as_read(splits, model),
        cache=context.cache,
        content=f"{weights}-{_token_key(trial, found)}",
        names=names,
        seed=trial.seed,
        padding=found.padding,
        device=context.device,
        scratch=context.scratch,
        micro_batch=context.micro_batch or int(trial.setting["micro_batch"]),
        notes=notes,
        on_evaluation=on_evaluation,
    )
    trainer = StudyTrainer(model, job)
    if context.stored_prefix:
        read_prefix(trainer, context.scored, context.threads)
    return trainer


def measure_latency(trial: Trial, context: Context, merged: bool = True) -> dict[str, Any]:
    """Seconds per text at batch 1 and 32 of this trial's structure, on its validation texts, in its precision.

    ``merged``: with what was trained merged into the weights, where a method does that.
    A text read in windows takes the time of all its windows.
    Call it while nothing else runs. The weights do not matter to the time, so the model is built, not trained.
    """
    prepare(context)
    found, splits, names = _inputs(trial, context)
    model, _ = _network(trial, found, names)
    methods = active_methods(trial.setting)
    endings = [method.finish for method in methods] + [method.merge for method in methods if merged]
    for ending in filter(None, endings):
        model = ending(model, trial.setting)
    model = model.to(context.device)
    tokens, collate = _as_read(splits, model)["validation"], TASKS[trial.task].collate
    result: dict[str, Any] = {"device": context.device, "threads": context.threads}
    for size, passes in _LATENCY_PASSES.items():
        texts = [[(i * size + j) % tokens.texts for j in range(size)] for i in range(passes)]
        examples = [[tokens[i] for text in batch for i in tokens.examples_of(text)] for batch in texts]
        batches = [collate(features, padding=found.padding) for features in examples]
        bf16 = trial.setting["precision"] == "bf16"
        try:
            result[f"batch_{size}"] = latency(model, batches, context.device, bf16=bf16, texts=size)
        except Exception as error:
            if size == 1 or not is_out_of_memory(error):
                raise
            release(context.device)  # missing is missing: a trial that trained in small parts may not serve 32 at once
    return result


def _inputs(trial: Trial, context: Context) -> tuple[Model, dict[str, Tokens], tuple[str, ...]]:
    """The model found, the tokens of every split, and the class names."""
    found = _found(trial, context)
    length, truncation = int(trial.setting["max_length"]), str(trial.setting["truncation"])
    splits = tokens(
        lambda: {split: read_batches(context.texts, split) for split in splits_of(context.texts)},
        _token_key(trial, found),
        context.cache,
        lambda: load_tokenizer(found),
        length,
        truncation,
    )
    return found, splits, read_labels(context.texts)


def _found(trial: Trial, context: Context) -> Model:
    """The model for which the trial was planned."""
    found = find_model(context.model)
    if found.ref.fingerprint != trial.model.fingerprint:
        raise ValueError(
            f"model {trial.model.name}: its content is {found.ref.fingerprint} here, but the trial was planned for "
            f"{trial.model.fingerprint}. Restore the model that was planned, or start a new study."
        )
    return found


def _token_key(trial: Trial, found: Model) -> str:
    length, truncation = int(trial.setting["max_length"]), str(trial.setting["truncation"])
    return token_key(trial.data.fingerprint, found.tokenizer_fingerprint, length, truncation)


def _as_read(splits: dict[str, Tokens], model: nn.Module) -> dict[str, Tokens]:
    """The splits with their segments if the model can tell these apart, else without: artefacts know no model."""
    if takes_segments(model, max(tokens.segments for tokens in splits.values())):
        return splits
    return {name: replace(tokens, types=None, segments=1) for name, tokens in splits.items()}


def _network(
    trial: Trial, found: Model, names: tuple[str, ...], body: Body | None = None
) -> tuple[nn.Module, tuple[str, ...]]:
    """The model after surgery, and what there is to say about it; with another body's weights, if there are any.

    Each step has its own stream: no method's draws shift the head's or the dropout's.
    """
    seed_everything(trial.seed, "head")
    model: Any = load(found, TASKS[trial.task].auto_class, names)
    drawn, notes = model.newly_initialised, model.load_notes
    if body:
        put_in(model, body)
    model = operated(model, trial.setting, trial.seed)
    seed_everything(trial.seed, "training")
    trained = {name for name, parameter in model.named_parameters() if parameter.requires_grad}
    return model, (*notes, *_newly([name for name in drawn if name in trained]))


def operated(model: Any, setting: Setting, seed: int) -> Any:
    """The network after the surgery of the setting's methods, each with draws of its own."""
    for method in active_methods(setting):
        if method.model:
            seed_everything(seed, f"surgery of {method.name}")
            model = method.model(model, setting)
    if setting.get("gradient_checkpointing"):
        install_checkpointing(model)
    return model


def _newly(names: list[str]) -> list[str]:
    """One sentence about the parameters that no checkpoint had, the first few by name."""
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return [f"newly initialised, trained: {', '.join(names[:_NAMED])}{more}"] if names else []
