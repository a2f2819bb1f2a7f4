"""What studies found: frames, tables, figures and reports. Imports no training library."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from analysis.curves import load_curves
    from analysis.explore import comparison, conclusion, figure, fill_ins, perplexities, pretraining_costs, section
    from analysis.folder import read_studies, read_study
    from analysis.frame import load_frame
    from analysis.report import write_report
    from analysis.sources import load_trials, open_studies

_LATER = {
    "comparison": "analysis.explore",
    "conclusion": "analysis.explore",
    "figure": "analysis.explore",
    "fill_ins": "analysis.explore",
    "load_curves": "analysis.curves",
    "load_frame": "analysis.frame",
    "load_trials": "analysis.sources",
    "open_studies": "analysis.sources",
    "perplexities": "analysis.explore",
    "pretraining_costs": "analysis.explore",
    "read_studies": "analysis.folder",
    "read_study": "analysis.folder",
    "section": "analysis.explore",
    "write_report": "analysis.report",
}
"""Where each name is from: nothing is loaded before it is asked for."""

__all__ = [
    "comparison",
    "conclusion",
    "figure",
    "fill_ins",
    "load_curves",
    "load_frame",
    "load_trials",
    "open_studies",
    "perplexities",
    "pretraining_costs",
    "read_studies",
    "read_study",
    "section",
    "write_report",
]


def __getattr__(name: str) -> Any:
    """The name from the module that has it."""
    if name not in _LATER:
        raise AttributeError(f"module 'analysis' has no attribute {name!r}")
    return getattr(import_module(_LATER[name]), name)
