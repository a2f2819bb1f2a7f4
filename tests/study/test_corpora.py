"""What of a question needs a corpus: asked with one, without one, and in vain."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from search_spaces import QUESTIONS
from study.ask import Request, ask, enlarge
from study.data import DataOptions, read_texts
from study.errors import InputError
from study.folder import Arm, Folder
from study.question import Question


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    path = tmp_path / "corpus.txt"
    path.write_text("\n".join(f"a sentence of number {i}" for i in range(40)))
    return path


@pytest.fixture
def request_of(model_folder, data_folder):
    """A function that asks continued_pretraining of the small model and data."""
    question = replace(QUESTIONS["continued_pretraining"], fixed={"max_length": 32, "epochs": 1})

    def make(asked: Question = question, **options) -> Request:
        return Request(asked, str(model_folder), DataOptions(str(data_folder)), **options)

    return make


def corpora(arm: Arm) -> set:
    return {point.get("pretraining.corpus") for point in arm.question.points(arm.geometry)}


def test_without_a_corpus_the_points_that_read_one_are_left_out_and_that_is_said(request_of):
    ((arm, _),) = ask(request_of())
    assert corpora(arm) == {None, "task"}
    assert [note for note in arm.notes if "left out that pre-train on a corpus" in note]
    assert arm.corpus is None


def test_with_a_corpus_they_are_there_and_its_texts_are_kept(request_of, corpus, tmp_path):
    folder = Folder(tmp_path / "study")
    (arm,) = enlarge(folder, request_of(corpus=str(corpus)))
    assert corpora(arm) == {None, "task", "domain", "both"}
    assert read_texts(folder.texts(arm.corpus.fingerprint)).splits["train"].num_rows == 36
    assert folder.arms() == [arm]


def test_another_corpus_is_another_arm_and_the_same_one_is_not(request_of, corpus, tmp_path):
    folder = Folder(tmp_path / "study")
    enlarge(folder, request_of(corpus=str(corpus)))
    assert len(enlarge(folder, request_of(corpus=str(corpus), seeds=4))) == 1
    other = tmp_path / "other.txt"
    other.write_text("\n".join(f"another sentence, {i}" for i in range(40)))
    assert len(enlarge(folder, request_of(corpus=str(other)))) == 2


def test_a_named_corpus_that_is_not_there_is_an_error(request_of):
    for value in ("domain", ("task", "both")):
        with pytest.raises(InputError, match=r"needs texts to pre-train on\. Give them with --corpus"):
            ask(request_of(settings={"pretraining.corpus": value}))


def test_a_corpus_that_nothing_reads_is_an_error(request_of, corpus):
    with pytest.raises(InputError, match="nothing in frozen_layers reads it"):
        ask(request_of(QUESTIONS["frozen_layers"], corpus=str(corpus)))


def test_everything_wrong_is_told_at_once(request_of, tmp_path):
    (tmp_path / "none.txt").write_text("")
    (tmp_path / "blanks.txt").write_text("no blank here\n")
    settings = {"pretraining.mask_rate": 1.0, "pretraining.objective": "causal"}
    given = {"corpus": str(tmp_path / "none.txt"), "fill_in": str(tmp_path / "blanks.txt")}
    with pytest.raises(InputError) as told:
        ask(request_of(settings=settings, **given))
    said = "\n".join(told.value.problems)
    for words in ("pretraining.mask_rate=1.0: must be", "0 texts", "blanks.txt"):
        assert words in said
    with pytest.raises(InputError, match=r"pretraining\.objective=causal: .* cannot be trained so"):
        ask(request_of(settings={"pretraining.objective": "causal"}))


def test_sentences_of_the_users_own_are_kept(request_of, tmp_path):
    path = tmp_path / "mine.txt"
    path.write_text("This film was ___.\n\nI ___ it.\n")
    ((arm, _),) = ask(request_of(fill_in=str(path)))
    assert arm.sentences == ("This film was ___.", "I ___ it.")
    assert Arm.from_json(arm.to_json()) == arm
