"""``--gpu-memory``: how a batch is computed so that every trial of a question keeps to so many bytes of a GPU."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import prod

from study.device import CUDA_CONTEXT_BYTES
from study.dry_run import Bytes, Passes, dry_run
from study.errors import InputError
from study.methods import METHODS, active_methods
from study.micro_batches import evaluation_batch, micro_batch
from study.models.loading import Model
from study.question import Question, Setting
from study.settings import identifying, resolve
from study.surgery.checkpointing import checkpointing_problem

_UNITS = {"MB": 10**6, "GB": 10**9, "MIB": 2**20, "GIB": 2**30}

_SAVING = ("micro_batch", "gradient_checkpointing", "precision")

_WITHOUT_BYTES = ("learning_rate", "epochs", "weight_decay", "bias_correction", "warmup_ratio", "evaluations_per_epoch")
"""Settings that no memory depends on: points that differ in nothing else are one."""

_WORKSPACE = 64 * 2**20  # cuBLAS: 32 MiB as study.device asks, and as much for cuBLASLt
_ROUNDING = 1.1  # torch's allocator takes blocks larger than asked, and cannot use all of what is free between them
_SMALLEST = 4
"""Smaller parts than this leave a GPU idle: activations are computed again before."""


@dataclass(frozen=True)
class Budget:
    """So many bytes of a GPU, and how they were given."""

    given: str
    bytes: int


def budget(given: object) -> Budget:
    """The budget that ``4GB``, ``500MB``, ``4GiB`` or ``512MiB`` says; raises InputError for anything else."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([kmgt]i?b)", str(given).strip(), re.IGNORECASE)
    if not found or found[2].upper() not in _UNITS:
        raise InputError(
            f"--gpu-memory {given}: must be a size with its unit, MB, GB (10^9 bytes), MiB or GiB (2^30 bytes), such "
            "as 4GB."
        )
    size = int(float(found[1]) * _UNITS[found[2].upper()])
    if size <= CUDA_CONTEXT_BYTES:
        raise InputError(
            f"--gpu-memory {given}: a process takes {CUDA_CONTEXT_BYTES / 2**20:.0f} MiB of a GPU before its first "
            "number. Give more."
        )
    return Budget(str(given).strip(), size)


def within(question: Question, model: Model, classes: int, most: Budget) -> tuple[Question, str]:
    """The question with how its batches are computed fixed so that its largest point keeps to the budget, and a
    sentence that says so.

    Tried in this order: the whole batch, smaller parts of it down to four texts, activations computed again
    (``gradient_checkpointing``) with the largest part that fits, and bf16 besides, which alone changes numbers by more
    than rounding. What the question or the user names is left as it is. The effective batch never changes. Raises
    InputError where not even one text fits.
    """
    free = tuple(name for name in _SAVING if name not in _named(question))
    points = _largest(question, model, free)

    def needs(point: Setting, aid: Setting) -> int:
        return largest_of(model, question.task, resolve({**point, **aid}), classes)

    worst = max(points, key=lambda point: needs(point, {})) if len(points) > 1 else points[0]
    batch = int(resolve(worst)["batch_size"])
    tiers = _tiers(free, batch, checkpointing_problem(model) is None)
    for tier in tiers:
        if found := _first(tier, lambda aid: needs(worst, aid), most.bytes):
            aid, size = found
            return replace(question, fixed={**question.fixed, **aid}), _sentence(most, aid, worst, size)
    raise InputError(_too_small(most, needs(worst, tiers[-1][-1]), resolve({**worst, **tiers[-1][-1]}), model))


def largest_of(model: Model, task: str, setting: Setting, classes: int) -> int:
    """The bytes of a GPU that a trial needs: those of its training, or of its pre-training where that takes more."""

    def counted(setting: Setting) -> int:
        return total(dry_run(model, task, setting, classes, passes(setting)), setting)

    if not METHODS["pretraining"].active(setting):
        return counted(setting)
    shared = {name: setting[name] for name in (*_SAVING, "max_length")}
    plain = resolve({**shared, "batch_size": setting["pretraining.batch_size"]})
    return max(counted(setting), counted(plain) + _predicting(model, setting, passes(plain)))


def _predicting(model: Model, setting: Setting, these: Passes) -> int:
    """Bytes of the output layer of a step of pre-training, whose body trains as in fine-tuning: for each token that is
    predicted a number for every word of the vocabulary, its logarithm, and the gradients of both, in 32 bits."""
    from transformers import AutoConfig

    causal = (model.geometry.objectives or ("",))[0] == "causal"
    share = 1.0 if causal else float(setting["pretraining.mask_rate"])
    words = AutoConfig.from_pretrained(model.path, trust_remote_code=False).vocab_size
    return int(_ROUNDING * share * these.texts * these.tokens * words * 4 * 4)


def passes(setting: Setting, gpu: bool = True) -> Passes:
    """What goes through the network at this setting."""
    batch, most = int(setting["batch_size"]), int(setting["micro_batch"])
    at_once = micro_batch(batch, most)
    return Passes(
        texts=at_once * prod(method.at_once for method in active_methods(setting)),
        evaluated=evaluation_batch(batch, most),
        tokens=int(setting["max_length"]),
        accumulates=at_once < batch,
        bf16=setting["precision"] == "bf16",
        gpu=gpu,
    )


def total(taken: Bytes, setting: Setting) -> int:
    """The bytes of a GPU that a process needs for these tensors: with the CUDA context, workspaces and rounding.

    A method with a step of its own (AWP) keeps a copy of the trained weights and of their gradient.
    """
    copies = 2 * taken.trained if any(method.training_step for method in active_methods(setting)) else 0
    return CUDA_CONTEXT_BYTES + _WORKSPACE + int(_ROUNDING * max(taken.training + copies, taken.evaluation))


def _named(question: Question) -> set[str]:
    return {*question.fixed, *question.tuned, *question.factor_names}


def _largest(question: Question, model: Model, free: Sequence[str]) -> list[Setting]:
    """The points that may need most: of those that differ only in batch and length, one with the largest of both."""
    ends = {name: domain.ends for name, domain in question.tuned.items() if name not in _WITHOUT_BYTES}
    cells = [dict(zip(ends, cell, strict=True)) for cell in itertools.product(*ends.values())]
    points = question.points(model.geometry) or [{}]
    if question.baseline and not question.factor_names:
        points = [*points, dict(question.baseline)]
    largest: dict[str, Setting] = {}
    for point, cell in itertools.product(points, cells):
        setting = {**question.fixed, **cell, **point}
        complete = resolve(setting)
        sizes = {name: complete[name] for name in ("batch_size", "max_length")}
        leave = {*_WITHOUT_BYTES, *sizes, *free}
        alike = str([(n, v) for n, v in identifying(complete).items() if n not in leave])
        before = largest.get(alike, {})
        most = {name: max(value, before.get(name, value)) for name, value in sizes.items()}
        largest[alike] = {**setting, **most}
    return list(largest.values())


def _tiers(free: Sequence[str], batch: int, checkpoints: bool) -> list[list[Setting]]:
    """What may be tried, the best first; within a tier from the largest part of a batch to the smallest."""
    sizes = [size for size in range(batch, 0, -1) if batch % size == 0]
    parts: list[Setting] = [{"micro_batch": size} if size < batch else {} for size in sizes]
    if "micro_batch" not in free:
        parts = [{}]
    again = checkpoints and "gradient_checkpointing" in free
    busy = [part for part in parts if int(part.get("micro_batch", batch)) >= min(_SMALLEST, batch)]
    tiers = [busy if again else parts]
    if again:
        tiers.append([{**part, "gradient_checkpointing": True} for part in parts])
    if "precision" in free:
        tiers.append([{**part, "precision": "bf16"} for part in tiers[-1]])
    return tiers


def _first(tier: Sequence[Setting], needs: Callable[[Setting], int], most: int) -> tuple[Setting, int] | None:
    """The first of a tier that fits, and what it needs: each needs no more than the one before it."""
    size = needs(tier[0])
    if size <= most:
        return tier[0], size
    size = needs(tier[-1])
    if size > most:
        return None
    too_large, fits = 0, len(tier) - 1
    while fits - too_large > 1:
        middle = (too_large + fits) // 2
        if (taken := needs(tier[middle])) <= most:
            fits, size = middle, taken
        else:
            too_large = middle
    return tier[fits], size


def _sentence(most: Budget, aid: Setting, worst: Setting, size: int) -> str:
    setting = resolve({**worst, **aid})
    batch = int(setting["batch_size"])
    at_once = micro_batch(batch, int(setting["micro_batch"]))
    told = [f"micro_batch={at_once} ({batch // at_once} parts of a batch of {batch})"]
    if at_once == batch:
        told = [f"the whole batch of {batch} at once"]
    told += [f"{name}={value}" for name, value in aid.items() if name != "micro_batch"]
    return f"--gpu-memory {most.given}: {', '.join(told)}, about {size / 1e9:.1f} GB"


def _too_small(most: Budget, size: int, setting: Setting, model: Model) -> str:
    at_once = micro_batch(int(setting["batch_size"]), int(setting["micro_batch"]))
    texts = f"{at_once} texts" if at_once > 1 else "one text"
    using = [f"{name}={setting[name]}" for name in ("gradient_checkpointing", "precision")]
    return (
        f"--gpu-memory {most.given}: {texts} of {setting['max_length']} tokens at a time through {model.ref.name} "
        f"needs about {size / 1e9:.1f} GB, with {' and '.join(using)}. Give more, a smaller max_length, more "
        "frozen_layers, lora.rank, or a smaller --model."
    )
