"""Supply: the one thing that knows what runs next. It reads the plan off the ledger and puts records into it."""

from __future__ import annotations

import gc
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from study.folder import Arm, Folder
from study.launch.packing import Packing, heaviest
from study.launch.sharing import keep
from study.plan import Body, Plan, Planned, body_of, plan
from study.record import SCORED, Record
from study.trial import Context

if TYPE_CHECKING:
    from study.launch.options import Launch
    from study.launch.progress import Progress


RETRIES = 2
"""How often a trial whose worker died is started again before the study goes on without it."""


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without garbage collection: of 100,000 records that are read and stay it takes as long as reading them."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


class Supply:
    """The trials of a study, handed out one by one and taken back as records."""

    def __init__(self, folder: Folder, arms: Sequence[Arm], options: Launch, progress: Progress | None = None):
        self.folder, self.arms, self.options = folder, arms, options
        self.load()
        self.pending: dict[str, Planned] = {}
        self.lost: dict[str, str] = {}
        self.dropped: dict[str, int] = {}
        self.progress = progress
        self._deadline = None if options.minutes is None else time.monotonic() + 60 * options.minutes
        self._queue: deque[Planned] = deque()
        self._made: set[Body | None] = {body_of(r) for r in self.records.values() if r.pretraining}
        self._stale = True
        self.stopping = False
        self.slots = 1
        self.packing: Packing | None = None
        self.measuring = self.measured = False  # latencies: being measured, handed out

    def load(self) -> None:
        """Read the ledger. What another run put there meanwhile is not run again."""
        with _uncollected():
            self.records = dict(self.folder.store.records())
        self.retrying = {k for k, r in self.records.items() if self.options.retry_failed and r.status not in SCORED}

    @property
    def running(self) -> int:
        """Trials that compute now; Ray is handed one more, to have it at hand."""
        return min(len(self.pending), self.slots)

    def plan(self) -> Plan:
        """The plan now; failed trials that are to be tried again count as missing until they have been."""
        known = {key: record for key, record in self.records.items() if key not in self.retrying}
        return plan(self.arms, known, list(self.pending.values()))

    def next(self) -> Planned | None:
        """A trial to start, or None: nothing can start now (see ``exhausted``)."""
        if self.stopping or (self._deadline is not None and time.monotonic() > self._deadline):
            return None
        if not self._queue and self._stale:
            self._queue.extend(p for p in self.plan().ready if p.key not in self.lost)
            # An adaptive search proposes one trial at a time, knowing those that run: ask again after each.
            self._stale = any(arm.question.search == "optuna" for arm in self.arms) and bool(self._queue)
        if not self._queue or (self.packing and self.packing.waits(self.pending)):
            return None
        planned = self._first()
        self.pending[planned.key] = planned
        if self.progress:
            self.progress.update(self)
        return planned

    def _first(self) -> Planned:
        """The first of the queue that need not wait for a body that a running trial makes, or the first if all must."""
        if self.packing and self.packing.at_once is None:
            self._queue.remove(probe := heaviest(self._queue))
            return probe
        making = {planned.body for planned in self.pending.values()} - self._made - {None}
        place = next((i for i, planned in enumerate(self._queue) if planned.body not in making), 0) if making else 0
        planned = self._queue[place]
        del self._queue[place]
        return planned

    @property
    def exhausted(self) -> bool:
        """Whether nothing runs and nothing more will start."""
        late = self._deadline is not None and time.monotonic() > self._deadline
        if self.stopping or late:
            return not self.pending
        return not self.pending and not self._queue and not self._stale

    @property
    def complete(self) -> bool:
        """Whether every planned trial has finished or was stopped."""
        result = self.plan()
        ended = all(self.records[planned.key].status in SCORED for planned in result.done)
        return ended and len(result.done) == result.total and not result.dead

    def done(self, record: Record) -> None:
        """Keep a terminal record."""
        self.folder.store.put(record)
        self.records[record.key] = replace(record, predictions=None)
        self._made.add(body_of(record))
        if self.packing and self.packing.ended(record):
            self._packed(self.packing)
        self._release(record.key)
        self.retrying.discard(record.key)
        if self.progress:
            self.progress.ended(self, record)

    def seen(self, record: Record) -> None:
        """An evaluation inside a running trial."""
        if self.progress:
            self.progress.update(self)

    def lose(self, key: str, why: str) -> None:
        """A trial whose infrastructure died too often: it leaves no record, and a resumed study tries it again."""
        self.lost[key] = why
        self._release(key)
        if self.progress:
            self.progress.update(self)

    def drop(self, key: str, why: str) -> None:
        """Take back a running trial, to be started again; one that was taken back more than RETRIES times is lost."""
        self.dropped[key] = self.dropped.get(key, 0) + 1
        if self.dropped[key] > RETRIES:
            self.lose(key, f"{why} {self.dropped[key]} times")
        else:
            self._release(key)

    def _packed(self, packing: Packing) -> None:
        """Keep, and say, how many trials share a GPU from now on."""
        keep(self.folder, packing.gpu, packing.to_json())
        self.slots = packing.at_once or 1
        busy = "" if packing.utilisation is None else f" and keeps it busy for {packing.utilisation:.0%} of the time"
        if self.progress:
            took = f"a trial takes {packing.peak / 2**30:.1f} of {packing.total / 2**30:.0f} GiB{busy}"
            self.progress.say(f"trials side by side on a GPU: {packing.at_once}, since {took}")

    def cramped(self, key: str) -> None:
        """Take back a trial to which its share of a GPU was too small: it is started again with one to itself."""
        assert self.packing
        self.packing.cramped(key)
        self._release(key)

    def _release(self, key: str) -> None:
        self.pending.pop(key, None)
        self._stale = True

    def context(self, planned: Planned) -> Context:
        """What this trial runs in, on this machine."""
        arm = self.arms[planned.arm]
        return context(self.folder, arm, planned.phase, self.options)


def context(folder: Folder, arm: Arm, phase: str, options: Launch) -> Context:
    """The context of an arm's trials in this folder."""
    return Context(
        model=arm.model_at,
        texts=folder.texts(arm.data.fingerprint),
        corpus=folder.texts(arm.corpus.fingerprint) if arm.corpus else None,
        sentences=arm.sentences,
        cache=folder.cache,
        scratch=folder.scratch,
        question=arm.question.name,
        phase=phase,
        device=options.device,
        threads=options.threads,
        judged_by=arm.question.metric if arm.question.scheduler != "none" else None,
        stored_prefix=options.stored_prefix,
        memory_share=options.gpus if options.device == "cuda" and options.gpus < 1 else None,
    )
