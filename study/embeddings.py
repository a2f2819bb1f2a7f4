"""Embeddings: what a frozen body makes of a split's examples, computed once per body and data and kept."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from study.artefacts import artefact
from study.micro_batches import evaluation_batch
from study.surgery.embedder import as_embedder

if TYPE_CHECKING:
    from study.data.tokens import Tokens
    from study.training import StudyTrainer

_LAYOUT = 1
"""Raised whenever the numbers change: embeddings of another layout have another key and are not read."""


def embeddings(trainer: StudyTrainer, split: str) -> np.ndarray:
    """The embeddings of a split's examples (examples, width), float32, mapped from the artefact of this body.

    The network is an Embedder whose body is as it was loaded.
    """
    job, network = trainer.job, as_embedder(trainer.network)
    how = f"{network.pooling}{'-normalised' if network.normalised else ''}-{job.setting['precision']}"

    def build(folder: Path) -> None:
        np.save(folder / "vectors.npy", example_embeddings(trainer, job.splits[split]))

    folder = artefact(job.cache, f"embeddings{_LAYOUT}-{job.content}-{how}-{split}", build)
    return np.load(folder / "vectors.npy", mmap_mode="r")


def example_embeddings(trainer: StudyTrainer, tokens: Tokens) -> np.ndarray:
    """The embeddings of these examples by forward passes: (examples, width), float32."""
    job, network = trainer.job, as_embedder(trainer.network)
    network.eval()
    found = np.empty((len(tokens), network.head.in_features), np.float32)
    with torch.inference_mode(), trainer.compute_loss_context_manager():
        for indices in tokens.batches(evaluation_batch(int(job.setting["batch_size"]), job.micro_batch)):
            features = [tokens[i] for i in indices]
            batch = trainer._prepare_inputs(job.task.collate(features, padding=job.padding))
            inputs = {name: value for name, value in batch.items() if name not in ("labels", "weights")}
            found[indices] = network.embed(**inputs).float().cpu().numpy()
    return found
