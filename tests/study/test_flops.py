"""The estimate of operations, against torch's own count of the matrix products that a pass really makes."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode
from transformers import AutoModelForCausalLM, AutoModelForMaskedLM, AutoModelForSequenceClassification

from study.assembly import assemble
from study.flops import batch_flops, training_flops
from study.methods import METHODS
from study.models.architectures import architecture
from study.models.frozen import freeze_body, freeze_prefix
from study.models.parts import parts, parts_by
from study.surgery.checkpointing import install_checkpointing
from study.training import fit
from tests.architectures import LAYERS, small_config

TEXTS, LENGTH = 4, 24
CLASSES = AutoModelForSequenceClassification


def network_of(kind: str, auto: Any = CLASSES, **changes: Any) -> Any:
    torch.manual_seed(0)
    # Eager: the counter does not know torch's fused attention for processors.
    changes |= {"dropout": 0.0} if kind == "xlnet" else {}
    network = auto.from_config(small_config(kind, **changes), attn_implementation="eager")
    network.architecture_row = architecture(network.config)
    network.newly_initialised = ()
    network.config.pad_token_id = 0
    return network.train()


def counted(network: Any, length: int = LENGTH, **more: torch.Tensor) -> int:
    """Operations of a pass forward and backward, as torch counts them."""
    ids = torch.randint(5, 100, (TEXTS, length))
    with FlopCounterMode(display=False) as counter:
        network(input_ids=ids, attention_mask=torch.ones_like(ids), **more).logits.sum().backward()
    return counter.get_total_flops()


def estimated(network: Any, length: int = LENGTH) -> int:
    return batch_flops(network, [length, *[length // 2] * (TEXTS - 1)])


def apart(network: Any, **more: torch.Tensor) -> float:
    """How far the estimate is from what torch counts, as a share of that."""
    said = counted(network, **more)
    return abs(estimated(network) - said) / said


@pytest.mark.parametrize("kind", ["bert", "distilbert", "gpt2", "xlnet", "modernbert", "electra", "albert", "mpnet"])
@pytest.mark.parametrize("frozen", [0, 1, LAYERS])
def test_classifiers_within_two_per_cent(kind, frozen):
    network = network_of(kind)
    where = parts(network)
    if frozen:
        freeze_prefix(network, where, min(frozen, len(where.blocks)))
    assert apart(network) <= (0.05 if kind == "albert" and frozen else 0.02)


def test_positions_that_scores_depend_on_are_counted():
    assert apart(network_of("deberta-v2")) <= 0.03
    plain = small_config("bert").hidden_size
    assert estimated(network_of("deberta-v2")) > estimated(network_of("bert"))
    assert plain == small_config("deberta-v2").hidden_size


@pytest.mark.parametrize(
    ("kind", "auto"),
    [("bert", AutoModelForMaskedLM), ("distilbert", AutoModelForMaskedLM), ("gpt2", AutoModelForCausalLM)],
)
def test_output_layers_over_a_vocabulary_count_at_every_position(kind, auto):
    assert apart(network_of(kind, auto, vocab_size=1000)) <= 0.02
    small, large = (estimated(network_of(kind, auto, vocab_size=size)) for size in (1000, 3000))
    # 2 operations forward, 2 for the input's gradient and 2 for the weight's, for each of 2,000 words more
    assert large - small == 6 * 2000 * network_of(kind).config.hidden_size * TEXTS * LENGTH


def test_a_head_over_a_frozen_body():
    """The first part of pre-training a body without a head: no gradient passes through the blocks."""
    network = network_of("bert", AutoModelForMaskedLM)
    freeze_body(network)
    assert apart(network) <= 0.02
    assert estimated(network) < 0.5 * estimated(network_of("bert", AutoModelForMaskedLM))


def test_two_streams_of_attention():
    network = network_of("xlnet", AutoModelForCausalLM)
    eye = torch.eye(LENGTH).expand(TEXTS, -1, -1).contiguous()
    assert apart(network, target_mapping=eye, perm_mask=torch.zeros(TEXTS, LENGTH, LENGTH)) <= 0.03


SETTINGS: dict[str, dict[str, Any]] = {
    "lora": {"lora.rank": 4, "lora.alpha": 8.0, "lora.targets": "query,value"},
    "bitfit": {"bitfit.biases": "all"},
    "adapter": {"adapter.width": 4, "adapter.style": "houlsby"},
}


def with_method(kind: str, name: str) -> Any:
    knobs = {knob: value.default for knob, value in METHODS[name].knobs.items()}
    return METHODS[name].model(network_of(kind), {**knobs, **SETTINGS[name]})


@pytest.mark.parametrize("name", SETTINGS)
@pytest.mark.parametrize("kind", ["bert", "gpt2", "xlnet"])
def test_methods_that_train_a_little_within_five_per_cent(name, kind):
    assert apart(with_method(kind, name)) <= 0.05


def test_checkpointing_counts_one_more_pass_through_the_blocks():
    network = network_of("bert")
    plain = estimated(network)
    install_checkpointing(network)
    assert apart(network) <= 0.02
    assert estimated(network) > 1.25 * plain
    freeze_prefix(network, parts(network), LAYERS)
    assert estimated(network) < 0.5 * plain, "blocks that nothing goes back through are computed once"


def test_a_large_network_takes_six_operations_for_each_weight_and_token():
    network = network_of("bert", hidden_size=256, intermediate_size=1024, num_attention_heads=4)
    weights = sum(p.numel() for p in parts_by(network, network.architecture_row).blocks[0].parameters()) * LAYERS
    assert estimated(network, 16) == pytest.approx(6 * weights * TEXTS * 16, rel=0.05)


@pytest.mark.parametrize(("setting", "times"), [({}, 1), ({"awp.epsilon": 0.01, "awp.schedule": "every"}, 2)])
def test_a_trials_costs_are_those_of_its_batches(make_trial, setting, times):
    """Counted while it trains: real tokens once, operations as often as a method goes over a batch."""
    trial, context = make_trial(epochs=2, **setting)
    trainer = assemble(trial, context, lambda trainer, scores: None)
    sampler = trainer._get_train_sampler()
    order = [*sampler, *sampler]
    expected = training_flops(trainer.network, {})
    for start in range(0, len(order), int(trial.setting["batch_size"])):
        examples = order[start : start + int(trial.setting["batch_size"])]
        expected += times * batch_flops(trainer.network, trainer.examples.lengths[examples].tolist())
    fit(trainer)
    assert trainer.counted["train_flops"] == expected > 0
    assert trainer.counted["tokens_seen"] == 2 * int(trainer.examples.lengths.sum())


def test_a_training_is_the_sum_of_its_batches_and_padding_counts():
    network = network_of("bert")
    one, other = batch_flops(network, [8, 8]), batch_flops(network, [20])
    assert training_flops(network, {(2, 8): 3, (1, 20): 2}) == 3 * one + 2 * other
    assert batch_flops(network, [8, 3]) == one
    assert training_flops(network, {}) == 0


@pytest.mark.parametrize("kind", ["bert", "distilbert", "gpt2", "xlnet", "deberta-v2", "electra", "albert", "mpnet"])
@pytest.mark.parametrize("count", [1, 2])
def test_blocks_whose_output_is_read_do_not_count(kind, count):
    from study.surgery.replay import Prefix

    network = network_of(kind)
    where = parts(network)
    freeze_prefix(network, where, count)
    ids = torch.randint(5, 100, (TEXTS, LENGTH))
    prefix = Prefix(network, where, count, {"input_ids": ids, "attention_mask": torch.ones_like(ids)})
    with torch.no_grad():
        states = prefix.states({"input_ids": ids, "attention_mask": torch.ones_like(ids)})
    with prefix.replaying(states):
        said = counted(network)
    shape = {(TEXTS, LENGTH): 1}
    assert training_flops(network, shape, read=count) == pytest.approx(said, rel=0.03)
    assert training_flops(network, shape) > 1.05 * said
