"""Words for counts."""

from __future__ import annotations


def counted(amount: int, noun: str) -> str:
    """The number with its noun: 1 trial, 2 trials."""
    return f"{amount} {noun}" if amount == 1 else f"{amount} {noun}s"
