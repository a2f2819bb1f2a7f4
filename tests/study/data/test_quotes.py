"""Quotes that are not closed are found by line; TSV whose quotes are characters is told from quoted TSV."""

from __future__ import annotations

import csv
import io
import random
import re
from pathlib import Path

import pytest

from study.data.quotes import open_quote, quotes_are_characters
from tests.study.data.samples import assert_says, load, problems, rows, write

GRAMMAR = r'(?:[^"%s\r\n][^%s\r\n]*+|"(?:%s++|"")*+"(?=[%s\r\n]|\Z)|[%s\r\n]++)*+'


def by_grammar(text: str, separator: str, one_line: bool) -> int | None:
    """The same from a grammar of quoted values."""
    s = re.escape(separator)
    match = re.match(GRAMMAR % (s, s, rf'[^"{s}\r\n]' if one_line else '[^"]', s, s), text)
    assert match
    return None if match.end() == len(text) else text[: match.end()].count("\n") + 1


@pytest.mark.parametrize("separator", [",", "\t"])
@pytest.mark.parametrize("one_line", [False, True])
def test_as_a_grammar_says(separator: str, one_line: bool) -> None:
    rng = random.Random(0)
    seen = set()
    for _ in range(20_000):
        text = "".join(rng.choice(f'"""{separator}{separator}ab\n\n\r') for _ in range(rng.randrange(16)))
        found = open_quote(text.encode(), separator, one_line=one_line)
        assert found == by_grammar(text, separator, one_line), text
        seen.add(found)
    assert len(seen) > 3


def test_what_the_csv_module_writes_is_whole() -> None:
    rng = random.Random(1)
    for _ in range(500):
        values = ["".join(rng.choice('"",\t\n\r a') for _ in range(rng.randrange(8))) for _ in range(4)]
        for separator in ",\t":
            text = io.StringIO(newline="")
            csv.writer(text, delimiter=separator).writerow(values)
            assert open_quote(text.getvalue().encode(), separator) is None


RAW = ['"a film', 'she said "no" and left', '"quoted" at the start', 'all of it"', '"', '"" twice']


def test_one_row_per_line_with_quotes_as_they_come(tmp_path: Path) -> None:
    texts = [f"{RAW[n % 6]} {n}" for n in range(30)]
    path = tmp_path / "x.tsv"
    path.write_text("text\tlabel\n" + "".join(f"{t}\t{n % 2}\n" for n, t in enumerate(texts)), encoding="utf-8")
    data = load(path)
    held = {row["row"]: row["text"] for table in data.splits.values() for row in table.to_pylist()}
    assert held == dict(enumerate(texts))
    assert data.notes[0] == f"{path}: quotes are taken as characters of the texts, since they do not pair up as in CSV"


def test_two_lone_quotes_do_not_join_the_rows_between(tmp_path: Path) -> None:
    """Read as in CSV the quotes of rows 1 and 3 pair up and two rows vanish, without any error."""
    lines = ["a\t0", '"b\t1', "c\t0", 'd"\t1', *(f"e{n}\t{n % 2}" for n in range(20))]
    path = tmp_path / "x.tsv"
    path.write_text("text\tlabel\n" + "\n".join(lines) + "\n")
    assert sum(table.num_rows for table in load(path).splits.values()) == 24


def test_quotes_around_values_are_taken_off(tmp_path: Path) -> None:
    columns = {"text": [f'"{n}" said\t{n}' for n in range(40)], "label": [0, 1] * 20}
    data = load(write(tmp_path / "x.tsv", columns))
    assert {t for table in data.splits.values() for t in table["text"].to_pylist()} == set(columns["text"])
    path = tmp_path / "y.tsv"
    path.write_text("text\tlabel\n" + "".join(f'"film ""{n}"""\t{n % 2}\n' for n in range(20)))
    assert 'film "3"' in {t for table in load(path).splits.values() for t in table["text"].to_pylist()}
    assert not quotes_are_characters(path.read_bytes())


def test_neither_way_of_reading(tmp_path: Path) -> None:
    path = tmp_path / "x.tsv"
    path.write_text('text\tlabel\n"a\t1\nb\t0\textra\n')
    (problem,) = problems(path)
    assert_says(problem, "line 2: a quote is opened", "next tab or line end", "correct that line", "as many tabs")
    path.write_text("text\tlabel\n" + "a\t1\nb\n" + "c\t0\n" * 9)
    (problem,) = problems(path)
    assert_says(problem, "not parse as TSV: 1 row has", "(row 1,", "hold tabs or line breaks in quotes")
    path = write(tmp_path / "y.csv", rows()).rename(tmp_path / "y.tsv")
    (problem,) = problems(path)
    assert_says(problem, "Columns are separated by tabs", "save it again")
