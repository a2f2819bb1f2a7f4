"""Adapters change nothing at first, and train alone."""

from __future__ import annotations

import copy
import re

import pytest
import torch
from torch.nn import functional

from study.assembly import assemble
from study.methods.adapter import METHOD
from study.methods.freezing import freeze
from study.models.parts import parts
from study.settings import resolve
from study.surgery.bottleneck import Bottleneck
from study.training import fit
from tests.study.surgery.adapted import adapted, adapters

NORM = re.compile(r"(norm|ln_\w)\.(weight|bias)$", re.IGNORECASE)


pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.mark.parametrize("style", ["houlsby", "pfeiffer"])
def test_it_starts_near_the_model_and_at_scale_zero_exactly_there(network, batch, style):
    plain = copy.deepcopy(network)
    exact = adapted(copy.deepcopy(network), style, **{"adapter.init_scale": 0.0})
    near = adapted(network, style, **{"adapter.init_scale": 1e-3})
    with torch.no_grad():
        before, after = plain(**batch).logits, near(**batch).logits
        assert 0 < (before - after).abs().max() < 1e-3
        for mode in (False, True):  # in training mode with the dropout of one seed
            logits = []
            for model in (plain, exact):
                torch.manual_seed(1)
                logits.append(model.train(mode)(**batch).logits)
            assert torch.equal(*logits)


@pytest.mark.parametrize("frozen", [{}, {"frozen_embeddings": True}, {"frozen_layers": 1}], ids=str)
@pytest.mark.parametrize(("style", "norms"), [("houlsby", "style"), ("pfeiffer", "style"), ("pfeiffer", "trained")])
def test_only_adapters_norms_and_head_have_a_gradient_and_change(network, kind, batch, style, norms, frozen):
    if frozen:
        network = freeze(network, frozen)
    body, where = f"{network.base_model_prefix}.", parts(network)
    below = [*where.prefix(1)] if "frozen_layers" in frozen else [*where.embeddings] if frozen else []
    fixed = {id(p) for part in below for p in ([part] if isinstance(part, torch.nn.Parameter) else part.parameters())}
    held = {name for name, p in network.named_parameters() if id(p) in fixed}
    changed = adapted(network, style, **{"adapter.norms": norms, **frozen})
    names = [name for name, _ in changed.named_parameters()]
    expected = {name for name in names if not name.startswith(body) or ".adapters." in name}
    expected |= set(changed.newly_initialised)
    if (style, norms) != ("pfeiffer", "style"):
        expected |= {name for name in names if NORM.search(name) and name not in held}
    assert {name for name, p in changed.named_parameters() if p.requires_grad} == expected
    if "frozen_layers" in frozen:
        assert not any(isinstance(m, Bottleneck) for m in where.blocks[0].modules())
    before = {name: p.detach().clone() for name, p in changed.named_parameters()}
    labels = torch.tensor([0, 1, 0])
    step = torch.optim.SGD(changed.parameters(), lr=1.0)
    functional.cross_entropy(changed.train()(**batch).logits, labels).backward()
    assert {name for name, p in changed.named_parameters() if p.grad is not None} <= expected
    step.step()
    moved = {name for name, p in changed.named_parameters() if not torch.equal(p, before[name])}
    assert moved <= expected
    assert {name.rpartition(".adapters.")[0] for name in moved if ".adapters." in name} == {
        name.rpartition(".adapters.")[0] for name in adapters(changed)
    }


@pytest.fixture
def trainer(make_trial):
    def make(**setting):
        trial, context = make_trial(**setting)
        return assemble(trial, context, lambda trainer, scores: None)

    return make


@pytest.mark.parametrize("style", ["houlsby", "pfeiffer"])
def test_training_changes_only_what_trains_and_decays_every_matrix_of_an_adapter(trainer, style):
    made = trainer(**{"adapter.width": 4, "adapter.style": style, "weight_decay": 0.1})
    before = {n: p.detach().clone() for n, p in made.network.named_parameters()}
    fit(made)
    changed = {n for n, p in made.network.named_parameters() if not torch.equal(p, before[n])}
    assert changed == {n for n, p in made.network.named_parameters() if p.requires_grad}
    decayed = {id(p) for group in made.optimizer.param_groups if group["weight_decay"] for p in group["params"]}
    for adapter in adapters(made.network).values():
        assert {id(adapter.down.weight), id(adapter.up.weight)} <= decayed
        assert id(adapter.down.bias) not in decayed


def test_style_decides_what_is_not_said():
    knobs = {name: METHOD.knobs[name].default for name in METHOD.knobs}
    assert resolve({"adapter.width": 8}).items() >= {**knobs, "adapter.width": 8}.items()
    assert not METHOD.active({"adapter.width": 0, "adapter.style": "houlsby"})
