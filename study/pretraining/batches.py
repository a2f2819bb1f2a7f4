"""Batches of pre-training: what is read at each step, a function of the seed and the step and of nothing before it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from study.batches import SimilarLengths
from study.data.tokens import Tokens
from study.models.padding import Padding
from study.seeding import stream
from study.tasks.classification import collate

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Batches:
    """A torch data set whose item ``step`` is that step's batch, masked: tensors (texts, tokens).

    ``texts`` are pairs of tokens and the number of steps spent on them, one after the other. Each pass over them has an
    order of its own, in batches of similar length; the last of a pass may be smaller. Whoever asks for step 500 first
    gets the same batch as whoever began at 0, so that a training that was killed goes on as if it had not been.
    """

    texts: tuple[tuple[Tokens, int], ...]
    size: int
    seed: int
    name: str
    padding: Padding
    mask: Callable[[dict[str, torch.Tensor]], dict[str, torch.Tensor]]
    _order: dict[tuple[int, int], np.ndarray] = field(default_factory=dict, repr=False, compare=False)

    def __len__(self) -> int:
        return sum(steps for _, steps in self.texts)

    def __getitem__(self, step: int) -> dict[str, torch.Tensor]:
        import torch

        tokens, examples = self.examples(step)
        batch = collate([tokens[int(i)] for i in examples], padding=self.padding)
        del batch["labels"]
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(stream(self.seed, f"{self.name}: masks of step {step}"))
            return self.mask(batch)

    def examples(self, step: int) -> tuple[Tokens, np.ndarray]:
        """The texts that a step reads from, and the numbers of its examples in them."""
        if not 0 <= step < len(self):
            raise IndexError(step)
        number = 0
        while step >= self.texts[number][1]:
            step -= self.texts[number][1]
            number += 1
        tokens = self.texts[number][0]
        turn, place = divmod(step, math.ceil(len(tokens) / self.size))
        return tokens, self._pass(number, turn)[place * self.size : (place + 1) * self.size]

    def lengths(self, step: int) -> np.ndarray:
        """Tokens of each example of a step, without padding: int64 (texts,)."""
        tokens, examples = self.examples(step)
        return tokens.lengths[examples]

    def _pass(self, number: int, turn: int) -> np.ndarray:
        if (number, turn) not in self._order:
            self._order.clear()  # one pass is enough: steps come in order
            seed = stream(self.seed, f"{self.name}: pass {turn} over texts {number}")
            order: Any = SimilarLengths(self.texts[number][0].lengths, self.size, seed)
            self._order[number, turn] = np.fromiter(order, np.int64, len(order))
        return self._order[number, turn]
