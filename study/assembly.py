"""Assembly: from a trial's coordinates to a trainer that is ready to fit. Data, model, task and methods meet here."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from study.cost import latency
from study.data import read_labels, read_texts
from study.data.tokens import Tokens, token_key, tokens
from study.device import prepare
from study.methods import active_methods
from study.models.loading import Model, find_model, load, load_tokenizer
from study.seeding import seed_everything
from study.tasks import TASKS
from study.training import Job, StudyTrainer

if TYPE_CHECKING:
    from torch import nn

    from study.trial import Context, Trial

_LATENCY_PASSES = {1: 50, 32: 10}
"""Texts per batch -> forward passes timed."""


def assemble(
    trial: Trial, context: Context, on_evaluation: Callable[[StudyTrainer, dict[str, Any]], None]
) -> StudyTrainer:
    """The trainer of this trial; ``on_evaluation`` is called with it and the validation scores while it trains."""
    found, splits, names = _inputs(trial, context)
    model = _network(trial, found, names)
    job = Job(
        task=TASKS[trial.task],
        setting=trial.setting,
        methods=active_methods(trial.setting),
        splits=splits,
        names=names,
        seed=trial.seed,
        pad=_pad(model),
        device=context.device,
        scratch=context.scratch,
        on_evaluation=on_evaluation,
    )
    return StudyTrainer(model, job)


def measure_latency(trial: Trial, context: Context) -> dict[str, Any]:
    """Seconds per text at batch 1 and 32 of this trial's structure, on its validation texts, in its precision.

    Call it while nothing else runs. The weights do not matter to the time, so the model is built, not trained.
    """
    prepare(context)
    found, splits, names = _inputs(trial, context)
    model = _network(trial, found, names)
    for method in active_methods(trial.setting):
        if method.finish:
            model = method.finish(model, trial.setting)
    model = model.to(context.device)
    texts, collate = splits["validation"], TASKS[trial.task].collate
    result: dict[str, Any] = {"device": context.device, "threads": context.threads}
    for size, passes in _LATENCY_PASSES.items():
        rows = [[(i * size + j) % len(texts) for j in range(size)] for i in range(passes)]
        batches = [collate([texts[i] for i in batch], pad=_pad(model)) for batch in rows]
        result[f"batch_{size}"] = latency(model, batches, context.device, bf16=trial.setting["precision"] == "bf16")
    return result


def _inputs(trial: Trial, context: Context) -> tuple[Model, dict[str, Tokens], tuple[str, ...]]:
    """The model found, the tokens of every split, and the class names."""
    found = find_model(context.model)
    if found.ref.fingerprint != trial.model.fingerprint:
        raise ValueError(
            f"model {trial.model.name}: its content is {found.ref.fingerprint} here, but the trial was planned for "
            f"{trial.model.fingerprint}. Restore the model that was planned, or start a new study."
        )
    length = int(trial.setting["max_length"])
    splits = tokens(
        lambda: read_texts(context.texts).splits,
        token_key(trial.data.fingerprint, found.tokenizer_fingerprint, length),
        context.cache,
        lambda: load_tokenizer(found),
        length,
    )
    return found, splits, read_labels(context.texts)


def _network(trial: Trial, found: Model, names: tuple[str, ...]) -> nn.Module:
    """The model after surgery. Each step has its own stream: no method's draws shift the head's or the dropout's."""
    seed_everything(trial.seed, "head")
    model = load(found, TASKS[trial.task].auto_class, names)
    for method in active_methods(trial.setting):
        if method.model:
            seed_everything(trial.seed, f"surgery of {method.name}")
            model = method.model(model, trial.setting)
    seed_everything(trial.seed, "training")
    return model


def _pad(model: nn.Module) -> int:
    return int(getattr(model.config, "pad_token_id", None) or 0)
