"""Of the body only biases train, in number what was published; a model without any is refused by name."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from study.ask import Request, ask
from study.assembly import assemble
from study.data import DataOptions
from study.errors import InputError
from study.methods.adapter import add_adapters
from study.methods.bitfit import train_biases
from study.methods.freezing import freeze
from study.models.loading import find_model, load
from study.models.table import network_of
from study.question import choice
from study.question_problems import method_problems
from study.settings import resolve
from study.training import fit
from tests.architectures import KINDS, small_architecture
from tests.study.fabricate import question

BIASED = [kind for kind in KINDS if kind != "modernbert"]
BELOW = {
    "gpt2": ("transformer.h.0.",),
    "albert": ("albert.embeddings.", "albert.encoder.embedding_hidden", "albert.encoder.albert_layer_groups.0."),
    "xlnet": ("transformer.layer.0.",),
    "distilbert": ("distilbert.embeddings.", "distilbert.transformer.layer.0."),
    "electra": ("electra.embeddings.", "electra.embeddings_project.", "electra.encoder.layer.0."),
    "deberta-v2": tuple(
        f"deberta.{at}." for at in ("embeddings", "encoder.layer.0", "encoder.conv", "encoder.LayerNorm")
    ),
}
"""What the names of parameters begin with that are frozen with the first block."""


pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module", params=BIASED)
def kind(request):
    return request.param


@pytest.fixture
def network(found):
    torch.manual_seed(0)
    return load(found, "AutoModelForSequenceClassification", ("no", "yes"))


def trained(network) -> set[str]:
    return {name for name, p in network.named_parameters() if p.requires_grad}


def expected(network) -> set[str]:
    body = f"{network.base_model_prefix}."
    names = [name for name, _ in network.named_parameters()]
    return {n for n in names if n.endswith("bias") or not n.startswith(body)} | set(network.newly_initialised)


def test_only_biases_and_the_head_train_and_have_a_gradient(network):
    ids = torch.randint(6, 100, (3, 7), generator=torch.Generator().manual_seed(0))
    assert expected(network) < {name for name, _ in network.named_parameters()}
    train_biases(network, {"bitfit": True})
    assert trained(network) == expected(network)
    network(input_ids=ids, attention_mask=torch.ones_like(ids)).logits.sum().backward()
    graded = {name for name, p in network.named_parameters() if p.grad is not None and p.grad.any()}
    assert graded <= expected(network)
    assert any(name.startswith(f"{network.base_model_prefix}.") for name in graded)


def test_biases_that_freezing_holds_stay(network, kind):
    prefix = network.base_model_prefix
    below = BELOW.get(kind, (f"{prefix}.embeddings.", f"{prefix}.encoder.layer.0."))
    setting = {"frozen_layers": 1, "bitfit": True}
    train_biases(freeze(network, setting), setting)
    assert trained(network) == {name for name in expected(network) if not name.startswith(below)}
    assert len(trained(network)) < len(expected(network))


def test_frozen_embeddings_keep_their_biases(network, kind):
    at = f"{network.base_model_prefix}.embeddings.LayerNorm.bias"
    projected = {"electra": {"electra.embeddings_project.bias"}, "deberta-v2": {"deberta.encoder.LayerNorm.bias"}}
    projected["albert"] = {"albert.encoder.embedding_hidden_mapping_in.bias"}
    held = set() if kind in ("gpt2", "xlnet") else {at} | projected.get(kind, set())
    train_biases(freeze(network, {"frozen_embeddings": True}), {"frozen_embeddings": True, "bitfit": True})
    assert expected(network) - trained(network) == held


def test_berts_biases_are_as_many_as_published():
    # Of 109 million in BERT-base 0.1 million, 0.09 % (Ben Zaken et al. 2022, table 1); without the classifier's.
    network = train_biases(network_of("bert"), {"bitfit": True})
    inside = sum(p.numel() for p in network.base_model.parameters() if p.requires_grad)
    layer = 4 * 768 + 3072 + 768 + 2 * 768
    assert inside == 12 * layer + 768 + 768 == 102_912
    assert 100 * inside / sum(p.numel() for p in network.base_model.parameters()) == pytest.approx(0.094, abs=0.001)


def test_training_changes_every_bias_and_nothing_else(make_trial):
    trial, context = make_trial(bitfit=True, frozen_layers=1)
    made = assemble(trial, context, lambda trainer, scores: None)
    before = {n: p.detach().clone() for n, p in made.network.named_parameters()}
    fit(made)
    changed = {n for n, p in made.network.named_parameters() if not torch.equal(p, before[n])}
    assert changed == trained(made.network)
    assert "bert.encoder.layer.1.intermediate.dense.bias" in changed
    assert not any(name.startswith(("bert.embeddings.", "bert.encoder.layer.0.")) for name in changed)


def test_beside_adapters_both_train(network):
    plain = {name for name, _ in network.named_parameters()}
    alone = expected(network)
    setting = resolve({"bitfit": True, "adapter.width": 4})
    train_biases(add_adapters(network, setting), setting)
    assert trained(network) - {name for name in trained(network) if ".adapters." in name} == alone
    assert {name for name, _ in network.named_parameters()} - plain <= trained(network)


def test_an_architecture_without_biases_is_told_when_asked(tmp_path, data_folder):
    folder = str(small_architecture("modernbert", tmp_path / "modernbert"))
    asked = question(factors={"bitfit": (False, True)}, baseline={"bitfit": False}, tuned={})
    with pytest.raises(InputError, match=r"'modernbert' as this config\.json has it holds no biases in its blocks"):
        ask(Request(asked, folder, DataOptions(str(data_folder))))
    network = load(find_model(folder), "AutoModelForSequenceClassification", ("no", "yes"))
    with pytest.raises(InputError, match="holds no biases"):
        train_biases(network, {"bitfit": True})
    assert method_problems(replace(asked, factors={"bitfit": (False,)}), find_model(folder)) == []


def test_the_same_architecture_with_biases_is_right(tmp_path):
    biased = {"attention_bias": True, "norm_bias": True, "mlp_bias": True}
    model = find_model(str(small_architecture("modernbert", tmp_path / "biased", **biased)))
    assert method_problems(question(factors={}, tuned={}, fixed={"bitfit": True}), model) == []
    network = load(model, "AutoModelForSequenceClassification", ("no", "yes"))
    assert trained(train_biases(network, {"bitfit": True})) == expected(network)


def test_with_every_block_frozen_there_is_nothing_for_it(model_folder):
    model = find_model(str(model_folder))
    asked = question(factors={}, tuned={"frozen_layers": choice(1, 3)}, fixed={"bitfit": True})
    (said,) = method_problems(asked, model)
    assert said.endswith("With bitfit=true, give --set frozen_layers values below 3.")
    assert method_problems(replace(asked, tuned={"frozen_layers": choice(1, 2)}), model) == []
