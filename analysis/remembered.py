"""Results with a fixed seed, remembered by the trials' content: a figure and its table ask for the same."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from typing import TypeVar, cast

import numpy as np
import pandas as pd

from analysis.frame import RESERVED, metric_column
from analysis.language import spoken
from study.question import Question

Found = TypeVar("Found")

SEED = 0
"""Of everything drawn for a report, so that it is the same each time."""

_MOST = 32
_KEPT: OrderedDict[tuple[str, str], object] = OrderedDict()
_READ = ("key", "question", "phase", "status", "seed", "fold", "model", "data", "train_seconds")


def remembered(
    compute: Callable[[pd.DataFrame, Question, np.random.Generator], Found], rows: pd.DataFrame, question: Question
) -> Found:
    """What ``compute`` finds in these trials with a generator of the fixed seed; the last 32 results are kept.

    The content is that of the settings, the scores by the question's metric, training seconds and what tells trials
    apart.
    """
    names = [
        name
        for name in rows.columns
        if name in _READ or name.removeprefix("test_") == metric_column(question.metric) or name not in RESERVED
    ]
    # settings may be named in words, which differ by language
    mark = hashlib.sha256(f"{spoken()} {question!r}".encode())
    mark.update(repr(names).encode())
    # values of several kinds in one column have no order, by which pandas would number them
    mixed = {name: str for name in names if rows[name].dtype == object}
    mark.update(pd.util.hash_pandas_object(rows[names].astype(mixed), index=False).to_numpy().tobytes())
    key = (f"{compute.__module__}.{compute.__qualname__}", mark.hexdigest())
    if key not in _KEPT:
        _KEPT[key] = compute(rows, question, np.random.default_rng(SEED))
    _KEPT.move_to_end(key)
    while len(_KEPT) > _MOST:
        _KEPT.popitem(last=False)
    return cast(Found, _KEPT[key])
