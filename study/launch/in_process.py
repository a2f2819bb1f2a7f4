"""In process: a for loop. The same trials, records and numbers as on Ray, easy to step through."""

from __future__ import annotations

import gc
import shutil
import time
from contextlib import suppress
from dataclasses import replace

from study.errors import Crowded
from study.launch.supply import Supply
from study.out_of_memory import release
from study.plan import Planned
from study.record import Record
from study.trial import run_trial

_PATIENCE = 60.0
"""Seconds that other processes have to give back the memory of a GPU before a trial is tried once more."""


def run(supply: Supply) -> None:
    """Run every trial the supply gives, one after the other."""
    import study.assembly  # noqa: F401

    # Every trial collects garbage; that must not walk the imported stack each time (0.2 s). Undone at the end,
    # because this may be somebody's notebook.
    gc.freeze()
    try:
        while planned := supply.next():
            try:
                supply.done(_tried_twice(supply, planned))
            except Crowded as error:
                supply.lose(planned.key, str(error))
    finally:
        gc.unfreeze()
        shutil.rmtree(supply.folder.scratch, ignore_errors=True)


def _tried_twice(supply: Supply, planned: Planned) -> Record:
    """The trial's record; a trial that others leave no memory waits, and is tried once more."""
    context = replace(supply.context(planned), report=supply.seen)
    with suppress(Crowded):
        return run_trial(planned.trial, context)
    release(context.device)  # here, where the exception is gone, whose traceback held all the attempt's tensors
    time.sleep(_PATIENCE)
    return run_trial(planned.trial, context)
