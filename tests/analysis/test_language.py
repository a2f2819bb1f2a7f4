"""Every sentence has its translations, with the same values in them."""

from __future__ import annotations

import ast
import importlib
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from analysis.language import LANGUAGES, grouped, known, plural, say, speaking
from study.errors import InputError

ROOT = Path(__file__).parents[2]
TRANSLATED = [name for name, language in LANGUAGES.items() if language.sentences]


def calls(name: str) -> Iterator[ast.Call]:
    for path in sorted((ROOT / "analysis").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
                yield node


def fields(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def test_sentences_are_written_out_and_given_what_they_name() -> None:
    said = list(calls("say"))
    assert said
    for call in said:
        template = call.args[0]
        assert isinstance(template, ast.Constant), f"{ast.unparse(call)}: a template is one literal string"
        assert isinstance(template.value, str)
        if not any(keyword.arg is None for keyword in call.keywords):
            assert fields(template.value) == {keyword.arg for keyword in call.keywords}, template.value


@pytest.mark.parametrize("name", TRANSLATED)
def test_every_sentence_is_translated(name: str) -> None:
    said = {str(call.args[0].value) for call in calls("say") if isinstance(call.args[0], ast.Constant)}
    assert not sorted(said - LANGUAGES[name].sentences.keys())


@pytest.mark.parametrize("name", TRANSLATED)
def test_translations_name_the_same_values(name: str) -> None:
    for english, other in LANGUAGES[name].sentences.items():
        assert fields(english) == fields(other), english


@pytest.mark.parametrize("name", TRANSLATED)
def test_nouns_that_are_counted_are_translated(name: str) -> None:
    nouns = {
        call.args[1].value
        for called in ("count", "plural")
        for call in calls(called)
        if len(call.args) > 1 and isinstance(call.args[1], ast.Constant)
    }
    assert "trial" in nouns
    assert not nouns - LANGUAGES[name].nouns.keys()


def test_two_rooms_say_one_sentence_in_one_way() -> None:
    """Rooms are laid together, so that of two translations of a sentence one would be lost."""
    said: dict[str, dict[str, str]] = {}
    for path in sorted((ROOT / "analysis" / "language" / "es").glob("*.py")):
        sentences = getattr(importlib.import_module(f"analysis.language.es.{path.stem}"), "SENTENCES", {})
        for english, other in sentences.items() if path.stem != "__init__" else ():
            said.setdefault(english, {})[path.stem] = other
    assert said
    assert not {english: rooms for english, rooms in said.items() if len(set(rooms.values())) > 1}
    assert said.keys() <= LANGUAGES["es"].sentences.keys(), "a room is not laid together with the others"


@pytest.mark.parametrize("name", LANGUAGES)
def test_nouns_that_take_no_s_have_a_plural_of_their_own(name: str) -> None:
    nouns = {
        call.args[1].value
        for called in ("count", "plural")
        for call in calls(called)
        if len(call.args) > 1 and isinstance(call.args[1], ast.Constant)
    }
    odd = {noun for noun in nouns if re.search(r"(s|x|z|ch|sh|[^aeiou]y)$", str(noun))}
    assert not odd - LANGUAGES[name].nouns.keys()


def test_no_line_ends_before_a_percent_sign() -> None:
    for texts in (LANGUAGES["es"].sentences, LANGUAGES["es"].notes):
        assert not [other for other in texts.values() if re.search(r"[^\N{NARROW NO-BREAK SPACE}]%", other)]


def test_a_language_is_spoken_until_its_end() -> None:
    with speaking("es"):
        assert say("{shown} and {more} more", shown="a", more=2) == "a y 2 más"
        assert (plural(1, "seed"), plural(2, "seed")) == ("semilla", "semillas")
        assert grouped("1,066.5") == "1\N{NARROW NO-BREAK SPACE}066.5"
        assert known("a user's own question?") == "a user's own question?"
    assert (say("{shown} and {more} more", shown="a", more=2), plural(2, "seed")) == ("a and 2 more", "seeds")
    assert grouped("1,066.5") == "1,066.5"


def test_a_language_that_nobody_wrote_is_refused() -> None:
    with pytest.raises(InputError, match="en, es"), speaking("fr"):
        pass
