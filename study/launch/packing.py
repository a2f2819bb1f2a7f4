"""Packing: how many trials share a GPU, decided by what the first of them took of it."""

from __future__ import annotations

import math
import subprocess
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any

from study.device import CUDA_CONTEXT_BYTES
from study.micro_batches import micro_batch
from study.plan import Planned
from study.record import SCORED, Record

_MARGIN = 1.15
"""What the allocator reserves beside the tensors of a trial's highest moment, and other batches may need beyond it."""

_EVERY = 1.0
"""Seconds between two looks at the GPU."""


def most_at_once(peak: int, total: int, busy: float | None) -> int:
    """How many trials a GPU of ``total`` bytes takes, each with a highest moment of ``peak`` bytes of tensors.

    Each also holds a CUDA context. ``busy`` is the share of the time in which a trial alone had kernels running: as
    many share the GPU as fill its time together, since beyond that they only wait for each other. None: not known, and
    memory alone decides. At least one.
    """
    by_memory = int(total // (_MARGIN * peak + CUDA_CONTEXT_BYTES))
    by_time = by_memory if not busy else math.ceil(1 / busy)
    return max(1, min(by_memory, by_time))


@dataclass
class Packing:
    """The share of a GPU that each trial is given. The first, which promises to need most, has one to itself.

    What it took decides for the others, how many a GPU of ``total`` bytes takes, and at most ``most``. A trial to which
    its share was too small runs again ``alone``; what that one took, or any other, corrects the estimate from then on.
    ``busy``, if any, watches the GPUs while the first runs.
    """

    total: int
    most: int
    busy: Busy | None = None
    at_once: int | None = None
    peak: int = 0
    utilisation: float | None = None
    alone: set[str] = field(default_factory=set)

    def waits(self, pending: Iterable[str]) -> bool:
        """Whether no trial may start beside those that run: the first is being measured."""
        return self.at_once is None and any(True for _ in pending)

    def share(self, key: str) -> float:
        """The share of a GPU for this trial, which starts now."""
        if self.at_once is None:
            if self.busy:
                self.busy.start()
            return 1.0
        return 1.0 if key in self.alone else 1 / self.at_once

    def ended(self, record: Record) -> bool:
        """Learn from a trial that came to its end; whether that changed how many share a GPU."""
        peak = record.costs.get("peak_memory_bytes")
        if record.status not in SCORED or not peak:
            return False
        if self.at_once is None and self.busy:
            self.utilisation = self.busy.stop()
        self.peak = max(self.peak, int(peak))
        before, fits = self.at_once, min(self.most, most_at_once(self.peak, self.total, self.utilisation))
        self.at_once = fits if before is None else min(before, fits)
        return self.at_once != before

    def close(self) -> None:
        """Stop watching, whether or not the first trial came to its end."""
        if self.busy:
            self.busy.stop()

    def cramped(self, key: str) -> None:
        """This trial ran out of its share."""
        self.alone.add(key)

    @property
    def gpu(self) -> str:
        """What a study's profile calls such a GPU."""
        return f"GPU of {self.total / 2**30:.0f} GiB"

    def to_json(self) -> dict[str, Any]:
        return {"trials_per_gpu": self.at_once, "peak_memory_bytes": self.peak, "utilisation": self.utilisation}

    def told(self, stored: Mapping[str, Any]) -> None:
        """Go on from what was measured before."""
        self.at_once, self.peak = stored["trials_per_gpu"], stored["peak_memory_bytes"]
        self.utilisation = stored["utilisation"]


def heaviest(queue: Iterable[Planned]) -> Planned:
    """The trial that promises to need most memory: texts at once, their length, and the blocks that are not frozen."""

    def weight(planned: Planned) -> float:
        setting = planned.trial.setting
        texts = micro_batch(int(setting["batch_size"]), int(setting["micro_batch"])) if "batch_size" in setting else 1
        again = 2 if setting.get("gradient_checkpointing") else 1
        return texts * int(setting["max_length"]) / (1 + int(setting.get("frozen_layers", 0))) / again

    return max(queue, key=weight)


class Busy:
    """How busy the busiest GPU of this machine is, on average over the moments in which anything runs on it.

    The share of time in which kernels run, as nvidia-smi reports it; not how much of the GPU each of them fills.
    """

    def __init__(self) -> None:
        self._seen: list[float] = []
        self._over = threading.Event()
        self._over.set()

    def start(self) -> None:
        """Watch from now on, in the background."""
        self.stop()
        self._seen, self._over = [], threading.Event()
        threading.Thread(target=self._watch, args=[self._seen, self._over], daemon=True).start()

    def stop(self) -> float | None:
        """Watch no more; what was seen since ``start``, from 0 to 1, or None where nothing was seen running."""
        self._over.set()
        return fmean(self._seen) if self._seen else None

    def _watch(self, seen: list[float], over: threading.Event) -> None:
        while not over.wait(_EVERY):
            found = asked_of_gpus("utilization.gpu")
            if found is None:
                return
            if max(found) > 0:
                seen.append(max(found) / 100)


def memory_of_gpus() -> int | None:
    """Bytes of the smallest GPU here; None where nvidia-smi does not say. Asking it makes no CUDA context."""
    found = asked_of_gpus("memory.total")
    return None if found is None else int(min(found) * 2**20)


def asked_of_gpus(what: str) -> list[float] | None:
    """A number for every GPU, as nvidia-smi has it, or None."""
    command = ["nvidia-smi", f"--query-gpu={what}", "--format=csv,noheader,nounits"]
    try:
        told = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True).stdout
        return [float(line) for line in told.split()] or None
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
