"""What a plain transformers.Trainer loop reaches on the rows, epochs and batch size of a frozen_layers study.

    python -m tests.benchmarks.plain_trainer --data rotten_tomatoes --train-size 1000

No tuning, the checkpoint's own pooler, random batches padded to their longest text; frozen layers keep
their dropout, as they do when only ``requires_grad`` is switched off.
"""

from __future__ import annotations

import argparse
import tempfile
import time

import numpy as np
import torch
from sklearn.metrics import f1_score
from transformers import (
    AutoModelForSequenceClassification,
    AutoTokenizer,
    DataCollatorWithPadding,
    Trainer,
    TrainingArguments,
    set_seed,
)

from study.data import DataOptions, load_data
from study.models.loading import DEFAULT_MODEL, find_model
from study.silence import silence_transformers


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", default="reviews")
    parser.add_argument("--train-size", type=int)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--rates", default="0:1e-4,2:1e-4,4:1e-4,6:1e-3", help="depth:learning rate, …")
    arguments = parser.parse_args()
    silence_transformers()
    data = load_data(DataOptions(arguments.data, train_size=arguments.train_size))
    model = find_model(DEFAULT_MODEL)
    tokenizer = AutoTokenizer.from_pretrained(model.path)
    splits = {
        name: [
            {**tokenizer(text, truncation=True, max_length=128), "labels": label}
            for text, label in zip(table["text"].to_pylist(), table["label"].to_pylist(), strict=True)
        ]
        for name, table in data.splits.items()
    }
    for pair in arguments.rates.split(","):
        depth, rate = pair.split(":")
        started = time.perf_counter()
        scores = [trained(model.path, tokenizer, splits, int(depth), float(rate), s) for s in range(arguments.seeds)]
        each = ", ".join(f"{score:.3f}" for score in scores)
        seconds = (time.perf_counter() - started) / len(scores)
        print(f"depth {depth}, learning rate {rate}: test F1 {np.mean(scores):.3f} ({each}), {seconds:.0f} s each")


def trained(path: str, tokenizer, splits: dict, depth: int, rate: float, seed: int) -> float:
    """Test F1 of the positive class."""
    set_seed(seed)
    network = AutoModelForSequenceClassification.from_pretrained(path, num_labels=2, dtype=torch.float32)
    if depth:
        for module in (network.bert.embeddings, *network.bert.encoder.layer[:depth]):
            module.requires_grad_(False)
    with tempfile.TemporaryDirectory() as folder:
        trainer = Trainer(
            network,
            TrainingArguments(
                folder,
                per_device_train_batch_size=16,
                per_device_eval_batch_size=64,
                num_train_epochs=2,
                learning_rate=rate,
                save_strategy="no",
                report_to="none",
                disable_tqdm=True,
                use_cpu=not torch.cuda.is_available(),
                dataloader_pin_memory=False,
            ),
            train_dataset=splits["train"],
            data_collator=DataCollatorWithPadding(tokenizer),
        )
        trainer.train()
        found = trainer.predict(splits["test"])
    return float(f1_score(found.label_ids, np.argmax(found.predictions, -1)))


if __name__ == "__main__":
    main()
