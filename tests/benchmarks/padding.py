"""Tokens computed for each real token, and what batching and stored prefixes leave of the arithmetic of a study.

    python -m tests.benchmarks.padding [--data rotten_tomatoes] [--train-size 1000] [--epochs 20]

The batches are those of a trial (16 texts, shuffled anew each epoch) and of its evaluation (64, sorted by length),
against the same sizes in random order and in the order of the file, as transformers' Trainer has them. From these the
last lines count how often a token goes through a block (a backward pass counts for two) when depths of freezing are
compared, two epochs each, validated after each and tested at the end: in a loop of Trainer, and in a study, which
computes what frozen blocks give once for all seeds. That ratio bounds what a study can gain where blocks take all the
time.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence

import numpy as np
from transformers import AutoTokenizer

from study.batches import SimilarLengths
from study.data import DataOptions, load_data
from study.models.loading import DEFAULT_MODEL, find_model

BLOCKS = 6
"""Of the default model."""


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

    train, validation, test = lengths("train"), lengths("validation"), lengths("test")
    rng = np.random.default_rng(0)
    sampler = SimilarLengths(train, 16, seed=0)
    alike = np.mean([padded(train, list(sampler), 16) for _ in range(arguments.epochs)])
    anyhow = np.mean([padded(train, rng.permutation(len(train)), 16) for _ in range(arguments.epochs)])
    print(f"training, 16 texts: {alike:.2f} tokens for each real one; in random batches {anyhow:.2f}")
    in_order = padded(validation, range(len(validation)), 64)
    by_length = padded(validation, np.argsort(-validation), 64)
    print(f"evaluation, 64 texts: {by_length:.2f} sorted by length; in the order of the file {in_order:.2f}")
    trained, scored, every = 2 * train.sum(), 2 * validation.sum() + test.sum(), train.sum()
    every += validation.sum() + test.sum()
    for depths, seeds in (((0, 2, 4, 5), 1), ((4, 5), 1), ((4, 5), 5)):
        loop = sum(trained * anyhow * (BLOCKS + 2 * (BLOCKS - k)) + scored * in_order * BLOCKS for k in depths)
        above = sum(trained * alike * 3 * (BLOCKS - k) + scored * by_length * (BLOCKS - k) for k in depths)
        work = above * seeds + every * by_length * max(depths)
        print(
            f"depths {', '.join(map(str, depths))}, seeds: {seeds}: {loop * seeds / 1e6:.2f} million passes of a token "
            f"through a block in a loop, {work / 1e6:.2f} in a study: {loop * seeds / work:.1f} times fewer"
        )


def padded(lengths: np.ndarray, order: Iterable[int], size: int) -> float:
    """Padded tokens per real one when so many texts in a row of this order make a batch."""
    rows: Sequence[int] = list(order)
    batches = [lengths[rows[start : start + size]] for start in range(0, len(rows), size)]
    return sum(len(batch) * batch.max() for batch in batches) / lengths.sum()


if __name__ == "__main__":
    main()
