"""The general rule finds what the rows say, finds its way in architectures without a row, and refuses what it must."""

from __future__ import annotations

import pytest
import torch
from transformers import AutoConfig

from study.errors import InputError
from study.methods.freezing import freeze
from study.models.architectures import ARCHITECTURES, architecture
from study.models.general import general
from study.models.loading import find_model, load
from study.models.parts import parts
from study.surgery.pooling import install_pooling, pooling_problem
from tests.architectures import small_architecture, small_config, small_tokenizer

SEEN = [name for name in ARCHITECTURES if name not in ("albert", "deberta-v2", "xlnet")]


@pytest.mark.parametrize("kind", SEEN)
def test_it_finds_what_the_row_says(kind):
    found, row = general(small_config(kind)), ARCHITECTURES[kind]
    assert (found.embeddings, found.blocks) == (row.embeddings, row.blocks)
    assert found.reads is None


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        ("albert", r"one ModuleList of 4 layers .* found were: encoder.albert_layer_groups \(2\)"),
        ("deberta-v2", "other parameters take part before it"),
        ("xlnet", "its forward pass does not run without weights"),
    ],
)
def test_what_needs_its_row_is_not_guessed(kind, why):
    with pytest.raises(InputError, match=why):
        general(small_config(kind))


SIZES = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
WITHOUT_ROW = {
    "llama": (SIZES | {"num_key_value_heads": 2}, ("embed_tokens",), "layers"),
    "qwen2": (SIZES | {"num_key_value_heads": 2}, ("embed_tokens",), "layers"),
    "gpt_neox": (SIZES, ("embed_in", "emb_dropout"), "layers"),
    "ernie": (SIZES, ("embeddings",), "encoder.layer"),
    "bloom": (
        {"hidden_size": 32, "n_layer": 2, "n_head": 2},
        ("word_embeddings", "word_embeddings_layernorm"),
        "h",
    ),
    "opt": (
        {**SIZES, "ffn_dim": 64, "word_embed_proj_dim": 32, "dropout": 0.0},
        ("decoder.embed_tokens", "decoder.embed_positions"),
        "decoder.layers",
    ),
}


def config_of(kind, **changes):
    sizes = WITHOUT_ROW[kind][0] if kind in WITHOUT_ROW else {}
    tokens = {"vocab_size": 128, "pad_token_id": 0, "bos_token_id": 0, "eos_token_id": 0}
    return AutoConfig.for_model(kind, **{**tokens, "initializer_range": 0.2, **sizes, **changes})


@pytest.mark.parametrize("kind", WITHOUT_ROW)
def test_it_finds_embeddings_and_blocks_where_there_is_no_row(kind):
    config = config_of(kind)
    found = architecture(config)
    assert (found.embeddings, found.blocks) == WITHOUT_ROW[kind][1:]
    assert config.pad_token_id == 0


@pytest.mark.parametrize("kind", ["llama", "gpt_neox"])
def test_a_model_without_a_row_loads_and_freezes(kind, tmp_path):
    from transformers import AutoModel

    AutoModel.from_config(config_of(kind)).save_pretrained(tmp_path)
    small_tokenizer("gpt2").save_pretrained(tmp_path)
    found = find_model(str(tmp_path))
    assert found.geometry.depth == 2
    network = load(found, "AutoModelForSequenceClassification", ("no", "yes"))
    freeze(network, {"frozen_layers": 2})
    where, outputs = parts(network), []
    where.blocks[-1].register_forward_hook(lambda _m, _i, output: outputs.append(output))
    ids = torch.tensor([[7, 8, 9, 10], [11, 12, 0, 0]])
    for _ in range(2):
        network.train()
        network(input_ids=ids, attention_mask=(ids != 0).long()).logits.sum().backward()
    first, second = (one[0] if isinstance(one, tuple) else one for one in outputs)
    assert torch.equal(first, second)
    assert not first.requires_grad
    assert network.score.weight.grad is not None
    assert "no pooler to replace" in pooling_problem(found, "mean")
    with pytest.raises(InputError, match="no pooler to replace"):
        install_pooling(network, where, "mean")


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        ("t5", "it is an encoder with a decoder"),
        ("bart", "it is an encoder with a decoder"),
        ("mamba", "transformers builds no classification model of it"),
        ("flaubert", r"wanted is one ModuleList of 12 layers .* found were: attentions \(12\)"),
        ("squeezebert", "its forward pass does not run without weights"),
    ],
)
def test_what_it_cannot_tell_is_refused_with_what_was_found_and_what_is_needed(kind, why):
    with pytest.raises(InputError, match=why) as caught:
        architecture(AutoConfig.for_model(kind))
    assert f"It would need a row there: '{kind}': Architecture(" in str(caught.value)


def test_dropout_that_no_module_holds_is_noticed(monkeypatch):
    """OPT calls the dropout function in its blocks, with the block's own mode; here one call forgets the mode."""
    from transformers.models.bert import modeling_bert

    plain = modeling_bert.BertIntermediate.forward

    def forgetful(self, hidden):
        return torch.nn.functional.dropout(plain(self, hidden), p=0.1)

    monkeypatch.setattr(modeling_bert.BertIntermediate, "forward", forgetful)
    with pytest.raises(InputError, match="dropout still runs before the end"):
        general(small_config("bert", hidden_act="relu"))


def test_the_rows_are_asked_first(tmp_path):
    found = find_model(str(small_architecture("albert", tmp_path)))
    assert found.notes == (
        "ALBERT's layers share their weights: layers 4, distinct blocks 2; frozen_layers counts distinct blocks.",
    )
