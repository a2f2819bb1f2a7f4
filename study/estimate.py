"""What a study still costs: minutes and bytes, from its own records where there are some, else from arithmetic."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from statistics import fmean

from study.folder import Arm
from study.launch.options import Launch
from study.methods import active_methods
from study.plan import Plan
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

    Without records it is an upper bound that takes nothing as frozen, at the speed of one matrix product here.
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
    return Estimate(left * seconds / slots / 60, left * _bytes(arms), basis)


def _flops(arm: Arm, characters: float) -> float:
    """Floating-point operations of a trial, on average over the points and with the most that tuning may choose: 6 per
    weight and token trained, 2 per weight and token evaluated."""
    question = arm.question
    tuned = {name: max(domain.ends) for name, domain in question.tuned.items() if not isinstance(domain.ends[0], str)}
    points = question.points(arm.geometry) or [{}]
    return fmean(_flops_at(arm, {**question.fixed, **tuned, **point}, characters) for point in points)


def _flops_at(arm: Arm, given: Setting, characters: float) -> float:
    setting = resolve(given)
    weights = 12 * arm.geometry.depth * arm.geometry.shared * arm.geometry.width**2
    tokens = characters / _CHARACTERS_PER_TOKEN + 2
    if setting["truncation"] == "windows":
        tokens *= _WINDOWS
    else:
        tokens = min(tokens, float(setting["max_length"]))
    epochs = float(setting["epochs"])
    trained = arm.sizes["train"] * epochs * prod(m.work(setting) for m in active_methods(setting) if m.work)
    evaluated = arm.sizes["validation"] * (epochs + 1) + arm.sizes["test"]
    return weights * tokens * (6 * trained + 2 * evaluated)


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
