"""Launch: carrying out the trials of a plan, in this process or on Ray, with the ledger as the only state."""

from __future__ import annotations

from study.launch.latency import measure_latencies, unmeasured
from study.launch.options import Launch
from study.launch.supply import Supply
from study.store import Store

__all__ = ["Launch", "Supply", "launch"]


def launch(supply: Supply, options: Launch) -> None:
    """Run what the supply gives until it has no more; every record is in the ledger when this returns.

    Ctrl-C (KeyboardInterrupt) passes through once everything finished is kept.
    """
    store: Store = supply.folder.store
    with store.lock():
        supply.load()
        if supply.progress:
            supply.progress.start(supply)
        try:
            _launch(supply, options)
        finally:
            store.write_index()


def _launch(supply: Supply, options: Launch) -> None:
    result = supply.plan()
    if not result.ready and not result.undecided and not unmeasured(supply):
        return  # a study that is complete starts no Ray
    if options.in_process:
        from study.launch.in_process import run

        run(supply)
        measure_latencies(supply)
    else:
        from study.launch.on_ray import run as run_on_ray

        run_on_ray(supply, options)
