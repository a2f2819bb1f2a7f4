"""Trial: its coordinates and key, what it runs in, and ``run_trial``, which turns it into a record."""

from __future__ import annotations

import hashlib
import json
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from study.errors import Diverged
from study.methods import active_methods
from study.out_of_memory import is_out_of_memory, raise_if_crowded, told, with_retries
from study.question import Scalar, Setting
from study.record import Record, Ref
from study.settings import identifying
from study.tasks import TASKS

if TYPE_CHECKING:
    from study.training import Job, StudyTrainer


LOOP_VERSION = 1
"""What the training loop does. Raised whenever its numbers change for one and the same setting; version 1 enters no
key, so that the studies made with it keep theirs."""


@dataclass(frozen=True)
class Trial:
    """Task, model, data, complete setting, seed and the corpus, if any: all that decides a trial's numbers."""

    task: str
    model: Ref
    data: Ref
    setting: Setting
    seed: int
    corpus: Ref | None = None

    @cached_property
    def key(self) -> str:
        """Sixteen hexadecimal digits that name the content of this trial.

        Names and paths do not count, only fingerprints; knobs at their identity value and knobs of inactive methods
        do not count either, so a knob added later changes no key, nor does a corpus that no method in use reads.
        1 and 1.0 are one value, True and 1 two.
        """
        methods = active_methods(self.setting)
        reads = any(method.reads_corpus(self.setting) for method in methods if method.reads_corpus)
        content = {
            "task": self.task,
            "model": self.model.fingerprint,
            "data": self.data.fingerprint,
            "setting": {name: _canonical(value) for name, value in identifying(self.setting).items()},
            "methods": {method.name: method.version for method in methods},
            "seed": self.seed,
            **({"corpus": self.corpus.fingerprint} if self.corpus and reads else {}),
            **({"loop": LOOP_VERSION} if LOOP_VERSION > 1 else {}),
        }
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Trial:
        refs = {name: Ref(**stored[name]) for name in ("model", "data", "corpus") if stored.get(name)}
        return cls(**{**stored, **refs})


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
    set and ``corpus`` that of the study's corpus, ``sentences`` those whose blanks a pre-trained model is to fill in,
    ``cache`` the folder of artefacts, ``scratch`` a folder that may be deleted. ``report`` is called with the
    record so far after every evaluation. ``memory_share`` is the fraction of the GPU's memory this process may use.
    ``judged_by`` is the validation score by which a scheduler may stop tuning trials; None where none does.
    ``micro_batch``, after so many ``retries`` for want of memory, is how many texts are computed at once in place of
    the setting's: the batch is the same, but dropout draws anew for each part. ``stored_prefix``: what frozen blocks
    make of the texts is computed once and kept in the cache, which changes losses by rounding alone. ``packed`` says
    that the share of memory was estimated: a trial to which it is too small raises Crowded, to be given more.
    """

    model: str
    texts: Path
    cache: Path
    scratch: Path
    corpus: Path | None = None
    sentences: tuple[str, ...] = ()
    question: str = ""
    phase: str = "compare"
    device: str = "cpu"
    threads: int = 1
    memory_share: float | None = None
    packed: bool = False
    judged_by: str | None = None
    micro_batch: int | None = None
    retries: int = 0
    stored_prefix: bool = True
    report: Callable[[Record], None] = field(default=lambda record: None)

    @property
    def scored(self) -> tuple[str, ...]:
        """The splits that a trial is scored on: test only where the phase compares."""
        return ("validation", "test") if self.phase == "compare" else ("validation",)


def run_trial(trial: Trial, context: Context) -> Record:
    """What this trial leaves, whatever happens: a bad end is a record with its status, error and traceback.

    A trial that runs out of memory is begun again with smaller parts of its batch, down to single texts. Raises Crowded
    where other processes hold the memory that is this one's due, or where its share of a GPU was estimated too small:
    that is no end of the trial.
    """
    return with_retries(partial(_attempted, trial), trial.setting, context)


def _attempted(trial: Trial, context: Context) -> Record:
    latest = [_blank(trial, context)]

    def report(record: Record) -> None:
        latest[0] = record
        context.report(record)

    try:
        return carry_out(trial, replace(context, report=report))
    except Exception as error:
        raise_if_crowded(error, context)
        return replace(
            latest[0],
            status=_status(error),
            error={"type": type(error).__name__, "message": str(error), "traceback": traceback.format_exc()},
            provenance={**latest[0].provenance, "ended": _now()},
        )


def carry_out(trial: Trial, context: Context) -> Record:
    """The record of a trial that ends well; its exceptions pass through (``run_trial`` catches them)."""
    from study import cost, device
    from study.assembly import assemble, trained_body
    from study.training import fit, merge

    device.prepare(context)
    body = trained_body(trial, context)
    started = time.perf_counter()
    memory = cost.PeakMemory(context.device)
    record = replace(_blank(trial, context), pretraining=dict(body.told) if body else None)
    counts = dict(record.costs)

    def on_evaluation(trainer: StudyTrainer, scores: Mapping[str, Any]) -> None:
        costs = {**counts, "trial_seconds": time.perf_counter() - started}
        so_far = replace(record, metrics={"validation": scores}, curve=tuple(trainer.curve), costs=costs)
        context.report(replace(so_far, degenerate=TASKS[trial.task].degenerate(trainer.latest[1])))

    trainer = assemble(trial, context, on_evaluation, body)
    record = _told(record, trainer.job, context.scored)
    # now, because a method may merge what it trained into what it did not
    counts.update(cost.parameters(trainer.network), saved_bytes=cost.saved_bytes(trainer.network))
    train_seconds = fit(trainer)
    unmerged = cost.structure(trainer.network, *_served(trial))
    merge(trainer)
    structure = cost.structure(trainer.network, *_served(trial))
    record = _scored(trial, context, record, trainer)
    costs = {
        **counts,
        "train_seconds": train_seconds,
        "prefix_seconds": trainer.prefix_seconds,
        "examples_per_second": trainer.examples_seen / train_seconds if trainer.examples_seen else None,
        "peak_memory_bytes": memory.bytes(),
        **trainer.counted,
        "trial_seconds": time.perf_counter() - started,
    }
    return replace(
        record,
        status="finished",
        curve=tuple(trainer.curve),
        costs={name: value for name, value in costs.items() if value is not None},
        structure=structure,
        unmerged=unmerged if unmerged != structure else None,
        provenance={**record.provenance, "ended": _now()},
    )


def _served(trial: Trial) -> list[Any]:
    """What beside the network decides how fast it serves."""
    served = [trial.model.fingerprint, trial.setting["precision"], trial.setting["max_length"]]
    if trial.setting["truncation"] != "head":  # what head left out of a name that older studies have on disk
        served.append(trial.setting["truncation"])
    return served


def _told(record: Record, job: Job, scored: tuple[str, ...]) -> Record:
    """The record with what there is to say about the model, and what truncation did to the splits that are used."""
    cut = {split: dict(job.splits[split].counts) for split in ("train", *scored)}
    return replace(record, notes=(*record.notes, *job.notes), provenance={**record.provenance, "truncation": cut})


def _scored(trial: Trial, context: Context, record: Record, trainer: StudyTrainer) -> Record:
    """The record with the final scores: validation always, test only where the phase compares."""
    import numpy as np
    import pyarrow as pa

    task, metrics, kept, every = TASKS[trial.task], {}, [], []
    for split in context.scored:
        logits = trainer.final_logits(split)
        metrics[split] = trainer.scores(split, logits)
        every.append(logits)
        columns = task.predictions(trainer.job.splits[split], logits, trainer.job.names)
        kept.append(pa.table({"split": [split] * len(logits), **columns}))
    degenerate = task.degenerate(np.concatenate(every))
    return replace(record, metrics=metrics, degenerate=degenerate, predictions=pa.concat_tables(kept))


def _blank(trial: Trial, context: Context) -> Record:
    from study.provenance import provenance

    costs, notes = told(trial.setting, context)
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
        costs=costs,
        notes=notes,
        provenance={
            **provenance(context.device, context.threads, str(trial.setting["precision"])),
            "started": _now(),
        },
    )


def _status(error: Exception) -> str:
    if isinstance(error, Diverged):
        return "diverged"
    return "out_of_memory" if is_out_of_memory(error) else "failed"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
