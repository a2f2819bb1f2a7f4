"""The files of a figure that a report links, and how large it is meant to be."""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

DOTS = 200
"""Dots per inch of a PNG that does not say how many it has."""


@dataclass(frozen=True)
class Picture:
    """A file of a figure, and its width and height in inches where they could be read."""

    path: Path
    width: float | None
    height: float | None


def find(folder: Path, address: str, kinds: Sequence[str]) -> Picture | None:
    """The figure that a link means, as the first of these kinds of file that there is; None where there is none.

    Only files in folders below the report's own are figures: a link cannot lead anywhere else.
    """
    below = folder.resolve()
    place = (folder / address).resolve()
    if not place.is_relative_to(below) or place.parent == below:
        return None
    sizes = [_size(path) for kind in ("svg", "png") if (path := place.with_suffix(f".{kind}")).is_file()]
    width, height = next((size for size in sizes if size), (None, None))
    paths = [place.with_suffix(f".{kind}") for kind in kinds]
    return next((Picture(path, width, height) for path in paths if path.is_file()), None)


def _size(path: Path) -> tuple[float, float] | None:
    """Width and height in inches, from the head of the file."""
    with path.open("rb") as file:
        head = file.read(4096)
    if path.suffix == ".svg":
        found = [re.search(rb"<svg[^>]*\b" + name + rb'="([\d.]+)pt"', head) for name in (b"width", b"height")]
        return (float(found[0][1]) / 72, float(found[1][1]) / 72) if found[0] and found[1] else None
    if not head.startswith(b"\x89PNG\r\n\x1a\n"):
        return None
    across, down = struct.unpack(">II", head[16:24])
    place = head.find(b"pHYs")
    # dots per metre, where the unit says so
    dense = struct.unpack(">IIB", head[place + 4 : place + 13]) if place > 0 else (0, 0, 0)
    dots = dense[0] * 0.0254 if dense[2] == 1 and dense[0] else DOTS
    return across / dots, down / dots
