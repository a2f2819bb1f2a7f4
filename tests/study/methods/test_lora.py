"""LoRA: published parameter counts, what trains and what stays, and a served model in form a plain one."""

from __future__ import annotations

import pytest
import torch
from transformers import AutoConfig, AutoModelForSequenceClassification

from study.assembly import assemble
from study.cost import parameters, structure
from study.methods.lora import adapt, merge
from study.models.parts import parts
from study.settings import identifying, resolve
from study.training import fit
from study.training import merge as end

BASE = {"hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12, "intermediate_size": 3072}
HEAD = 768 * 768 + 768 + 2 * 768 + 2
"""A dense layer and a classifier of two classes."""


def adapted(kind, sizes=None, **setting):
    """The network of a released size on the meta device, with LoRA of rank 8: no memory for its weights."""
    config = AutoConfig.for_model(kind, num_labels=2, pad_token_id=0, **(sizes or {}))
    with torch.device("meta"):
        network = AutoModelForSequenceClassification.from_config(config)
        setting = {name.replace("__", "."): value for name, value in setting.items()}
        return adapt(network, resolve({"lora.rank": 8, **setting}))


@pytest.mark.parametrize(
    ("kind", "sizes", "updates", "trainable"),
    [
        ("bert", {}, 294_912, 296_450),
        ("roberta", {}, 294_912, 887_042),
        ("distilbert", {}, 147_456, 147_456 + HEAD),
        ("electra", BASE | {"embedding_size": 768}, 294_912, 887_042),
        ("electra", {}, 98_304, 164_610),  # its small size
        ("gpt2", {}, 294_912, 296_448),
        ("deberta-v2", BASE | {"vocab_size": 128_100}, 294_912, 294_912 + HEAD),  # its pooler is in no checkpoint
        ("albert", BASE, 2 * 8 * (768 + 768), 2 * 8 * (768 + 768) + 1_538),
        ("mpnet", {}, 294_912, 887_042),
        ("modernbert", {}, 22 * 8 * (768 + 3 * 768), 22 * 8 * (768 + 3 * 768) + HEAD),  # a norm for the dense bias
        ("xlnet", {"d_model": 768, "n_layer": 12, "n_head": 12, "d_inner": 3072}, 12 * 2 * 8 * 1_536, 294_912 + HEAD),
    ],
)
def test_as_many_parameters_train_as_published_or_counted(kind, sizes, updates, trainable):
    """BERT, RoBERTa, DistilBERT, ELECTRA, GPT-2: counts of PEFT; RoBERTa's 0.3 and 0.8 million are in Hu et al."""
    network = adapted(kind, sizes)
    assert sum(p.numel() for name, p in network.named_parameters() if "lora_" in name) == updates
    assert parameters(network)["trainable_parameters"] == trainable


@pytest.mark.parametrize(("targets", "count"), [("attention", 589_824), ("linear", 1_339_392 - 12_288)])
def test_more_targets_are_more_parameters_but_never_the_pooler(targets, count):
    """PEFT's "all-linear" counts BERT's pooler, 12,288 of the 1,339,392."""
    network = adapted("bert", lora__targets=targets)
    assert sum(p.numel() for name, p in network.named_parameters() if "lora_" in name) == count
    assert not any("lora_" in name for name, _ in network.base_model.pooler.named_parameters())


@pytest.fixture(scope="module")
def trainer(make_trial):
    def make(**setting):
        torch.set_num_threads(1)  # the same training twice is the same to the bit
        trial, context = make_trial(**{"lora__rank": 4, **setting})
        return assemble(trial, context, lambda trainer, scores: None)

    return make


def test_training_changes_the_updates_and_the_head_alone(trainer):
    made = trainer(lora__merged=False)
    before = {name: p.detach().clone() for name, p in made.network.named_parameters()}
    fit(made)
    changed = {name for name, p in made.network.named_parameters() if not torch.equal(p, before[name])}
    assert changed == {name for name in before if "lora_" in name or name.startswith("classifier.")}
    held = {id(p) for group in made.optimizer.param_groups for p in group["params"]}
    assert held == {id(p) for p in made.network.parameters() if p.requires_grad}


def test_what_is_served_is_a_plain_model_that_says_what_was_trained(trainer):
    kept = trainer(lora__merged=False)
    fit(kept)
    end(kept)
    merged = trainer()  # not before: a trainer's draws begin when it is made
    fit(merged)
    assert structure(merged.network) == structure(kept.network)
    end(merged)
    plain = trainer(lora__rank=0)
    assert structure(merged.network) == structure(plain.network)
    assert structure(kept.network) != structure(plain.network)
    assert abs(merged.logits("test") - kept.logits("test")).max() < 1e-5
    assert abs(merged.logits("test") - plain.logits("test")).max() > 1e-3


def test_frozen_blocks_get_no_updates(trainer):
    where = parts(trainer(frozen_layers=2).network)
    assert [any("lora_" in name for name, _ in block.named_parameters()) for block in where.blocks] == [
        False,
        False,
        True,
    ]


def test_merging_what_was_never_trained_changes_no_bit():
    torch.manual_seed(0)
    config = AutoConfig.for_model("bert", **{name: size // 24 for name, size in BASE.items()} | {"vocab_size": 64})
    config.num_attention_heads, config.num_hidden_layers = 2, 2
    network = AutoModelForSequenceClassification.from_config(config)
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    setting = resolve({"lora.rank": 4})
    after = merge(adapt(network, setting), setting).state_dict()
    assert before.keys() == after.keys()
    assert all(torch.equal(after[name], before[name]) for name in before)


def test_what_is_at_its_identity_is_in_no_key():
    asked = {"lora.rank": 8, "lora.dropout": 0.0, "lora.rslora": False, "lora.first_block": 0, "lora.merged": True}
    named = {name: value for name, value in identifying(resolve(asked)).items() if name.startswith("lora.")}
    assert named == {"lora.rank": 8, "lora.alpha": 16.0, "lora.targets": "query,value"}
    assert not any(name.startswith("lora.") for name in identifying(resolve({"lora.rank": 0, "lora.alpha": 8})))
