"""In process: a for loop. The same trials, records and numbers as on Ray, easy to step through."""

from __future__ import annotations

import gc
import shutil
from dataclasses import replace

from study.launch.supply import Supply
from study.trial import run_trial


def run(supply: Supply) -> None:
    """Run every trial the supply gives, one after the other."""
    import study.assembly  # noqa: F401

    # Every trial collects garbage; that must not walk the imported stack each time (0.2 s). Undone at the end,
    # because this may be somebody's notebook.
    gc.freeze()
    try:
        while planned := supply.next():
            supply.done(run_trial(planned.trial, replace(supply.context(planned), report=supply.seen)))
    finally:
        gc.unfreeze()
        shutil.rmtree(supply.folder.scratch, ignore_errors=True)
