"""The report: what studies found, in the order of their question, as a page to read or hand in."""

from analysis.report.compose import write_report

__all__ = ["write_report"]
