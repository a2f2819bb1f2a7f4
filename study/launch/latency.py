"""The latency pass: every structure a study compares, measured once, one at a time, while nothing else runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from study.launch.supply import Supply
from study.plan import Planned
from study.trial import Context, Trial

Measure = Callable[[Trial, Context, bool], dict[str, Any]]


def unmeasured(supply: Supply) -> dict[str, tuple[Planned, bool]]:
    """For every structure without a latency a finished comparison trial that has it, and whether that is as merged."""
    known = supply.folder.store.get_json("latency.json") or {}
    found: dict[str, tuple[Planned, bool]] = {}
    for planned in supply.plan().done:
        record = supply.records[planned.key]
        for structure, merged in ((record.structure, True), (record.unmerged, False)):
            if planned.phase == "compare" and structure and structure not in known:
                found.setdefault(structure, (planned, merged))
    return found


def measure_latencies(supply: Supply, measure: Measure) -> None:
    """Measure and keep what is missing, if the study has come to its end; a busy study is no place to measure."""
    result = supply.plan()
    if result.ready or result.undecided or result.pending or supply.stopping:
        return
    store = supply.folder.store
    for structure, (planned, merged) in unmeasured(supply).items():
        measured = measure(planned.trial, supply.context(planned), merged)
        store.put_json("latency.json", {**(store.get_json("latency.json") or {}), structure: measured})
