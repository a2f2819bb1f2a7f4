"""The report as a PDF, set by Typst, which needs no TeX on the machine."""

from __future__ import annotations

import importlib
from typing import Any
from unicodedata import category

from analysis.report.formats.page import Page
from analysis.report.formats.typst_markup import as_typst, string
from study.errors import InputError

NOT_A_SIGN = "\U0010fffd"
"""A code for private use that no font gives a glyph."""


def as_pdf(page: Page) -> dict[str, bytes]:
    """The page as report.pdf; without the package typst, an InputError says how to install it.

    The installed fonts draw what Typst's own, with Latin, Greek and Cyrillic letters, cannot. The file holds no date.
    """
    library = _library()
    compiler = library.Compiler(root=str(page.folder.resolve()))
    missing = unseen(page.text, compiler)
    try:
        content = compiler.compile(as_typst(page, missing).encode(), format="pdf", timestamp=0)
    except library.TypstError as error:
        raise InputError(f"report.pdf could not be set: {error.message}; see that the files in figures/ are whole, or"
                         " write the report as html or latex.") from error  # fmt: skip
    return {"report.pdf": content}


def unseen(text: str, compiler: Any) -> frozenset[str]:
    """The signs of a text for which Typst finds no glyph in any font."""
    # Python counts what is for private use among what is not printed
    drawn_at_all = (sign for sign in text if sign.isprintable() or category(sign) == "Co")
    signs = sorted({sign for sign in drawn_at_all if ord(sign) > 126 and not sign.isspace()} - {NOT_A_SIGN})
    if not signs:
        return frozenset()
    # one small page per sign; the mark that stands for a missing glyph is the one of a code that no font has
    head = '#set page(width: 40pt, height: 20pt, margin: 2pt)\n#set text(font: "Libertinus Serif")\n'
    pages = "#pagebreak()\n".join(f"#{string(sign)}\n" for sign in (NOT_A_SIGN, *signs))
    none, *drawn = compiler.compile((head + pages).encode(), format="svg")
    mark = _glyph(none)
    return frozenset(sign for sign, page in zip(signs, drawn, strict=True) if _glyph(page) == mark)


def _glyph(page: bytes) -> bytes:
    """What is drawn on a page, as the outline of its glyph."""
    return page[page.find(b"<symbol") : page.find(b"</symbol>")].partition(b'<path d="')[2]


def _library() -> Any:
    try:
        return importlib.import_module("typst")
    except ImportError:
        raise InputError('A PDF needs the package typst: pip install "finetune-study[pdf]".') from None
