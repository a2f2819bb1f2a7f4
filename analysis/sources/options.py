"""What a declaration is called: on the command line, and as a keyword of Python's."""

from __future__ import annotations

_COLUMNS = ("seed", "metric", "test_metric", "model", "data", "status")
"""Declarations that name one column each."""


def option(name: str) -> str:
    """A declaration by both of its names, so that an error can be followed from either: "--metric-column (metric=)"."""
    dashed = name.replace("_", "-")
    return f"--{dashed}-column ({name}=)" if name in _COLUMNS else f"--{dashed} ({name}=)"
