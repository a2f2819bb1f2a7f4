"""Fill-ins: the best tokens for a blank, as a reader sees them, and the files of sentences they are for."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from study.errors import InputError
from study.pretraining.fill_in import BLANK, bundled_sentences, fill_ins, read_sentences, unreadable
from tests.study.pretraining.asked import OBJECTIVES, language_model_of

pytestmark = pytest.mark.usefixtures("one_thread")

SENTENCE = "the film was ___ and the story dull"


@pytest.fixture(scope="module", params=OBJECTIVES)
def case(request):
    """Network, tokenizer and objective."""
    return *language_model_of(request.param), OBJECTIVES[request.param]


def test_five_tokens_from_the_best_down_as_one_reads_them(case):
    network, tokenizer, objective = case
    found, again = fill_ins(network.train(), tokenizer, objective, [SENTENCE, SENTENCE], "cpu")
    assert found == again
    words, shares = zip(*found, strict=True)
    assert len(words) == 5
    assert list(shares) == sorted(shares, reverse=True)
    assert 0 < sum(shares) < 1
    assert not any(mark in word for word in words for mark in ("##", "Ġ", "▁", "<", "["))


def test_they_are_the_networks_own_probabilities_at_the_blank():
    network, tokenizer = language_model_of("bert")
    ids = tokenizer("the film was [MASK] and the story dull", return_tensors="pt")["input_ids"]
    place = ids[0].tolist().index(tokenizer.mask_token_id)
    with torch.no_grad():
        shares = network(ids).logits[0, place].softmax(0)
    shares[tokenizer.all_special_ids] = 0
    best = shares.topk(5)
    tokens = tokenizer.convert_ids_to_tokens(best.indices.tolist())
    found = fill_ins(network, tokenizer, "masked", [SENTENCE], "cpu")[0]
    assert [word for word, _ in found] == [f"…{t[2:]}" if t.startswith("##") else t for t in tokens]
    assert [share for _, share in found] == pytest.approx(best.values.tolist(), rel=1e-5)


@pytest.mark.parametrize(
    ("kind", "token", "shown"), [("bert", "##l", "…l"), ("roberta", "Ġ{}", "{}"), ("gpt2", "a", "…a")]
)
def test_marks_of_the_vocabulary_become_what_they_mean(kind, token, shown):
    network, tokenizer = language_model_of(kind)
    token = token.format(word) if (word := "film") and "{}" in token else token
    number = tokenizer.convert_tokens_to_ids(token)
    assert number not in (None, tokenizer.unk_token_id)
    best = prefer(network, number)
    assert fill_ins(best, tokenizer, OBJECTIVES[kind], [SENTENCE], "cpu")[0][0][0] == shown.format("film")


def test_a_word_that_follows_a_bracket_does_not_continue_it():
    network, tokenizer = language_model_of("gpt2")
    best = prefer(network, tokenizer.convert_tokens_to_ids("a"))
    assert fill_ins(best, tokenizer, "causal", ["the film (___"], "cpu")[0][0][0] == "a"


def test_special_tokens_are_passed_over():
    network, tokenizer = language_model_of("bert")
    best = prefer(network, tokenizer.sep_token_id)
    found = fill_ins(best, tokenizer, "masked", [SENTENCE], "cpu")[0]
    assert len(found) == 5
    assert sum(share for _, share in found) < 0.1, "shares of the whole vocabulary, not of what is shown"


def test_a_causal_model_reads_nothing_after_the_blank_and_the_others_do(case):
    network, tokenizer, objective = case
    one, other = fill_ins(network, tokenizer, objective, ["the film was ___ great", "the film was ___ awful"], "cpu")
    assert (one == other) == (objective == "causal")


def test_a_causal_model_begins_a_text_where_the_blank_comes_first():
    network, tokenizer = language_model_of("gpt2")
    with torch.no_grad():
        shares = network(torch.tensor([[tokenizer.bos_token_id]])).logits[0, -1].softmax(0)
    found = fill_ins(network, tokenizer, "causal", ["___ was great"], "cpu")[0]
    assert found[0][1] == pytest.approx(float(shares[1:].max()), rel=1e-5)
    tokenizer.bos_token = tokenizer.eos_token = None
    assert fill_ins(network, tokenizer, "causal", ["___ was great"], "cpu") == [[]]


def test_a_sentence_with_a_mask_token_of_its_own():
    network, tokenizer = language_model_of("bert")
    with pytest.raises(ValueError, match="2 mask tokens"):
        fill_ins(network, tokenizer, "masked", ["the [MASK] was ___"], "cpu")


def test_the_bundled_sentences():
    found = bundled_sentences()
    assert len(found) == len(set(found)) == 12
    assert all(sentence.count(BLANK) == 1 for sentence in found)


def test_a_file_of_sentences(tmp_path):
    file = tmp_path / "mine.txt"
    file.write_text("\ufeffThe cat ___ on the mat.\r\n\n  Größe ist ___.  \n", encoding="utf-8")
    assert read_sentences(file) == ("The cat ___ on the mat.", "Größe ist ___.")


def test_every_wrong_line_is_named(tmp_path):
    file = tmp_path / "mine.txt"
    file.write_text(f"No blank here.\n\nGood ___.\n___ and ___.\nLong ____.\nShort __.\n{'a' * 400} ___.\n", "utf-8")
    with pytest.raises(InputError) as caught:
        read_sentences(file)
    numbers = [said.split(": ")[0].rsplit(" ", 1)[1] for said in caught.value.problems]
    assert numbers == ["1", "4", "5", "6", "7"]
    assert all(str(file) in said for said in caught.value.problems)
    assert "0 blanks" in caught.value.problems[0]
    assert "2 blanks" in caught.value.problems[1]
    assert "4 underscores" in caught.value.problems[2]


@pytest.mark.parametrize("content", [None, b"", b"\n \n", "Ä ___.".encode("latin-1"), b"a ___\n" * 101])
def test_a_file_that_cannot_serve(tmp_path, content):
    file = tmp_path / "mine.txt"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(InputError, match=r"--fill-in .*mine\.txt"):
        read_sentences(file)


def prefer(network, number: int):
    """The network with this token ahead of all others."""
    head = network.get_output_embeddings()
    if head.bias is None:
        head.bias = torch.nn.Parameter(torch.zeros(len(head.weight)))
    with torch.no_grad():
        head.bias[number] += 1000
    return network


def test_a_sentence_that_a_model_cannot_fill_in_is_told_before_anything_is_trained(model_folder, data_folder, tmp_path):
    from search_spaces import QUESTIONS
    from study.ask import Request, ask
    from study.data import DataOptions

    path = tmp_path / "sentences.txt"
    path.write_text("the [MASK] film was ___\nthe film was ___\n" + 90 * "a " + "___\n")
    asked = Request(QUESTIONS["continued_pretraining"], str(model_folder), DataOptions(str(data_folder)))
    with pytest.raises(InputError) as caught:
        ask(replace(asked, fill_in=str(path)))
    first, second = caught.value.problems
    assert (
        first
        == f"--fill-in {path}: 'the [MASK] film was ___': 2 mask tokens, but one blank. Leave other mask tokens out."
    )
    assert second.endswith("93 tokens, and the model reads 64. Shorten it.")


@pytest.mark.parametrize("kind", OBJECTIVES)
def test_the_bundled_sentences_can_be_filled_in(kind):
    _, tokenizer = language_model_of(kind)
    assert unreadable(bundled_sentences(), tokenizer, [OBJECTIVES[kind]], None) == []
    (told,) = unreadable([SENTENCE], tokenizer, [OBJECTIVES[kind]], 3)
    assert told.startswith(f"{SENTENCE!r}: ")
