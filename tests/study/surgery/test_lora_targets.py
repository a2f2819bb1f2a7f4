"""Where LoRA goes is decided by block and role, and what cannot be is told from the configuration alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from transformers import AutoConfig, AutoModelForSequenceClassification

from study.errors import InputError
from study.methods.lora import METHOD
from study.models.loading import find_model
from study.surgery.lora_targets import _WANTED, lora_problem, lora_targets
from tests.architectures import small_architecture, small_config


def chosen(kind, **setting):
    with torch.device("meta"):
        network = AutoModelForSequenceClassification.from_config(small_config(kind))
    return lora_targets(network, {"lora.rank": 4, **{n.replace("__", "."): v for n, v in setting.items()}})


def test_every_choice_of_the_setting_is_known():
    assert METHOD.knobs["lora.targets"].choices == tuple(_WANTED)


@pytest.mark.parametrize(
    ("kind", "targets", "roles"),
    [
        ("bert", "query,value", {"query", "value"}),
        ("bert", "attention", {"query", "key", "value", "output"}),
        ("bert", "linear", {"query", "key", "value", "output", "other"}),
        ("gpt2", "query,value", {"fused"}),
        ("gpt2", "attention", {"fused", "output"}),
        ("xlnet", "attention", {"query", "key", "value", "output"}),
    ],
)
def test_targets_are_roles(kind, targets, roles):
    assert {one.role for one in chosen(kind, lora__targets=targets)} == roles


@pytest.mark.parametrize(("first", "frozen", "blocks"), [(0, 0, {0, 1, 2}), (1, 0, {1, 2}), (0, 2, {2}), (1, 2, {2})])
def test_blocks_that_are_frozen_or_below_the_first_get_none(first, frozen, blocks):
    assert {one.block for one in chosen("bert", lora__first_block=first, frozen_layers=frozen)} == blocks


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    return lambda kind: find_model(str(small_architecture(kind, tmp_path_factory.mktemp(kind))))


@pytest.mark.parametrize(("targets", "wanted"), [("query,value", "query or value"), ("attention", "query or key")])
def test_an_architecture_without_attention_is_told_what_it_can_have(targets, wanted, found, tmp_path):
    """FNet mixes its tokens by a Fourier transform."""
    sizes = {"vocab_size": 128, "hidden_size": 32, "num_hidden_layers": 2, "intermediate_size": 64}
    AutoConfig.for_model("fnet", **sizes).save_pretrained(tmp_path)
    model = replace(found("bert"), path=str(tmp_path))
    said = lora_problem(model, {"lora.rank": 4, "lora.targets": targets})
    assert said.startswith(f"--model {model.ref.name}: lora.targets={targets}: the architecture 'fnet' has no matrix")
    assert wanted in said
    assert "lora.targets=linear" in said
    assert lora_problem(model, {"lora.rank": 4, "lora.targets": "linear"}) is None


@pytest.mark.parametrize("targets", ["query,value", "attention", "linear"])
def test_bare_matrices_take_no_dropout(targets, found):
    model = found("xlnet")
    setting = {"lora.rank": 4, "lora.targets": targets}
    assert "lora.dropout=0.1: the architecture 'xlnet'" in lora_problem(model, {**setting, "lora.dropout": 0.1})
    assert lora_problem(model, {**setting, "lora.dropout": 0.0}) is None


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ({"lora.first_block": 3}, "lora.first_block=3: leaves none of the 3 blocks"),
        ({"frozen_layers": 3}, "frozen_layers=3: leaves none of the 3 blocks"),
        ({"frozen_layers": 3, "lora.first_block": 1}, "frozen_layers=3: leaves none"),
    ],
)
def test_no_block_for_lora_is_told_at_asking_and_at_surgery(setting, says, found):
    assert says in lora_problem(found("bert"), {"lora.rank": 4, **setting})
    assert lora_problem(found("bert"), {"lora.rank": 0, **setting}) is None
    with pytest.raises(InputError, match=says):
        chosen("bert", **{name.replace(".", "__"): value for name, value in setting.items()})


def test_layers_that_are_shared_count_once(found):
    """Four layers in two groups are two blocks."""
    model = found("albert")
    assert lora_problem(model, {"lora.rank": 4, "frozen_layers": 1}) is None
    assert "none of the 2 blocks" in lora_problem(model, {"lora.rank": 4, "frozen_layers": 2})
