"""Artefacts: expensive inputs that trials share, content-addressed, built once, safe to kill and safe to delete."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

_PARTIAL = ".partial"


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
        return _built(root, key, build)


@contextmanager
def reading(root: Path, key: str, build: Callable[[Path], None], resumable: bool = False) -> Iterator[Path]:
    """The same folder, which ``evict`` leaves alone until the ``with`` ends; one reader at a time.

    ``resumable``: a builder that fails or is killed leaves its folder as it is, and the next builder of the same key,
    in whatever process, is handed it and may go on from what it finds there.
    """
    root.mkdir(parents=True, exist_ok=True)
    with FileLock(root / f"{key}.lock"):
        path = _resumed(root, key, build) if resumable else _built(root, key, build)
        with suppress(OSError):  # a cache that may only be read keeps no order of use
            os.utime(path)
        yield path


def evict(root: Path, kind: str, limit: int) -> list[str]:
    """The keys removed so that those beginning with ``kind`` take at most ``limit`` bytes: least recently read first.

    What ``reading`` holds, or a builder, is counted but not removed, and so more than the limit may be left. A folder
    that a killed builder left counts, and goes, like a finished one.
    """
    folders = [path for path in root.glob(f"{kind}*") if path.is_dir()]
    sizes = {path: size_of(path) for path in sorted(folders, key=lambda path: path.stat().st_mtime)}
    total, gone = sum(sizes.values()), []
    for path, size in sizes.items():
        if total <= limit:
            break
        key = path.name.removesuffix(_PARTIAL)
        with suppress(Timeout), FileLock(root / f"{key}.lock", timeout=0):
            # Renamed first: half a folder must never stand under a name that says it is whole.
            doomed = root / f"{key}.{uuid.uuid4().hex[:8]}.tmp"
            os.replace(path, doomed)
            shutil.rmtree(doomed)
            total -= size
            gone.append(key)
    return gone


def size_of(root: Path) -> int:
    """Bytes below a folder."""
    return sum(f.stat().st_size for f in root.rglob("*") if f.is_file())


def _built(root: Path, key: str, build: Callable[[Path], None]) -> Path:
    """The folder of this key, whose lock is held."""
    path = root / key
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


def _resumed(root: Path, key: str, build: Callable[[Path], None]) -> Path:
    """The same, from what the last builder left."""
    path, partial = root / key, root / f"{key}{_PARTIAL}"
    if path.is_dir():
        return path
    partial.mkdir(exist_ok=True)
    build(partial)
    os.replace(partial, path)
    return path
