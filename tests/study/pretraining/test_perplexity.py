"""Perplexity: computed again one text at a time, at its bounds, and blind to what it must not see."""

from __future__ import annotations

import math
import random
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from study.pretraining import perplexity as module
from study.pretraining.perplexity import SHARE, hidden_tokens, perplexity
from study.pretraining.predicting import log_probabilities
from tests.small import BAD, GOOD, PLAIN
from tests.study.pretraining.asked import OBJECTIVES, language_model_of, split_of

pytestmark = pytest.mark.usefixtures("one_thread")

_RNG = random.Random(0)
TEXTS = [" ".join(_RNG.choices((*GOOD, *BAD, *PLAIN), k=_RNG.randrange(1, 30))) for _ in range(40)]


@pytest.fixture(scope="module", params=OBJECTIVES)
def case(request):
    """Network, tokenizer, objective and tokens."""
    network, tokenizer = language_model_of(request.param)
    return network, tokenizer, OBJECTIVES[request.param], split_of(tokenizer, TEXTS)


def test_whoever_guesses_evenly_has_the_perplexity_of_the_vocabulary(case):
    _, tokenizer, objective, tokens = case
    even = language_model_of(next(kind for kind, one in OBJECTIVES.items() if one == objective), seed=1)[0]
    with torch.no_grad():
        head = even.get_output_embeddings()
        head.weight.zero_()
        if head.bias is not None:
            head.bias.zero_()
    found = perplexity(even, tokens, objective, tokenizer, "cpu")
    assert found.value == pytest.approx(len(tokenizer), rel=1e-5)
    assert found.texts == len(TEXTS)


def test_it_is_what_a_loop_over_single_texts_finds(case):
    network, tokenizer, objective, tokens = case
    losses = []
    for text, places in by_text(tokens, hidden_tokens(tokens, objective, tokenizer)):
        ids = torch.tensor([text])
        places = torch.tensor(places, dtype=torch.long)
        with torch.no_grad():
            if objective == "causal":
                logits = network(ids).logits[0, places - 1]
            elif objective == "permutation":
                unseen = torch.zeros(1, len(text), len(text))
                unseen[:, :, places] = 1.0
                wanted = torch.zeros(1, len(places), len(text))
                wanted[0, torch.arange(len(places)), places] = 1.0
                logits = network(ids, perm_mask=unseen, target_mapping=wanted).logits[0]
            else:
                masked = ids.clone()
                masked[0, places] = tokenizer.mask_token_id
                logits = network(masked).logits[0, places]
        losses += cross_entropy(logits, ids[0, places], reduction="none").tolist()
    found = perplexity(network, tokens, objective, tokenizer, "cpu")
    assert found.tokens == len(losses)
    assert found.value == pytest.approx(math.exp(math.fsum(losses) / len(losses)), rel=1e-5)


def test_how_many_texts_are_read_at_once_does_not_matter_nor_what_was_drawn_before(case, monkeypatch):
    network, tokenizer, objective, tokens = case
    many = perplexity(network.train(), tokens, objective, tokenizer, "cpu")
    torch.manual_seed(5)
    assert perplexity(network.train(), tokens, objective, tokenizer, "cpu") == many
    monkeypatch.setattr(module, "_AT_ONCE", 1)
    assert perplexity(network, tokens, objective, tokenizer, "cpu").value == pytest.approx(many.value, rel=1e-5)


def test_nothing_hidden_is_seen(case):
    """Other tokens at the hidden places (for a causal model, at the last place) change no answer; at others they do."""
    network, tokenizer, objective, tokens = case
    ids = torch.as_tensor(np.array(tokens[int(np.argmax(tokens.lengths))]["input_ids"], np.int64))[None]
    hidden = torch.zeros_like(ids, dtype=torch.bool)
    hidden[0, [-3] if objective == "causal" else [2, 5]] = True
    changed, visible = ids.clone(), ids.clone()
    changed[hidden] = (changed[hidden] + 7) % len(tokenizer)
    visible[0, 3] = (visible[0, 3] + 7) % len(tokenizer)

    def said(given: torch.Tensor) -> torch.Tensor:
        batch = {"input_ids": given, "attention_mask": torch.ones_like(given)}
        with torch.no_grad():
            return log_probabilities(network.eval(), batch, hidden, objective, tokenizer.mask_token_id)

    assert torch.equal(said(changed), said(ids))
    assert not torch.allclose(said(visible), said(ids), atol=1e-4)
    assert said(ids).exp().sum(1).tolist() == pytest.approx([1.0] * int(hidden.sum()), abs=1e-5)


def test_a_table_of_followers_by_hand():
    """Causal: P(b | a) = 3/4, P(c | b) = 1/4, and the first token is not predicted."""
    table = torch.full((5, 5), -30.0)
    table[1, 2], table[1, 3] = math.log(0.75), math.log(0.25)
    table[2, 3], table[2, 2] = math.log(0.25), math.log(0.75)

    class Followers(nn.Module):
        base_model = SimpleNamespace(config=SimpleNamespace(model_type="gpt2", vocab_size=5, pad_token_id=None))

        def forward(self, input_ids, attention_mask):
            return SimpleNamespace(logits=table[input_ids])

    tokenizer = SimpleNamespace(
        all_special_ids=[0], pad_token_id=0, eos_token_id=0, pad_token_type_id=0, mask_token_id=None
    )
    rows = {"a b c": [1, 2, 3], "a b": [1, 2]}
    tokens = split_of(lambda text: {"input_ids": rows[text]}, list(rows))
    found = perplexity(Followers(), tokens, "causal", tokenizer, "cpu")
    assert found.tokens == 3
    assert found.value == pytest.approx((0.75 * 0.25 * 0.75) ** (-1 / 3), rel=1e-5)


def test_fifteen_per_cent_of_each_text_are_hidden_and_never_a_special_token(case):
    _, tokenizer, objective, tokens = case
    hidden = hidden_tokens(tokens, objective, tokenizer)
    assert not hidden[np.isin(tokens.ids, tokenizer.all_special_ids)].any()
    for text, places in by_text(tokens, hidden):
        ordinary = [place for place, number in enumerate(text) if number not in tokenizer.all_special_ids]
        if objective == "causal":
            assert places == [place for place in ordinary if place]
        else:
            assert abs(len(places) - max(1.0, SHARE * len(ordinary))) <= 0.5


def test_the_same_tokens_are_hidden_for_every_masked_objective_and_others_in_other_places(case):
    _, tokenizer, objective, tokens = case
    if objective == "causal":
        return
    first = hidden_tokens(tokens, "masked", tokenizer)
    assert np.array_equal(first, hidden_tokens(tokens, "whole_word", tokenizer))
    places = [place / max(1, len(text) - 1) for text, places in by_text(tokens, first) for place in places]
    assert min(places) < 0.2
    assert max(places) > 0.8, "hidden places lie all over a text"


def test_missing_is_missing():
    network, tokenizer = language_model_of("bert")
    found = perplexity(network, split_of(tokenizer, ["", ""]), "masked", tokenizer, "cpu")
    assert (found.value, found.texts, found.tokens) == (None, 2, 0)


def test_an_objective_that_does_not_exist():
    network, tokenizer = language_model_of("bert")
    with pytest.raises(ValueError, match="maskd"):
        perplexity(network, split_of(tokenizer, TEXTS), "maskd", tokenizer, "cpu")


def by_text(tokens, hidden):
    """Each text's token numbers and its hidden places."""
    for start, stop in zip(tokens.offsets[:-1], tokens.offsets[1:], strict=True):
        yield tokens.ids[start:stop].tolist(), np.flatnonzero(hidden[start:stop]).tolist()
