"""Rows drawn by class: the splits that a data set lacks, cut from train, and subsets of a given size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from study.data.source import few
from study.data.texts import SPLITS, DataOptions
from study.errors import InputError, Problems

Drawn = dict[str, dict[str, np.ndarray]]
"""For each split, by split of the source, the numbers there of the rows that it takes, ascending."""

_CUT = 1 / 5
CUT_STREAM = len(SPLITS)  # cuts draw from streams 3, 4, 5, subsets from 0, 1, 2, folds from 6


def draw_rows(ids: Mapping[str, np.ndarray], labels: Sequence[str], options: DataOptions) -> tuple[Drawn, list[str]]:
    """The rows of train, validation and test that are used, and a note on every draw."""
    drawn, notes = _cut_missing(ids, labels, options)
    return draw_subsets(drawn, ids, labels, options), [*notes, *subset_notes(drawn, options)]


def draw_subsets(
    drawn: Drawn, ids: Mapping[str, np.ndarray], labels: Sequence[str], options: DataOptions, *stream: int
) -> Drawn:
    """The stratified subsets of what was drawn, of the sizes that the options give; InputError where one cannot be.

    ``stream`` further numbers the stream of a draw: a fold has its own.
    """
    problems = Problems()
    chosen = dict(drawn)
    for number, split in enumerate(SPLITS):
        option, size = _size(split, options)
        if size is None:
            continue
        found = np.concatenate([ids[source][rows] for source, rows in drawn[split].items()])
        if problem := _size_problem(f"{option} {size:,}", size, len(found), split, labels):
            problems.add(problem)
            continue
        ranked = ranking(found, np.random.default_rng([options.data_seed, number, *stream]))
        chosen[split] = pick(drawn[split], np.sort(ranked[:size]))
    problems.raise_if_any()
    return chosen


def subset_notes(drawn: Drawn, options: DataOptions) -> list[str]:
    """One sentence for every split of which a subset is taken."""
    sizes = [(split, _size(split, options)[1], sum(map(len, drawn[split].values()))) for split in SPLITS]
    seed = f"stratified, data seed {options.data_seed}"
    return [f"{split}: {size:,} of {total:,} rows drawn, {seed}" for split, size, total in sizes if size is not None]


def pick(rows: Mapping[str, np.ndarray], positions: np.ndarray) -> dict[str, np.ndarray]:
    """The rows at these ascending positions, counted through the source's splits one after the other."""
    picked, start = {}, 0
    for source, numbers in rows.items():
        inside = (positions >= start) & (positions < start + len(numbers))
        picked[source] = numbers[positions[inside] - start]
        start += len(numbers)
    return {source: numbers for source, numbers in picked.items() if len(numbers)}


def cut(ids: np.ndarray, size: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """The positions of a stratified cut of that size, and those left; both ascending."""
    ranked = ranking(ids, rng)
    return np.sort(ranked[:size]), np.sort(ranked[size:])


def cut_size(total: int, labels: Sequence[str]) -> int:
    """How many of so many rows are cut for a split: a fifth, but a row of each class."""
    return max(int(total * _CUT), len(labels))


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


def _size(split: str, options: DataOptions) -> tuple[str, int | None]:
    """The option that gives a split's size, and the size."""
    return ("--train-size", options.train_size) if split == "train" else ("--eval-size", options.eval_size)


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
            f"{few(rare)}. Each class needs {len(missing) + 1} rows or more; add rows, or give a folder "
            "with these splits."
        )
    drawn: Drawn = {split: {split: np.arange(len(rows))} for split, rows in ids.items()}
    left, size = np.arange(total), cut_size(total, labels)
    notes = []
    for split in missing:
        rng = np.random.default_rng([options.data_seed, CUT_STREAM + SPLITS.index(split)])
        taken, kept = cut(train[left], size, rng)
        drawn[split], left = {"train": left[taken]}, left[kept]
        notes.append(f"no {split} split: 20 % of train ({size:,} rows) cut, stratified, data seed {options.data_seed}")
    drawn["train"] = {"train": left}
    return {split: drawn[split] for split in SPLITS}, notes


def subset_name(name: str, options: DataOptions) -> str:
    """A data set's name with the sizes of its subsets: ``name``, ``name[:train]`` or ``name[:train/eval]``."""
    if options.train_size is None and options.eval_size is None:
        return name
    train = "" if options.train_size is None else str(options.train_size)
    return f"{name}[:{train}{'' if options.eval_size is None else f'/{options.eval_size}'}]"
