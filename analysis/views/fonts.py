"""Fonts for names in scripts that matplotlib's own font lacks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from unicodedata import category

from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager
from matplotlib.ft2font import FT2Font
from matplotlib.text import Text

OWN = "DejaVu Sans"
_NO_WRITING = re.compile(r"last ?resort|emoji|^cm[a-z]+10$|^STIX(Size|NonUnicode)", re.IGNORECASE)
"""Fonts that draw boxes, pictures, or formulas' signs in the place of other characters."""


def give_fonts(figure: Figure) -> str:
    """Let installed fonts draw what the own font cannot; the characters, in order, that none of them has."""
    texts = figure.findobj(Text)
    missing = {ord(sign) for text in texts for sign in text.get_text() if _drawn(sign)} - _signs_of_own()
    if not missing:
        return ""
    families = [OWN]
    for family, signs in _others():
        if missing & signs:
            families.append(family)
            missing -= signs
        if not missing:
            break
    for text in texts:
        text.set_fontfamily(families)
    return "".join(map(chr, sorted(missing)))


def _drawn(sign: str) -> bool:
    """Whether a font must have this character; Python counts those for private use among what is not printed."""
    return sign.isprintable() or category(sign) == "Co"


@cache
def _signs_of_own() -> frozenset[int]:
    return frozenset(next((signs for family, signs in _installed() if family == OWN), ()))


def _others() -> Iterator[tuple[str, set[int]]]:
    """The other upright fonts, those without serifs first."""
    return ((family, signs) for family, signs in _installed() if family != OWN)


def _installed() -> Iterator[tuple[str, set[int]]]:
    upright = {font.name: font.fname for font in fontManager.ttflist if font.style == "normal" and font.weight == 400}
    for family in sorted(upright, key=lambda name: (name != OWN, "sans" not in name.lower(), name)):
        if _NO_WRITING.search(family):
            continue
        try:
            yield family, set(FT2Font(upright[family]).get_charmap())
        except (OSError, RuntimeError):
            continue  # a font file that was removed, or whose format cannot be read, draws nothing
