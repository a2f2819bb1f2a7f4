"""A trial's training against a bare PyTorch loop over the same batches with the same arithmetic, in turns.

    python -m tests.benchmarks.bare_loop [--data reviews] [--train-size 400] [--repeats 5] [--threads 1]

Both begin at the same weights, see the same batches, clip to norm 1, and step with the same fused AdamW on the same
falling rate; without dropout they end at the same weights, which is checked. The trial's time is its record's
``train_seconds``: Trainer, its callbacks, and the methods' hooks. Evaluation counts in neither.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from statistics import median

import torch

from study.assembly import assemble
from study.batches import SimilarLengths
from study.data import DataOptions, load_data, write_texts
from study.device import prepare
from study.models.loading import DEFAULT_MODEL, find_model
from study.question import Setting
from study.record import Ref
from study.seeding import stream
from study.settings import resolve
from study.training import StudyTrainer, fit
from study.trial import Context, Trial


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="reviews")
    parser.add_argument("--train-size", type=int, default=400)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        setting = resolve({"epochs": 2, "learning_rate": 1e-4, "evaluations_per_epoch": 0})
        trial, context = trial_of(Path(temporary), arguments.data, arguments.train_size, setting, arguments.threads)
        prepare(context)
        ratios = []
        for repeat in range(-1, arguments.repeats):  # the first is for caches and kernels
            with_trainer, one = of_trial(trial, context)
            bare, other = of_loop(trial, context)
            for name, tensor in one.items():
                assert torch.allclose(tensor, other[name], atol=1e-5), f"{name} differs: not the same arithmetic"
            if repeat >= 0:
                ratios.append(with_trainer / bare)
                print(f"trial {with_trainer:.2f} s, bare loop {bare:.2f} s: {ratios[-1]:.3f}", flush=True)
        print(f"median ratio {median(ratios):.3f} of {len(ratios)} ({min(ratios):.3f} to {max(ratios):.3f})")


def trial_of(root: Path, name: str, train_size: int, setting: Setting, threads: int) -> tuple[Trial, Context]:
    """A trial of the default model on some of these texts, and what it runs in, below ``root``."""
    data = load_data(DataOptions(name, train_size=train_size))
    write_texts(data, root / "texts.parquet")
    trial = Trial("classification", find_model(DEFAULT_MODEL).ref, Ref(data.name, data.fingerprint), setting, 0)
    return trial, Context(DEFAULT_MODEL, root / "texts.parquet", root / "cache", root / "scratch", threads=threads)


def assembled(trial: Trial, context: Context) -> StudyTrainer:
    """The trial's trainer, its network without dropout."""
    trainer = assemble(trial, context, lambda trainer, scores: None)
    for module in trainer.network.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    return trainer


def of_trial(trial: Trial, context: Context) -> tuple[float, dict[str, torch.Tensor]]:
    """Seconds of training as the record has them, and the weights at the end."""
    trainer = assembled(trial, context)
    return fit(trainer), trainer.network.state_dict()


def of_loop(trial: Trial, context: Context) -> tuple[float, dict[str, torch.Tensor]]:
    """The same by a loop that a careful person would write."""
    trainer = assembled(trial, context)
    network, task, setting, examples = trainer.network, trainer.job.task, trainer.job.setting, trainer.examples
    size, epochs, rate = int(setting["batch_size"]), int(setting["epochs"]), float(setting["learning_rate"])
    started = time.perf_counter()
    optimizer = torch.optim.AdamW(network.parameters(), rate, weight_decay=0.0, fused=True)
    sampler = SimilarLengths(examples.lengths, size, stream(trial.seed, "order"))
    steps = epochs * -(-len(examples) // size)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 - step / steps)
    network.train()
    for _ in range(epochs):
        order = list(sampler)
        for start in range(0, len(order), size):
            batch = task.collate([examples[i] for i in order[start : start + size]], padding=trainer.job.padding)
            labels = batch.pop("labels")
            loss = task.loss(network(**batch).logits, labels)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
    return time.perf_counter() - started, network.state_dict()


if __name__ == "__main__":
    main()
