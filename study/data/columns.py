"""Which column holds the texts, or which two, and which the classes: as given, else guessed from names and types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from study.data.source import RawSplit, is_list, is_text, type_name
from study.data.texts import DataOptions
from study.errors import Problems, unknown

TEXT_NAMES = ("text", "sentence", "review", "content", "document", "tweet")
LABEL_NAMES = ("label", "labels", "sentiment", "class", "target", "category")
PAIR_NAMES = (
    ("sentence1", "sentence2"),
    ("premise", "hypothesis"),
    ("question1", "question2"),
    ("question", "sentence"),
    ("text_a", "text_b"),
    ("text1", "text2"),
)


_LISTED = 20  # columns named in a message


@dataclass(frozen=True)
class Columns:
    """The names of the columns of texts, one or two, and of the column of labels; ``notes`` say what was guessed.

    ``unlabelled`` are the splits without a column of labels.
    """

    text: tuple[str, ...]
    label: str
    unlabelled: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def choose_columns(splits: Mapping[str, RawSplit], options: DataOptions) -> Columns:
    """The columns of texts, which every labelled split has, and of labels, which train has."""
    problems = Problems()
    train = splits["train"]
    given = _given_texts(train, options.text_column, problems)
    if options.label_column is not None and options.label_column not in train.types:
        problems.add(_no_column(train, "label", options.label_column))
    label = options.label_column or _guess(LABEL_NAMES, train.types, but=given)
    text = given or _guess_pair(train.types, but=label) or _guess_text(train.types, but=label)
    if not text or label is None:
        problems.add(*_undecided(train, text, label))
    elif label in text:
        problems.add(f"{train.where}: column {label!r} is given for texts and for labels. They are two; give another.")
    problems.raise_if_any()
    assert label is not None
    unlabelled = tuple(name for name, split in splits.items() if _is_unlabelled(name, split, label))
    for name, split in splits.items():
        for column in (*text, label):
            if column not in split.types and name not in unlabelled:
                do = "Splits share the columns of train; rename it."
                problems.add(f"{split.where}: {unknown('column', column, split.types, do=do)}")
    problems.raise_if_any()
    notes = [f"{name}: labels hidden (no column {label!r}), left aside" for name in unlabelled]
    if len(text) > 1 and not given:
        notes.append(f"each row is a pair of texts, {text[0]!r} and {text[1]!r}")
    return Columns(text, label, unlabelled, tuple(notes))


def text_column(split: RawSplit) -> str | None:
    """The column that holds a split's texts, told by its name or by being the only one of strings; None if unclear."""
    return next(iter(_guess_text(split.types, but=None)), None)


def _given_texts(train: RawSplit, given: str | None, problems: Problems) -> tuple[str, ...]:
    """The column of texts that is given, or the two; a column that is really called "a,b" goes first."""
    if given is None:
        return ()
    if given in train.types or "," not in given:
        parts = [given]
    else:
        parts = [part if part in train.types else part.strip() for part in given.split(",")]
    if len(parts) > 2 or len(set(parts)) < len(parts) or not all(parts):
        problems.add(
            f"--text-column {given!r} is neither one column nor two. Give one name, or two different ones as a,b for "
            "pairs of texts."
        )
        return ()
    problems.add(*(_no_column(train, "text", part) for part in parts if part not in train.types))
    return tuple(parts)


def _no_column(train: RawSplit, kind: str, name: str) -> str:
    do = f"Give one of them as --{kind}-column."
    return f"{train.where}: {unknown(f'--{kind}-column', name, train.types, do=do)}"


def _is_unlabelled(name: str, split: RawSplit, label: str) -> bool:
    """Whether a split has no labels at all; one whose labels only go by another name has to be put right."""
    return name != "train" and label not in split.types and _guess(LABEL_NAMES, split.types) is None


def _guess(names: Sequence[str], columns: Sequence[str] | Mapping[str, object], but: Sequence[str] = ()) -> str | None:
    """The first of these names that is a column; case and surrounding blanks do not matter where spelling does not."""
    left = [column for column in columns if column not in but]
    for name in names:
        if name in left:
            return name
    folded = {column.strip().casefold(): column for column in reversed(left)}
    return next((folded[name] for name in names if name in folded), None)


def _guess_pair(types: Mapping[str, pa.DataType], but: str | None) -> tuple[str, ...]:
    """Two columns of strings under names that are usual for pairs, unless there is a column called text."""
    strings = [name for name, kind in types.items() if is_text(kind) and name != but]
    if _guess(("text",), strings):
        return ()
    pairs = ([_guess((name,), strings) for name in pair] for pair in PAIR_NAMES)
    return next(((one, two) for one, two in pairs if one is not None and two is not None), ())


def _guess_text(types: Mapping[str, pa.DataType], but: str | None) -> tuple[str, ...]:
    """The text column by name, else the only column of strings beside the labels."""
    strings = [name for name, kind in types.items() if is_text(kind) and name != but]
    named = _guess(TEXT_NAMES, [name for name in types if not is_list(types[name])], () if but is None else (but,))
    found = named or (strings[0] if len(strings) == 1 else None)
    return () if found is None else (found,)


def _undecided(train: RawSplit, text: tuple[str, ...], label: str | None) -> list[str]:
    """One sentence for each column that could not be guessed, or one for a data set that is another task's."""
    listed = [f"{name!r} ({type_name(kind)})" for name, kind in train.types.items()]
    columns = ", ".join(listed[:_LISTED]) + (f" and {len(listed) - _LISTED:,} more" if len(listed) > _LISTED else "")
    if not listed:
        return [f"{train.where} has no columns. A text and a class per row are needed; give such data."]
    if not text and not any(is_text(kind) for kind in train.types.values()):
        lists = any(is_list(kind) for kind in train.types.values())
        why = " Its rows are lists (as for tagging tokens), not texts." if lists else ""
        return [
            f"{train.where} has no column of texts among {columns}.{why} Classification needs one text and one class "
            "per row; give such data."
        ]
    hint = " If the first line is a row, put a line with the columns' names above it." if _no_header(train) else ""
    pair = ", or both as a,b where each row is a pair of texts"
    return [
        f"{train.where}: which column holds the {kind}s cannot be told from {columns}. It is called "
        f"{' or '.join(names)} as a rule; name it with --{kind}-column{more}, or add it if there is none.{hint}"
        for kind, found, names, more in (("text", text, TEXT_NAMES, pair), ("label", label, LABEL_NAMES, ""))
        if not found
    ]


def _no_header(train: RawSplit) -> bool:
    """Whether the columns' names look like values: a number, or a sentence."""
    return any(name.strip().isdigit() or name.count(" ") > 2 for name in train.types)
