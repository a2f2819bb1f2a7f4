"""Tokens computed for each real token: batches of similar length against random ones, in training and evaluation.

    python -m tests.benchmarks.padding [--data rotten_tomatoes] [--train-size 1000] [--epochs 20]

The batches are those of a trial (16 texts, shuffled anew each epoch) and of its evaluation (64, sorted by length),
against the same sizes in random order and in the order of the file, as transformers' Trainer has them.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence

import numpy as np
from transformers import AutoTokenizer

from study.batches import SimilarLengths
from study.data import DataOptions, load_data
from study.models.loading import DEFAULT_MODEL, find_model


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="reviews")
    parser.add_argument("--train-size", type=int)
    parser.add_argument("--epochs", type=int, default=20)
    arguments = parser.parse_args()
    data = load_data(DataOptions(arguments.data, train_size=arguments.train_size))
    tokenizer = AutoTokenizer.from_pretrained(find_model(DEFAULT_MODEL).path)

    def lengths(split: str) -> np.ndarray:
        texts = data.splits[split]["text"].to_pylist()
        return np.array([len(ids) for ids in tokenizer(texts, truncation=True, max_length=128)["input_ids"]])

    train, validation = lengths("train"), lengths("validation")
    rng = np.random.default_rng(0)
    sampler = SimilarLengths(train, 16, seed=0)
    alike = np.mean([padded(train, list(sampler), 16) for _ in range(arguments.epochs)])
    anyhow = np.mean([padded(train, rng.permutation(len(train)), 16) for _ in range(arguments.epochs)])
    print(f"training, 16 texts: {alike:.2f} tokens for each real one; in random batches {anyhow:.2f}")
    in_order = padded(validation, range(len(validation)), 64)
    by_length = padded(validation, np.argsort(-validation), 64)
    print(f"evaluation, 64 texts: {by_length:.2f} sorted by length; in the order of the file {in_order:.2f}")


def padded(lengths: np.ndarray, order: Iterable[int], size: int) -> float:
    """Padded tokens per real one when so many texts in a row of this order make a batch."""
    rows: Sequence[int] = list(order)
    batches = [lengths[rows[start : start + size]] for start in range(0, len(rows), size)]
    return sum(len(batch) * batch.max() for batch in batches) / lengths.sum()


if __name__ == "__main__":
    main()
