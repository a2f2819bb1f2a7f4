"""Folds: all rows of a data set divided into k test splits, each with the rest to train and validate on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from study.data.source import few
from study.data.splits import CUT_STREAM, Drawn, cut, cut_size, draw_subsets, pick, subset_notes
from study.data.texts import SPLITS, DataOptions
from study.errors import InputError, Problems

_FOLD_STREAM = 2 * len(SPLITS)  # the stream after those of the subsets and of the cuts
_VALIDATION = CUT_STREAM + SPLITS.index("validation")


def fold_rows(
    ids: Mapping[str, np.ndarray], labels: Sequence[str], options: DataOptions
) -> list[tuple[Drawn, list[str]]]:
    """For each of ``options.folds`` folds, the rows of train, validation and test, and a note on every draw.

    Every row of train, and of validation where there is one, is in the test split of exactly one fold; the folds' sizes
    differ by at most one, in all and in each class. Of a fold's other rows a fifth are validation, drawn by class from
    a stream of that fold's own, so that no choice in it sees its test rows. Subset sizes hold within each fold.
    InputError for a labelled test split, for too few rows of a class, and for sizes that a fold does not have.
    """
    count = options.folds or 0
    _check(ids, labels, options, count)
    every = {split: np.arange(len(ids[split])) for split in SPLITS if split in ids}
    pool = np.concatenate([ids[split] for split in every])
    fold_of = _folds(pool, count, np.random.default_rng([options.data_seed, _FOLD_STREAM]))
    joined = [f"{split} ({len(rows):,} rows) joined to train, then folded" for split, rows in list(every.items())[1:]]
    problems, found = Problems(), []
    for number in range(1, count + 1):
        drawn = _fold(every, pool, fold_of == number - 1, labels, options, number)
        sizes = {split: sum(map(len, rows.values())) for split, rows in drawn.items()}
        note = (
            f"fold {number} of {count} is test ({sizes['test']:,} of {len(pool):,} rows), 20 % of the rest validation"
        )
        note += f" ({sizes['validation']:,} rows), stratified, data seed {options.data_seed}"
        with problems.collecting():
            chosen = draw_subsets(drawn, ids, labels, options, number)
            found.append((chosen, [*joined, note, *subset_notes(drawn, options)]))
        if problems.found:
            break  # folds are of one size but for a row, so the others would say the same again
    problems.raise_if_any()
    return found


def _check(ids: Mapping[str, np.ndarray], labels: Sequence[str], options: DataOptions, count: int) -> None:
    if "test" in ids:
        raise InputError(
            f"--folds {count}: {options.name} has a test split of its own ({len(ids['test']):,} labelled rows), which "
            "folds would mix with train. --folds is for data without one; give the train file alone, or leave --folds "
            "out."
        )
    rows = np.bincount(np.concatenate([ids[split] for split in ids]), minlength=len(labels))
    needed = max(count, 4 if count == 2 else 3)  # one to test on in each fold, and two beside it: train and validation
    rare = [f"{name!r} ({n:,})" for name, n in zip(labels, rows.tolist(), strict=True) if n < needed]
    if rare:
        do = "add rows, or give fewer --folds" if count > 3 else "add rows"
        raise InputError(
            f"--folds {count}: {options.name} has too few rows of class {few(rare)}. Every fold tests, "
            f"validates and trains on each class, so each needs {needed} rows or more; {do}."
        )


def _folds(ids: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """The fold of every row, from 0. Each class is dealt out from where the one before it ended."""
    fold, dealt = np.empty(len(ids), np.int64), 0
    for label in np.unique(ids):
        rows = rng.permutation(np.flatnonzero(ids == label))
        fold[rows] = (dealt + np.arange(len(rows))) % count
        dealt += len(rows)
    return fold


def _fold(
    every: Mapping[str, np.ndarray],
    pool: np.ndarray,
    tested: np.ndarray,
    labels: Sequence[str],
    options: DataOptions,
    number: int,
) -> Drawn:
    """One fold's rows, before subsets are taken."""
    rest = np.flatnonzero(~tested)
    rng = np.random.default_rng([options.data_seed, _VALIDATION, number])
    validation, train = cut(pool[rest], cut_size(len(rest), labels), rng)
    positions = {"train": rest[train], "validation": rest[validation], "test": np.flatnonzero(tested)}
    return {split: pick(every, positions[split]) for split in SPLITS}
