"""Prefix: what frozen lower blocks make of every text, computed once and read by all trials that freeze them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from study.artefacts import evict, reading
from study.data.tokens import STATES, STATES_BYTES
from study.models.parts import parts
from study.surgery.replay import Prefix, Unreplayable

if TYPE_CHECKING:
    from study.data.tokens import Tokens
    from study.training import StudyTrainer

DRAWN_BYTES = 2**30
"""What the states of examples drawn by a trial's seed, which no other shares, may take in memory."""

_LAYOUT = 1
"""Raised whenever what is stored, or its numbers, change."""

_FILE = "states.npy"

_BATCH = 32
"""Texts computed at once. Fixed, and not the trial's, so that all trials read the same numbers."""

_TOLERANCE = 1e-4
"""By how much logits from stored states may differ from those of a whole pass; rounding stays below 1e-5."""


def read_prefix(trainer: StudyTrainer, splits: tuple[str, ...], threads: int) -> None:
    """Give the trainer the outputs of its frozen blocks for its training examples and these splits.

    From then on its passes run only what is above. What is stored is what the blocks give in evaluation mode, which is
    how frozen blocks run, so losses agree to rounding (1e-5) with those of a trainer that computes them at every step.
    ``trainer.prefix_seconds`` is the time it took to find or compute them. Sources: Liu et al. (2021), "AutoFreeze",
    arXiv 2102.01386; Saad-Falcon et al. (2023), "Embedding Recycling".

    Nothing happens where no block is frozen or a method replaces the training loop. Where the network cannot be cut, or
    the states of a split would take more than STATES_BYTES, the blocks run at every step as ever, and a note says so.
    """
    job = trainer.job
    count = int(job.setting.get("frozen_layers", 0))
    if not count or any(method.fit or method.outputs for method in job.methods):
        return
    started = time.perf_counter()
    try:
        how = f"{job.setting['precision']}-{job.device}-{threads}"
        source = _Source(trainer, _prefix(trainer, count), count, how)
        with_states = {name: source.stored(name) for name in splits}
        examples = source.examples(trainer.examples)
    except Unreplayable as why:
        trainer.job = replace(job, notes=(*job.notes, f"the frozen blocks were computed at every step: {why}"))
        return
    trainer.job = replace(job, splits={**job.splits, **with_states})
    trainer.examples = trainer.train_dataset = examples
    source.prefix.install()
    trainer.prefix_seconds = time.perf_counter() - started


@dataclass(frozen=True)
class _Source:
    """Where the states of a trainer's texts come from: computed by its prefix of ``count`` blocks, or found by name.

    ``how`` they are computed is part of the name.
    """

    trainer: StudyTrainer
    prefix: Prefix
    count: int
    how: str

    def stored(self, split: str) -> Tokens:
        """A split with its states, mapped from their artefact, which is built if it is missing."""
        job, tokens = self.trainer.job, self.trainer.job.splits[split]
        self._check(tokens, STATES_BYTES)

        def build(folder: Path) -> None:
            shape = len(tokens.ids), self.prefix.width
            states = np.lib.format.open_memmap(folder / _FILE, "w+", np.float32, shape)
            self._compute(*self._from_below(split), states)
            states.flush()

        with reading(job.cache, self._key(self.count, split), build) as folder:
            states = np.load(folder / _FILE, mmap_mode="r")  # which a removed file keeps
        evict(job.cache, "prefix", STATES_BYTES)
        return replace(tokens, states=states)

    def examples(self, examples: Tokens) -> Tokens:
        """Training examples with their states: those of the split, or computed now where a seed drew them from it."""
        if examples.ids is self.trainer.job.splits["train"].ids:
            return replace(examples, states=self.stored("train").states)
        self._check(examples, DRAWN_BYTES)
        states = np.empty((len(examples.ids), self.prefix.width), np.float32)
        self._compute(examples, None, states)
        return replace(examples, states=states)

    def _key(self, count: int, split: str) -> str:
        return f"prefix{_LAYOUT}-{self.trainer.job.content}-{count}-{self.how}-{split}"

    def _from_below(self, split: str) -> tuple[Tokens, Prefix | None]:
        """The split with what the most blocks below these gave of it that is kept, and their prefix; else without.

        The blocks between do the same with it as in a whole pass, to the bit: what pads it differs, and is not read.
        """
        tokens, network = self.trainer.job.splits[split], self.trainer.network
        for count in range(self.count - 1, 0, -1):
            with suppress(FileNotFoundError):
                states = np.load(self.trainer.job.cache / self._key(count, split) / _FILE, mmap_mode="r")
                with _evaluating(self.trainer):
                    below = Prefix(network, parts(network), count, _sample(self.trainer))
                return replace(tokens, states=states), below
        return tokens, None

    def _check(self, tokens: Tokens, limit: int) -> None:
        """Raise Unreplayable where the states are larger than the limit."""
        size = 4 * len(tokens.ids) * self.prefix.width
        if size > limit:
            raise Unreplayable(f"what they give for {len(tokens):,} texts takes {size / 2**30:.1f} GiB")

    def _compute(self, tokens: Tokens, below: Prefix | None, states: np.ndarray) -> None:
        """Write the states of every token (tokens, width), by passes through the prefix, or what of it is not below."""
        with _evaluating(self.trainer):
            for indices in tokens.batches(_BATCH):
                batch = _batch(self.trainer, tokens, indices)
                with nullcontext() if below is None else below.replaying(batch.pop(STATES)):
                    found, real = self.prefix.states(batch), batch["attention_mask"].bool()
                for row, index in enumerate(indices):
                    span = slice(tokens.offsets[index], tokens.offsets[index + 1])
                    states[span] = found[row][real[row]].float().cpu().numpy()


def _prefix(trainer: StudyTrainer, count: int) -> Prefix:
    """The prefix of the trainer's network; Unreplayable where its states do not lead to what a whole pass gives."""
    network = trainer.network
    with _evaluating(trainer):
        batch = _sample(trainer)
        prefix = Prefix(network, parts(network), count, batch)
        logits = network(**batch).logits
        with prefix.replaying(prefix.states(batch)):
            replayed = network(**batch).logits
    if not torch.allclose(logits.float(), replayed.float(), atol=_TOLERANCE, rtol=_TOLERANCE):
        raise Unreplayable("what is above them reads more than their output")
    return prefix


def _sample(trainer: StudyTrainer) -> dict[str, torch.Tensor]:
    """A batch of the longest and the shortest text; of the longest alone where it has only two tokens."""
    tokens = trainer.job.splits["validation"]
    some = [int(np.argmax(tokens.lengths)), int(np.argmin(tokens.lengths))]
    return _batch(trainer, tokens, some[: max(1, min(2, int(tokens.lengths.max()) - 1))])


@contextmanager
def _evaluating(trainer: StudyTrainer) -> Iterator[None]:
    """Evaluation mode, no gradients, the trial's precision."""
    trainer.network.eval()
    with torch.inference_mode(), trainer.compute_loss_context_manager():
        yield


def _batch(trainer: StudyTrainer, tokens: Tokens, indices: list[int]) -> dict[str, torch.Tensor]:
    """What the network reads of these examples, on its device."""
    job = trainer.job
    batch = trainer._prepare_inputs(job.task.collate([tokens[i] for i in indices], padding=job.padding))
    return {name: value for name, value in batch.items() if name not in ("labels", "weights")}
