"""The PDF shows every text as it is, wherever it came from, and needs no file but the figures."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from analysis.language import speaking
from analysis.report.formats import write
from analysis.report.formats.page import Page
from analysis.report.formats.pdf import as_pdf, unseen
from analysis.report.formats.typst_markup import as_typst, string
from study.errors import InputError
from tests.analysis.report.formats.conftest import HOSTILE

library = pytest.importorskip("typst")
needs_poppler = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="no pdftotext here")


def spoken(path: Path) -> str:
    """The text of a PDF in one line, without the places where a line may end."""
    done = subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, text=True, check=True)
    return " ".join(done.stdout.replace("\N{ZERO WIDTH SPACE}", "").split())


@needs_poppler
@pytest.mark.parametrize("language", ["en", "es"])
def test_every_text_is_shown(folder: Path, text: str, language: str) -> None:
    with speaking(language):
        write(text, folder, ["pdf"])
    said = spoken(folder / "report.pdf")
    for name in (HOSTILE[2], HOSTILE[3], HOSTILE[4], HOSTILE[5], HOSTILE[7], HOSTILE[8]):
        assert said.count(name) >= 2, name
    assert "root:" not in said
    assert "0.787 [0.765, 0.808]" in said
    assert said.count("row 79") == 1
    pages = subprocess.run(["pdfinfo", str(folder / "report.pdf")], capture_output=True, text=True, check=True).stdout
    assert "CreationDate:    Thu Jan  1" in pages or "CreationDate" not in pages


def test_strings_hold_whatever_they_are_given() -> None:
    for name in (*HOSTILE, "a\\", '"', "\\u{41}", "line\nline\ttab\x00\x1b"):
        assert json.loads(library.Compiler().eval(string(name))) == name


def test_signs_without_a_font_stand_as_numbers_and_are_named(folder: Path) -> None:
    missing = frozenset("你好")
    markup = as_typst(Page("# A\n\nSee 你 and `好`.\n", folder), missing)
    assert '#nosign("4F60");' in markup
    assert '#nosign("597D");' in markup
    assert "No font here has U+4F60, U+597D: each stands as its number in a box." in markup
    library.Compiler(root=str(folder)).compile(markup.encode(), format="pdf")


def test_signs_that_no_font_has_are_found(folder: Path) -> None:
    compiler = library.Compiler(root=str(folder), ignore_system_fonts=True)
    assert unseen("añ −≥ Привет ελ 你好\U0010fffc x", compiler) == frozenset("你好\U0010fffc")
    assert unseen("plain", compiler) == frozenset()


def test_a_damaged_figure_is_named(folder: Path, text: str) -> None:
    (folder / "figures" / "scatter.svg").write_text("<svg")
    with pytest.raises(InputError, match=r"figures/ are whole"):
        as_pdf(Page(text, folder))


def test_figures_come_from_below_the_report_alone(folder: Path) -> None:
    outside = folder.parent / "outside.png"
    shutil.copy(folder / "figures" / "scatter.png", outside)
    for address in ("../outside.png", str(outside), "table.png", "figures/none.png"):
        assert "image(" not in as_typst(Page(f"![words]({address})\n", folder))
    assert "image(" in as_typst(Page("![words](figures/scatter.png)\n", folder))
