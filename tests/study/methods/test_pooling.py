"""The mean over a text's real tokens, whatever the padding beside it."""

from __future__ import annotations

import pytest
import torch

from study.assembly import assemble
from study.models.parts import parts


@pytest.fixture
def network(make_trial):
    def make(kind):
        trial, context = make_trial(pooling=kind)
        return assemble(trial, context, lambda trainer, scores: None).network.eval()

    return make


def test_mean_is_the_mean_of_the_real_tokens(network):
    model = network("mean")
    ids = torch.tensor([[2, 7, 8, 3, 0, 0], [2, 9, 10, 11, 12, 3]])
    mask = (ids != 0).long()
    hidden = parts(model).body(input_ids=ids, attention_mask=mask).last_hidden_state
    expected = torch.stack([hidden[0, :4].mean(0), hidden[1].mean(0)])
    assert torch.allclose(parts(model).body(input_ids=ids, attention_mask=mask).pooler_output, expected, atol=1e-6)


def test_cls_is_the_first_token(network):
    model = network("cls")
    ids = torch.tensor([[2, 7, 8, 3]])
    output = parts(model).body(input_ids=ids, attention_mask=torch.ones_like(ids))
    assert torch.equal(output.pooler_output, output.last_hidden_state[:, 0])


def test_padding_changes_nothing(network):
    model = network("mean")
    ids = torch.tensor([[2, 7, 8, 3]])
    padded = torch.tensor([[2, 7, 8, 3, 0, 0, 0]])
    alone = model(input_ids=ids, attention_mask=torch.ones_like(ids)).logits
    beside = model(input_ids=padded, attention_mask=(padded != 0).long()).logits
    assert torch.allclose(alone, beside, atol=1e-6)


def test_the_poolers_weights_are_gone(network):
    assert not list(parts(network("mean")).body.pooler.parameters())
    assert list(parts(network("pooler")).body.pooler.parameters())
