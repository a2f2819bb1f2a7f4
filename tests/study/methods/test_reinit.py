"""The top blocks and the pooler are drawn anew as the architecture draws them, and nothing else is touched."""

from __future__ import annotations

import pytest
import torch

from study.assembly import assemble
from study.errors import InputError
from study.methods.reinit import reinit_problem, reinitialise
from study.models.loading import find_model, load
from study.models.parts import parts
from study.settings import problems
from study.training import fit
from tests.architectures import KINDS, small_architecture


@pytest.fixture(params=KINDS)
def network(request, tmp_path):
    """A network none of whose weights is what an initialisation gives: no zero bias, no norm of ones."""
    folder = small_architecture(request.param, tmp_path / request.param)
    torch.manual_seed(0)
    model = load(find_model(str(folder)), "AutoModelForSequenceClassification", ("no", "yes"))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) + 3)
    return model


def snapshot(model) -> dict[str, torch.Tensor]:
    return {name: p.detach().clone() for name, p in model.named_parameters()}


def inside(model, modules) -> set[str]:
    held = {id(p) for module in modules for p in module.parameters()}
    return {name for name, p in model.named_parameters() if id(p) in held}


@pytest.mark.parametrize("count", [1, 2])
def test_exactly_the_top_blocks_and_the_pooler_change(network, count):
    where, before = parts(network), snapshot(network)
    reinitialise(network, {"reinit_layers": count})
    pooler = getattr(where.body, "pooler", None)
    assert (pooler is not None) == (network.config.model_type in ("bert", "albert"))
    first = where.after_first if count == len(where.blocks) else ()
    meant = inside(network, [*where.blocks[-count:], *first, *([pooler] if pooler is not None else [])])
    changed = {name for name, p in network.named_parameters() if not torch.equal(p, before[name])}
    assert changed == meant
    assert all((network.get_parameter(name) != before[name]).all() for name in changed)
    assert all(p.requires_grad for p in network.parameters())


def test_the_new_weights_are_distributed_as_those_of_an_untrained_model(network):
    """Each parameter's spread and mean against those of one that transformers makes from the configuration."""
    from transformers import AutoModelForSequenceClassification

    torch.manual_seed(1)
    fresh = AutoModelForSequenceClassification.from_config(network.config)
    reinitialise(network, {"reinit_layers": len(parts(network).blocks)})
    compared = 0
    for name in inside(network, parts(network).blocks):
        mine, theirs = network.get_parameter(name).detach(), fresh.get_parameter(name).detach()
        if theirs.std(correction=0) == 0:
            assert torch.equal(mine, theirs)
        elif theirs.numel() >= 256:
            assert float(mine.std() / theirs.std()) == pytest.approx(1, abs=0.2)
            assert float((mine - theirs).mean().abs()) < 6 * float(theirs.std()) * (2 / theirs.numel()) ** 0.5
            compared += 1
    assert compared >= 4


def test_all_blocks_are_drawn_differently_from_each_other_and_by_the_seed(network):
    blocks = parts(network).blocks
    drawn = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        reinitialise(network, {"reinit_layers": len(blocks)})
        drawn.append([p.detach().clone() for block in blocks for p in block.parameters() if p.dim() > 1])
    assert all(torch.equal(a, b) for a, b in zip(*drawn[:2], strict=True))
    assert not any(torch.equal(a, b) for a, b in zip(*drawn[1:], strict=True))
    first, last = (next(p for p in block.parameters() if p.dim() > 1) for block in (blocks[0], blocks[-1]))
    assert not torch.equal(first, last)


def test_deberta_draws_the_convolution_of_its_first_block_with_that_block(tmp_path):
    folder = small_architecture("deberta-v2", tmp_path)
    model = load(find_model(str(folder)), "AutoModelForSequenceClassification", ("no", "yes"))
    conv = parts(model).after_first[0].conv.weight
    before = conv.detach().clone()
    reinitialise(model, {"reinit_layers": 2})
    assert torch.equal(conv, before)
    reinitialise(model, {"reinit_layers": 3})
    assert not torch.equal(conv, before)


def test_a_trial_trains_what_was_drawn_anew(make_trial):
    trial, context = make_trial(reinit_layers=1, frozen_layers=2)
    trainer = assemble(trial, context, lambda trainer, scores: None)
    plain = snapshot(assemble(*make_trial(), lambda trainer, scores: None).network)
    drawn = snapshot(trainer.network)
    differing = {name for name, tensor in drawn.items() if not torch.equal(tensor, plain[name])}
    assert differing == {n for n in plain if (".layer.2." in n or ".pooler." in n) and n.endswith("weight")} - {
        n for n in plain if "LayerNorm" in n
    }
    fit(trainer)
    assert not any(torch.equal(trainer.network.get_parameter(name), drawn[name]) for name in differing)


def test_a_pooler_that_another_pooling_replaced_is_not_missed(make_trial):
    trial, context = make_trial(reinit_layers=1, pooling="mean")
    assert assemble(trial, context, lambda trainer, scores: None).network is not None


@pytest.mark.parametrize(("count", "frozen"), [(1, 3), (2, 2), (3, 3)])
def test_a_block_cannot_be_frozen_and_random(make_trial, count, frozen):
    trial, context = make_trial(reinit_layers=count, frozen_layers=frozen)
    with pytest.raises(InputError) as refused:
        assemble(trial, context, lambda trainer, scores: None)
    said = str(refused.value)
    assert f"reinit_layers={count} with frozen_layers={frozen}: {count + frozen - 3} of the model's 3 blocks" in said
    assert "at most 3" in said


def test_it_alone_and_freezing_alone_are_no_problem():
    assert reinit_problem({"frozen_layers": 3}, depth=3) is None
    assert reinit_problem({"reinit_layers": 3}, depth=3) is None
    assert reinit_problem({"reinit_layers": 1, "frozen_layers": 2}, depth=3) is None


def test_it_is_refused_with_methods_that_would_freeze_what_it_drew():
    for on, other in (({"lora.rank": 2}, "lora"), ({"adapter.width": 4}, "adapter"), ({"bitfit": True}, "bitfit")):
        said = problems({"reinit_layers": 1, **on})
        assert any(one.startswith(f"reinit and {other} cannot be combined.") for one in said)
