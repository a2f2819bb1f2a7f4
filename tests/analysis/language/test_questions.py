"""What the package asks and the headings of its reports are there in every language, and a user's stay as they are."""

from __future__ import annotations

import pytest

from analysis.language import LANGUAGES, known, speaking
from analysis.metrics import METRIC_NAMES, metric_name
from analysis.report.outline import TITLES
from analysis.report.pictures import OF_ARM
from search_spaces import QUESTIONS

OTHERS = [name for name in LANGUAGES if name != "en"]
ASKED = [text for question in QUESTIONS.values() for text in (question.asks, question.source)]
HEADINGS = [heading for question in QUESTIONS.values() for heading, _ in question.outline]


@pytest.mark.parametrize("language", OTHERS)
def test_questions_sources_and_headings_are_translated(language: str) -> None:
    texts = [*ASKED, *HEADINGS, *TITLES.values(), *(words for _, words in OF_ARM.values())]
    assert len(texts) > 40
    with speaking(language):
        assert not [text for text in texts if known(text) == text]


@pytest.mark.parametrize("language", OTHERS)
def test_metrics_are_said(language: str) -> None:
    assert set(METRIC_NAMES.values()) <= LANGUAGES[language].sentences.keys()
    with speaking("es"):
        assert metric_name("f1", ("neg", "pos")) == "F1 de la clase pos"
        assert metric_name("recall", ("a", "b", "c")) == "exhaustividad macro"
        assert [metric_name("loss"), metric_name("rougeL"), metric_name("test")] == [
            "entropía cruzada (nats)",
            "rougeL",
            "test",
        ]


def test_in_english_they_are_what_they_are() -> None:
    assert [known(text) for text in ASKED] == ASKED


@pytest.mark.parametrize("language", OTHERS)
def test_numbers_of_arxiv_and_years_are_carried_over(language: str) -> None:
    with speaking(language):
        for text in ASKED:
            figures = [word.strip("().,;:") for word in text.split() if any(sign.isdigit() for sign in word)]
            assert not [figure for figure in figures if figure not in known(text)], text
