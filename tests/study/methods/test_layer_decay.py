"""Every trainable parameter learns at the rate of its depth, in one group, with the weight decay of its kind."""

from __future__ import annotations

import copy
import re

import pytest
import torch

from study.assembly import assemble
from study.methods.freezing import freeze
from study.methods.layer_decay import groups
from study.methods.lora import adapt as lora
from study.models.loading import find_model, load
from study.models.parts import parts
from study.training import fit
from tests.architectures import KINDS, small_architecture

SETTING = {"learning_rate": 1e-3, "layer_decay": 0.5, "weight_decay": 0.01}
BELOW = r"embed|\.wte\.|\.wpe\.|mask_emb|relative_attention_bias|deberta\.encoder\.(rel_|LayerNorm)"
BLOCK = r"\.(?:layer|layers|h|albert_layer_groups)\.(\d+)\."


@pytest.fixture(scope="module", params=KINDS)
def network(request, tmp_path_factory):
    folder = small_architecture(request.param, tmp_path_factory.mktemp("decayed") / request.param)
    torch.manual_seed(0)
    return load(find_model(str(folder)), "AutoModelForSequenceClassification", ("no", "yes"))


def expected(name: str, depth: int) -> float:
    """The share of the learning rate that a parameter of this name has; 0.5 per step away from the head."""
    if block := re.search(BLOCK, name):
        return 0.5 ** (depth - int(block[1]))
    if name.startswith("deberta.encoder.conv."):
        return 0.5**depth
    return 0.5 ** (depth + 1) if re.search(BELOW, name) else 1.0


def by_parameter(found) -> dict[int, dict]:
    return {id(p): group for group in found for p in group["params"]}


def test_every_trainable_parameter_is_in_one_group_at_the_rate_of_its_depth(network):
    found = groups(network, SETTING)
    held = [id(p) for group in found for p in group["params"]]
    assert sorted(held) == sorted(id(p) for p in network.parameters())
    group_of, names = by_parameter(found), dict(network.named_parameters())
    depth = 1 + max(int(block[1]) for name in names if (block := re.search(BLOCK, name)))
    assert depth == (2 if network.config.model_type == "albert" else 3)
    rates = {name: group_of[id(p)]["lr"] / 1e-3 for name, p in names.items()}
    assert rates == pytest.approx({name: expected(name, depth) for name in names})
    assert len(set(rates.values())) == depth + 2
    assert found[0]["lr"] == 1e-3


def test_weight_decay_is_transformers_split(network):
    from transformers import Trainer, TrainingArguments

    trainer = Trainer(network, TrainingArguments(output_dir="unused", weight_decay=0.01, report_to="none"))
    plain = by_parameter(trainer.create_optimizer().param_groups)
    found = by_parameter(groups(network, SETTING))
    assert {i: group["weight_decay"] for i, group in found.items()} == {i: g["weight_decay"] for i, g in plain.items()}
    assert {group["weight_decay"] for group in found.values()} == {0.0, 0.01}


def test_frozen_parameters_are_in_no_group(make_trial):
    trial, context = make_trial(frozen_layers=2, layer_decay=0.5)
    network = assemble(trial, context, lambda trainer, scores: None).network
    held = by_parameter(groups(network, trial.setting))
    assert set(held) == {id(p) for p in network.parameters() if p.requires_grad}
    assert {group["lr"] for group in held.values()} == {1e-3, 5e-4}
    freeze(network, {"frozen_layers": 3})
    assert {group["lr"] for group in groups(network, trial.setting)} == {1e-3}


def test_what_lora_adds_to_a_block_learns_at_the_blocks_rate(network):
    adapted = lora(copy.deepcopy(network), {"lora.rank": 2, "lora.alpha": 4.0, "lora.targets": "query,value"})
    held, depth = by_parameter(groups(adapted, SETTING)), len(parts(adapted).blocks)
    trainable = {name: p for name, p in adapted.named_parameters() if p.requires_grad}
    assert set(held) == {id(p) for p in trainable.values()}
    assert {n: held[id(p)]["lr"] / 1e-3 for n, p in trainable.items()} == pytest.approx(
        {name: expected(name, depth) for name in trainable}
    )
    assert any(".lora_" in name or "parametrizations" in name for name in trainable)


def test_the_schedule_scales_every_groups_rate_alike(make_trial):
    trial, context = make_trial(layer_decay=0.5, warmup_ratio=0.25)
    trainer = assemble(trial, context, lambda trainer, scores: None)
    trainer.create_optimizer_and_scheduler(num_training_steps=8)
    shares = []
    for _ in range(8):
        rates = [group["lr"] / group["initial_lr"] for group in trainer.optimizer.param_groups]
        assert rates == pytest.approx([rates[0]] * len(rates))
        shares.append(rates[0])
        trainer.optimizer.step()
        trainer.lr_scheduler.step()
    assert shares == pytest.approx([0, 1 / 2, 1, 5 / 6, 4 / 6, 3 / 6, 2 / 6, 1 / 6])
    assert len({group["initial_lr"] for group in trainer.optimizer.param_groups}) == 5


def test_the_first_step_of_a_trial_is_shorter_by_the_parameters_share(make_trial):
    torch.set_num_threads(1)

    def moved(**setting):
        trial, context = make_trial(epochs=0.125, learning_rate=1e-3, **setting)
        trainer = assemble(trial, context, lambda trainer, scores: None)
        before = {name: p.detach().clone() for name, p in trainer.network.named_parameters()}
        fit(trainer)
        assert trainer.state.global_step == 1
        return {name: p.detach() - before[name] for name, p in trainer.network.named_parameters()}

    plain, decayed = moved(), moved(layer_decay=0.5)
    for name, far in plain.items():
        torch.testing.assert_close(decayed[name], far * expected(name, 3), rtol=1e-3, atol=1e-7)
    assert any(far.abs().max() > 9e-4 for far in plain.values())


@pytest.mark.parametrize("value", [0, -0.5, 1.01])
def test_a_share_outside_its_range_is_refused(value):
    from study.settings import problems

    (said,) = problems({"layer_decay": value})
    assert said.startswith(f"layer_decay={value}: must be a number above 0 to 1.")
