"""The mean over a text's real tokens, or the token a head reads, whatever the padding beside it."""

from __future__ import annotations

import copy

import pytest
import torch

from study import cost
from study.assembly import assemble
from study.errors import InputError
from study.methods.freezing import freeze
from study.models.loading import find_model, load
from study.models.parts import parts
from study.surgery.pooling import install_pooling, pooling_problem
from tests.architectures import KINDS, small_architecture


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


@pytest.fixture(scope="module", params=[kind for kind in KINDS if kind != "gpt2"])
def found(request, tmp_path_factory):
    return find_model(str(small_architecture(request.param, tmp_path_factory.mktemp("pooled") / request.param)))


@pytest.fixture
def plain(found):
    torch.manual_seed(0)
    return load(found, "AutoModelForSequenceClassification", ("no", "yes")).eval()


def pooled(network, kind):
    network = copy.deepcopy(network)
    return install_pooling(network, parts(network), kind)


def batch(padding) -> dict[str, torch.Tensor]:
    """Two texts of 6 and 4 tokens."""
    short, gap = [9, 13, 21, 10], [padding.id] * 2
    ids = torch.tensor([[9, 11, 14, 17, 20, 10], gap + short if padding.side == "left" else short + gap])
    return {"input_ids": ids, "attention_mask": (ids != padding.id).long()}


def head(network, vectors: torch.Tensor) -> torch.Tensor:
    """What the network's head makes of these vectors (texts, width), module by module."""
    if hasattr(network, "pre_classifier"):
        return network.classifier(torch.relu(network.pre_classifier(vectors)))
    if hasattr(network, "sequence_summary"):
        return network.logits_proj(network.sequence_summary(vectors.unsqueeze(1)))
    if hasattr(network, "head"):
        return network.classifier(network.head(vectors))
    if hasattr(network, "pooler"):
        return network.classifier(network.pooler(vectors.unsqueeze(1)))
    linear = isinstance(network.classifier, torch.nn.Linear)
    return network.classifier(vectors if linear else vectors.unsqueeze(1))


@pytest.mark.parametrize("kind", ["mean", "cls"])
def test_every_head_is_fed_the_vector_that_was_asked_for(found, plain, kind):
    inputs = batch(found.padding)
    left = found.padding.side == "left"
    with torch.no_grad():
        hidden = plain.base_model(**inputs)[0]
        means = [hidden[0].mean(0), (hidden[1, 2:] if left else hidden[1, :4]).mean(0)]
        vectors = torch.stack(means) if kind == "mean" else hidden[:, -1 if left else 0]
        logits = pooled(plain, kind)(**inputs).logits
        assert torch.allclose(logits, head(plain, vectors), atol=1e-5)
    assert pooling_problem(found, kind) is None


def test_the_two_poolings_differ_and_are_structures_of_their_own(found, plain):
    inputs = batch(found.padding)
    networks = [pooled(plain, "mean"), pooled(plain, "cls")]
    with torch.no_grad():
        assert not torch.allclose(*[network(**inputs).logits for network in networks], atol=1e-4)
    assert len({cost.structure(network) for network in (*networks, plain)}) == 3


def test_a_pooled_model_freezes_and_trains(found, plain):
    network = freeze(pooled(plain, "mean"), {"frozen_layers": 1}).train()
    network(**batch(found.padding)).logits.sum().backward()
    free = [p for p in parts(network).blocks[-1].parameters() if p.requires_grad]
    assert any(p.grad is not None and p.grad.abs().sum() > 0 for p in free)


def test_gpt2_is_refused_before_and_at_surgery(tmp_path):
    found = find_model(str(small_architecture("gpt2", tmp_path)))
    network = load(found, "AutoModelForSequenceClassification", ("no", "yes"))
    assert pooling_problem(found, "pooler") is None
    for kind in ("mean", "cls"):
        assert f"pooling={kind}: this architecture has no pooler to replace" in pooling_problem(found, kind)
        with pytest.raises(InputError, match="Leave pooling at pooler, or choose a model of: albert, bert"):
            install_pooling(network, parts(network), kind)


def test_what_cannot_be_pooled_is_not_suggested(tmp_path):
    for kind, suggested in (("gpt2", {}), ("mpnet", {"pooling": "mean"})):
        folder = small_architecture(kind, tmp_path / kind)
        (folder / "1_Pooling").mkdir()
        (folder / "1_Pooling" / "config.json").write_text('{"pooling_mode_mean_tokens": true}')
        assert find_model(str(folder)).suggested == suggested
