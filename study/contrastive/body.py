"""The trial's own network as a sentence-transformers model, and SetFit's model around it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import torch
from setfit import SetFitModel
from torch import nn
from torch.utils.data import DataLoader

from study.surgery.embedder import as_embedder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from study.training import StudyTrainer


class Embeddings(nn.Module):
    """The body of the trial's Embedder as the one module of a SentenceTransformer. The weights are shared.

    A text is its number among the trial's training examples, as a word: what the body reads is then to the token what
    every other method reads, however texts are truncated, in pairs or in windows. Of all that was asked for,
    ``tokens_read`` counts the tokens without padding, and ``shapes`` the batches by (texts, padded length).
    """

    def __init__(self, trainer: StudyTrainer):
        super().__init__()
        self.body = as_embedder(trainer.network).base_model
        self.trainer = trainer
        self.tokens_read = 0
        self.shapes: Counter[tuple[int, int]] = Counter()

    def preprocess(self, inputs: Sequence[str], **_: Any) -> dict[str, torch.Tensor]:
        job, examples = self.trainer.job, self.trainer.examples
        batch = job.task.collate([examples[int(number)] for number in inputs], padding=job.padding)
        self.tokens_read += int(batch["attention_mask"].sum())
        self.shapes[tuple(batch["input_ids"].shape)] += 1
        return {name: values for name, values in batch.items() if name not in ("labels", "weights")}

    def forward(self, features: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        job, network = self.trainer.job, as_embedder(self.trainer.network)
        names = ("input_ids", "attention_mask", "token_type_ids")
        inputs = {name: features[name] for name in names if name in features}
        # Our own autocast, because training and encoding have to agree, and the package encodes without.
        with torch.autocast(job.device, torch.bfloat16, enabled=job.setting["precision"] == "bf16"):
            vectors = network.embed(**inputs)
        return {**features, "sentence_embedding": vectors.float()}


class NumberedModel(SetFitModel):
    """A SetFitModel whose torch head learns from batches of numbered texts.

    The package's own loader would tokenise the texts anew and pad each to the longest input of the model.
    """

    def _prepare_dataloader(self, x_train, y_train, batch_size=None, max_length=None, shuffle=True):
        def together(batch: list[tuple[str, int]]) -> tuple[dict[str, torch.Tensor], torch.Tensor]:
            numbers, classes = zip(*batch, strict=True)
            return self.model_body.preprocess(list(numbers)), torch.tensor(classes)

        pairs: Any = list(zip(x_train, y_train, strict=True))
        return DataLoader(pairs, batch_size=batch_size, shuffle=shuffle, collate_fn=together)
