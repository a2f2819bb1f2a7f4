"""Progress: one line on a terminal, one line per trial elsewhere."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

from study.question import better_is_lower
from study.record import SCORED, Record
from study.words import counted

if TYPE_CHECKING:
    from study.launch.supply import Supply


class Progress:
    """Done, running, failed, best so far and time left, on ``out`` (standard error)."""

    def __init__(self, quiet: bool = False, out: TextIO | None = None):
        self.out = out or sys.stderr
        self.quiet = quiet
        self.live = self.out.isatty() and not quiet
        self.finished = 0
        self._failed, self._best = 0, Best()
        self._width = 0

    def start(self, supply: Supply) -> None:
        self.started = time.monotonic()
        self._best = Best(supply.arms[0].question.metric)
        for key, record in supply.records.items():
            if key not in supply.retrying:
                self._count(record)
        result = supply.plan()
        self.total, self.done = result.total, len(result.done)
        if not self.quiet and self.total > self.done:
            self._line(f"{counted(self.total, 'trial')} planned, {self.done} done, {self.total - self.done} to run")

    def say(self, text: str) -> None:
        """A line of its own."""
        if not self.quiet:
            self._line(text)

    def update(self, supply: Supply) -> None:
        if self.live:
            self._rewrite(self._summary(supply))

    def ended(self, supply: Supply, record: Record) -> None:
        self.finished += 1
        self.done += 1
        self._count(record)
        if self.quiet:
            return
        if record.status not in SCORED:
            reason = (record.error or {}).get("message", "").splitlines()
            self._line(f"{record.status}: {record.key} {reason[0][:160] if reason else ''}")
        if self.live:
            self._rewrite(self._summary(supply))
        else:
            self._line(f"{self._summary(supply)} | {_one(supply, record)}")

    def close(self) -> None:
        """End the live line, so that what follows starts on its own."""
        if self.live and self._width:
            self._rewrite("")

    def _count(self, record: Record) -> None:
        """One record more: going through all of them each time would take as long as a study of thousands of trials."""
        if record.status in SCORED:
            self._best.see(record)
        else:
            self._failed += 1

    def _summary(self, supply: Supply) -> str:
        parts = [
            f"{self.done}/{self.total} done",
            f"{supply.running} running",
            f"{self._failed + len(supply.lost)} failed",
        ]
        if self._best.score is not None:
            parts.append(f"best validation {self._best.metric} {self._best.score:.3f}")
        if self.finished:
            rate = (time.monotonic() - self.started) / self.finished
            parts.append(f"{_clock(rate * max(0, self.total - self.done))} left")
        return " · ".join(parts)

    def _line(self, text: str) -> None:
        if self.live:
            self._rewrite("")
        print(text, file=self.out, flush=True)

    def _rewrite(self, text: str) -> None:
        print("\r" + text.ljust(self._width), end="\r" if not text else "", file=self.out, flush=True)
        self._width = len(text)


@dataclass
class Best:
    """The best validation score of the records seen; None before the first that has one."""

    metric: str = "f1"
    score: float | None = None

    def see(self, record: Record) -> None:
        score = record.metrics.get("validation", {}).get(self.metric)
        if score is not None:
            better = min if better_is_lower(self.metric) else max
            self.score = score if self.score is None else better(self.score, score)


def _one(supply: Supply, record: Record) -> str:
    question = next(
        (a.question for a in supply.arms if a.data.fingerprint == record.data.fingerprint), supply.arms[0].question
    )
    names = [n for n in dict.fromkeys((*question.factor_names, *question.tuned)) if n in record.setting]
    values = " ".join(f"{name}={record.setting[name]}" for name in names)
    score = record.metrics.get("validation", {}).get(question.metric)
    told = f" {question.metric}={score:.3f}" if score is not None else ""
    return f"{record.phase} {values} seed={record.seed}{told} {record.status}"


def _clock(seconds: float) -> str:
    minutes = round(seconds / 60)
    return (
        f"{minutes // 60} h {minutes % 60:02d} min"
        if minutes >= 60
        else f"{minutes} min"
        if minutes
        else "under a minute"
    )
