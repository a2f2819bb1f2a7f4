"""Which study a frame is of: kept with the frame, so that tables and figures can be asked for of it."""

from __future__ import annotations

import pandas as pd

from analysis.folder import Study
from study.errors import InputError

_KEPT = "study"


class Origin(str):
    """A study as pandas may carry it: equal to itself alone, copied for nothing, and a mere word in a file.

    pandas copies ``attrs`` deeply in every operation, compares them where it joins frames, and writes them as JSON into
    parquet: the study itself would be copied record by record, and could not be written.
    """

    study: Study

    def __deepcopy__(self, memo: object) -> Origin:
        return self

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        return str, (str(self),)


def marked(frame: pd.DataFrame, study: Study) -> pd.DataFrame:
    """The same frame, which now knows its study, as do the frames that pandas makes of its rows."""
    origin = Origin(study.asks)
    origin.study = study
    frame.attrs[_KEPT] = origin
    return frame


def study_of(frame: pd.DataFrame) -> Study:
    """The study that a frame is of; an InputError says what to give instead of a frame that does not know."""
    origin = frame.attrs.get(_KEPT)
    if not isinstance(origin, Origin):
        raise InputError(
            "This frame does not know which study it is of: it was read from a file, or put together from several. "
            "Give one from load_frame or load_trials, or rows of it; or the study: read_study(FOLDER), or "
            "open_studies([TABLE], settings=[...], metric=...) of a table of trials."
        )
    return origin.study
