"""Sentences that a study's files hold: written in English by the package, told in the language spoken."""

from __future__ import annotations

import re
import string
from functools import cache

from analysis.language.speech import LANGUAGES, grouped, known, spoken

_THOUSANDS = re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?")


def retold(text: str) -> str:
    """A sentence from a study's files in the language spoken, with the words in it that are ours.

    One that has none of the known shapes, as a user's own words have, stays as it is.
    """
    for pattern, other in _patterns(spoken()):
        if found := pattern.fullmatch(text):
            return other.format(**{name: _value(part) for name, part in found.groupdict().items()})
    return known(text)


def _value(text: str) -> str:
    return grouped(text) if _THOUSANDS.fullmatch(text) else retold(text)


@cache
def _patterns(code: str) -> list[tuple[re.Pattern[str], str]]:
    """The shapes of the sentences, those with most words first: they are the more particular ones."""
    notes = LANGUAGES[code].notes
    order = sorted(notes, key=lambda note: -sum(len(words) for words, *_ in string.Formatter().parse(note)))
    return [(_pattern(note), notes[note]) for note in order]


def _pattern(note: str) -> re.Pattern[str]:
    parts = string.Formatter().parse(note)
    return re.compile("".join(re.escape(words) + (f"(?P<{name}>.+)" if name else "") for words, name, *_ in parts))
