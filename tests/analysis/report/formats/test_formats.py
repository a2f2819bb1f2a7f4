"""The report's formats are written beside its figures, each apart from the others, the same each time."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis.report.formats import FORMATS, write
from analysis.report.formats.page import Page, anchors, breakable, unbroken
from study.errors import InputError


def test_every_format_is_written_beside_the_figures_and_is_the_same_each_time(folder: Path, text: str) -> None:
    pytest.importorskip("typst")
    first = {path: path.read_bytes() for path in write(text, folder, FORMATS)}
    names = {path.relative_to(folder).as_posix() for path in first}
    assert {"report.md", "report.html", "report.tex", "report.pdf", "tables/comparison.tex"} <= names
    assert {path: path.read_bytes() for path in write(text, folder, FORMATS)} == first
    assert not list(folder.rglob("*.part"))
    assert (folder / "report.md").read_text(encoding="utf-8") == text


def test_an_unknown_format_is_refused_before_anything_is_written(folder: Path, text: str) -> None:
    with pytest.raises(InputError, match=r"'word' is unknown.*html, latex, md, pdf"):
        write(text, folder, ["md", "word"])
    assert not (folder / "report.md").exists()


def test_a_format_that_cannot_be_written_leaves_the_others(
    folder: Path, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr("importlib.import_module", missing)
    with pytest.raises(InputError, match=r'pip install "finetune-study\[pdf\]"'):
        write(text, folder, ["pdf", "html", "md"])
    assert (folder / "report.html").exists()
    assert (folder / "report.md").exists()
    assert not (folder / "report.pdf").exists()


def test_tables_of_an_earlier_report_go_and_other_files_stay(folder: Path, text: str) -> None:
    write(text, folder, ["latex"])
    mine = folder / "tables" / "mine.tex"
    mine.write_text("\\begin{tabular}{l}mine\\end{tabular}")
    assert (folder / "tables" / "texts.tex").exists()
    write("# A\n\n## B\n\n| a |\n| --- |\n| 1 |\n", folder, ["latex"])
    assert sorted(path.name for path in (folder / "tables").iterdir()) == ["b.tex", "mine.tex"]


def test_anchors_are_those_that_github_makes_and_never_the_same() -> None:
    page = Page("# A b-c\n\n## A b-c\n\n## ¿Qué se `x_y`?\n\n## A b-c-1\n\n## ***\n", Path())
    assert list(anchors(page.root).values()) == ["a-b-c", "a-b-c-1", "qué-se-x_y", "a-b-c-1-1", "section"]


def test_long_words_may_be_broken_and_lose_nothing() -> None:
    word = "sentence-transformers/all-MiniLM-L6-v2@0123456789abcdef0123456789abcdef"
    broken = breakable(f"short {word} end")
    pieces = broken.split("\N{ZERO WIDTH SPACE}")
    assert "".join(pieces) == f"short {word} end"
    assert max(map(len, pieces)) <= 24
    assert breakable("learning_rate 0.787 [0.765, 0.808]") == "learning_rate 0.787 [0.765, 0.808]"


def test_intervals_stay_in_one_line() -> None:
    assert unbroken("−0.003 [−0.018, +0.012], [a, b]") == "−0.003 [−0.018,\N{NO-BREAK SPACE}+0.012], [a, b]"
