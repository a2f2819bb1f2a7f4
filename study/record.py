"""Record: what a trial left. The contract with analysis, so it imports no training library."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

import pyarrow as pa

TERMINAL = ("finished", "stopped", "failed", "diverged", "out_of_memory")
"""How a trial can end. Lost infrastructure leaves no record."""

SCORED = ("finished", "stopped")
"""Ends that leave usable scores; a study is complete when every planned trial has one of them."""


@dataclass(frozen=True)
class Ref:
    """A model or data set: the name people use, and the fingerprint of its content, which is what counts."""

    name: str
    fingerprint: str


@dataclass(frozen=True)
class Record:
    """What one trial left.

    ``metrics`` maps a split ("validation", and "test" for comparison trials) to its scores; ``curve`` has one entry per
    evaluation while training: step, epoch, train_loss and the validation scores. ``costs`` holds counts, seconds and
    bytes, and leaves out what could not be measured. ``structure`` names the model as it is served, and ``unmerged``
    the one that was trained, where that was merged into it; latency is measured once per structure. ``predictions``
    (split, row, label, predicted, and one ``p_<class>`` per class) is kept beside the record, not in it.
    ``pretraining`` is what was measured of the body where it was trained further first: how, perplexities and words
    filled in before and after, and costs; those are the body's, which trials share.
    """

    key: str
    question: str
    phase: str
    status: str
    task: str
    model: Ref
    data: Ref
    setting: Mapping[str, Any]
    seed: int
    metrics: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    curve: tuple[Mapping[str, Any], ...] = ()
    costs: Mapping[str, Any] = field(default_factory=dict)
    pretraining: Mapping[str, Any] | None = None
    structure: str | None = None
    unmerged: str | None = None
    degenerate: bool | None = None
    notes: tuple[str, ...] = ()
    error: Mapping[str, str] | None = None
    provenance: Mapping[str, Any] = field(default_factory=dict)
    predictions: pa.Table | None = field(default=None, compare=False, repr=False)

    def to_json(self) -> dict[str, Any]:
        """The record as JSON values, without its predictions."""
        values = {name: getattr(self, name) for name in _STORED}
        values["model"], values["data"] = asdict(self.model), asdict(self.data)
        return values

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Record:
        """The record written by ``to_json``; fields of later versions that this one does not know are ignored."""
        values = {name: stored[name] for name in _STORED if name in stored}
        values["model"], values["data"] = Ref(**stored["model"]), Ref(**stored["data"])
        values["curve"], values["notes"] = tuple(stored.get("curve", ())), tuple(stored.get("notes", ()))
        return cls(**values)


_STORED = tuple(f.name for f in fields(Record) if f.name != "predictions")
