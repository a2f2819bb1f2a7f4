"""What a study found: its frame, tables, figures and report. Imports no training library."""

from analysis.frame import load_frame

__all__ = ["load_frame"]
