"""Corpus: texts without classes, for pre-training, with a part held out to measure it on."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from study.data.columns import TEXT_NAMES, text_column
from study.data.find import find_source
from study.data.source import RawSplit, is_text, type_name
from study.data.spool import let_go, spool
from study.data.texts import SCHEMA, TextData, fingerprint
from study.errors import InputError, Problems
from study.seeding import stream

_HELD_OUT = 0.1
_MOST_HELD_OUT = 500


def load_corpus(name: str, column: str | None = None) -> TextData:
    """The texts of a file, folder or Hub data set, as TextData without classes; InputError where there are none.

    Of a folder or a Hub data set the training split is read. ``column`` holds the texts, unless no column is called so
    or none is given: then it is found as for data with classes. A ``.txt`` file has one text on each line. Blank texts
    are left out. A tenth of the texts, but no more than 500, is the split ``validation``, which is never trained on;
    its draw depends on the number of texts alone. Class ids are all 0.
    """
    place, short, texts = _plain(name) if name.lower().endswith(".txt") else _source(name, column)
    rows = np.arange(texts.num_rows)
    held = min(_MOST_HELD_OUT, int(_HELD_OUT * len(rows)))
    if held < 1:
        raise InputError(
            f"--corpus {name}: {len(rows)} texts. Pre-training needs {round(1 / _HELD_OUT)} or more, of which one is "
            "held out; give more texts."
        )
    order = np.random.default_rng(stream(len(rows), "held out of a corpus")).permutation(len(rows))
    parts = {"train": np.sort(order[held:]), "validation": np.sort(order[:held])}
    splits = {split: _table(texts, numbers) for split, numbers in parts.items()}
    note = f"{len(rows) - held:,} texts to pre-train on, {held:,} held out of them"
    return TextData(short, fingerprint((), splits), (), splits, place, (note,))


def _table(texts: pa.Table, numbers: np.ndarray) -> pa.Table:
    labels, rows = pa.array(np.zeros(len(numbers)), pa.int32()), pa.array(numbers, pa.int64())
    return pa.table([texts["text"].take(rows), labels, rows], schema=SCHEMA)


def _plain(name: str) -> tuple[str, str, pa.Table]:
    """The place, short name and texts of a file with one text on each line."""
    path = Path(os.path.expanduser(name))
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise InputError(f"--corpus {name}: cannot be read ({error.strerror}). Give a file of texts.") from None
    except UnicodeDecodeError:
        raise InputError(f"--corpus {name}: holds bytes that are not UTF-8. Write the file again.") from None
    return f"file {path}", path.stem, pa.table({"text": [line.strip() for line in lines if line.strip()]})


def _source(name: str, column: str | None) -> tuple[str, str, pa.Table]:
    """The place, short name and texts of the training split that the name leads to."""
    problems = Problems()
    with problems.collecting():
        source = find_source(name, None, problems)
    if problems.found:
        raise InputError([f"--corpus {name}: {problem}" for problem in problems.found])
    if source is None or "train" not in source.splits:
        raise InputError(f"--corpus {name}: has no split train. Give a file of texts, or a folder with train.")
    split = source.splits["train"]
    found = column if column in split.types else text_column(split)
    if found is not None and not is_text(split.types[found]) and not any(b.num_rows for b in split.batches([found])):
        raise InputError(f"--corpus {name}: holds no texts. Give one that does.")
    if found is None or not is_text(split.types[found]):
        listed = ", ".join(f"{each!r} ({type_name(kind)})" for each, kind in split.types.items())
        raise InputError(
            f"--corpus {name}: which column holds the texts cannot be told from {listed}. Call it "
            f"{' or '.join(TEXT_NAMES[:2])}."
        )
    return source.place, source.name, spool(_pieces(split, found), pa.schema([SCHEMA.field("text")]))


def _pieces(split: RawSplit, column: str) -> Iterator[pa.RecordBatch]:
    for batch in split.batches([column]):
        let_go()
        texts = batch.column(0).cast(pa.string())
        kept = texts.filter(pc.fill_null(pc.not_equal(pc.utf8_trim_whitespace(texts), ""), False))
        yield pa.RecordBatch.from_arrays([kept], schema=pa.schema([SCHEMA.field("text")]))
