"""Pace: how many workers, each with how many threads, train fastest on this machine; measured before a study starts."""

from __future__ import annotations

import math
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

SECONDS = 1.0
"""How long each way of sharing out the cores is tried, once its first step is over."""

_STEPS = 2
"""Optimizer steps tried at least, however slow."""

_PATIENCE = 600.0
"""Seconds that workers wait for each other: as long as a slow step of a large model may take."""


@dataclass(frozen=True, order=True)
class Way:
    """So many workers side by side, each computing with so many threads."""

    workers: int
    threads: int

    def __str__(self) -> str:
        return f"{self.workers} x {self.threads}"


def ways(cores: int, most: int) -> list[Way]:
    """The ways tried: threads in powers of two and all cores, as many workers as then fit, and never above ``most``."""
    threads = sorted({*(2**i for i in range(cores.bit_length()) if 2**i <= cores), cores})
    return [Way(max(1, min(most, cores // count)), count) for count in threads]


def fastest(rates: Mapping[Way, float], trials: int) -> Way:
    """The way that comes to the end of so many trials first, by tokens per second of all its workers together.

    Trials come in rounds of as many as there are workers, so the last, half-empty round counts as a whole one. Fewer
    threads where two ways are equal: more of the arithmetic of a trial is then the same on other machines.
    """
    rounds = {way: math.ceil(max(1, trials) / way.workers) * way.workers for way in rates}
    return min(rates, key=lambda way: (rounds[way] / rates[way], way.threads))


@dataclass(frozen=True)
class Meeting:
    """Where workers of one machine wait for each other: a folder, this one's number, and how many there are."""

    folder: Path
    number: int
    count: int

    def wait(self, name: str) -> None:
        """Until all have come; RuntimeError where they do not, or the folder is gone because one of them failed."""
        late = time.monotonic() + _PATIENCE
        (self.folder / f"{name}.{self.number}").touch()
        while sum(1 for _ in self.folder.glob(f"{name}.*")) < self.count:
            if not self.folder.is_dir() or time.monotonic() > late:
                raise RuntimeError("another worker failed, or never started")
            time.sleep(0.01)


def measured(planned: Any, context: Any, tried: Sequence[Way], start: Callable[..., list[Any]]) -> dict[Way, float]:
    """Padded tokens per second trained in each way, all its workers together.

    ``start(function, arguments)`` calls the function once for each tuple of arguments, all of them at the same time in
    processes of their own, and returns what they return. The steps are those of the trial, from its first; nothing of
    them is kept.
    """
    count = max(way.workers for way in tried)
    folder = Path(tempfile.mkdtemp(prefix="finetune-study-pace-"))
    try:
        meetings = [Meeting(folder, number, count) for number in range(count)]
        found = start(pace, [(planned.trial, context, tuple(tried), meeting) for meeting in meetings])
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return {way: sum(rates[index] for rates in found) for index, way in enumerate(tried)}


def pace(trial: Any, context: Any, tried: Sequence[Way], meeting: Meeting) -> list[float]:
    """Padded tokens per second that this process trains in each way, while the others do; 0.0 where it has no part."""
    import torch

    from study.assembly import assemble
    from study.device import prepare

    prepare(replace(context, threads=tried[0].threads))
    # Without an end, without evaluation, and with no blocks computed beforehand, which nobody may need.
    endless = {**trial.setting, "epochs": 1_000_000, "evaluations_per_epoch": 0}
    trainer = assemble(replace(trial, setting=endless), replace(context, stored_prefix=False), lambda *_: None)
    rates: list[float] = []
    clock = _Clock(trainer)

    def following() -> bool:
        """Go on to the next way in which this process takes part, if there is one."""
        while len(rates) < len(tried):
            way = tried[len(rates)]
            meeting.wait(str(len(rates)))
            if meeting.number < way.workers:
                torch.set_num_threads(way.threads)
                clock.start()
                return True
            rates.append(0.0)
        return False

    def turn() -> bool:
        """Once per step: whether there is another."""
        if not clock.over():
            return True
        rates.append(clock.rate())
        return following()

    trainer.add_callback(_each_step(turn))
    if following():
        trainer.train()
    meeting.wait("end")  # a worker that is done must not be given a trial while others measure
    return rates


class _Clock:
    """Tokens per second of a trainer's steps after the first since ``start``, which warms up."""

    def __init__(self, trainer: Any):
        self.trainer = trainer
        self.started, self.tokens, self.steps = 0.0, 0, -1

    def start(self) -> None:
        self.steps = -1

    def over(self) -> bool:
        """Whether enough has been seen; called after each step."""
        self.steps += 1
        if self.steps == 0:
            self.started, self.tokens = time.perf_counter(), self._seen()
        return self.steps >= _STEPS and time.perf_counter() - self.started >= SECONDS

    def rate(self) -> float:
        return (self._seen() - self.tokens) / (time.perf_counter() - self.started)

    def _seen(self) -> int:
        return sum(texts * length * times for (texts, length), times in self.trainer.passes.items())


def _each_step(turn: Callable[[], bool]) -> Any:
    from transformers import TrainerCallback

    class EachStep(TrainerCallback):
        def on_step_end(self, args, state, control, **_):
            control.should_training_stop = not turn()

    return EachStep()
