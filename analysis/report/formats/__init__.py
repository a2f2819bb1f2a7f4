"""The report's formats: Markdown, one HTML file, LaTeX for a paper, PDF."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path

from analysis.report.formats.explorer import Explorer, explorer
from analysis.report.formats.html import as_html
from analysis.report.formats.latex import MARK, as_latex
from analysis.report.formats.page import Page
from analysis.report.formats.pdf import as_pdf
from study.errors import InputError, Problems, unknown

__all__ = ["FORMATS", "Explorer", "explorer", "write"]


def as_markdown(page: Page) -> dict[str, bytes]:
    """The report's own text, as report.md."""
    return {"report.md": page.text.encode()}


FORMATS: dict[str, Callable[[Page], dict[str, bytes]]] = {
    "md": as_markdown,
    "html": as_html,
    "latex": as_latex,
    "pdf": as_pdf,
}
"""Each format as a function from a page to its files, by their names below the report's folder."""


def write(text: str, folder: Path, formats: Iterable[str] = ("md",), explorers: Sequence[Explorer] = ()) -> list[Path]:
    """The files written into a folder that has the report's figures: report.md, .html, .tex and tables/, .pdf.

    The text is the report in Markdown. The same text and figures give the same bytes. An unknown format is an
    InputError before anything is written; a format that cannot be written is one after all others are.
    """
    asked = list(dict.fromkeys(formats))
    problems = Problems()
    problems.add(*(unknown("report format", name, FORMATS) for name in asked if name not in FORMATS))
    problems.raise_if_any()
    page = Page(text, Path(folder), tuple(explorers))
    paths = []
    for name in asked:
        with problems.collecting():
            files = {page.folder / file: content for file, content in FORMATS[name](page).items()}
            paths += [_put(path, content) for path, content in files.items()]
            if name == "latex":
                _clear(page.folder / "tables", files)
    problems.raise_if_any()
    return paths


def _clear(tables: Path, written: Collection[Path]) -> None:
    """Remove the tables of an earlier report that this one does not have; other files stay."""
    for path in sorted(tables.glob("*.tex")):
        if path not in written and path.read_bytes().startswith(MARK.encode()):
            path.unlink()


def _put(path: Path, content: bytes) -> Path:
    """Write a file at once: a reader sees the old one or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(content)
        os.replace(part, path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise InputError(f"{path} could not be written ({error.strerror}); make room or give it rights.") from error
    return path
