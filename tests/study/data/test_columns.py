"""Which column holds the texts and which the classes."""

from pathlib import Path

import pytest

from tests.study.data.samples import assert_says, load, problems, rows, write_csv, write_parquet

TEXTS = [f"film {n}" for n in range(40)]
LABELS = [n % 2 for n in range(40)]


@pytest.mark.parametrize("text", ["text", "sentence", "review", "content", "document", "tweet", " Review", "whatever"])
@pytest.mark.parametrize("extension", ["csv", "parquet"])
def test_the_text_column_is_guessed(text: str, extension: str, tmp_path: Path) -> None:
    write = write_csv if extension == "csv" else write_parquet
    path = write(tmp_path / f"x.{extension}", {"id": list(range(40)), "label": ["a", "b"] * 20, text: TEXTS})
    assert set(load(path).splits["train"]["text"].to_pylist()) <= set(TEXTS)


@pytest.mark.parametrize("label", ["label", "labels", "sentiment", "class", "target", "category", "Label"])
def test_the_label_column_is_guessed(label: str, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "x.csv", {"id": list(range(40)), "text": TEXTS, label: LABELS})
    assert load(path).labels == ("0", "1")


def test_given_columns_go_before_guesses(tmp_path: Path) -> None:
    columns = {"text": TEXTS, "label": LABELS, "body": [t.upper() for t in TEXTS], "stars": [n % 3 for n in range(40)]}
    data = load(write_csv(tmp_path / "x.csv", columns), text_column="body", label_column="stars")
    assert data.labels == ("0", "1", "2")
    assert data.splits["train"]["text"][0].as_py().startswith("FILM")


def test_only_the_columns_needed_are_read(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "x.csv", {"text": TEXTS, "label": LABELS, "note": [""] * 40})
    assert load(path).splits["train"].column_names == ["text", "label", "row"]


def test_undecidable_columns_are_listed(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "x.csv", {"a": TEXTS, "b": TEXTS, "n": LABELS})
    text, label = problems(path)
    assert_says(text, "'a' (strings), 'b' (strings), 'n' (integers)", "It is called text or", "--text-column")
    assert_says(label, "'a' (strings), 'b' (strings), 'n' (integers)", "It is called label or", "--label-column")


def test_token_lists_are_another_task(tmp_path: Path) -> None:
    path = write_parquet(tmp_path / "x.parquet", {"tokens": [["a", "b"]], "ner_tags": [[0, 1]]})
    (problem,) = problems(path)
    assert_says(problem, "'tokens' (lists of strings)", "rows are lists", "one text and one class per row", "give such")


def test_one_column_cannot_be_both(tmp_path: Path) -> None:
    (problem,) = problems(write_csv(tmp_path / "x.csv", rows()), text_column="label", label_column="label")
    assert_says(problem, "'label' is given for texts and for labels", "They are two", "give another")


def test_every_split_has_the_columns(tmp_path: Path) -> None:
    write_csv(tmp_path / "train.csv", rows())
    write_csv(tmp_path / "dev.csv", {"sentence": TEXTS, "label": LABELS})
    write_csv(tmp_path / "test.csv", {"text": TEXTS, "labels": LABELS})
    dev, test = problems(tmp_path)
    assert_says(dev, "dev.csv", "'text' is unknown", "Known: label, sentence", "rename")
    assert_says(test, "test.csv", "'label' is unknown", "Known: labels, text", "rename")
