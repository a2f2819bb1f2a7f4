"""The matrices of the blocks are found under their names in every architecture, with or without a row."""

from __future__ import annotations

from collections import Counter

import pytest
import torch
from transformers import AutoModelForSequenceClassification

from study.surgery.projections import projections
from tests.architectures import KINDS, small_config
from tests.study.models.test_general import WITHOUT_ROW, config_of


def on_meta(config):
    with torch.device("meta"):
        return AutoModelForSequenceClassification.from_config(config)


LAYER = Counter(query=1, key=1, value=1, output=1, other=2)
FUSED = Counter(fused=1, output=1, other=2)
GATED = Counter(query=1, key=1, value=1, output=1, other=3)
ROLES = {
    **dict.fromkeys(KINDS, LAYER),
    **dict.fromkeys(WITHOUT_ROW, LAYER),
    **dict.fromkeys(("modernbert", "gpt2", "gpt_neox", "bloom"), FUSED),
    **dict.fromkeys(("llama", "qwen2"), GATED),
    "albert": LAYER + LAYER,  # each of its blocks holds two layers
    "xlnet": LAYER + Counter(other=1),  # the matrix of relative positions
}


@pytest.mark.parametrize("kind", ROLES)
def test_every_block_has_its_roles(kind):
    network = on_meta(small_config(kind) if kind in KINDS else config_of(kind))
    found = projections(network)
    blocks = {one.block for one in found}
    assert blocks == set(range(len(blocks)))
    assert [Counter(one.role for one in found if one.block == number) for number in blocks] == [ROLES[kind]] * len(
        blocks
    )


@pytest.mark.parametrize("kind", ROLES)
def test_no_matrix_of_a_block_is_left_out_or_listed_twice(kind):
    """Counted another way: parameters of two or three dimensions in the blocks that are no embedding."""
    network = on_meta(small_config(kind) if kind in KINDS else config_of(kind))
    found = projections(network)
    weights = [one.name if one.bare else f"{one.name}.weight" for one in found]
    small = ("_bias", "seed", "seg_embed")
    blocks = {weight.rsplit(f".{i}.", 1)[0] for weight in weights for i in range(9) if f".{i}." in weight}
    there = [
        name
        for name, p in network.named_parameters()
        if p.dim() > 1 and any(name.startswith(f"{block}.") for block in blocks) and not name.endswith(small)
    ]
    assert sorted(weights) == sorted(there)


def test_the_feed_forward_output_is_not_taken_for_the_attentions():
    named = {one.name.split("layer.0.")[-1]: one.role for one in projections(on_meta(small_config("bert")))}
    assert named["attention.output.dense"] == "output"
    assert named["output.dense"] == "other"
    named = {one.name: one.role for one in projections(on_meta(small_config("gpt2")))}
    assert named["transformer.h.0.attn.c_proj"] == "output"
    assert named["transformer.h.0.mlp.c_proj"] == "other"
