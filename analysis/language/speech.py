"""Sentences in the language that is spoken: whole templates are translated, never pieces of sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from analysis.language.es import NOUNS as SPANISH_NOUNS
from analysis.language.es import SENTENCES as SPANISH
from analysis.language.es.notes import NOTES as SPANISH_NOTES
from study.errors import InputError, unknown


@dataclass(frozen=True)
class Language:
    """Translations of English templates and of nouns (one, several), and how numbers are written.

    ``notes`` are sentences of studies' files (see ``stored``). ``group`` stands between groups of three digits,
    ``percent`` after a number that is one.
    """

    name: str
    sentences: Mapping[str, str] = field(default_factory=dict)
    nouns: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    group: str = ","
    percent: str = "%"


NARROW = "\N{NARROW NO-BREAK SPACE}"


def _unbroken(sentences: Mapping[str, str]) -> dict[str, str]:
    """The sentences with a space before each percent sign at which no line ends, so that nobody has to type it."""
    return {english: other.replace(" %", f"{NARROW}%") for english, other in sentences.items()}


LANGUAGES = {
    "en": Language(
        "English",
        nouns={"class": ("class", "classes"), "body": ("body", "bodies"), "more body": ("more body", "more bodies")},
    ),
    # 1,066 would be read as a number between one and two; the point stays the decimal sign, as in papers
    "es": Language(
        "Spanish", _unbroken(SPANISH), SPANISH_NOUNS, _unbroken(SPANISH_NOTES), group=NARROW, percent=f"{NARROW}%"
    ),
}

_SPOKEN: ContextVar[str] = ContextVar("language", default="en")


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Within it every sentence is in this language; an InputError names the languages there are."""
    if language not in LANGUAGES:
        raise InputError(unknown("language", language, LANGUAGES))
    token = _SPOKEN.set(language)
    try:
        yield
    finally:
        _SPOKEN.reset(token)


def spoken() -> str:
    """The code of the language spoken: "en", "es"."""
    return _SPOKEN.get()


def _language() -> Language:
    return LANGUAGES[_SPOKEN.get()]


def say(template: str, /, **values: object) -> str:
    """The template in the language spoken, with ``{names}`` filled in.

    The template is a literal string in English; a test holds that every one in this package has its translations, with
    the same names in them. Values are written as they are: text of the user's is escaped before.
    """
    sentences = _language().sentences
    found = sentences[template] if sentences else template
    return found.format(**values)


def known(text: str) -> str:
    """The text in the language spoken where it is one that this project wrote; a user's own stays as it is."""
    return _language().sentences.get(text, text)


def plural(amount: int, noun: str) -> str:
    """The noun for so many: "trial", "trials"."""
    one, several = _language().nouns.get(noun, (noun, f"{noun}s"))
    return one if amount == 1 else several


def grouped(digits: str) -> str:
    """A number written with commas between its thousands, or a percent sign, as the language spoken writes it."""
    language = _language()
    return digits.replace(",", language.group).replace("%", language.percent)


def worded(name: str) -> str:
    """A setting's name with blanks for its underscores where English is spoken; elsewhere, as it is, a name."""
    return name if _language().sentences else name.replace("_", " ")
