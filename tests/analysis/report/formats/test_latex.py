"""The LaTeX compiles whatever stands in it, shows it, and stays on the page."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from analysis.language import speaking
from analysis.markdown import table
from analysis.report.formats import write
from analysis.report.formats.columns import LATIN_MODERN, LIBERTINUS, TURNED, UPRIGHT, Fit, fit
from analysis.report.formats.latex import as_latex, names
from analysis.report.formats.latex_text import sign, tex, unseen
from analysis.report.formats.page import Page

needs_latex = pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no pdflatex here")
needs_poppler = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="no pdftotext here")

ONE_OF_EACH = "".join(map(chr, range(32, 127))) + "¡¿ñÑáéíóúüçßøłŁőżž«»€°²×÷±µ§–—‘’“”„…−≤≥≈≠←→†‡•αβγΩσςệǻ"


def compiled(path: Path) -> str:
    """What pdfLaTeX says of a file; a failed run fails the test with the end of its log."""
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", path.name]
    done = subprocess.run(command, cwd=path.parent, capture_output=True, timeout=120)
    log = done.stdout.decode("utf-8", "replace")
    assert done.returncode == 0, log[-1500:]
    return log


def spoken(path: Path) -> str:
    """The text of a PDF in one line."""
    done = subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, text=True, check=True)
    return " ".join(done.stdout.split())


def fitted(markdown: str, font: Mapping[float, float] = LATIN_MODERN) -> Fit:
    return fit(next(node for node in Page(markdown, Path()).root.walk() if node.type == "table"), font)


@needs_latex
@needs_poppler
@pytest.mark.parametrize("language", ["en", "es"])
def test_a_report_with_everything_compiles_and_stays_on_the_page(folder: Path, text: str, language: str) -> None:
    with speaking(language):
        write(text, folder, ["latex"])
    log = compiled(folder / "report.tex")
    assert not [line for line in log.splitlines() if line.startswith("Overfull \\hbox") and float(line[17:22]) > 3]
    said = spoken(folder / "report.pdf")
    for shown in (
        "</script><script>alert(1)</script>",
        "\\end{document}",
        '#read("/etc/passwd")',
        "4F60",
        "[0.5] *star* | pipe",
    ):
        assert shown in said
    assert "root:" not in said
    assert ("pdfLaTeX no tiene glifo para U+" if language == "es" else "pdfLaTeX has no glyph for U+") in said
    assert said.count("row 79") == 1


@needs_latex
@needs_poppler
def test_every_sign_is_shown_as_it_is(tmp_path: Path) -> None:
    lines = "\\par\n".join(f"x{sign(one)}x" for one in ONE_OF_EACH)
    head = "\\documentclass{article}\\usepackage[utf8]{inputenc}\\usepackage[T1]{fontenc}\\usepackage{lmodern,textcomp}"
    (tmp_path / "signs.tex").write_text(
        f"{head}\\pdfgentounicode=1\\input{{glyphtounicode}}\\begin{{document}}\\noindent {lines}\\end{{document}}",
        encoding="utf-8",
    )
    assert not unseen(ONE_OF_EACH)
    assert "undefined" not in compiled(tmp_path / "signs.tex")
    said = spoken(tmp_path / "signs.pdf")
    wrong = [one for one in ONE_OF_EACH[1:] if f"x{one}x" not in said]
    # some signs come back from the PDF as their likes; accents that are set apart do not come back at all
    assert set(wrong) <= set("'`‘’-µΩβςệǻ…≈≠²")


def test_signs_that_tex_joins_are_kept_apart() -> None:
    assert tex("a--b ''c'' ,,d") == "a-{}-b '{}'c'{}' ,{},d"
    assert tex("10% & _x_") == r"10\% \& \_x\_"
    assert tex("你") == r"\nosign{4F60}"
    assert unseen("a 你 ñ 😀 你") == "你😀"


def test_a_row_that_begins_with_a_bracket_is_a_row() -> None:
    page = Page(table(["a", "b"], [["1", "2"], ["[0.5]", r"\*"]]), Path())
    body = as_latex(page)["tables/table.tex"].decode()
    assert r"{}[0.5] & {}*" in body
    assert body.count(r"\\") == 3
    assert "tabular" in body
    assert r"\toprule" in body


def test_a_table_is_named_by_its_section() -> None:
    rows = "| a |\n| --- |\n| 1 |\n"
    page = Page(f"# T\n\n{rows}\n## Qué se ajustó\n\n{rows}\n### x\n\n{rows}\n## 你好\n\n{rows}", Path())
    assert list(names(page.root).values()) == ["t", "que-se-ajusto", "que-se-ajusto-2", "table"]


def test_a_long_table_runs_over_pages_and_repeats_its_header(folder: Path, text: str) -> None:
    write(text, folder, ["latex"])
    bodies = {path.stem: path.read_text(encoding="utf-8") for path in (folder / "tables").iterdir()}
    long = [name for name, body in bodies.items() if "longtable" in body.partition("\n")[2]]
    assert len(long) == 1
    assert re.search(r"\\midrule\n\\endhead\n\\bottomrule\n\\endlastfoot", bodies[long[0]])


def test_tables_are_upright_where_they_fit_then_smaller_then_turned() -> None:
    small = fitted(table(["a", "b"], [["x", "0.5"]]))
    assert (small.size, small.turned, small.shares) == (9.0, False, (None, None))
    cell = "0.782 [0.769, 0.795]"
    tried = [fitted(table([f"m{i}" for i in range(n)], [[cell] * n], 0)) for n in range(1, 40)]
    turned = [one.turned for one in tried]
    assert turned == sorted(turned)
    assert set(turned) == {False, True}
    assert tried[-1].size < 7 <= min(one.size for one in tried[:8])
    for count, one in enumerate(tried, start=1):
        narrow = fitted(table([f"m{i}" for i in range(count)], [[cell] * count], 0), LIBERTINUS)
        assert narrow.turned <= one.turned
        page = TURNED if one.turned else UPRIGHT
        broken = [share for share in one.shares if share is not None]
        assert sum(broken) * page + one.gap * count <= page * 1.001


def test_a_column_of_long_texts_breaks_its_lines() -> None:
    words = "a text of many words " * 12
    one = fitted(table(["text", "n"], [[words, "3 of 3"]]))
    assert (one.size, one.turned) == (9.0, False)
    assert one.shares[0] is not None
    assert 0.7 < one.shares[0] < 1
    assert one.shares[1] is None
    assert one.lines > 2
