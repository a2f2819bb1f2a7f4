"""Low-rank updates against their formula, for weights stored in each of three ways, and back to a plain model."""

from __future__ import annotations

import pytest
import torch
from peft import get_peft_model_state_dict, set_peft_model_state_dict

from study.cost import structure
from study.models.loading import find_model, load
from study.models.parts import parts
from study.surgery.low_rank import LowRank, install_low_rank, merge_low_rank
from study.surgery.projections import projections
from tests.architectures import KINDS, small_architecture

HOW = LowRank(rank=4, alpha=16)
IDS = torch.tensor([[7, 8, 9, 10, 11, 12], [21, 22, 23, 24, 25, 26]])


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    folders = {}

    def make(kind, head=()):
        if (kind, head) not in folders:
            folders[kind, head] = small_architecture(kind, tmp_path_factory.mktemp(kind), head)
        torch.manual_seed(0)
        return load(find_model(str(folders[kind, head])), "AutoModelForSequenceClassification", ("no", "yes")).eval()

    return make


def logits(model) -> torch.Tensor:
    with torch.inference_mode():
        return model.eval()(input_ids=IDS, attention_mask=torch.ones_like(IDS)).logits


def updated(model, how=HOW):
    return install_low_rank(model, projections(model), how)


def shake(model) -> None:
    """Change everything that trains, as training would."""
    torch.manual_seed(1)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.requires_grad:
                parameter.add_(0.05 * torch.randn_like(parameter))


def head_of(model) -> set[str]:
    body = {id(p) for p in model.base_model.parameters()}
    return {name for name, p in model.named_parameters() if id(p) not in body}


@pytest.mark.parametrize("head", [(), ("no", "yes")], ids=["new head", "its own head"])
@pytest.mark.parametrize("kind", KINDS)
def test_at_first_the_model_is_what_it_was_and_the_updates_and_the_head_train(kind, head, network):
    plain, model = network(kind, head), network(kind, head)
    updated(model)
    assert torch.equal(logits(model), logits(plain))
    trained = {name for name, p in model.named_parameters() if p.requires_grad}
    assert set(model.newly_initialised) <= trained
    assert bool(model.newly_initialised) != bool(head)
    assert head_of(model) <= trained
    assert {name for name in trained if "lora_" not in name} == head_of(model) | set(model.newly_initialised)
    assert len([name for name in trained if "lora_" in name]) == 2 * len(projections(plain))


@pytest.mark.parametrize("kind", KINDS)
def test_merged_it_says_the_same_and_has_the_plain_models_structure(kind, network):
    plain, model = network(kind), updated(network(kind))
    before = logits(model)
    shake(model)
    separate = logits(model)
    assert (separate - before).abs().max() > 1e-2
    merge_low_rank(model)
    assert (logits(model) - separate).abs().max() < 1e-5
    assert structure(model) == structure(plain)
    assert [name for name, _ in model.named_parameters()] == [name for name, _ in plain.named_parameters()]
    assert {type(module) for module in model.modules()} == {type(module) for module in plain.modules()}
    assert not hasattr(model, "peft_config")
    assert model.newly_initialised == plain.newly_initialised
    changed = {n for (n, p), q in zip(model.named_parameters(), plain.parameters(), strict=True) if not p.equal(q)}
    matrices = {one.name if one.bare else f"{one.name}.weight" for one in projections(plain)}
    assert changed == matrices | head_of(plain)


@pytest.mark.parametrize("rslora", [False, True])
@pytest.mark.parametrize(("kind", "path"), [("bert", "attention.self.value"), ("gpt2", "attn.c_attn")])
def test_a_linear_layer_gets_scaling_times_b_a(kind, path, rslora, network):
    model = updated(network(kind), LowRank(4, 16, rslora=rslora))
    shake(model)
    layer = parts(model).blocks[1].get_submodule(path)
    x = torch.randn(3, 32)
    a, b = layer.lora_A["default"].weight, layer.lora_B["default"].weight
    scaling = 16 / 4**0.5 if rslora else 16 / 4
    expected = layer.get_base_layer()(x) + scaling * (x @ a.T) @ b.T
    assert torch.allclose(layer.eval()(x), expected, atol=1e-5)
    merge_low_rank(model)
    assert torch.allclose(parts(model).blocks[1].get_submodule(path)(x), expected, atol=1e-5)


def test_xlnets_bare_matrices_get_it_on_the_side_of_their_input(network):
    """Its attention computes queries as x (width) -> (heads, head width), and the output the other way round."""
    model = updated(network("xlnet"))
    shake(model)
    attention = parts(model).blocks[0].rel_attn
    x, y = torch.randn(5, 32), torch.randn(5, 2, 16)
    for name, equation, given in (("q", "bh,hnd->bnd", x), ("o", "bnd,hnd->bh", y)):
        held = attention.parametrizations[name]
        before = torch.einsum(equation, given, held.original)
        update = (given.reshape(5, -1) @ held[0].lora_A.T) @ held[0].lora_B.T
        expected = before + 4 * update.reshape(before.shape)
        assert held[0].lora_A.shape == (4, 32)
        assert torch.allclose(torch.einsum(equation, given, getattr(attention, name)), expected, atol=1e-5)
        assert not torch.allclose(before, expected, atol=1e-2)


def test_a_is_drawn_as_a_linear_layers_weight_and_b_is_zero(network):
    """Kaiming's uniform law with a = sqrt 5 is uniform within 1 / root of the inputs."""
    for kind, inputs in (("bert", 32), ("xlnet", 32)):
        model = updated(network(kind), LowRank(rank=64, alpha=16))
        for name, parameter in model.named_parameters():
            if "lora_A" in name and parameter.shape[1] == inputs:
                assert parameter.abs().max() <= inputs**-0.5
                assert parameter.abs().max() > 0.95 * inputs**-0.5
                assert parameter.var().item() == pytest.approx(1 / (3 * inputs), rel=0.15)
            if "lora_B" in name:
                assert not parameter.any()


def test_the_scaling_is_alpha_by_the_rank_or_by_its_root(network):
    assert LowRank(8, 16).scaling == 2
    rooted = LowRank(8, 16, rslora=True)
    assert rooted.scaling == pytest.approx(5.657, abs=5e-4)
    layer = parts(updated(network("bert"), rooted)).blocks[0].attention.self.query
    assert layer.scaling["default"] == rooted.scaling


def test_dropout_is_on_the_input_of_the_update_and_in_training_alone(network):
    model = updated(network("bert"), LowRank(4, 16, dropout=0.5))
    shake(model)
    layer, x = parts(model).blocks[0].attention.self.query, torch.randn(3, 32)
    assert not torch.equal(layer.train()(x), layer(x))
    assert torch.equal(layer.eval()(x), layer(x))
    with torch.no_grad():
        layer.lora_B["default"].weight.zero_()
    assert torch.equal(layer.train()(x), layer.get_base_layer()(x)), "nothing is dropped from the frozen part's input"


@pytest.mark.parametrize("kind", ["bert", "albert", "gpt2", "xlnet"])
def test_only_the_updates_and_the_head_take_a_gradient(kind, network):
    model = updated(network(kind))
    shake(model)
    model.train()(input_ids=IDS, attention_mask=torch.ones_like(IDS)).logits.square().sum().backward()
    reached = {name for name, p in model.named_parameters() if p.grad is not None and p.grad.any()}
    assert reached <= {name for name, p in model.named_parameters() if p.requires_grad}
    assert all("lora_" in name or name in head_of(model) for name in reached)
    assert {f"lora_{side}" for side in "AB"} <= {part for name in reached for part in name.split(".")}


def test_a_matrix_that_the_checkpoint_lacked_trains_beside_its_update(tmp_path):
    from safetensors.torch import load_file, save_file

    folder = small_architecture("bert", tmp_path)
    weights, lacking = load_file(folder / "model.safetensors"), "encoder.layer.1.attention.self.query.weight"
    del weights[lacking]
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    model = updated(load(find_model(str(folder)), "AutoModelForSequenceClassification", ("no", "yes")))
    named = "bert.encoder.layer.1.attention.self.query.base_layer.weight"
    assert named in model.newly_initialised
    assert model.get_parameter(named).requires_grad
    assert not model.get_parameter(named.replace("query", "key")).requires_grad
    merge_low_rank(model)
    assert f"bert.{lacking}" in model.newly_initialised


def test_pefts_state_dict_holds_what_was_trained(network):
    model = updated(network("bert"))
    shake(model)
    saved, head = get_peft_model_state_dict(model), {n: model.get_parameter(n).detach() for n in head_of(model)}
    other = updated(network("bert"))
    assert not torch.allclose(logits(other), logits(model), atol=1e-2)
    found = set_peft_model_state_dict(other, saved)
    other.load_state_dict(head, strict=False)
    assert not found.unexpected_keys
    assert torch.equal(logits(other), logits(model))
