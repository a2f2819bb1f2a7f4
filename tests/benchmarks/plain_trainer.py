"""What a plain transformers.Trainer loop reaches on the rows, epochs and batch size of a frozen_layers study.

    python -m tests.benchmarks.plain_trainer --data rotten_tomatoes --train-size 1000

No tuning, the checkpoint's own pooler, random batches padded to their longest text; frozen layers keep
their dropout, as they do when only ``requires_grad`` is switched off.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from typing import Any

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
from transformers.trainer_callback import PrinterCallback

from study.data import DataOptions, load_data
from study.models.loading import DEFAULT_MODEL, find_model
from study.silence import silence_transformers


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", default="reviews")
    parser.add_argument("--train-size", type=int)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--rates", default="0:1e-4,2:1e-4,4:1e-4,6:1e-3", help="depth:learning rate, …")
    parser.add_argument(
        "--validate", action="store_true", help="validate after each epoch, and print those scores last, as JSON"
    )
    arguments = parser.parse_args()
    silence_transformers()
    path, tokenizer, splits = encoded(arguments.data, arguments.train_size)
    validation = {}
    for pair in arguments.rates.split(","):
        depth, rate = pair.split(":")
        started = time.perf_counter()
        found = [
            trained(path, tokenizer, splits, int(depth), float(rate), seed, arguments.validate)
            for seed in range(arguments.seeds)
        ]
        scores = [score for score, _ in found]
        validation[depth] = found[0][1]
        each = ", ".join(f"{score:.3f}" for score in scores)
        seconds = (time.perf_counter() - started) / len(scores)
        print(f"depth {depth}, learning rate {rate}: test F1 {np.mean(scores):.3f} ({each}), {seconds:.0f} s each")
    if arguments.validate:
        print(json.dumps(validation))


def encoded(data: str, train_size: int | None) -> tuple[str, Any, dict[str, list[dict[str, Any]]]]:
    """The default model's folder, its tokenizer, and every split's texts as tokens with labels."""
    found = load_data(DataOptions(data, train_size=train_size))
    path = find_model(DEFAULT_MODEL).path
    tokenizer = AutoTokenizer.from_pretrained(path)
    splits = {
        name: [
            {**tokenizer(text, truncation=True, max_length=128), "labels": label}
            for text, label in zip(table["text"].to_pylist(), table["label"].to_pylist(), strict=True)
        ]
        for name, table in found.splits.items()
    }
    return path, tokenizer, splits


def network_of(path: str, depth: int) -> Any:
    """The network with its embeddings and first blocks frozen; none at depth 0."""
    network = AutoModelForSequenceClassification.from_pretrained(path, num_labels=2, dtype=torch.float32)
    if depth:
        for module in (network.bert.embeddings, *network.bert.encoder.layer[:depth]):
            module.requires_grad_(False)
    return network


def arguments_of(folder: str, rate: float, validate: bool) -> TrainingArguments:
    """Batches of 16, two epochs."""
    return TrainingArguments(
        folder,
        per_device_train_batch_size=16,
        per_device_eval_batch_size=64,
        num_train_epochs=2,
        learning_rate=rate,
        eval_strategy="epoch" if validate else "no",
        save_strategy="no",
        report_to="none",
        disable_tqdm=True,
        use_cpu=not torch.cuda.is_available(),
        dataloader_pin_memory=False,
    )


def f1(found: Any) -> float:
    """F1 of the positive class, of predictions with their labels."""
    return float(f1_score(found.label_ids, np.argmax(found.predictions, -1)))


def trained(
    path: str, tokenizer: Any, splits: dict[str, Any], depth: int, rate: float, seed: int, validate: bool
) -> tuple[float, float | None]:
    """F1 on test, and on validation after the last epoch where that is asked for."""
    set_seed(seed)
    with tempfile.TemporaryDirectory() as folder:
        trainer = Trainer(
            network_of(path, depth),
            arguments_of(folder, rate, validate),
            train_dataset=splits["train"],
            eval_dataset=splits["validation"],
            data_collator=DataCollatorWithPadding(tokenizer),
            compute_metrics=lambda found: {"f1": f1(found)},
        )
        trainer.remove_callback(PrinterCallback)
        trainer.train()
        scores = [entry["eval_f1"] for entry in trainer.state.log_history if "eval_f1" in entry]
        return f1(trainer.predict(splits["test"])), scores[-1] if scores else None


if __name__ == "__main__":
    main()
