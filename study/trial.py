"""Trial: its coordinates and key, and ``run_trial``, the one place where data, model, task and methods meet."""

from __future__ import annotations

import hashlib
import json
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from study.errors import Diverged
from study.methods import active_methods
from study.question import Scalar, Setting
from study.record import Record, Ref
from study.settings import identifying
from study.tasks import TASKS

if TYPE_CHECKING:
    from torch import nn

    from study.data.tokens import Tokens
    from study.models.loading import Model
    from study.training import StudyTrainer


@dataclass(frozen=True)
class Trial:
    """Task, model, data, complete setting and seed: all that decides a trial's numbers."""

    task: str
    model: Ref
    data: Ref
    setting: Setting
    seed: int

    @cached_property
    def key(self) -> str:
        """Sixteen hexadecimal digits that name the content of this trial.

        Names and paths do not count, only fingerprints; knobs at their identity value and knobs of inactive methods
        do not count either, so a knob added later changes no key. 1 and 1.0 are one value, True and 1 two.
        """
        content = {
            "task": self.task,
            "model": self.model.fingerprint,
            "data": self.data.fingerprint,
            "setting": {name: _canonical(value) for name, value in identifying(self.setting).items()},
            "methods": {method.name: method.version for method in active_methods(self.setting)},
            "seed": self.seed,
        }
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Trial:
        values = {**stored, "model": Ref(**stored["model"]), "data": Ref(**stored["data"])}
        return cls(**values)


def _canonical(value: Scalar) -> str:
    if isinstance(value, bool):
        return f"bool:{value}"
    if isinstance(value, str):
        return f"str:{value}"
    return f"number:{int(value) if value == int(value) else float(value)!r}"


@dataclass(frozen=True)
class Context:
    """What a trial runs in. Nothing of it is hashed, and nothing of it may change a number.

    ``model`` is where the model is found (a name or an absolute folder), ``texts`` the parquet file of the trial's data
    set, ``cache`` the folder of artefacts, ``scratch`` a folder that may be deleted. ``report`` is called with the
    record so far after every evaluation. ``memory_share`` is the fraction of the GPU's memory this process may use.
    ``judged_by`` is the validation score by which a scheduler may stop tuning trials; None where none does.
    """

    model: str
    texts: Path
    cache: Path
    scratch: Path
    question: str = ""
    phase: str = "compare"
    device: str = "cpu"
    threads: int = 1
    memory_share: float | None = None
    judged_by: str | None = None
    report: Callable[[Record], None] = field(default=lambda record: None)


def run_trial(trial: Trial, context: Context) -> Record:
    """What this trial leaves, whatever happens: a bad end is a record with its status, error and traceback."""
    latest = [_blank(trial, context)]

    def report(record: Record) -> None:
        latest[0] = record
        context.report(record)

    try:
        return carry_out(trial, replace(context, report=report))
    except Exception as error:
        return replace(
            latest[0],
            status=_status(error),
            error={"type": type(error).__name__, "message": str(error), "traceback": traceback.format_exc()},
        )


def carry_out(trial: Trial, context: Context) -> Record:
    """The record of a trial that ends well; its exceptions pass through (``run_trial`` catches them)."""
    from study import cost, device
    from study.training import fit

    started = time.perf_counter()
    device.prepare(context)
    memory = cost.PeakMemory(context.device)
    record = _blank(trial, context)
    trainer = _assemble(trial, context, record)
    counts = cost.parameters(trainer.network)
    train_seconds = fit(trainer)
    record = _scored(trial, context, record, trainer)
    seen = (trainer.state.epoch or 0) * len(trainer.examples)
    costs = {
        **counts,
        "train_seconds": train_seconds,
        "examples_per_second": seen / train_seconds if train_seconds else None,
        "peak_memory_bytes": memory.bytes(),
        "saved_bytes": cost.saved_bytes(trainer.network),
        "trial_seconds": time.perf_counter() - started,
    }
    return replace(
        record,
        status="finished",
        curve=tuple(trainer.curve),
        costs={name: value for name, value in costs.items() if value is not None},
        structure=_structure(trial, trainer.network),
        provenance={**record.provenance, "ended": _now()},
    )


def measure_latency(trial: Trial, context: Context) -> dict[str, Any]:
    """Seconds per text at batch 1 and 32 of this trial's structure, on its validation texts.

    Call it while nothing else runs. The weights do not matter to the time, so the model is built, not trained.
    """
    from study import cost, device

    device.prepare(context)
    found, splits, names = _inputs(trial, context)
    model = _finished(_network(trial, found, names), trial).to(context.device)
    tokens, collate = splits["validation"], TASKS[trial.task].collate
    result: dict[str, Any] = {"device": context.device, "threads": context.threads}
    for size, passes in ((1, 50), (32, 10)):
        rows = [[(i * size + j) % len(tokens) for j in range(size)] for i in range(passes)]
        batches = [collate([tokens[i] for i in batch], pad=_pad(model)) for batch in rows]
        result[f"batch_{size}"] = cost.latency(model, batches, context.device)
    return result


def _inputs(trial: Trial, context: Context) -> tuple[Model, dict[str, Tokens], tuple[str, ...]]:
    """The model found, the tokens of every split, and the class names."""
    from study.data import read_labels, read_texts
    from study.data.tokens import token_key, tokens
    from study.models.loading import find_model, load_tokenizer

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
    """The model after surgery. Each step has its own stream, so no method's draws shift the head's or the dropout's."""
    from study.models.loading import load
    from study.seeding import seed_everything

    seed_everything(trial.seed, "head")
    model = load(found, TASKS[trial.task].auto_class, names)
    for method in active_methods(trial.setting):
        if method.model:
            seed_everything(trial.seed, f"surgery of {method.name}")
            model = method.model(model, trial.setting)
    seed_everything(trial.seed, "training")
    return model


def _finished(model: nn.Module, trial: Trial) -> nn.Module:
    for method in active_methods(trial.setting):
        if method.finish:
            model = method.finish(model, trial.setting)
    return model


def _assemble(trial: Trial, context: Context, record: Record) -> StudyTrainer:
    """The trainer of this trial, ready to fit; it reports the record so far after every evaluation."""
    from study.training import Job, StudyTrainer

    found, splits, names = _inputs(trial, context)
    model = _network(trial, found, names)

    def on_evaluation(trainer: StudyTrainer, scores: dict[str, Any]) -> None:
        so_far = {"trial_seconds": time.time() - datetime.fromisoformat(record.provenance["started"]).timestamp()}
        context.report(
            replace(record, metrics={"validation": scores}, curve=tuple(trainer.curve), costs={**counts, **so_far})
        )

    from study.cost import parameters

    counts = parameters(model)
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


def _scored(trial: Trial, context: Context, record: Record, trainer: StudyTrainer) -> Record:
    """The record with the final scores: validation always, test only where the phase compares."""
    import pyarrow as pa

    task, metrics, kept, degenerate = TASKS[trial.task], {}, [], None
    for split in ("validation", "test") if context.phase == "compare" else ("validation",):
        logits = trainer.final_logits(split)
        metrics[split] = trainer.scores(split, logits)
        degenerate = task.degenerate(logits)
        columns = task.predictions(trainer.job.splits[split], logits, trainer.job.names)
        kept.append(pa.table({"split": [split] * len(logits), **columns}))
    return replace(record, metrics=metrics, degenerate=degenerate, predictions=pa.concat_tables(kept))


def _structure(trial: Trial, model: nn.Module) -> str:
    from study.cost import structure

    return structure(model, trial.model.fingerprint, trial.setting["precision"], trial.setting["max_length"])


def _pad(model: nn.Module) -> int:
    return int(getattr(model.config, "pad_token_id", None) or 0)


def _blank(trial: Trial, context: Context) -> Record:
    from study.provenance import provenance

    return Record(
        key=trial.key,
        question=context.question,
        phase=context.phase,
        status="running",
        task=trial.task,
        model=trial.model,
        data=trial.data,
        setting=trial.setting,
        seed=trial.seed,
        provenance={
            **provenance(context.device, context.threads, str(trial.setting["precision"])),
            "started": _now(),
        },
    )


def _status(error: Exception) -> str:
    if isinstance(error, Diverged):
        return "diverged"
    if (
        isinstance(error, MemoryError)
        or type(error).__name__ == "OutOfMemoryError"
        or "can't allocate memory" in str(error)
    ):
        return "out_of_memory"
    return "failed"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
