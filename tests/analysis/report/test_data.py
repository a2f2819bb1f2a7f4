"""The data section: classes, repeated texts and truncation as they were found, and texts read a few at a time."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analysis.folder import read_study
from analysis.report.data import data
from analysis.texts import read_rows
from tests.analysis.conftest import QUESTION, Place, arm, place, trial
from tests.analysis.folded import fold_places, fold_trials, texts_of

Make = Callable[..., Path]
CLASSES = {
    "train": {"neg": 90, "pos": 10},
    "validation": {"neg": 9, "pos": 1},
    "test": {"neg": 18, "pos": 2},
}


def checked(**checks: Any) -> Place:
    where = place()
    return replace(where, data={**where.data, "checks": checks})


def section(folder: Path) -> str:
    return "\n\n".join(data(read_study(folder)))


def records(where: Place, **provenance: Any) -> list[Any]:
    found = [trial(where, {"frozen_layers": 0, "learning_rate": 3e-5}, seed) for seed in (0, 1)]
    return [replace(one, provenance={**one.provenance, **provenance}) for one in found]


def test_a_study_of_an_earlier_version_has_no_such_section(whole: Path) -> None:
    assert data(read_study(whole)) == []


def test_classes_with_their_shares_and_how_unequal_they_are(study: Make) -> None:
    where = checked(classes=CLASSES, duplicates=[])
    text = section(study(records(where), arm(where)))
    assert text.startswith("| class | train | validation | test |")
    assert "| neg | 90 (90.0%) | 9 (90.0%) | 18 (90.0%) |" in text
    assert "| all | 100 | 10 | 20 |" in text
    assert "neg has 9.0 times the training texts of pos. Always predicting neg would be right for 90.0%" in text
    assert "No text occurs twice, within a split or across splits." in text


def test_equal_classes_are_not_called_imbalanced(study: Make) -> None:
    where = checked(classes={"train": {"neg": 20, "pos": 10}})
    text = section(study(records(where), arm(where)))
    assert "imbalanced" not in text
    assert "occurs twice" not in text, "nobody looked"


def test_names_with_markup_and_accents_and_very_many_classes(study: Make) -> None:
    names = ["año | nuevo", "<b>", "Übergrößenträgerin " * 8, *(f"c{n}" for n in range(50))]
    where = checked(classes={"train": dict.fromkeys(names, 3)})
    text = section(study(records(where), arm(where)))
    assert "| año \\| nuevo | 3 (1.9%) |" in text
    assert "| &lt;b&gt; |" in text
    assert "…" in text
    assert "13 more classes are in study.json." in text


def test_repeated_texts_are_counted_and_named(study: Make) -> None:
    entries = [
        {"split": "test", "also_in": "train", "texts": 7, "other_class": 1, "rows": [3, 4], "their_rows": [1, 2]},
        {"split": "train", "also_in": "train", "texts": 1, "other_class": 0, "rows": [2], "their_rows": [0]},
    ]
    where = checked(classes=CLASSES, duplicates=entries)
    folder = study(records(where), arm(where))
    columns = {
        "split": ["train", "train", "train", "test", "test"],
        "row": [0, 1, 2, 3, 4],
        "text": ["same", "a | twice", "same", "a | twice", "same"],
        "label": [0, 0, 0, 0, 1],
    }
    pq.write_table(pa.table(columns), texts_of(folder, where))
    text = section(folder)
    assert "| test | train | 7 | 1 |" in text
    assert "| train | itself | 1 | 0 |" in text
    lines = text.splitlines()
    shown = lines[lines.index("| row | again at | text | class | class there |") + 2 :][:3]
    assert shown == [
        "| test 4 | train 2 | same | pos | neg |",
        "| test 3 | train 1 | a \\| twice | neg | neg |",
        "| train 2 | train 0 | same | neg | neg |",
    ]
    texts_of(folder, where).unlink()
    assert "| test | train | 7 | 1 |" in section(folder)
    assert "again at" not in section(folder)


def test_folds_are_added_up(study: Make) -> None:
    places = fold_places(3)
    told = {"train": counts(240, 24, 5000, 100), "test": counts(60, 6, 1000, 10)}
    kept = [replace(r, provenance={**r.provenance, "truncation": told}) for r in fold_trials(places)]
    text = section(study(kept, *map(arm, places)))
    assert "| class | train, fold 1 | validation, fold 1 | test, fold 1 | test, all folds |" in text
    assert "| neg | 60 (25.0%) | 30 (50.0%) | 30 (50.0%) | 90 (50.0%) |" in text
    assert "| test | train | 6 | 3 |" in text
    assert "Counts are added up over the folds." in text
    assert "test: 10.0% of 180 texts, 1.0% of all tokens dropped" in text
    assert "###" not in text


def counts(texts: int, cut: int, tokens: int, dropped: int) -> Mapping[str, int]:
    return {"texts": texts, "cut": cut, "tokens": tokens, "dropped": dropped}


def test_what_was_cut_by_longest_input_and_way_of_cutting(study: Make) -> None:
    where = checked(classes=CLASSES)
    head = {"train": counts(1000, 123, 20_000, 900), "validation": counts(100, 0, 1500, 0)}
    windows = {"train": counts(1000, 400, 20_000, 0)}
    first = [replace(r, phase="tune") for r in records(where, truncation=head)]
    last = records(where, truncation={**head, "test": counts(50, 5, 700, 7)})[1]
    other = replace(
        first[0], key="other", setting={**first[0].setting, "truncation": "windows"}, provenance={"truncation": windows}
    )
    text = section(study([first[0], last, other], arm(where)))
    assert (
        "- mini-bert, cut at 64 tokens. train: 12.3% of 1,000 texts, 4.5% of all tokens dropped; "
        "validation: 0.0% of 100 texts; test: 10.0% of 50 texts, 1.0% of all tokens dropped." in text
    )
    assert "- mini-bert, split into windows of 64 tokens (`truncation` = windows). train: 40.0% of 1,000 texts." in text


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """40,000 texts of 2,000 characters in row groups of 8,000, in two splits, with second texts."""
    path = tmp_path_factory.mktemp("large") / "texts.parquet"
    n = 40_000
    table = pa.table(
        {
            "split": ["train"] * (n - 100) + ["test"] * 100,
            "row": [*range(n - 100), *range(100)],
            "text": [f"{i} " + "x" * 2000 for i in range(n)],
            "pair": [f"second {i}" for i in range(n)],
            "label": [i % 2 for i in range(n)],
        }
    )
    pq.write_table(table, path, row_group_size=8_000)
    return path


def test_rows_are_found_by_split_and_number_and_pairs_are_shown_as_pairs(large: Path) -> None:
    found = read_rows(large, "test", [7, 99])
    assert list(found["row"]) == [7, 99]
    assert [text.split()[0] for text in found["text"]] == ["39907", "39999"]
    assert found["text"].iloc[0].endswith("x ⟂ second 39907")
    many = read_rows(large, "train", [0, 999, 1000, 8000, 39_899])
    assert [text.split()[0] for text in many["text"]] == ["0", "999", "1000", "8000", "39899"]
    assert read_rows(large, "train", [50_000]).empty
    assert list(read_rows(large, "nowhere", [1]).columns) == ["row", "text", "label"]


def test_a_few_rows_cost_a_few_mebibytes(large: Path) -> None:
    pool = pa.default_memory_pool()
    before, tracked = pool.bytes_allocated(), pa.proxy_memory_pool(pool)
    pa.set_memory_pool(tracked)
    try:
        tracemalloc.start()
        read_rows(large, "train", [5, 20_000])
        python = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        pa.set_memory_pool(pool)
    assert pool.bytes_allocated() - before < 1e6
    assert 1e6 < tracked.max_memory() + python < 60e6, "the texts are 80 MB, a row group of them 16 MB"


def test_the_section_stands_in_the_report_under_each_data_set(study: Make) -> None:
    first, second = checked(classes=CLASSES), replace(checked(classes=CLASSES), data={**place(data="news").data})
    second = replace(second, data={**second.data, "checks": {"classes": CLASSES}})
    kept = [*records(first), *records(second)]
    text = section(study(kept, arm(first, QUESTION), arm(second, QUESTION)))
    assert text.count("### ") == 2
    assert "### news" in text
