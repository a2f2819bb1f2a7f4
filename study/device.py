"""The device a trial runs on: its threads, its share of a GPU's memory, and whether there is one at all."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from study.errors import InputError, unknown
from study.silence import silence_transformers

if TYPE_CHECKING:
    from study.trial import Context

DEVICES = ("auto", "cpu", "cuda")

CUDA_CONTEXT_BYTES = 512 * 2**20
"""What a process holds on the GPU before its first tensor: the CUDA context and kernels, outside torch's allocator."""


def choose_device(asked: str, elsewhere: bool = False) -> str:
    """The device, cpu or cuda; an InputError where a GPU is asked for and there is none (unless it is elsewhere)."""
    import torch

    if asked not in DEVICES:
        raise InputError(unknown("--device", asked, DEVICES))
    if asked == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    if asked == "cuda" and not elsewhere and not torch.cuda.is_available():
        raise InputError(
            "--device cuda: torch sees no GPU here. Use --device cpu, or check the driver and torch build."
        )
    return asked


def prepare(context: Context) -> None:
    """Give this process the trial's threads and memory, and make its arithmetic repeatable."""
    import torch

    silence_transformers()
    torch.set_num_threads(context.threads)
    if context.device == "cuda":
        # cuBLAS reads this when its handle is made, so it must be there before the first product.
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
        torch.use_deterministic_algorithms(True, warn_only=True)
        if context.memory_share is not None:
            total = torch.cuda.get_device_properties(0).total_memory
            torch.cuda.set_per_process_memory_fraction(allocator_share(context.memory_share, total))


def allocator_share(share: float, total: int) -> float:
    """The share of memory for torch's allocator, so that the process with its CUDA context keeps to ``share``."""
    available = share * total - CUDA_CONTEXT_BYTES
    if available <= 0:
        raise InputError(
            f"--gpus-per-trial {share}: {share * total / 2**20:.0f} MiB is less than a CUDA context takes "
            f"({CUDA_CONTEXT_BYTES / 2**20:.0f} MiB). Give each trial more of the GPU."
        )
    return available / total
