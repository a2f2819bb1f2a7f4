"""Rows drawn by class: the splits that a data set lacks, cut from train, and subsets of a given size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from study.data.texts import SPLITS, DataOptions
from study.errors import InputError, Problems

Drawn = dict[str, tuple[str, np.ndarray]]
"""For each split, the split of the source that its rows come from and their numbers there, ascending."""

_CUT = 1 / 5
_CUT_STREAM = len(SPLITS)  # cuts draw from streams 3, 4, 5, subsets from 0, 1, 2


def draw_rows(ids: Mapping[str, np.ndarray], labels: Sequence[str], options: DataOptions) -> tuple[Drawn, list[str]]:
    """The rows of train, validation and test that are used, and a note on every draw."""
    drawn, notes = _cut_missing(ids, labels, options)
    problems = Problems()
    for number, split in enumerate(SPLITS):
        size = options.train_size if split == "train" else options.eval_size
        if size is None:
            continue
        source, rows = drawn[split]
        option = "--train-size" if split == "train" else "--eval-size"
        if problem := _size_problem(f"{option} {size:,}", size, len(rows), split, labels):
            problems.add(problem)
            continue
        ranked = ranking(ids[source][rows], np.random.default_rng([options.data_seed, number]))
        drawn[split] = source, rows[np.sort(ranked[:size])]
        notes.append(f"{split}: {size:,} of {len(rows):,} rows drawn, stratified, data seed {options.data_seed}")
    problems.raise_if_any()
    return drawn, notes


def ranking(ids: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """All row numbers in the order they are drawn: the first n rows are the stratified subset of n rows.

    Row r of a shuffled class of m rows stands at (r + 1/2) / m, and the first row of every class before all others.
    So every class has a row, each prefix is as proportional as whole rows allow (Webster's method, 1832), and smaller
    subsets lie inside larger ones. Largest remainders, the obvious way, would not promise that: with three classes or
    more, one row more in all can mean one row fewer of a class (the Alabama paradox).
    """
    place = np.empty(len(ids))
    for label in np.unique(ids):
        rows = np.flatnonzero(ids == label)
        order = rng.permutation(len(rows))
        place[rows[order]] = (np.arange(len(rows)) + 0.5) / len(rows)
        place[rows[order[0]]] = -1.0
    return np.lexsort((ids, place))


def _size_problem(given: str, size: int, available: int, split: str, labels: Sequence[str]) -> str | None:
    if size > available:
        return f"{given} is more than the {available:,} rows of {split}. Give {available:,} at most, or leave it out."
    if size < len(labels):
        return f"{given} is too small: {split} needs a row of each class. Give {len(labels)} or more."
    return None


def _cut_missing(ids: Mapping[str, np.ndarray], labels: Sequence[str], options: DataOptions) -> tuple[Drawn, list[str]]:
    """Every split's rows, missing validation and test splits cut from train at a fifth of its rows each."""
    missing = [split for split in SPLITS if split not in ids]
    train, total = ids["train"], len(ids["train"])
    counts = np.bincount(train, minlength=len(labels))
    rare = [f"{labels[i]!r} ({counts[i]})" for i in range(len(labels)) if counts[i] <= len(missing)]
    if missing and rare:
        raise InputError(
            f"{options.name}: {' and '.join(missing)} cannot be cut from train: too few rows of class "
            f"{', '.join(rare[:20])}. Each class needs {len(missing) + 1} rows or more; add rows, or give a folder "
            "with these splits."
        )
    drawn: Drawn = {split: (split, np.arange(len(rows))) for split, rows in ids.items()}
    left, size = np.arange(total), max(int(total * _CUT), len(labels))
    notes = []
    for split in missing:
        rng = np.random.default_rng([options.data_seed, _CUT_STREAM + SPLITS.index(split)])
        ranked = left[ranking(train[left], rng)]
        drawn[split], left = ("train", np.sort(ranked[:size])), np.sort(ranked[size:])
        notes.append(f"no {split} split: 20 % of train ({size:,} rows) cut, stratified, data seed {options.data_seed}")
    drawn["train"] = "train", left
    return {split: drawn[split] for split in SPLITS}, notes


def subset_name(name: str, options: DataOptions) -> str:
    """A data set's name with the sizes of its subsets: ``name``, ``name[:train]`` or ``name[:train/eval]``."""
    if options.train_size is None and options.eval_size is None:
        return name
    train = "" if options.train_size is None else str(options.train_size)
    return f"{name}[:{train}{'' if options.eval_size is None else f'/{options.eval_size}'}]"
