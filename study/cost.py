"""Costs: parameters, bytes, memory and latency, measured so that they mean what they say."""

from __future__ import annotations

import ctypes
import gc
import hashlib
import json
import re
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch
    from torch import nn

_STATUS = Path("/proc/self/status")
_CLEAR_REFS = Path("/proc/self/clear_refs")

_WARM_UP, _FEWEST = 3, 5
"""Forward passes that come before those timed for a latency, and those timed at least."""

_LONG_ENOUGH = 2.0
"""Seconds after which a latency needs no more passes."""


def parameters(model: nn.Module) -> dict[str, int]:
    """Trainable and total parameters, shared ones once."""
    everything = list(model.parameters())
    trainable = [p for p in everything if p.requires_grad]
    return {
        "trainable_parameters": sum(p.numel() for p in trainable),
        "total_parameters": sum(p.numel() for p in everything),
    }


def saved_bytes(model: nn.Module) -> int:
    """Size in bytes of the safetensors file that holds what this trial changed."""
    from safetensors.torch import save

    return len(save({n: p.detach().cpu().contiguous() for n, p in model.named_parameters() if p.requires_grad}))


def structure(model: nn.Module, *extra: Any) -> str:
    """A name for the model as it is served: module types, tensor shapes, and whatever else decides its speed."""
    modules = [(name, type(module).__name__, module.extra_repr()) for name, module in model.named_modules()]
    tensors = [(name, list(t.shape), str(t.dtype)) for name, t in model.state_dict().items()]
    text = json.dumps([modules, tensors, extra], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


class PeakMemory:
    """The most memory used since this was made, in bytes, above what the process held then.

    On CUDA, the allocator's high-water mark, reset first. On the CPU, the resident high-water mark of the process,
    reset first (Linux only); freed memory is given back to the system before the floor is read, so that a large
    trial before this one does not count as part of it.
    """

    def __init__(self, device: str):
        self.device = device
        if device == "cuda":
            import torch

            torch.cuda.empty_cache()
            torch.cuda.reset_peak_memory_stats()
            self.floor: int | None = torch.cuda.memory_allocated()
        else:
            self.floor = _reset_high_water()

    def bytes(self) -> int | None:
        """Bytes above the floor; None where the system cannot tell."""
        if self.floor is None:
            return None
        if self.device == "cuda":
            import torch

            return torch.cuda.max_memory_allocated() - self.floor
        peak = _status("VmHWM")
        return None if peak is None else max(0, peak - self.floor)


def _reset_high_water() -> int | None:
    gc.collect()
    if not sys.platform.startswith("linux"):
        return None
    try:
        ctypes.CDLL(None).malloc_trim(0)
        _CLEAR_REFS.write_text("5")  # proc(5): resets the peak resident set size to the current one
    except (OSError, AttributeError):
        return None
    return _status("VmRSS")


def _status(name: str) -> int | None:
    found = re.search(rf"^{name}:\s+(\d+) kB", _STATUS.read_text(), re.M)
    return int(found.group(1)) * 1024 if found else None


def latency(
    model: nn.Module,
    batches: Sequence[dict[str, torch.Tensor]],
    device: str,
    bf16: bool = False,
    texts: int | None = None,
) -> dict[str, float]:
    """Seconds per text of a forward pass from token ids: median, and the 5th and 95th percentile over the passes.

    ``texts`` is how many there are in each batch, where they are not its rows. The first three passes warm up and do
    not count; then comes one for each batch, or as many as a slow model makes in ``_LONG_ENOUGH`` seconds with those
    before, at least ``_FEWEST``. To mean anything nothing else may run on the machine.
    """
    import numpy as np
    import torch

    model.eval()
    seconds: list[float] = []
    begun = time.perf_counter()
    with torch.inference_mode(), torch.autocast(device, torch.bfloat16, enabled=bf16):
        for batch in [*batches[:_WARM_UP], *batches]:
            if len(seconds) >= _WARM_UP + _FEWEST and time.perf_counter() - begun > _LONG_ENOUGH:
                break
            placed = {k: v.to(device) for k, v in batch.items() if k != "labels"}
            _wait(device)
            started = time.perf_counter()
            model(**placed)
            _wait(device)
            seconds.append((time.perf_counter() - started) / (texts or len(placed["input_ids"])))
    timed = seconds[min(_WARM_UP, len(batches)) :]
    low, median, high = np.percentile(timed, [5, 50, 95])
    return {"median": float(median), "low": float(low), "high": float(high), "passes": len(timed)}


def _wait(device: str) -> None:
    if device == "cuda":
        import torch

        torch.cuda.synchronize()
