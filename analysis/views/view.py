"""View: what a figure shows and how it is drawn, apart."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import pandas as pd
from matplotlib.axes import Axes

from analysis.resampled import Resampled
from study.question import Question


@dataclass(frozen=True)
class View:
    """One kind of figure.

    ``prepare(frame, question, columns, resampled)`` is the tidy frame of what will be seen. Its column ``panel`` names
    the axes each row goes to; ``model`` and ``series``, where there is one, keep their look across them. ``resampled``,
    where it is not None, has the trials' scores on texts drawn anew, for intervals over seeds and texts. ``draw`` is
    given the axes and the rows of one panel.
    ``rows`` says which frame it reads: one row per trial (``load_frame``), per cell of the trials' confusion matrices
    (``classes.cells_of``), per evaluation (``curves.with_curves``), per group of texts
    (``error_groups.accuracy_by_group``) or per pre-trained body and kind of text (``pretraining.perplexities``).
    ``size`` says how large a panel must be, in inches; a column of a two-column paper is 3.5 wide.
    """

    prepare: Callable[[pd.DataFrame, Question, Mapping[str, str], Resampled | None], pd.DataFrame]
    draw: Callable[[Axes, pd.DataFrame], None]
    rows: Literal["trials", "cells", "curves", "groups", "perplexities"]
    size: Callable[[pd.DataFrame], tuple[float, float]]
