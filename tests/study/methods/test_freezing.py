"""Frozen means frozen: no gradient, no dropout, no change, and outputs that depend on the text alone."""

from __future__ import annotations

import pytest
import torch

from study.assembly import assemble
from study.models.parts import parts
from study.training import fit


@pytest.fixture
def trainer(make_trial):
    def make(**setting):
        trial, context = make_trial(**setting)
        return assemble(trial, context, lambda trainer, scores: None)

    return make


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_exactly_the_embeddings_and_the_first_blocks_are_frozen(trainer, count):
    model = trainer(frozen_layers=count).network
    where = parts(model)
    frozen = {id(p) for m in (*where.embeddings, *where.blocks[:count]) for p in m.parameters()} if count else set()
    assert {id(p) for p in model.parameters() if not p.requires_grad} == frozen
    assert all(p.requires_grad for p in model.classifier.parameters())
    assert all(p.requires_grad for p in where.body.pooler.parameters())


def test_trainable_parameters_fall_with_every_block(trainer):
    counts = [
        sum(p.numel() for p in trainer(frozen_layers=k).network.parameters() if p.requires_grad) for k in range(4)
    ]
    assert counts == sorted(counts, reverse=True)
    assert len(set(counts)) == 4
    block = sum(p.numel() for p in parts(trainer().network).blocks[0].parameters())
    assert counts[1] - counts[2] == block


def test_the_embeddings_alone_are_a_setting_of_their_own(trainer):
    model = trainer(frozen_embeddings=True).network
    where = parts(model)
    assert not any(p.requires_grad for module in where.embeddings for p in module.parameters())
    assert all(p.requires_grad for p in where.blocks[0].parameters())


def test_training_changes_what_is_free_and_nothing_that_is_frozen(trainer):
    made = trainer(frozen_layers=2)
    before = {n: p.detach().clone() for n, p in made.network.named_parameters()}
    fit(made)
    changed = {n for n, p in made.network.named_parameters() if not torch.equal(p, before[n])}
    assert changed == {n for n, p in made.network.named_parameters() if p.requires_grad}
    held = {id(p) for group in made.optimizer.param_groups for p in group["params"]}
    assert held == {id(p) for p in made.network.parameters() if p.requires_grad}


def test_frozen_blocks_have_no_dropout_even_while_the_model_trains(trainer):
    made = trainer(frozen_layers=2)
    where = parts(made.network)
    seen = []
    where.blocks[1].register_forward_hook(lambda module, args, output: seen.append(output))
    inputs = {k: v for k, v in made.data_collator([made.examples[i] for i in range(8)]).items() if k != "labels"}
    free = []
    where.blocks[2].register_forward_hook(lambda module, args, output: free.append(output))
    for _ in range(2):
        made.network.train()
        made.network(**inputs)
    assert torch.equal(*[s[0] if isinstance(s, tuple) else s for s in seen])
    assert not torch.equal(*[s[0] if isinstance(s, tuple) else s for s in free])
    assert made.network.training
    assert not where.blocks[0].training
