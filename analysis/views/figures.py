"""Figures: the panels of a prepared view side by side, saved as PNG and SVG."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import matplotlib
import pandas as pd
from matplotlib.figure import Figure

from analysis.views import View
from analysis.views.fonts import give_fonts

PER_LINE = 2
"""The most panels side by side."""


def figure_of(view: View, prepared: pd.DataFrame) -> Figure:
    """A figure with one axes per panel of a prepared view, in their order; made without pyplot's global state."""
    shared = [name for name in ("model", "series") if name in prepared]
    kept = {name: pd.Categorical(prepared[name], categories=prepared[name].unique()) for name in shared}
    prepared = prepared.assign(**kept)
    panels = list(dict.fromkeys(prepared["panel"]))
    across = min(PER_LINE, len(panels))
    down = -(-len(panels) // across)
    width, height = view.size(prepared)
    figure = Figure(figsize=(width * across, height * down), layout="constrained")
    for place, panel in enumerate(panels):
        axes = figure.add_subplot(down, across, place + 1)
        view.draw(axes, prepared[prepared["panel"] == panel])
    give_fonts(figure)
    return figure


@contextmanager
def _quiet() -> Iterator[None]:
    """Without matplotlib's warning for every sign that no font has; the report says so (see ``fonts``)."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from", category=UserWarning)
        yield


def save(figure: Figure, path: Path) -> list[Path]:
    """Write PATH.png (200 dots per inch) and PATH.svg; both hold neither date nor random names."""
    path.parent.mkdir(parents=True, exist_ok=True)
    png, svg = path.with_suffix(".png"), path.with_suffix(".svg")
    # tight: the layout does not make room for a label beside an axes whose title is wider than it
    with _quiet(), matplotlib.rc_context({"svg.hashsalt": path.name}):
        figure.savefig(png, dpi=200, bbox_inches="tight", metadata={"Software": None})
        figure.savefig(svg, bbox_inches="tight", metadata={"Date": None, "Creator": None})
    return [png, svg]
