"""Mixout is the paper's formula with its true gradient, in training only, and leaves no trace in the model served."""

from __future__ import annotations

import copy

import pytest
import torch
from torch.func import functional_call
from torch.nn import functional
from transformers.pytorch_utils import Conv1D

from study import cost
from study.assembly import assemble
from study.errors import InputError
from study.methods.freezing import freeze
from study.methods.mixout import mix, unmix
from study.models.frozen import freeze_body
from study.models.loading import find_model, load
from study.models.parts import Parts, parts
from study.surgery.dropout import restore_dropout, silence_dropout
from study.surgery.mixing import MixedConv1D, MixedLinear, draw, install_mixing, mixed
from study.training import fit
from tests.architectures import KINDS, small_architecture

P = 0.7
EVERYWHERE = {"mixout.p": P, "mixout.target": "linear", "mixout.mask": "column"}
HEAD = {**EVERYWHERE, "mixout.target": "classifier"}
MASKS = {"column": 1, "element": None}


def tensors(*shape, count=2) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    return [torch.randn(shape, generator=generator, dtype=torch.float64) for _ in range(count)]


# The formula


@pytest.mark.parametrize("mask", MASKS)
def test_it_is_the_papers_equation_and_dropout_of_the_difference_under_the_same_mask(mask, monkeypatch):
    w, u = tensors(5, 7)
    torch.manual_seed(0)
    noise = draw(w, P, MASKS[mask])
    kept = (noise > 0).double().expand(5, 7)
    assert 0 < kept.mean() < 1
    found = mixed(w, u, noise)
    torch.testing.assert_close(found, ((1 - kept) * u + kept * w - P * u) / (1 - P))
    assert torch.equal(found[kept == 0], u[kept == 0])
    # torch's own dropout, made to draw this mask
    torch.manual_seed(0)
    shape = noise.shape if mask == "element" else (1, 7)
    dropped = functional.dropout(torch.ones(shape, dtype=torch.float64), P)
    assert torch.equal(dropped > 0, noise > 0)
    torch.testing.assert_close(found, u + dropped * (w - u))


def test_towards_zero_by_column_it_is_dropout_of_the_inputs_with_one_mask_for_all_texts():
    (w,), (x,) = tensors(5, 7, count=1), tensors(3, 7, count=1)
    noise = draw(w, P, 1)
    torch.testing.assert_close(functional.linear(x, mixed(w, torch.zeros_like(w), noise)), (x * noise) @ w.T)


def test_by_column_all_weights_of_an_input_share_a_draw_and_by_element_none_do():
    w, u = torch.ones(40, 50), torch.zeros(40, 50)
    by_column, by_element = (mixed(w, u, draw(w, 0.5, column)) for column in (1, None))
    assert all(torch.equal(by_column[0], row) for row in by_column)
    assert by_column[0].unique().tolist() == [0.0, 2.0]
    assert len({tuple(row.tolist()) for row in by_element}) == 40
    assert len({tuple(column.tolist()) for column in by_element.T}) == 50


@pytest.mark.parametrize("mask", MASKS)
def test_on_average_it_is_the_weight_with_the_papers_variance(mask):
    w, u = tensors(2, 3)
    w, u, count = w.repeat(1, 20_000), u.repeat(1, 20_000), 20_000
    torch.manual_seed(0)
    found = mixed(w, u, draw(w, P, MASKS[mask])).reshape(2, count, 3)
    squared = P / (1 - P) * (w - u)[:, :3].pow(2)
    errors = (found.mean(1) - w[:, :3]) / (squared / count).sqrt()
    assert errors.abs().max() < 4.5
    assert found.var(1).div(squared).sub(1).abs().max() < 0.05


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9, 0.99])
def test_where_both_are_equal_it_is_exactly_them(p):
    w = torch.randn(200, 300) * torch.logspace(-20, 20, 300)
    assert torch.equal(mixed(w, w.clone(), draw(w, p, None)), w)


def layer(conv: bool, mask: str, p: float = P):
    """A module of 6 inputs and 4 outputs in training, alone in a network with a head's place for it."""
    module = Conv1D(4, 6) if conv else torch.nn.Linear(6, 4)
    network = torch.nn.Sequential(module)
    network.base_model, network.config = torch.nn.Module(), None
    install_mixing(network, Parts(network.base_model, (), ()), p, everywhere=False, columns=mask == "column")
    with torch.no_grad():
        module.weight.add_(torch.randn_like(module.weight))
    return module.double().train()


@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize("conv", [False, True], ids=["linear", "conv1d"])
def test_its_gradient_is_that_of_what_it_computes(conv, mask):
    """Finite differences; a backward pass without 1/(1-p) fails, as one that leaves out the mask does."""
    module, (x,) = layer(conv, mask), tensors(3, 6, count=1)

    def output(weight, bias, x):
        torch.manual_seed(3)
        return functional_call(module, {"weight": weight, "bias": bias}, x)

    inputs = [t.detach().clone().requires_grad_() for t in (module.weight, module.bias, x)]
    assert torch.autograd.gradcheck(output, inputs)
    output(*inputs).sum().backward()
    torch.manual_seed(3)
    noise = draw(module.weight, P, (0 if conv else 1) if mask == "column" else None).expand_as(module.weight)
    sums = x.sum(0)[:, None] if conv else x.sum(0)[None]
    torch.testing.assert_close(inputs[0].grad, noise * sums)
    assert inputs[0].grad.abs().max() > 1.5 * sums.abs().min()


@pytest.mark.parametrize("conv", [False, True], ids=["linear", "conv1d"])
def test_an_input_is_dropped_for_all_outputs_or_for_none(conv):
    module = layer(conv, "column", p=0.5)
    with torch.no_grad():
        module.mixing_target.zero_()
        module.weight.fill_(1.0)
        module.bias.zero_()
    torch.manual_seed(1)
    outputs = module(torch.eye(6).double())  # row i: what input i contributes to each output
    assert all(row.unique().numel() == 1 for row in outputs)
    assert set(outputs.unique().tolist()) == {0.0, 2.0}


# On networks


@pytest.fixture(scope="module", params=KINDS)
def found(request, tmp_path_factory):
    return find_model(str(small_architecture(request.param, tmp_path_factory.mktemp("mixed") / request.param)))


@pytest.fixture
def network(found):
    torch.manual_seed(0)
    return load(found, "AutoModelForSequenceClassification", ("no", "yes"))


def logits(network, training=True) -> torch.Tensor:
    ids = torch.arange(5, 29).reshape(3, 8)
    with torch.no_grad():
        return network.train(training)(input_ids=ids, attention_mask=torch.ones_like(ids)).logits


def moved(network):
    """The network as if it had been trained some way."""
    torch.manual_seed(7)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(0.05 * torch.randn_like(parameter))
    return network


def mixing(network) -> dict[str, torch.nn.Module]:
    return {name: m for name, m in network.named_modules() if isinstance(m, (MixedLinear, MixedConv1D))}


@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize("p", [0.3, 0.9])
def test_before_the_first_step_training_and_evaluation_agree_to_the_bit_without_dropout(network, mask, p):
    plain = logits(network, training=False)
    setting = {**EVERYWHERE, "mixout.p": p, "mixout.mask": mask, "mixout.replace_dropout": True}
    mix(network, setting)
    assert torch.equal(logits(network, training=False), plain)
    assert torch.equal(logits(network), plain)


def test_after_some_steps_training_varies_and_evaluation_is_that_of_the_plain_model(network):
    trained = moved(copy.deepcopy(network))
    mix(network, {**EVERYWHERE, "mixout.replace_dropout": True})
    with torch.no_grad():
        for name, parameter in trained.named_parameters():
            network.get_parameter(name).copy_(parameter)
    assert torch.equal(logits(network, training=False), logits(trained, training=False))
    assert not torch.equal(logits(network), logits(network))


def test_every_mixed_module_of_every_architecture_is_really_applied(network):
    mix(network, EVERYWHERE)
    called = set()
    for name, module in mixing(network).items():
        module.register_forward_hook(lambda *_, name=name: called.add(name))
    logits(network)
    assert called == set(mixing(network))


def test_the_head_alone_or_every_linear_after_the_embeddings(network):
    kinds = (torch.nn.Linear, Conv1D)
    linear = {name for name, m in network.named_modules() if isinstance(m, kinds)}
    below = {name for name in linear if "embed" in name}
    head = {name for name in linear if not name.startswith(f"{network.base_model_prefix}.")}
    assert head
    assert set(mixing(mix(copy.deepcopy(network), HEAD))) == head
    assert set(mixing(mix(network, EVERYWHERE))) == linear - below
    # XLNet's query, key and value are no modules.
    assert len(linear - below - head) >= {"xlnet": 2, "gpt2": 4, "modernbert": 4}.get(network.config.model_type, 6) * 2


def test_weights_names_and_structure_stay_and_come_back(network):
    before, structure = {n: t.clone() for n, t in network.state_dict().items()}, cost.structure(network)
    draws = torch.get_rng_state()
    mix(network, {**EVERYWHERE, "mixout.replace_dropout": True})
    assert torch.equal(torch.get_rng_state(), draws)
    assert mixing(network)
    for _ in range(2):
        assert list(network.state_dict()) == list(before)
        assert all(torch.equal(t, before[n]) for n, t in network.state_dict().items())
        unmix(network, EVERYWHERE)
        assert not mixing(network)
    assert cost.structure(network) == structure
    assert not any("mixing" in name for m in network.modules() for name in [*vars(m), *dict(m.named_buffers())])


def test_dropout_is_silenced_wherever_it_is_and_comes_back(network):
    before = repr(network), logits(network, training=False)
    assert not torch.equal(logits(network), logits(network))
    silence_dropout(network)
    assert torch.equal(logits(network), logits(network))
    assert torch.equal(logits(network), before[1])
    for _ in range(2):
        assert repr(restore_dropout(network)) == before[0]
        assert not torch.equal(logits(network), logits(network))


# With other methods


def bert(make_trial, **setting):
    trial, context = make_trial(**setting)
    return assemble(trial, context, lambda trainer, scores: None)


def test_what_is_frozen_is_not_mixed(make_trial):
    network = bert(make_trial).network
    freeze(network, {"frozen_layers": 2})
    names = set(mixing(mix(network, EVERYWHERE)))
    assert {name.split(".layer.")[1][0] for name in names if ".layer." in name} == {"2"}
    assert {"classifier", "bert.pooler.dense"} < names


def test_in_a_frozen_body_the_head_alone_is_mixed_and_nothing_a_method_added(make_trial):
    network = bert(make_trial).network
    freeze_body(network)
    parts(network).blocks[0].added = torch.nn.Linear(4, 4)
    assert set(mixing(mix(network, EVERYWHERE))) == {"classifier"}


@pytest.mark.parametrize("beside", [{"lora__rank": 2, "lora__targets": "linear"}, {"adapter__width": 4}], ids=str)
def test_beside_lora_or_adapters_the_head_alone_is_mixed_and_all_of_it_comes_back(make_trial, beside):
    made = bert(make_trial, mixout__p=0.7, mixout__target="linear", **beside)
    assert set(mixing(made.network)) == {"classifier"}
    fit(made)
    assert not mixing(made.network)


def test_a_part_of_a_frozen_body_that_no_checkpoint_has_trained_is_mixed(make_trial):
    network = bert(make_trial).network
    network.newly_initialised = (*network.newly_initialised, "bert.pooler.dense.weight")
    freeze_body(network)
    assert set(mixing(mix(network, EVERYWHERE))) == {"classifier", "bert.pooler.dense"}


def test_nothing_to_mix_is_said(make_trial):
    network = bert(make_trial).network.requires_grad_(False)
    for setting, where in ((HEAD, "the head"), (EVERYWHERE, "the model")):
        with pytest.raises(
            InputError, match=f"mixout.p=0.7: {where} has no linear module with a weight that is trained"
        ):
            mix(network, setting)


def test_the_target_moves_with_the_model_and_is_what_the_weight_was(make_trial):
    network = bert(make_trial).network
    before = network.classifier.weight.detach().clone()
    mix(network, HEAD)
    moved(network).double()
    assert torch.equal(network.classifier.mixing_target, before.double())
    assert network.classifier.mixing_target.dtype == network.classifier.weight.dtype
    assert not torch.equal(network.classifier.weight, network.classifier.mixing_target)
    assert not network.classifier.mixing_target.requires_grad


# In trials


def test_a_trial_trains_mixed_and_serves_a_plain_model(make_trial):
    torch.set_num_threads(1)
    made, plain = bert(make_trial, mixout__p=0.7, mixout__replace_dropout=True), bert(make_trial)
    assert set(mixing(made.network)) == {"classifier"}
    start = made.network.classifier.weight.detach().clone()
    fit(made)
    assert type(made.network.classifier) is torch.nn.Linear
    assert not torch.equal(made.network.classifier.weight, start)
    assert cost.structure(made.network) == cost.structure(plain.network)
    assert made.network.dropout.p == 0.1


def test_only_dropout_may_be_replaced(make_trial):
    made = bert(make_trial, mixout__replace_dropout=True)
    assert not mixing(made.network)
    assert torch.equal(logits(made.network), logits(made.network, training=False))


def test_mask_and_target_count_where_something_is_mixed(make_trial):
    on = {"mixout__p": 0.7}
    keys = [make_trial(**on, **more)[0].key for more in ({}, {"mixout__mask": "element"}, {"mixout__target": "linear"})]
    assert len({*keys, make_trial()[0].key}) == 4
    assert make_trial(**on, mixout__mask="column", mixout__replace_dropout=False)[0].key == keys[0]


@pytest.mark.parametrize("value", [-0.1, 1, 1.5])
def test_a_probability_outside_its_range_is_refused(value):
    from study.settings import problems

    (said,) = problems({"mixout.p": value})
    assert said.startswith(f"mixout.p={value}: must be a number from 0 below 1.")
