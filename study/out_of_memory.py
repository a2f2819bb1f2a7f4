"""Out of memory: what ran out, whose fault it was, and the smaller part of a batch that a trial goes on with."""

from __future__ import annotations

import gc
import re
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from study.device import CUDA_CONTEXT_BYTES
from study.errors import Crowded
from study.micro_batches import micro_batch

if TYPE_CHECKING:
    from study.question import Setting
    from study.record import Record
    from study.trial import Context

_UNITS = {"B": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}


def is_out_of_memory(error: BaseException) -> bool:
    """Whether this error says that memory ran out, on the GPU or in the machine."""
    return (
        isinstance(error, MemoryError)
        or type(error).__name__ == "OutOfMemoryError"
        or "can't allocate memory" in str(error)
    )


def caused_by_others(reserved: int, requested: int, free: int, total: int, share: float | None) -> bool:
    """Whether the memory that a process was refused was its due and held by somebody else.

    Bytes: ``reserved`` by this process for tensors, ``requested`` in vain, ``free`` and ``total`` of the GPU;
    ``share`` is the fraction that the process may use (None: all).
    """
    due = (1.0 if share is None else share) * total
    others = total - free - reserved - CUDA_CONTEXT_BYTES
    # No other process takes less than a context, and what nobody accounts for (the driver's, our own beyond the usual)
    # is less than one.
    return reserved + requested + CUDA_CONTEXT_BYTES <= due and requested > free and others > CUDA_CONTEXT_BYTES


def requested_bytes(message: str) -> int:
    """The bytes that torch says it tried to allocate; 0 where it does not say."""
    found = re.search(r"[Tt]ried to allocate ([\d.]+) (B|KiB|MiB|GiB)", message)
    return int(float(found[1]) * _UNITS[found[2]]) if found else 0


def raise_if_crowded(error: BaseException, context: Context) -> None:
    """Raise Crowded where a GPU's memory was taken by other processes, or this one's share of it was a guess too low.

    Call it before anything is freed.
    """
    if not is_out_of_memory(error):
        return
    if context.packed:
        raise Crowded(f"its share of the GPU, {context.memory_share:.2f}, was estimated too small") from None
    if context.device != "cuda":
        return
    import torch

    free, total = torch.cuda.mem_get_info()
    reserved, requested = torch.cuda.memory_reserved(), requested_bytes(str(error))
    if caused_by_others(reserved, requested, free, total, context.memory_share):
        raise Crowded(
            f"other processes hold the GPU's memory: {free / 2**20:.0f} of {total / 2**20:.0f} MiB are free, of which "
            f"this trial holds {reserved / 2**20:.0f} MiB and needs {requested / 2**20:.0f} MiB more"
        ) from None


def with_retries(attempt: Callable[[Context], Record], setting: Setting, context: Context) -> Record:
    """The record of the first attempt that does not run out of memory, or of the last, with one text at a time.

    Each attempt begins the trial from its beginning with about half as many texts per forward pass; the effective
    batch is the setting's, so that the result stays comparable. Dropout draws other masks for other parts, and the
    record says how many there were.
    """
    while True:
        record = attempt(context)
        smaller = next_smaller(setting, context)
        if record.status != "out_of_memory" or smaller is None:
            return record
        context = replace(context, micro_batch=smaller, retries=context.retries + 1)
        release(context.device)


def next_smaller(setting: Setting, context: Context) -> int | None:
    """Texts per forward pass after memory ran out: the largest divisor of the batch up to half of now's; None at 1."""
    now = at_once(setting, context)
    return None if now == 1 else micro_batch(int(setting["batch_size"]), now // 2)


def at_once(setting: Setting, context: Context) -> int:
    """Texts per forward pass in training: the setting's, or the fewer that memory has left room for."""
    batch = int(setting["batch_size"])
    return context.micro_batch or micro_batch(batch, int(setting["micro_batch"]))


def told(setting: Setting, context: Context) -> tuple[dict[str, int], tuple[str, ...]]:
    """What a record says of this: costs, and sentences for its notes; nothing where memory sufficed at once."""
    if not context.retries:
        return {}, ()
    batch, used = int(setting["batch_size"]), at_once(setting, context)
    first = micro_batch(batch, int(setting["micro_batch"]))
    times = "once" if context.retries == 1 else f"{context.retries} times"
    return {"micro_batch_used": used, "out_of_memory_retries": context.retries}, (
        f"out of memory with {first} texts per forward pass, and begun again {times}, with {used} in the end: the "
        f"batch of {batch} is the same, in {batch // used} parts",
    )


def release(device: str) -> None:
    """Give back what the failed attempt held."""
    gc.collect()
    if device == "cuda":
        import torch

        torch.cuda.empty_cache()
