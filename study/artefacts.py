"""Artefacts: expensive inputs that trials share, content-addressed, built once, safe to kill and safe to delete."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock


def artefact(root: Path, key: str, build: Callable[[Path], None]) -> Path:
    """The folder ``root/key``, built by ``build(folder)`` if nobody has built it yet.

    The folder appears under its name only when it is complete, so finding it is proof enough: a builder that is
    killed leaves a temporary folder, which the next builder of the same key removes. Processes of one machine wait
    for each other's build.
    """
    path = root / key
    if path.is_dir():
        return path
    root.mkdir(parents=True, exist_ok=True)
    with FileLock(root / f"{key}.lock"):
        if path.is_dir():
            return path
        for leftover in root.glob(f"{key}.*.tmp"):
            shutil.rmtree(leftover, ignore_errors=True)
        temporary = root / f"{key}.{uuid.uuid4().hex[:8]}.tmp"
        temporary.mkdir()
        try:
            build(temporary)
            os.replace(temporary, path)
        except BaseException:
            shutil.rmtree(temporary, ignore_errors=True)
            raise
    return path


def size_of(root: Path) -> int:
    """Bytes below a folder."""
    return sum(f.stat().st_size for f in root.rglob("*") if f.is_file())
