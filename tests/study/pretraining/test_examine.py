"""The examination: two networks on the same tokens, as JSON; and the general texts it is partly made on."""

from __future__ import annotations

import copy
import json
import re

import numpy as np
import pytest
import torch

from study.pretraining.examine import examine
from study.pretraining.fill_in import bundled_sentences
from study.pretraining.general import general_texts
from study.pretraining.perplexity import perplexity
from tests.study.pretraining.asked import OBJECTIVES, language_model_of, split_of

pytestmark = pytest.mark.usefixtures("one_thread")

SENTENCES = ("the film was ___", "a ___ story about people")
TASK = ("a warm and funny film", "the story was dull and cold", "an old house")


@pytest.mark.parametrize("kind", OBJECTIVES)
def test_what_it_says_of_a_network_that_learnt_which_tokens_are_frequent(kind):
    before, tokenizer = language_model_of(kind)
    with torch.no_grad():  # nothing is known before: all logits are equal
        before.get_output_embeddings().weight.zero_()
    splits = {
        "task": split_of(tokenizer, TASK),
        "general": split_of(tokenizer, ["the people stay", "a great old story"]),
    }
    after = copy.deepcopy(before)
    head = after.get_output_embeddings()
    seen = np.bincount(splits["task"].ids, minlength=len(tokenizer)) + 1e-3
    if head.bias is None:
        head.bias = torch.nn.Parameter(torch.zeros(len(tokenizer)))
    head.bias.data.copy_(torch.log(torch.tensor(seen / seen.sum())))
    result = examine(before, after, OBJECTIVES[kind], tokenizer, splits, SENTENCES, "cpu")

    assert json.loads(json.dumps(result, allow_nan=False)) == result
    assert list(result["perplexity"]) == ["task", "general"]
    for name, one in result["perplexity"].items():
        assert list(one) == ["before", "after", "texts", "tokens"]
        again = perplexity(after, splits[name], OBJECTIVES[kind], tokenizer, "cpu")
        assert (one["after"], one["texts"], one["tokens"]) == (again.value, again.texts, again.tokens)
        assert one["before"] == pytest.approx(len(tokenizer), rel=1e-4)
    assert result["perplexity"]["task"]["after"] < result["perplexity"]["task"]["before"]
    assert [one["sentence"] for one in result["fill_ins"]] == list(SENTENCES)
    for one in result["fill_ins"]:
        assert [len(one["before"]), len(one["after"])] == [5, 5]
        assert one["after"][0][1] > one["before"][0][1]


def test_the_same_network_twice_is_the_same_and_the_bundled_sentences_are_asked_for_none():
    network, tokenizer = language_model_of("bert")
    result = examine(
        network, copy.deepcopy(network), "masked", tokenizer, {"task": split_of(tokenizer, TASK)}, (), "cpu"
    )
    assert result["perplexity"]["task"]["before"] == result["perplexity"]["task"]["after"]
    assert [one["sentence"] for one in result["fill_ins"]] == list(bundled_sentences())
    assert all(one["before"] == one["after"] for one in result["fill_ins"])


def test_the_general_texts_are_sentences_of_ordinary_english_and_no_reviews():
    texts = general_texts()
    assert 150 <= len(texts) <= 200
    assert len(set(texts)) == len(texts)
    for text in texts:
        assert text.isascii()
        assert text == text.strip()
        assert text.endswith(".")
        assert 6 <= len(text.split()) <= 25
        assert not re.search(r"\b(film|movie|actor|actress|comedy|director|cinema|screen|review)s?\b", text.lower())
