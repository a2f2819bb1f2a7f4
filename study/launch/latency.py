"""The latency pass: every structure a study compares, measured once, one at a time, while nothing else runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from study.launch.supply import Supply, context
from study.plan import Planned
from study.trial import Context, Trial


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


def to_measure(supply: Supply) -> dict[str, dict[str, Any]]:
    """What a worker measures for each structure that is missing, if the study has come to its end; else nothing.

    A busy study is no place to measure.
    """
    result = supply.plan()
    if result.ready or result.undecided or result.pending or supply.stopping:
        return {}
    return {
        structure: {"trial": planned.trial.to_json(), "arm": planned.arm, "phase": planned.phase, "merged": merged}
        for structure, (planned, merged) in unmeasured(supply).items()
    }


def keep_latencies(supply: Supply, measured: Mapping[str, Any]) -> None:
    """Keep what was measured, by structure."""
    store = supply.folder.store
    store.put_json("latency.json", {**(store.get_json("latency.json") or {}), **measured})


def measure_latencies(supply: Supply) -> None:
    """Measure and keep what is missing, in this process."""
    for structure, asked in to_measure(supply).items():
        where = context(supply.folder, supply.arms[asked["arm"]], asked["phase"], supply.options)
        keep_latencies(supply, {structure: measured(asked, where)})


def measured(asked: Mapping[str, Any], where: Context) -> dict[str, Any]:
    """The latency of a structure, measured in this process."""
    from study.assembly import measure_latency

    return measure_latency(Trial.from_json(asked["trial"]), replace(where, phase=asked["phase"]), asked["merged"])
