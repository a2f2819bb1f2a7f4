"""Provenance: the versions, code, machine and execution profile a trial ran with."""

from __future__ import annotations

import os
import platform
import subprocess
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

_PACKAGES = ("finetune-study", "torch", "transformers", "datasets", "ray", "optuna", "numpy", "accelerate")


def provenance(device: str, threads: int, precision: str) -> dict[str, Any]:
    """Versions, commit, hardware, and the execution profile: within one, the same trial is equal to the bit."""
    name = hardware(device)["gpu"] or "cpu"
    return {
        "versions": versions(),
        **commit(),
        "hardware": hardware(device),
        "profile": f"{name}, {threads} thread{'s' if threads != 1 else ''}, {precision}",
    }


@lru_cache
def versions() -> dict[str, str]:
    """The versions of the packages that numbers depend on, and of Python."""
    found = {"python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


@lru_cache
def commit() -> dict[str, Any]:
    """The commit of the checkout this code runs from and whether it was changed since; empty for an installed wheel."""
    here = Path(__file__).resolve().parent.parent
    if not (here / ".git").exists():
        return {}

    def git(*arguments: str) -> str:
        return subprocess.run(
            ["git", "-C", str(here), *arguments], capture_output=True, text=True, check=True, timeout=10
        ).stdout.strip()

    try:
        return {"commit": git("rev-parse", "HEAD"), "uncommitted": bool(git("status", "--porcelain", "-uno"))}
    except (OSError, subprocess.SubprocessError):
        return {}


@lru_cache
def hardware(device: str) -> dict[str, Any]:
    """The processor, its cores and memory, and the GPU if that is the device."""
    gpu = None
    if device == "cuda":
        import torch

        gpu = torch.cuda.get_device_name()
    return {
        "cpu": _processor(),
        "cores": os.cpu_count(),
        "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") if hasattr(os, "sysconf") else None,
        "gpu": gpu,
    }


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
