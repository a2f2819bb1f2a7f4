"""One way in for whatever there is: study folders and foreign tables, alone or together."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.folder import Study, is_study, part_of, unite
from analysis.frame import frame_of
from analysis.origin import marked
from analysis.sources.declared import declaration
from analysis.sources.options import option
from analysis.sources.optuna_storage import is_url
from analysis.sources.reading import read
from analysis.sources.trials import part_from
from study.errors import InputError, Problems

_READING = ("study_name", "objective")


def load_trials(path: str | Path, **declared: Any) -> pd.DataFrame:
    """The frame of a foreign table (see ``load_frame``); ``declared`` says which column is what (see ``Declared``).

    Every table, figure and section of ``analysis.explore`` can be made of it, or of some of its rows.
    """
    study = open_studies([path], **declared)
    return marked(frame_of(study), study)


def open_studies(paths: Sequence[str | Path], **declared: Any) -> Study:
    """The study that lies at these paths: study folders, foreign tables (see ``reading.read``), or several of them.

    ``declared`` is said of every foreign table, and refused where there is none. ``study_name`` and ``objective``
    choose within an Optuna storage. An InputError tells everything that is wrong with all paths.
    """
    choice = {name: declared.pop(name) for name in _READING if name in declared}
    said = declaration(declared)
    problems, parts, foreign = Problems(), [], 0
    for path in dict.fromkeys(path if is_url(str(path)) else Path(path) for path in paths):
        ours = isinstance(path, Path) and is_study(path)
        foreign += not ours
        with problems.collecting():
            parts.append(part_of(path) if ours else part_from(read(path, **choice), said))
    if not foreign and (declared or choice):
        given = ", ".join(map(option, (*declared, *choice)))
        problems.add(f"{given}: said of foreign tables only; a study folder knows its own.")
    problems.raise_if_any()
    if not parts:
        raise InputError("Nothing was given. Give the folder of a study, or a table of trials.")
    return unite(parts)
