"""Seconds per step of each method beside plain fine-tuning, on the bundled reviews with a MiniLM.

    python -m tests.benchmarks.method_cost [--steps 16] [--repeats 4] [--batch-size 16] [--device cpu]

Every repeat runs one epoch of all of them, so that a machine that slows down slows all; the ratio to plain is taken
within a repeat. Steps are timed from their beginning to their end, without loading and evaluation.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from transformers import TrainerCallback
from transformers.trainer_utils import IntervalStrategy

from study.assembly import assemble
from study.data import DataOptions, load_data, write_texts
from study.models.loading import DEFAULT_MODEL, find_model
from study.record import Ref
from study.settings import all_knobs, resolve
from study.silence import silence_transformers
from study.training import fit
from study.trial import Context, Trial

VARIANTS = {
    "plain": {},
    "AWP, every step": {"awp.epsilon": 0.01, "awp.schedule": "every"},
    "AWP, second half": {"awp.epsilon": 0.01, "awp.schedule": "second_half"},
    "mixout 0.1, classifier": {"mixout.p": 0.1, "mixout.target": "classifier"},
    "mixout 0.1, linear": {"mixout.p": 0.1, "mixout.target": "linear"},
    "LoRA, rank 8": {"lora.rank": 8},
    "adapters, width 64": {"adapter.width": 64},
    "BitFit": {"bitfit": True},
}


class Clock(TrainerCallback):
    """Collects the seconds of every step."""

    def __init__(self, device: str):
        self.device, self.started, self.seconds = device, 0.0, list[float]()

    def on_step_begin(self, args, state, control, **given):
        self.started = self._now()

    def on_step_end(self, args, state, control, **given):
        self.seconds.append(self._now() - self.started)

    def _now(self) -> float:
        if self.device == "cuda":
            torch.cuda.synchronize()
        return time.perf_counter()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=16)
    parser.add_argument("--repeats", type=int, default=4)
    parser.add_argument("--batch-size", type=int, default=16)
    parser.add_argument("--device", default="cpu")
    arguments = parser.parse_args()
    silence_transformers()
    knobs = all_knobs()
    variants = {name: setting for name, setting in VARIANTS.items() if setting.keys() <= knobs.keys()}
    found: dict[str, list[float]] = {name: [] for name in variants}
    with tempfile.TemporaryDirectory() as folder:
        seconds_per_step({}, Path(folder), arguments)  # the first epoch of a process is slower than the rest
        for repeat in range(1, arguments.repeats + 1):
            for name, setting in rotated(variants, repeat):
                found[name].append(seconds_per_step(setting, Path(folder), arguments))
                print(f"repeat {repeat}, {name}: {found[name][-1]:.3f} s", file=sys.stderr, flush=True)
    print(f"{'':24}{'seconds per step':>18}{'ratio to plain':>16}{'lowest':>9}{'highest':>9}")
    for name, seconds in found.items():
        ratios = np.array(seconds) / found["plain"]
        numbers = f"{np.median(seconds):18.3f}{np.median(ratios):16.2f}{ratios.min():9.2f}{ratios.max():9.2f}"
        print(f"{name:24}{numbers}")
    for name in VARIANTS.keys() - variants.keys():
        print(f"{name}: left out, its settings are not known here")


def rotated(variants: dict, by: int) -> list[tuple]:
    """The variants in another order in every repeat: what runs after which makes a few per cent of difference."""
    every = list(variants.items())
    start = 3 * by % len(every)
    return every[start:] + every[:start]


def seconds_per_step(setting: dict, folder: Path, arguments: argparse.Namespace) -> float:
    """The mean over the steps of one epoch; of all of them, as AWP may attack only half."""
    size, texts = arguments.batch_size, folder / "texts.parquet"
    data = load_data(DataOptions("reviews", train_size=size * arguments.steps))
    if not texts.exists():
        write_texts(data, texts)
    model = find_model(DEFAULT_MODEL)
    given = {"epochs": 1, "batch_size": size, "learning_rate": 5e-5} | setting
    trial = Trial("classification", model.ref, Ref(data.name, data.fingerprint), resolve(given), seed=0)
    threads = torch.get_num_threads()
    context = Context(
        DEFAULT_MODEL, texts, folder / "cache", folder / "scratch", device=arguments.device, threads=threads
    )
    trainer = assemble(trial, context, lambda trainer, scores: None)
    trainer.args.eval_strategy = IntervalStrategy.NO
    clock = Clock(arguments.device)
    trainer.add_callback(clock)
    fit(trainer)
    assert len(clock.seconds) == arguments.steps
    return float(np.mean(clock.seconds))


if __name__ == "__main__":
    main()
