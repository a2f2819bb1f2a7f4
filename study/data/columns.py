"""Which column holds the texts and which the classes: as given, else guessed from names and types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa

from study.data.source import RawSplit, is_list, is_text, type_name
from study.data.texts import DataOptions
from study.errors import Problems, unknown

TEXT_NAMES = ("text", "sentence", "review", "content", "document", "tweet")
LABEL_NAMES = ("label", "labels", "sentiment", "class", "target", "category")


def choose_columns(splits: Mapping[str, RawSplit], options: DataOptions) -> tuple[str, str]:
    """The names of the text column and of the label column, which every split has."""
    problems = Problems()
    train = splits["train"]
    for kind, name in (("text", options.text_column), ("label", options.label_column)):
        if name is not None and name not in train.types:
            do = f"Give one of them as --{kind}-column."
            problems.add(f"{train.where}: {unknown(f'--{kind}-column', name, train.types, do=do)}")
    label = options.label_column or _guess(LABEL_NAMES, train.types, but=options.text_column)
    text = options.text_column or _guess_text(train.types, but=label)
    if text is None or label is None:
        problems.add(*_undecided(train, text, label))
    elif text == label:
        problems.add(f"{train.where}: column {text!r} is given for texts and for labels. They are two; give another.")
    problems.raise_if_any()
    assert text is not None
    assert label is not None
    for split in splits.values():
        for name in (text, label):
            if name not in split.types:
                do = "Splits share the columns of train; rename it."
                problems.add(f"{split.where}: {unknown('column', name, split.types, do=do)}")
    problems.raise_if_any()
    return text, label


def _guess(names: Sequence[str], columns: Sequence[str] | Mapping[str, object], but: str | None) -> str | None:
    """The first of these names that is a column; case and surrounding blanks do not matter where spelling does not."""
    left = [column for column in columns if column != but]
    for name in names:
        if name in left:
            return name
    folded = {column.strip().casefold(): column for column in reversed(left)}
    return next((folded[name] for name in names if name in folded), None)


def _guess_text(types: Mapping[str, pa.DataType], but: str | None) -> str | None:
    """The text column by name, else the only column of strings beside the labels."""
    strings = [name for name, kind in types.items() if is_text(kind) and name != but]
    named = _guess(TEXT_NAMES, [name for name in types if not is_list(types[name])], but)
    return named or (strings[0] if len(strings) == 1 else None)


def _undecided(train: RawSplit, text: str | None, label: str | None) -> list[str]:
    """One sentence for each column that could not be guessed, or one for a data set that is another task's."""
    columns = ", ".join(f"{name!r} ({type_name(kind)})" for name, kind in train.types.items())
    if text is None and not any(is_text(kind) for kind in train.types.values()):
        lists = any(is_list(kind) for kind in train.types.values())
        why = " Its rows are lists (as for tagging tokens), not texts." if lists else ""
        return [
            f"{train.where} has no column of texts among {columns}.{why} Classification needs one text and one class "
            "per row; give such data."
        ]
    hint = " If the first line is a row, put a line with the columns' names above it." if _no_header(train) else ""
    return [
        f"{train.where}: which column holds the {kind}s cannot be told from {columns}. It is called "
        f"{' or '.join(names)} as a rule; name it with --{kind}-column, or add it if there is none.{hint}"
        for kind, found, names in (("text", text, TEXT_NAMES), ("label", label, LABEL_NAMES))
        if found is None
    ]


def _no_header(train: RawSplit) -> bool:
    """Whether the columns' names look like values: a number, or a sentence."""
    return any(name.strip().isdigit() or name.count(" ") > 2 for name in train.types)
