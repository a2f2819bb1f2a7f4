"""Adapters have the published size, are drawn as published, live beside LoRA, and leave nothing when they go."""

from __future__ import annotations

import copy

import pytest
import torch
from torch.nn import functional

from study.methods.lora import adapt, merge
from study.models.table import network_of
from study.settings import resolve
from study.surgery.bottleneck import Bottleneck, Shape, remove_adapters
from tests.study.surgery.adapted import adapted, adapters, by_hand, close, strong

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.mark.parametrize("style", ["houlsby", "pfeiffer"])
def test_removal_after_training_leaves_the_body_as_it_was(network, kind, batch, style):
    plain = copy.deepcopy(network)
    changed = adapted(network, style)
    with torch.no_grad():
        for name, parameter in changed.named_parameters():
            if parameter.requires_grad and name.startswith(changed.base_model_prefix):
                parameter.add_(torch.randn_like(parameter))
        assert not close(changed(**batch).logits, plain(**batch).logits)
        left = remove_adapters(changed)
        assert torch.equal(left(**batch).logits, plain(**batch).logits)
    assert [(n, type(m), len(m._forward_hooks)) for n, m in left.named_modules()] == [
        (n, type(m), len(m._forward_hooks)) for n, m in plain.named_modules()
    ]
    assert left.newly_initialised == plain.newly_initialised
    state = left.state_dict()
    assert list(state) == list(plain.state_dict())
    assert all(torch.equal(state[name], tensor) for name, tensor in plain.state_dict().items())


def test_a_copy_has_adapters_of_its_own(network, batch):
    changed = adapted(network)
    twin = copy.deepcopy(changed)
    with torch.no_grad():
        before = changed(**batch).logits
        for adapter in adapters(twin).values():
            strong(adapter)
        assert torch.equal(changed(**batch).logits, before)
        assert not close(twin(**batch).logits, before)
        remove_adapters(twin)
        assert torch.equal(changed(**batch).logits, before)


@pytest.mark.parametrize("style", ["houlsby", "pfeiffer"])
def test_lora_on_every_linear_of_the_same_blocks_and_its_merging(network, batch, style):
    lora = resolve({"lora.rank": 2, "lora.targets": "linear"})
    torch.manual_seed(0)
    both = adapted(adapt(network, lora), style)
    with torch.no_grad():
        for name, parameter in both.named_parameters():
            if "lora_B" in name or ".adapters." in name:
                parameter.normal_(std=0.1)
        separate = both.eval()(**batch).logits
        merged = merge(both, lora)(**batch).logits
        assert torch.allclose(merged, separate, atol=1e-5)
        assert not any("lora" in name for name, _ in both.named_parameters())
        assert adapters(both)
        assert not close(remove_adapters(both)(**batch).logits, merged)


def trainable(network) -> int:
    return sum(p.numel() for p in network.parameters() if p.requires_grad)


@pytest.mark.parametrize("kind", ["bert", "distilbert"])
def test_parameters_of_the_published_size(kind):
    changed = adapted(network_of(kind), width=64)
    inside = sum(p.numel() for name, p in changed.named_parameters() if ".adapters." in name)
    assert inside == {"bert": 24 * 99_136, "distilbert": 1_189_632}[kind]
    norms = {"bert": 25, "distilbert": 13}[kind] * 2 * 768
    head = {"bert": 768 * 2 + 2, "distilbert": 768 * 768 + 768 + 768 * 2 + 2}[kind]
    assert trainable(changed) == inside + norms + head
    if kind == "bert":
        assert (inside, inside + norms) == (2_379_264, 2_417_664)


def test_pfeiffer_has_one_for_each_block_and_albert_one_for_each_layer_it_shares():
    changed = adapted(network_of("bert"), "pfeiffer", width=48)
    assert trainable(changed) == 12 * (2 * 48 * 768 + 48 + 768) + 768 * 2 + 2
    config = {"hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12, "intermediate_size": 3072}
    changed = adapted(network_of("albert", **config), "pfeiffer", width=48)
    assert len(adapters(changed)) == 1


def test_weights_are_drawn_from_a_normal_cut_at_two_deviations():
    torch.manual_seed(0)
    drawn = Bottleneck(400, Shape(100, "relu", 0.01), torch.zeros(1))
    for linear in (drawn.down, drawn.up):
        assert linear.weight.abs().max() <= 0.02
        assert linear.weight.abs().max() > 0.0199
        # A standard normal cut at two has this standard deviation.
        assert linear.weight.std().item() == pytest.approx(0.01 * 0.8796, rel=0.02)
        assert not linear.bias.any()


@pytest.mark.parametrize(("name", "function"), [("gelu", functional.gelu), ("relu", torch.relu), ("swish", None)])
def test_the_activation_may_be_chosen(name, function):
    adapter = Bottleneck(8, Shape(3, name, 1.0), torch.zeros(1))
    hidden = torch.randn(2, 5, 8)
    expected = by_hand(adapter, hidden, function or (lambda x: x * torch.sigmoid(x)))
    assert close(adapter(hidden), expected)
