"""Looks that all views share: the size of their text, their title, and a frame with nothing in it that says nothing."""

from __future__ import annotations

import seaborn as sns
from matplotlib.axes import Axes

from analysis.views.words import wrapped

SMALL = 7.5
"""Points of the smallest text, so that a figure of column width can be read in print."""

TITLE = 44
"""Characters of a title that fit above a figure of column width."""


def dress(axes: Axes, title: str, rows: bool = False, width: int = TITLE, above: float = 6) -> None:
    """Title the axes at their left edge in lines of so many characters, and take away what frames them for nothing.

    ``rows``: y holds names of lines one below the other, which need neither ticks nor an axis. ``above``: points
    between the axes and the title.
    """
    axes.set_title(wrapped(title, width), fontsize=SMALL + 1, loc="left", pad=above)
    axes.tick_params(labelsize=SMALL)
    if rows:
        axes.tick_params(axis="y", length=0)
    sns.despine(ax=axes, left=rows)
