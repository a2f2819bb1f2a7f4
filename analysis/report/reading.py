"""How tables of trials that others made were read: what was taken for what, and what was left out."""

from __future__ import annotations

from analysis.folder import Study
from analysis.markdown import escape


def section(study: Study) -> list[str]:
    """A list of the study's notes; empty for studies of this package, which need none."""
    return ["\n".join(f"- {escape(note)}" for note in study.notes)] if study.notes else []
