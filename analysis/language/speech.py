"""Sentences in the language that is spoken: whole templates are translated, never pieces of sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from analysis.language.es import NOUNS as SPANISH_NOUNS
from analysis.language.es import SENTENCES as SPANISH
from study.errors import InputError, unknown


@dataclass(frozen=True)
class Language:
    """Translations of English templates, of nouns (one, several), and the sign between groups of three digits."""

    name: str
    sentences: Mapping[str, str] = field(default_factory=dict)
    nouns: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    group: str = ","


LANGUAGES = {
    "en": Language("English"),
    # 1,066 would be read as a number between one and two; the point stays the decimal sign, as in papers
    "es": Language("Spanish", SPANISH, SPANISH_NOUNS, group="\N{NARROW NO-BREAK SPACE}"),
}

_SPOKEN: ContextVar[Language] = ContextVar("language", default=LANGUAGES["en"])


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Within it every sentence is in this language; an InputError names the languages there are."""
    if language not in LANGUAGES:
        raise InputError(unknown("language", language, LANGUAGES))
    token = _SPOKEN.set(LANGUAGES[language])
    try:
        yield
    finally:
        _SPOKEN.reset(token)


def say(template: str, /, **values: object) -> str:
    """The template in the language spoken, with ``{names}`` filled in.

    The template is a literal string in English; a test holds that every one in this package has its translations, with
    the same names in them. Values are written as they are: text of the user's is escaped before.
    """
    spoken = _SPOKEN.get()
    found = spoken.sentences[template] if spoken.sentences else template
    return found.format(**values)


def known(text: str) -> str:
    """The text in the language spoken where it is one that this project wrote; a user's own stays as it is."""
    return _SPOKEN.get().sentences.get(text, text)


def plural(amount: int, noun: str) -> str:
    """The noun for so many: "trial", "trials"."""
    one, several = _SPOKEN.get().nouns.get(noun, (noun, f"{noun}s"))
    return one if amount == 1 else several


def grouped(digits: str) -> str:
    """A number written with commas between its thousands, with the sign of the language spoken in their place."""
    return digits.replace(",", _SPOKEN.get().group)
