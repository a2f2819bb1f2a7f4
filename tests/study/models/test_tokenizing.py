"""The tokenizer of a checkpoint in its several forms, and what is said where it cannot be loaded."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest

from study.errors import InputError
from study.models import tokenizing
from study.models.loading import find_model, load_tokenizer
from tests.architectures import small_architecture


@pytest.fixture
def copy(model_folder, tmp_path):
    """The small model without any file of its tokenizer."""
    folder = Path(shutil.copytree(model_folder, tmp_path / "copy"))
    for file in folder.glob("tokenizer*"):
        file.unlink()
    return folder


def test_a_list_of_words_is_a_tokenizer(copy, model_folder):
    known = load_tokenizer(find_model(str(model_folder)))
    words = sorted(known.get_vocab(), key=known.get_vocab().get)
    (copy / "vocab.txt").write_text("\n".join(words))
    model = find_model(str(copy))
    text = "a lovely film"
    assert load_tokenizer(model)(text)["input_ids"] == known(text)["input_ids"]
    content = b"vocab.txt" + (copy / "vocab.txt").read_bytes()
    assert model.tokenizer_fingerprint == hashlib.sha256(content).hexdigest()[:16]


def test_a_vocabulary_beside_the_ones_known_first_changes_no_fingerprint(model_folder, tmp_path):
    folder = Path(shutil.copytree(model_folder, tmp_path / "beside"))
    (folder / "spm.model").write_bytes(b"not looked at")
    before, after = find_model(str(model_folder)), find_model(str(folder))
    assert after.tokenizer_fingerprint == before.tokenizer_fingerprint
    assert after.ref.fingerprint == before.ref.fingerprint


def test_alone_it_is_the_fingerprint(copy):
    prints = set()
    for content in (b"one", b"two"):
        (copy / "spm.model").write_bytes(content)
        prints.add(tokenizing.tokenizer_digest("m", copy).hexdigest())
    assert len(prints) == 2


@pytest.mark.parametrize(
    ("installed", "message"),
    [(None, "pip install sentencepiece protobuf"), (object(), "Fetch or save the tokenizer again")],
)
def test_a_sentencepiece_file_says_what_reads_it(tmp_path, monkeypatch, installed, message):
    folder = small_architecture("deberta-v2", tmp_path)
    for file in folder.glob("tokenizer*"):
        file.unlink()
    (folder / "spm.model").write_bytes(b"not a sentencepiece file")
    monkeypatch.setattr(tokenizing, "find_spec", lambda name: installed)
    with pytest.raises(InputError, match=message):
        find_model(str(folder))


def test_a_vocabulary_that_the_tokenizer_does_not_read_is_told(copy):
    (copy / "spm.model").write_bytes(b"BERT reads vocab.txt")
    with pytest.raises(InputError, match="has no words beside 5 special tokens"):
        find_model(str(copy))
