"""What a library said when it failed."""

from __future__ import annotations


def said(error: Exception, most: int = 240) -> str:
    """Its message on one line, cut to so many characters, without the mark at its end; its type where it has none."""
    text = " ".join(str(error).split()) or type(error).__name__
    return (text if len(text) <= most else f"{text[:most]}…").rstrip(".: ")
