"""Silence: no bars and no advice from the libraries below, so that the study's own line can be read."""

from __future__ import annotations

import os

ENVIRONMENT = {
    "TQDM_DISABLE": "1",
    "TRANSFORMERS_VERBOSITY": "error",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "HF_HUB_VERBOSITY": "error",
    "DATASETS_VERBOSITY": "error",
    "TOKENIZERS_PARALLELISM": "false",
    "RAY_AIR_NEW_OUTPUT": "0",
    "RAY_USAGE_STATS_ENABLED": "0",
}
"""What the libraries read when they are imported."""


def silence_process() -> None:
    """Silence a process of our own (the command line), before anything is imported; what the user set stays."""
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)


def silence_transformers() -> None:
    """Silence transformers where it may have been imported already (a notebook), unless the user asked to hear it."""
    if os.environ.get("TRANSFORMERS_VERBOSITY", "error") != "error":
        return
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()


def silence_datasets() -> None:
    """The same for datasets."""
    if os.environ.get("DATASETS_VERBOSITY", "error") != "error":
        return
    import datasets

    datasets.utils.logging.set_verbosity_error()
    datasets.disable_progress_bars()
