"""Training on a language-modelling objective: killed at any step, it goes on to the same weights."""

from __future__ import annotations

import json
import math
import shutil
import time
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn.functional import cross_entropy, pad
from torch.utils.data import SequentialSampler
from transformers import Trainer, TrainerCallback, TrainingArguments
from transformers.trainer_callback import PrinterCallback

from study.cost import PeakMemory
from study.pretraining.batches import Batches
from study.pretraining.decoding import predicted_logits
from study.pretraining.masking import IGNORED
from study.seeding import seed_everything, stream
from study.training_loop import StopOnDivergence, loop_arguments

CHECKPOINT_SECONDS = 60.0
"""Seconds of training between checkpoints, and so the most that a killed training repeats."""

_MARKER = "sitting.json"
_LOGGED = 10  # steps between looks at the loss


@dataclass(frozen=True)
class How:
    """How a language model is trained: with which objective, how fast, in what arithmetic, where, and whose dropout.

    ``micro_batch`` is how many texts go through the network at once at most (0: the batch). ``only_head``: the body
    takes no gradient and runs in evaluation mode.
    """

    objective: str
    learning_rate: float
    precision: str
    device: str
    micro_batch: int
    seed: int
    only_head: bool = False


def train(network: nn.Module, batches: Batches, how: How, folder: Path, memory: PeakMemory) -> dict[str, Any]:
    """Train the network, one step per batch; returns seconds, peak_memory_bytes and the number of tokens predicted.

    AdamW (betas 0.9 and 0.98, epsilon 1e-6, weight decay 0.01) at a rate that rises for 6 % of the steps and then falls
    to 0 in a straight line, as Gururangan et al. (2020, arXiv 2004.10964, appendix) trained; gradients are clipped to
    norm 1. The loss is the mean cross-entropy in nats over the batch's predicted tokens. ``folder`` keeps one
    checkpoint, from which a later call with the same arguments goes on; every step seeds its own draws, so the weights
    are the same to the bit. The costs are those of all sittings. Diverged where the loss is no longer a finite number.
    """
    folder.mkdir(parents=True, exist_ok=True)
    found = _checkpoint(folder)
    before = json.loads((found / _MARKER).read_text(encoding="utf-8")) if found else {}
    keeper = _Keeper(folder, memory, before)
    trainer = _LanguageTrainer(network, batches, how, folder, keeper)
    trainer.train(resume_from_checkpoint=str(found) if found else None)
    network.to("cpu")
    return keeper.costs()


class _LanguageTrainer(Trainer):
    """A Trainer that takes one batch as it is for each step, and predicts the tokens that its labels name."""

    def __init__(self, network: nn.Module, batches: Batches, how: How, folder: Path, keeper: _Keeper):
        self.network: Any = network
        self.batches, self.how, self.keeper = batches, how, keeper
        super().__init__(
            model=network,
            args=_arguments(len(batches), how, folder),
            train_dataset=batches,
            data_collator=itemgetter(0),
            callbacks=[StopOnDivergence("loss of pre-training", "pretraining.learning_rate"), keeper],
        )
        self.remove_callback(PrinterCallback)

    def _get_train_sampler(self, train_dataset=None):
        return SequentialSampler(self.batches)

    def training_step(self, model, inputs, num_items_in_batch=None):
        seed_everything(self.how.seed, f"pre-training: step {self.state.global_step}")
        model.train()
        if self.how.only_head:
            self.network.base_model.eval()
        batch = self._prepare_inputs(inputs)
        labels = batch.pop("labels")
        if self.how.objective == "causal":
            labels = pad(labels[:, 1:], (0, 1), value=IGNORED)
        predicted = (labels != IGNORED).sum().clamp(min=1)
        self.keeper.predicted = self.keeper.predicted + predicted
        total = torch.zeros((), device=labels.device)
        for part in torch.arange(len(labels), device=labels.device).split(self.how.micro_batch or len(labels)):
            wanted = labels[part] != IGNORED
            with self.compute_loss_context_manager():
                logits = predicted_logits(model, {name: rows[part] for name, rows in batch.items()}, wanted)
            loss = cross_entropy(logits.float(), labels[part][wanted], reduction="sum") / predicted
            self.accelerator.backward(loss)
            total += loss.detach()
        return total


class _Keeper(TrainerCallback):
    """Asks for a checkpoint every so many seconds, and keeps the last one that is whole, with what it had cost."""

    def __init__(self, folder: Path, memory: PeakMemory, before: dict[str, Any]):
        self.folder, self.memory, self.before = folder, memory, before
        self.started = self.saved = time.perf_counter()
        self.predicted: Any = 0  # a tensor, so that counting waits for no GPU

    def costs(self) -> dict[str, Any]:
        peaks = [peak for peak in (self.memory.bytes(), self.before.get("peak_memory_bytes")) if peak is not None]
        seconds = time.perf_counter() - self.started + self.before.get("seconds", 0.0)
        predicted = int(self.predicted) + self.before.get("predicted", 0)
        return {"seconds": seconds, "peak_memory_bytes": max(peaks, default=None), "predicted": predicted}

    def on_step_end(self, args, state, control, **_):
        if time.perf_counter() - self.saved >= CHECKPOINT_SECONDS and state.global_step < state.max_steps:
            control.should_save = True

    def on_save(self, args, state, control, **_):
        self.saved = time.perf_counter()
        latest = self.folder / f"checkpoint-{state.global_step}"
        (latest / _MARKER).write_text(json.dumps(self.costs()), encoding="utf-8")
        _remove_others(self.folder, latest)


def _checkpoint(folder: Path) -> Path | None:
    """The newest checkpoint that was written to its end; others are removed."""
    whole = [path.parent for path in folder.glob(f"checkpoint-*/{_MARKER}")]
    latest = max(whole, key=lambda path: int(path.name.rsplit("-", 1)[1]), default=None)
    _remove_others(folder, latest)
    return latest


def _remove_others(folder: Path, kept: Path | None) -> None:
    for path in folder.glob("checkpoint-*"):
        if path != kept:
            shutil.rmtree(path)


def _arguments(steps: int, how: How, folder: Path) -> TrainingArguments:
    return loop_arguments(
        TrainingArguments,
        how.device,
        output_dir=str(folder),
        max_steps=steps,
        per_device_train_batch_size=1,  # an item of the data set is a batch already
        learning_rate=how.learning_rate,
        lr_scheduler_type="linear",
        warmup_steps=math.ceil(0.06 * steps),
        weight_decay=0.01,
        adam_beta2=0.98,
        adam_epsilon=1e-6,
        bf16=how.precision == "bf16",
        seed=stream(how.seed, "pre-training") % 2**32,
        logging_steps=_LOGGED,
    )
