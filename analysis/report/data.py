"""The report's section on the data: classes, repeated texts, and what truncation cut."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from analysis.folder import Arm, Study
from analysis.language import say
from analysis.markdown import code, escape, number, percent, table
from analysis.metrics import split_name
from analysis.texts import read_rows
from analysis.truncation import truncation

SPLITS = ("train", "validation", "test")
SHOWN = 40
"""The most classes a report lists."""

EXAMPLES = 5
"""The most repeated texts a report shows."""

_FAR = 2  # times as many rows: what counts as imbalanced


def data(study: Study) -> list[str]:
    """The section's blocks, a part for every data set; empty where studies of an earlier version kept nothing."""
    arms: dict[tuple[str, ...], Arm] = {}
    for arm in study.arms:
        arms.setdefault(arm.fingerprints, arm)
    blocks = []
    for arm in arms.values():
        parts = [*_columns(arm), *_classes(arm), *_duplicates(study, arm), *truncation(study, arm)]
        if parts:
            blocks += [f"### {escape(arm.data_name)}", *parts] if len(arms) > 1 else parts
    return blocks


def _columns(arm: Arm) -> list[str]:
    """From which columns the texts and the classes come, where the study says."""
    told = (arm.data.get("checks") or {}).get("columns")
    if not told:
        return []
    texts, label = [code(name) for name in told["text"]], code(told["label"])
    if len(texts) == 1:
        return [say("Texts: column {text}; classes: column {label}.", text=texts[0], label=label)]
    return [
        say(
            "Texts: column {text} and column {pair}; classes: column {label}.",
            text=texts[0], pair=texts[1], label=label,
        )
    ]  # fmt: skip


def _classes(arm: Arm) -> list[str]:
    """Rows per class and split with their shares, and a sentence where the classes of train are far from equal."""
    counted = [found for part in arm.parts if (found := (part.get("checks") or {}).get("classes"))]
    if not counted:
        return []
    columns = {split_name(split): counted[0][split] for split in SPLITS if split in counted[0]}
    if arm.of:
        fold = arm.data["fold"]["number"]
        columns = {say("{split}, fold {fold}", split=split, fold=fold): rows for split, rows in columns.items()}
        columns[say("test, all folds")] = _added(counted, "test")
    totals = {name: sum(rows.values()) for name, rows in columns.items()}
    cells = [
        [escape(label, limit=60), *(_rows(rows.get(label, 0), totals[name]) for name, rows in columns.items())]
        for label in list(counted[0]["train"])[:SHOWN]
    ]
    cells.append([say("all"), *(number(total) for total in totals.values())])
    left = len(counted[0]["train"]) - SHOWN
    more = ""
    if left > 0:
        more = say("{more} more classes are in study.json.", more=number(left))
        more = say("One more class is in study.json.") if left == 1 else more
    blocks = (table([say("class"), *columns], cells), more, _imbalance(counted[0]["train"]))
    return [block for block in blocks if block]


def _added(counted: list[Mapping[str, Mapping[str, int]]], split: str) -> dict[str, int]:
    """Rows per class of a split, over all folds."""
    return {label: sum(found[split].get(label, 0) for found in counted) for label in counted[0][split]}


def _rows(rows: int, total: int) -> str:
    return f"{number(rows)} ({percent(rows / total, 1)})" if total else number(rows)


def _imbalance(train: Mapping[str, int]) -> str:
    largest, smallest = max(train, key=train.__getitem__), min(train, key=train.__getitem__)
    if train[largest] <= _FAR * train[smallest]:
        return ""
    return say(
        "The classes are imbalanced: {largest} has {times} times the training texts of {smallest}. Always predicting "
        "{largest} would be right for {share} of texts like those of train, which is what an accuracy has to be "
        "compared with.",
        largest=escape(largest),
        smallest=escape(smallest),
        times=number(train[largest] / max(1, train[smallest]), 1),
        share=percent(train[largest] / sum(train.values()), 1),
    )


def _duplicates(study: Study, arm: Arm) -> list[str]:
    """How many texts of a split are in another or repeated in their own, and some of them by name."""
    if not any("duplicates" in (part.get("checks") or {}) for part in arm.parts):
        return []
    found: dict[tuple[str, str], list[int]] = {}
    for part in arm.parts:
        for entry in _entries(part):
            sums = found.setdefault((entry["split"], entry["also_in"]), [0, 0])
            sums[0] += entry["texts"]
            sums[1] += entry["other_class"]
    if not found:
        return [say("No text occurs twice, within a split or across splits.")]
    cells = [
        [split_name(split), say("itself") if also == split else split_name(also), number(texts), number(other)]
        for (split, also), (texts, other) in found.items()
    ]
    said = say(
        "Texts that occur more than once, ignoring case, Unicode form and white space; within one split the first of "
        "each is not counted. Scores on texts that are also in train reward memory."
    )
    said += " " + say("Counts are added up over the folds.") if arm.of else ""
    shown = table([say("split"), say("also in"), say("texts"), say("with another class")], cells, text_columns=2)
    return [shown, said, *_examples(study, arm)]


def _entries(part: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return list((part.get("checks") or {}).get("duplicates") or ())


def _examples(study: Study, arm: Arm) -> list[str]:
    """Some repeated texts by row number, those with two classes first; nothing where the texts were not kept."""
    found = []
    for part in arm.parts:
        path = study.texts(part["fingerprint"])
        for entry in _entries(part) if path else ():
            assert path is not None
            here = read_rows(path, entry["split"], entry["rows"]).set_index("row")
            there = read_rows(path, entry["also_in"], entry["their_rows"]).set_index("row")
            for row, other in zip(entry["rows"], entry["their_rows"], strict=True):
                if row in here.index and other in there.index:
                    found.append((entry["split"], row, entry["also_in"], other, here.loc[row], there.loc[other]))
        if len(found) >= EXAMPLES:
            break  # a fold's texts are for the most part those of the one before
    if not found:
        return []
    found.sort(key=lambda one: one[4]["label"] == one[5]["label"])
    cells = [
        [_at(split, row), _at(also, other), escape(one["text"], limit=120), _name(arm, one), _name(arm, two)]
        for split, row, also, other, one, two in found[:EXAMPLES]
    ]
    headers = [say("row"), say("again at"), say("text"), say("class"), say("class there")]
    return [table(headers, cells, text_columns=5)]


def _at(split: str, row: int) -> str:
    return f"{split_name(split)} {number(row)}"


def _name(arm: Arm, row: pd.Series) -> str:
    number = int(row["label"])
    return escape(arm.labels[number] if number < len(arm.labels) else number, limit=60)
