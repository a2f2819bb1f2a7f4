"""What a study still costs: minutes and bytes, from its own records where there are some, else from arithmetic."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from statistics import fmean

import pyarrow as pa

from study.data import TextData, read_batches
from study.data.tokens import STATES_BYTES
from study.folder import Arm, Folder
from study.launch.options import Launch
from study.methods import active_methods
from study.plan import Plan, body_of
from study.question import Setting
from study.record import Record
from study.settings import resolve

_BYTES_PER_RECORD = 12_000
_CHARACTERS_PER_TOKEN = 4.5
_WINDOWS = 4 / 3
"""Tokens read for each token of a text in windows: each shares a quarter with the one before it."""


@dataclass(frozen=True)
class Estimate:
    """Minutes of wall time and bytes of disk still needed, and what the minutes are based on."""

    minutes: float
    bytes: int
    basis: str


def estimate(
    arms: Sequence[Arm], plan: Plan, records: Mapping[str, Record], options: Launch, characters: Sequence[float]
) -> Estimate:
    """The estimate for what is missing; ``characters`` is the mean length of a text per arm.

    Without records it is an upper bound that takes nothing as frozen, at the speed of one matrix product here. A body
    that trials share is pre-trained, and kept, once; so is what a depth of frozen blocks makes of the texts.
    """
    slots = 1 if options.in_process else max(1, (os.cpu_count() or 1) // options.threads)
    if options.max_concurrent:
        slots = min(slots, options.max_concurrent)
    left = len(plan.ready) + plan.undecided
    measured = [r.costs["trial_seconds"] for r in records.values() if r.costs.get("trial_seconds")]
    if measured:
        seconds, basis = fmean(measured), f"{len(measured)} trials of this study"
    else:
        rate = _flops_per_second(arms[0].geometry.width, options.threads)
        work = [_flops(arm, length) for arm, length in zip(arms, characters, strict=True)]
        seconds, basis = fmean(work) / rate, "an upper bound by arithmetic, nothing having been measured yet"
    bodies = _bodies(plan, records)
    built = sum(_seconds_of_body(arms, body, records, options, characters) for body in bodies)
    kept = sum(4 * _weights(arms[arm]) for arm, _ in bodies)
    if left and options.stored_prefix:
        kept += min(STATES_BYTES, sum(_states(arm, length) for arm, length in zip(arms, characters, strict=True)))
    return Estimate((left * seconds + built) / slots / 60, left * _bytes(arms) + kept, basis)


def characters(folder: Folder, arm: Arm, new: Mapping[str, TextData] | None = None) -> float:
    """Characters per training text, on the first thousand; a pair's two texts count together.

    ``new`` are the texts by fingerprint that the folder may not have yet.
    """
    data = (new or {}).get(arm.data.fingerprint)
    if data is not None:
        rows = data.splits["train"].slice(0, 1000)
    else:
        batches = read_batches(folder.texts(arm.data.fingerprint), "train", size=1000)
        rows = pa.Table.from_batches([next(batches)])
    texts = [rows[name].to_pylist() for name in ("text", "pair") if name in rows.column_names]
    return sum(fmean(map(len, some)) for some in texts)


def _bodies(plan: Plan, records: Mapping[str, Record]) -> list[tuple[int, Setting]]:
    """The bodies still to be pre-trained, each once, as the number of an arm and what is said of pre-training."""
    there = {body_of(record) for record in records.values() if record.pretraining}
    found = {planned.body: (planned.arm, dict(planned.trial.setting)) for planned in plan.ready if planned.body}
    return [one for body, one in found.items() if body not in there]


def _seconds_of_body(
    arms: Sequence[Arm],
    body: tuple[int, Setting],
    records: Mapping[str, Record],
    options: Launch,
    characters: Sequence[float],
) -> float:
    """Seconds of pre-training a body: as long per step as those measured, else by arithmetic.

    6 operations per weight and token, 2 for the two heads, whose body is frozen; the output layer is left out, its
    vocabulary being unknown before the model is loaded.
    """
    number, setting = body
    measured = [record.pretraining["costs"] for record in records.values() if record.pretraining]
    text = float(setting["pretraining.batch_size"])
    if measured:
        return fmean(c["seconds"] / c["sequences"] for c in measured) * text * float(setting["pretraining.steps"])
    tokens = min(characters[number] / _CHARACTERS_PER_TOKEN + 2, float(setting["max_length"])) * text
    passes = 6 * float(setting["pretraining.steps"]) + 2 * 2 * float(setting["pretraining.head_steps"])
    geometry = arms[number].geometry
    work = _weights(arms[number]) * geometry.shared * tokens * passes
    return work / _flops_per_second(geometry.width, options.threads)


def _states(arm: Arm, characters: float) -> int:
    """Bytes of what every depth of frozen blocks makes of the texts: a vector of floats for each token."""
    settings = [resolve({**arm.question.fixed, **point}) for point in arm.question.points(arm.geometry)]
    frozen = {(s["frozen_layers"], s["max_length"], s["truncation"]): s for s in settings if s.get("frozen_layers")}
    texts = sum(arm.sizes.values())
    return sum(int(4 * arm.geometry.width * texts * _tokens(s, characters)) for s in frozen.values())


def _weights(arm: Arm) -> int:
    """The matrices of the blocks, by the usual proportions."""
    return 12 * arm.geometry.depth * arm.geometry.width**2


def _flops(arm: Arm, characters: float) -> float:
    """Floating-point operations of a trial, on average over the points and with the most that tuning may choose: 6 per
    weight and token trained, 2 per weight and token evaluated."""
    question = arm.question
    tuned = {name: max(domain.ends) for name, domain in question.tuned.items() if not isinstance(domain.ends[0], str)}
    points = question.points(arm.geometry) or [{}]
    return fmean(_flops_at(arm, {**question.fixed, **tuned, **point}, characters) for point in points)


def _flops_at(arm: Arm, given: Setting, characters: float) -> float:
    setting = resolve(given)
    weights = _weights(arm) * arm.geometry.shared
    tokens = _tokens(setting, characters)
    epochs = float(setting.get("epochs", 0))  # some methods know none
    drawn = int(setting.get("shots", 0)) * len(arm.labels)
    texts = min(arm.sizes["train"], drawn) if drawn else arm.sizes["train"]
    trained = texts * epochs * prod(m.work(setting) for m in active_methods(setting) if m.work)
    evaluated = arm.sizes["validation"] * (epochs * int(setting["evaluations_per_epoch"]) + 1) + arm.sizes["test"]
    return weights * tokens * (6 * trained + 2 * evaluated)


def _tokens(setting: Setting, characters: float) -> float:
    """Tokens read of a text of so many characters."""
    tokens = characters / _CHARACTERS_PER_TOKEN + 2
    return tokens * _WINDOWS if setting["truncation"] == "windows" else min(tokens, float(setting["max_length"]))


def _flops_per_second(width: int, threads: int) -> float:
    """What this machine does in a product the shape of a feed-forward layer's, at half its speed (the rest is not)."""
    import torch

    torch.set_num_threads(threads)
    a, b = torch.ones(512, width), torch.ones(width, 4 * width)
    a @ b
    started, count = time.perf_counter(), 0
    while time.perf_counter() - started < 0.2:
        a @ b
        count += 1
    return 0.5 * count * 2 * a.numel() * b.shape[1] / (time.perf_counter() - started)


def _bytes(arms: Sequence[Arm]) -> int:
    """A trial's record and predictions: 24 bytes and 4 per class for each text evaluated."""
    texts = max((arm.sizes["validation"] + arm.sizes["test"]) * (24 + 4 * len(arm.labels)) for arm in arms)
    return _BYTES_PER_RECORD + texts
