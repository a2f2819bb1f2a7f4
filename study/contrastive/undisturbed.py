"""Undisturbed: what the setfit package and its own change in the process is put back, as if they had never run."""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_LOGGERS = ("setfit", "sentence_transformers")


@contextmanager
def undisturbed() -> Iterator[None]:
    """Silence inside; afterwards the environment, warning filters, log levels and accelerate's state are as before.

    accelerate keeps device and precision once per process, and a second Trainer writes its own there: the trial's would
    go on in another precision.
    """
    from accelerate.state import AcceleratorState, GradientState, PartialState

    states: list[Any] = [kind._shared_state for kind in (PartialState, AcceleratorState, GradientState)]
    kept = [dict(state) for state in states]
    environment = dict(os.environ)
    levels = {name: logging.getLogger(name).level for name in _LOGGERS}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        finally:
            for state, before in zip(states, kept, strict=True):
                state.clear()
                state.update(before)
            for name in os.environ.keys() - environment.keys():
                del os.environ[name]
            os.environ.update(environment)
            for name, level in levels.items():
                logging.getLogger(name).setLevel(level)


def silence() -> None:
    """Let the two packages log errors alone; after their import, which sets their levels."""
    for name in _LOGGERS:
        logging.getLogger(name).setLevel(logging.ERROR)


@contextmanager
def replaced(owner: Any, name: str, value: Any) -> Iterator[None]:
    """Another value under this name of a module, until the end."""
    before = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, before)
