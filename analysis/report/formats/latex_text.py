"""Text for pdfLaTeX: every special character escaped, every sign that it has no glyph for shown by its number."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from analysis.report.formats.page import breakable

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "_": r"\_",
    "%": r"\%",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "`": r"\textasciigrave{}",
}
_SIGNS = {
    "−": "$-$",
    "≤": r"$\leq$",
    "≥": r"$\geq$",
    "≈": r"$\approx$",
    "≠": r"$\neq$",
    "∞": r"$\infty$",
    "√": r"$\surd$",
    "∑": r"$\sum$",
    "∈": r"$\in$",
    "←": r"$\leftarrow$",
    "→": r"$\rightarrow$",
    "↑": r"$\uparrow$",
    "↓": r"$\downarrow$",
    "⇒": r"$\Rightarrow$",
    "✓": r"$\surd$",
    "ς": r"$\varsigma$",
    "…": r"\ldots{}",
    "\N{NO-BREAK SPACE}": "~",
    "\N{NARROW NO-BREAK SPACE}": r"\,",
    "\N{THIN SPACE}": r"\,",
    "\N{SOFT HYPHEN}": r"\-",
    "\N{ZERO WIDTH SPACE}": r"\allowbreak{}",
}
_PUNCTUATION = frozenset("–—‘’‚“”„†‡•‰‹›€™")
_NOT_IN_T1 = frozenset("ĦħĿŀĸŉŦŧ")
_ACCENTS = {
    "\N{COMBINING GRAVE ACCENT}": "`",
    "\N{COMBINING ACUTE ACCENT}": "'",
    "\N{COMBINING CIRCUMFLEX ACCENT}": "^",
    "\N{COMBINING TILDE}": "~",
    "\N{COMBINING DIAERESIS}": '"',
    "\N{COMBINING RING ABOVE}": "r",
    "\N{COMBINING CARON}": "v",
    "\N{COMBINING BREVE}": "u",
    "\N{COMBINING MACRON}": "=",
    "\N{COMBINING DOT ABOVE}": ".",
    "\N{COMBINING DOT BELOW}": "d",
    "\N{COMBINING CEDILLA}": "c",
    "\N{COMBINING OGONEK}": "k",
    "\N{COMBINING MACRON BELOW}": "b",
}
_GREEK = re.compile(
    "alpha|beta|gamma|delta|epsilon|zeta|eta|theta|iota|kappa|lambda|mu|nu|xi|pi|rho|sigma|tau|upsilon|phi|chi|psi|omega"
    "|Gamma|Delta|Theta|Lambda|Xi|Pi|Sigma|Upsilon|Phi|Psi|Omega"
)
"""The Greek letters that TeX has a command for; capitals like Latin ones have none."""

_JOINED = re.compile(r"([\-',])(?=\1)")
"""Signs that TeX would join into another, such as two hyphens into a dash."""


def tex(text: str) -> str:
    """The text as LaTeX that shows it; a sign without a glyph as its number in a box (see ``nosign`` in latex.py)."""
    signs = unicodedata.normalize("NFC", breakable(text))
    return _JOINED.sub(r"\1{}", "".join(map(sign, signs)))


def unseen(text: str) -> str:
    """The signs of a text that pdfLaTeX has no glyph for, each once, in the order of their numbers."""
    return "".join(sorted({one for one in unicodedata.normalize("NFC", text) if sign(one).startswith(r"\nosign")}))


@cache
def sign(one: str) -> str:
    """One character as LaTeX."""
    if one in _SPECIAL:
        return _SPECIAL[one]
    if one in _SIGNS:
        return _SIGNS[one]
    if " " <= one <= "~" or one == "\n" or one in _PUNCTUATION:
        return one
    if "¡" <= one <= "ž" and one not in _NOT_IN_T1:
        return one
    return _greek(one) or _accented(one) or rf"\nosign{{{ord(one):04X}}}"


def _greek(one: str) -> str:
    found = re.fullmatch(r"GREEK (SMALL|CAPITAL) LETTER (\w+)", unicodedata.name(one, ""))
    if not found:
        return ""
    name = found[2].lower().replace("lamda", "lambda")
    name = name if found[1] == "SMALL" else name.title()
    return rf"$\{name}$" if _GREEK.fullmatch(name) else ""


def _accented(one: str) -> str:
    """A letter with accents that the font has not as one glyph."""
    parts = unicodedata.normalize("NFD", one)
    letter, marks = parts[0], parts[1:]
    if not marks or not letter.isascii() or not letter.isalpha() or any(mark not in _ACCENTS for mark in marks):
        return ""
    for mark in marks:
        letter = rf"\{_ACCENTS[mark]}{{{letter}}}"
    return letter
