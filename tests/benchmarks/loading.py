"""What it takes to have a fresh model for a trial: read again from its file, or copied from one kept in the worker.

    python -m tests.benchmarks.loading [--model NAME] [--repeats 20]

The file is mapped, so its pages are in memory once for all workers, and reading it is copying them. Processor seconds,
after a first load that imports what it needs.
"""

from __future__ import annotations

import argparse
import copy
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import torch

from study.models.loading import DEFAULT_MODEL, find_model, load
from study.silence import silence_process


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default=DEFAULT_MODEL)
    parser.add_argument("--repeats", type=int, default=20)
    arguments = parser.parse_args()
    silence_process()
    torch.set_num_threads(1)
    model = find_model(arguments.model)

    def read() -> Any:
        return load(model, "AutoModelForSequenceClassification", ("no", "yes"))

    kept = read()
    for name, make in {"read from its file": read, "copied from one kept": lambda: copy.deepcopy(kept)}.items():
        taken = [seconds(make) for _ in range(arguments.repeats)]
        print(f"{name}: {median(taken):.3f} s ({min(taken):.3f} to {max(taken):.3f})")


def seconds(make: Callable[[], Any]) -> float:
    """Processor seconds of one call, and of giving back what it made."""
    started = time.process_time()
    make()
    return time.process_time() - started


if __name__ == "__main__":
    main()
