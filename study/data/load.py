"""load_data and load_folds: from what a user says about data to the texts and classes that are used."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from study.data.balance import balance_notes, count_classes
from study.data.classes import find_classes
from study.data.columns import Columns, choose_columns
from study.data.drawn import Starts, drawn_rows, drawn_table, seen
from study.data.duplicates import duplicate_notes, find_duplicates
from study.data.find import find_source
from study.data.folds import fold_rows
from study.data.formats import unreadable
from study.data.hidden import hidden, lacking, minus_one_is_a_class
from study.data.rows import Rows, read_rows
from study.data.source import Source
from study.data.splits import Drawn, draw_rows, subset_name
from study.data.texts import SPLITS, DataOptions, Fold, TextData, fingerprint
from study.errors import InputError, Problems


@dataclass(frozen=True)
class _Read:
    """A source whose labelled splits have been read: rows, class names, the class id of every row, and notes."""

    source: Source
    columns: Columns
    rows: dict[str, Rows]
    labels: tuple[str, ...]
    ids: dict[str, np.ndarray]
    notes: tuple[str, ...]


def load_data(options: DataOptions) -> TextData:
    """The texts and classes that the options name, in fixed splits; InputError with every problem found."""
    if options.folds is not None:
        raise InputError(
            f"folds={options.folds} gives {options.folds} data sets. load_data gives one; use load_folds, or leave "
            "folds out."
        )
    return load_folds(options)[0]


def load_folds(options: DataOptions) -> tuple[TextData, ...]:
    """The texts and classes that the options name, once for every fold; InputError with every problem found.

    Without folds there is one, with fixed splits.
    """
    read = _read(options)
    starts = dict.fromkeys(read.ids, 0)
    if options.folds is None:
        drawn, notes = draw_rows(read.ids, read.labels, options)
        return (_data(read, drawn, notes, starts, options, None),)
    starts["validation"] = len(read.ids["train"])  # folds join the two, and a row's number names it in what is joined
    found = fold_rows(read.ids, read.labels, options)
    whole = _whole(read, options)
    folds = [Fold(number, options.folds, whole) for number in range(1, options.folds + 1)]
    return tuple(_data(read, *found[i], starts, options, fold) for i, fold in enumerate(folds))


def _data(
    read: _Read, drawn: Drawn, notes: Sequence[str], starts: Starts, options: DataOptions, fold: Fold | None
) -> TextData:
    """The drawn rows as TextData, looked over for what a user should know of them."""
    name = read.source.name if fold is None else f"{read.source.name}[fold {fold.number}/{fold.of}]"
    splits = {split: drawn_table(drawn[split], read.rows, read.ids, starts) for split in SPLITS}
    classes = count_classes({s: drawn_rows(drawn[s], read.ids, starts)[0] for s in SPLITS}, read.labels)
    duplicates = find_duplicates({split: seen(drawn[split], read.rows, read.ids, starts) for split in SPLITS})
    sizes = {split: table.num_rows for split, table in splits.items()}
    kind = "pair" if "pair" in splits["train"].column_names else "text"
    found = (*balance_notes(classes["train"]), *duplicate_notes(duplicates, sizes, kind))
    return TextData(
        name=subset_name(name, options),
        fingerprint=fingerprint(read.labels, splits),
        labels=read.labels,
        splits=splits,
        source=read.source.place,
        notes=(*read.notes, *notes, *found),
        checks={
            "columns": {"text": list(read.columns.text), "label": read.columns.label},
            "classes": classes,
            "duplicates": duplicates,
        },
        fold=fold,
    )


def _whole(read: _Read, options: DataOptions) -> str:
    """16 hexadecimal digits over all rows that are folded and how: folds of other sizes or seeds overlap these."""
    every = {split: {split: np.arange(len(ids))} for split, ids in read.ids.items()}
    starts = dict.fromkeys(read.ids, 0)
    rows = fingerprint(read.labels, {s: drawn_table(every[s], read.rows, read.ids, starts) for s in every})
    how = [rows, options.folds, options.train_size, options.eval_size, options.data_seed]
    return hashlib.sha256(json.dumps(how).encode()).hexdigest()[:16]


def _read(options: DataOptions) -> _Read:
    """The labelled splits of the source, read and checked; the problems of all of them told at once."""
    source, columns = _found(options)
    rows: dict[str, Rows] = {}
    wrong: dict[str, tuple[str, ...]] = {}
    for name in source.splits:
        if name not in columns.unlabelled:
            try:
                rows[name] = _read_split(source, name, columns)
            except InputError as error:
                wrong[name] = error.problems
    a_class = "train" in rows and minus_one_is_a_class(rows["train"])
    aside = {name: held for name in rows if name != "train" and (held := hidden(rows[name], a_class))}
    problems = Problems()
    for name in source.splits:
        problems.add(*wrong.get(name, ()))
        if name in rows and name not in aside:
            do = "remove these rows" if name == "train" else "remove these rows, or the split"
            problems.add(*rows[name].problems, *lacking(rows[name], a_class, do))
    problems.raise_if_any()
    rows = {name: found for name, found in rows.items() if name not in aside}
    notes = [f"{name}: labels hidden ({held}), left aside" for name, held in aside.items()]
    labels, ids, class_notes = find_classes(rows)
    return _Read(source, columns, rows, labels, ids, (*source.notes, *columns.notes, *notes, *class_notes))


def _read_split(source: Source, name: str, columns: Columns) -> Rows:
    names = source.splits["train"].class_names.get(columns.label)
    try:
        return read_rows(source.splits[name], columns.text, columns.label, names)
    except OSError as error:
        raise InputError(unreadable(source.splits[name].where, error)) from None


def _found(options: DataOptions) -> tuple[Source, Columns]:
    """The source and its columns, all wrong options and unreadable files told at once."""
    problems = Problems()
    columns = None
    with problems.collecting():
        _check(options)
    source = find_source(options.name, options.config, problems)
    if source is not None and "train" in source.splits:
        with problems.collecting():
            columns = choose_columns(source.splits, options)
    problems.raise_if_any()
    assert source is not None
    assert columns is not None
    return source, columns


def _check(options: DataOptions) -> None:
    """Raise InputError for sizes, seeds and folds that no data set could serve."""
    problems = Problems()
    for name, size in (("--train-size", options.train_size), ("--eval-size", options.eval_size)):
        if size is not None and size < 1:
            problems.add(f"{name} {size} is too small. It counts rows, 1 or more; leave it out to use all rows.")
    if options.data_seed < 0:
        problems.add(f"--data-seed {options.data_seed} is negative. It is 0 or more; give such a number.")
    if options.folds is not None and options.folds < 2:
        problems.add(
            f"--folds {options.folds} is too few. Each fold is tested on once; give 2 or more, or leave it out."
        )
    problems.raise_if_any()
