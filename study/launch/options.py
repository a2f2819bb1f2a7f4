"""Launch: where and how trials run. None of it may change a number that a trial reports, only its costs."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass

from study.errors import Problems


@dataclass(frozen=True)
class Launch:
    """How to carry out a plan.

    ``cpus_per_trial`` is also the number of threads a trial computes with; ``gpus_per_trial`` also the share of the
    GPU's memory it may use. ``minutes`` ends the start of new trials, running ones finish. ``log_to`` names the
    trackers that are told of the trials while they run (see ``study.launch.tracking``). ``stored_prefix``: what frozen
    layers make of the texts is computed once for all trials (see ``study.prefix``).
    """

    device: str = "cpu"
    in_process: bool = False
    cpus_per_trial: int | None = None
    gpus_per_trial: float | None = None
    max_concurrent: int | None = None
    address: str | None = None
    minutes: float | None = None
    stored_prefix: bool = True
    retry_failed: bool = False
    quiet: bool = False
    verbose: bool = False
    log_to: tuple[str, ...] = ()

    @property
    def threads(self) -> int:
        """CPUs, and so threads, per trial: all of them in this process; on Ray two trials fit at least."""
        if self.cpus_per_trial:
            return self.cpus_per_trial
        cores = os.cpu_count() or 1
        return cores if self.in_process else max(1, min(4, cores // 2))

    @property
    def gpus(self) -> float:
        """The GPUs a trial takes: a whole one unless a share is given; none on the CPU."""
        if self.device != "cuda":
            return 0.0
        return 1.0 if self.gpus_per_trial is None else self.gpus_per_trial

    def check(self, schedulers: set[str]) -> None:
        """An InputError with everything that cannot be carried out here."""
        problems = Problems()
        cores = os.cpu_count() or 1
        if self.cpus_per_trial is not None and self.cpus_per_trial < 1:
            problems.add(f"--cpus-per-trial {self.cpus_per_trial}: must be at least 1.")
        if not self.address and (self.cpus_per_trial or 1) > cores:
            problems.add(
                f"--cpus-per-trial {self.cpus_per_trial}: this machine has {cores} cores. Give at most {cores}."
            )
        if self.max_concurrent is not None and self.max_concurrent < 1:
            problems.add(f"--max-concurrent {self.max_concurrent}: must be at least 1.")
        if self.minutes is not None and self.minutes <= 0:
            problems.add(f"--minutes {self.minutes:g}: must be above 0.")
        if self.gpus_per_trial is not None and self.gpus_per_trial <= 0:
            problems.add(f"--gpus-per-trial {self.gpus_per_trial:g}: must be above 0; --device cpu uses no GPU.")
        if self.gpus_per_trial is not None and self.device == "cpu":
            problems.add("--gpus-per-trial: there is no GPU here, or --device cpu was given. Leave it out.")
        if self.address and (silent := _silent(self.address)):
            problems.add(f"--address {self.address}: {silent}. Check it, or leave it out to compute on this machine.")
        if self.in_process and self.address:
            problems.add("--in-process starts no Ray and --address needs one. Give one of them.")
        for scheduler in sorted(schedulers - {"none"}) if self.in_process else ():
            problems.add(f"--in-process starts no Ray, and --scheduler {scheduler} is Ray's. Leave one of them out.")
        if self.in_process and self.log_to:
            problems.add("--in-process starts no Ray, whose loggers --log-to uses. Leave one of them out.")
        problems.raise_if_any()


def _silent(address: str) -> str | None:
    """Why nothing answers at host:port, or None; Ray itself would try for minutes. Names such as auto are Ray's."""
    host, colon, port = address.removeprefix("ray://").rpartition(":")
    if not colon:
        return None
    try:
        with socket.create_connection((host, int(port)), timeout=5):
            return None
    except ValueError:
        return f"{port!r} is no port number"
    except OSError as error:
        return f"nothing answers there ({error.strerror or error})"
