"""load_data: from what a user says about data to the texts and classes that are used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa

from study.data.classes import find_classes
from study.data.columns import choose_columns
from study.data.find import find_source
from study.data.rows import Rows, read_rows
from study.data.source import Source
from study.data.splits import Drawn, draw_rows, subset_name
from study.data.texts import SCHEMA, SPLITS, DataOptions, TextData, fingerprint
from study.errors import Problems


def load_data(options: DataOptions) -> TextData:
    """The texts and classes that the options name; InputError with every problem found."""
    source, text, label = _found(options)
    rows = _read(source, text, label)
    labels, ids, class_notes = find_classes(rows)
    drawn, draw_notes = draw_rows(ids, labels, options)
    splits = {split: _table(split, drawn, rows, ids) for split in SPLITS}
    return TextData(
        name=subset_name(source.name, options),
        fingerprint=fingerprint(labels, splits),
        labels=labels,
        splits=splits,
        source=source.place,
        notes=(*source.notes, *class_notes, *draw_notes),
    )


def _found(options: DataOptions) -> tuple[Source, str, str]:
    """The source and its text and label columns, all wrong options and unreadable files told at once."""
    problems = Problems()
    text = label = ""
    with problems.collecting():
        _check(options)
    source = find_source(options.name, problems)
    if source is not None and "train" in source.splits:
        with problems.collecting():
            text, label = choose_columns(source.splits, options)
    problems.raise_if_any()
    assert source is not None
    return source, text, label


def _check(options: DataOptions) -> None:
    """Raise InputError for sizes and seeds that no data set could serve."""
    problems = Problems()
    for name, size in (("--train-size", options.train_size), ("--eval-size", options.eval_size)):
        if size is not None and size < 1:
            problems.add(f"{name} {size} is too small. It counts rows, 1 or more; leave it out to use all rows.")
    if options.data_seed < 0:
        problems.add(f"--data-seed {options.data_seed} is negative. It is 0 or more; give such a number.")
    problems.raise_if_any()


def _read(source: Source, text: str, label: str) -> dict[str, Rows]:
    """The rows of every split that the source has."""
    problems = Problems()
    rows = {}
    for name, split in source.splits.items():
        with problems.collecting():
            rows[name] = read_rows(split, text, label, source.splits["train"].class_names.get(label))
    problems.raise_if_any()
    return rows


def _table(split: str, drawn: Drawn, rows: Mapping[str, Rows], ids: Mapping[str, np.ndarray]) -> pa.Table:
    """The drawn rows of a split. Texts are filtered chunk by chunk: taking by number would join them in one array."""
    source, numbers = drawn[split]
    mask = np.zeros(len(ids[source]), bool)
    mask[numbers] = True
    columns: Sequence[pa.Array | pa.ChunkedArray] = (
        rows[source].texts.filter(pa.array(mask)),
        pa.array(ids[source][numbers], pa.int32()),
        pa.array(numbers, pa.int64()),
    )
    return pa.table(list(columns), schema=SCHEMA)
