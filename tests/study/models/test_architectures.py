"""Every architecture with a row: what is frozen, what trains, what is drawn, and that padding changes no logit."""

from __future__ import annotations

import re

import pytest
import torch
from safetensors import safe_open

from study.methods.freezing import freeze
from study.models.architectures import ARCHITECTURES
from study.models.loading import load, load_tokenizer
from study.models.parts import parts
from tests.architectures import KINDS
from tests.small import rows

BELOW = {
    "albert": (r"embeddings\.|encoder\.embedding_hidden_mapping_in\.", r"encoder\.albert_layer_groups\.(\d+)\."),
    "distilbert": (r"embeddings\.", r"transformer\.layer\.(\d+)\."),
    "electra": (r"embeddings\.|embeddings_project\.", r"encoder\.layer\.(\d+)\."),
    "deberta-v2": (
        r"embeddings\.|encoder\.rel_embeddings\.|encoder\.LayerNorm\.",
        r"encoder\.layer\.(\d+)\.|encoder\.conv\.",
    ),
    "mpnet": (r"embeddings\.|encoder\.relative_attention_bias\.", r"encoder\.layer\.(\d+)\."),
    "modernbert": (r"embeddings\.", r"layers\.(\d+)\."),
    "gpt2": (r"wte\.|wpe\.", r"h\.(\d+)\."),
    "xlnet": (r"word_embedding\.|mask_emb$", r"layer\.(\d+)\."),
}
"""Parameter names inside the body: the embeddings', and the blocks' (without a number: the first block's)."""

DEPTHS = {"albert": 2}


def below(kind: str, name: str, prefix: str, count: int) -> bool:
    """Whether the parameter of this name lies in the embeddings or the first ``count`` blocks, going by its name."""
    embeddings, blocks = BELOW.get(kind, (r"embeddings\.", r"encoder\.layer\.(\d+)\."))
    inside = name.removeprefix(f"{prefix}.")
    if inside == name:
        return False
    if re.match(embeddings, inside):
        return True
    block = re.match(blocks, inside)
    return block is not None and int(block.group(1) or 0) < count


pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture
def network(found):
    torch.manual_seed(0)
    return load(found, "AutoModelForSequenceClassification", ("no", "yes"))


@pytest.fixture
def batch(found):
    return padded(found, [text for text, _ in rows(6, seed=0)])


def padded(found, texts: list[str]) -> dict[str, torch.Tensor]:
    """A batch filled up as the model's Padding says, by the simplest means."""
    tokenizer, padding = load_tokenizer(found), found.padding
    ids = [tokenizer(text, truncation=True, max_length=60)["input_ids"] for text in texts]
    longest = max(map(len, ids))

    def fill(row: list[int], number: int) -> list[int]:
        gap = [number] * (longest - len(row))
        return gap + row if padding.side == "left" else row + gap

    batch = {
        "input_ids": torch.tensor([fill(row, padding.id) for row in ids]),
        "attention_mask": torch.tensor([fill([1] * len(row), 0) for row in ids]),
    }
    if found.padding.type_id:
        batch["token_type_ids"] = torch.tensor([fill([0] * len(row), padding.type_id) for row in ids])
    return batch


def test_every_row_has_a_small_model():
    assert set(KINDS) == set(ARCHITECTURES)


def test_geometry_and_padding(kind, found):
    assert found.geometry.depth == DEPTHS.get(kind, 3)
    assert (found.geometry.width, found.geometry.heads) == (32, 2)
    reserved = {"roberta", "xlm-roberta", "camembert", "mpnet"}
    assert found.geometry.positions == (None if kind == "xlnet" else 62 if kind in reserved else 64)
    assert (found.padding.side, found.padding.type_id) == (("left", 3) if kind == "xlnet" else ("right", 0))
    assert found.padding.id == {"gpt2": 0, "xlnet": 5}.get(kind, 1 if kind in reserved else 0)


def test_as_many_tokens_as_positions_say_can_be_read_and_no_more(kind, found, network):
    most = found.geometry.positions
    ids = torch.full((1, most or 200), 9)
    assert network.eval()(input_ids=ids, attention_mask=torch.ones_like(ids)).logits.isfinite().all()
    if most and kind not in ("deberta-v2", "modernbert"):  # those two count distances, and could go on
        ids = torch.full((1, most + 1), 9)
        with pytest.raises((IndexError, RuntimeError)):
            network(input_ids=ids, attention_mask=torch.ones_like(ids))


@pytest.mark.parametrize("count", [1, 2, "depth"])
def test_exactly_the_embeddings_and_the_first_blocks_are_frozen(kind, found, network, count):
    count = found.geometry.depth if count == "depth" else count
    freeze(network, {"frozen_layers": count})
    prefix = network.base_model_prefix
    expected = {name for name, _ in network.named_parameters() if below(kind, name, prefix, count)}
    assert {name for name, p in network.named_parameters() if not p.requires_grad} == expected


def test_the_embeddings_alone(kind, network):
    freeze(network, {"frozen_embeddings": True})
    expected = {n for n, _ in network.named_parameters() if below(kind, n, network.base_model_prefix, 0)}
    assert {n for n, p in network.named_parameters() if not p.requires_grad} == expected


def twice(network, batch) -> tuple[list[torch.Tensor], list[torch.Tensor]]:
    """What the last block puts out in two passes in training mode, and what the body does."""
    where = parts(network)
    blocks, bodies = [], []
    where.blocks[-1].register_forward_hook(lambda _m, _i, output: blocks.append(output))
    where.body.register_forward_hook(lambda _m, _i, output: bodies.append(output[0]))
    for _ in range(2):
        network.train()
        network(**batch)
    last = [blocks[len(blocks) // 2 - 1], blocks[-1]]  # a shared block may run several times in a pass
    return [one[0] if isinstance(one, tuple) else one for one in last], bodies


def test_a_wholly_frozen_body_has_neither_gradient_nor_dropout(kind, found, network, batch):
    freeze(network, {"frozen_layers": found.geometry.depth})
    (first, second), bodies = twice(network, batch)
    assert not first.requires_grad
    assert torch.equal(first, second)
    assert torch.equal(*bodies) == (kind != "xlnet")  # XLNet's last dropout comes after the last block
    assert network.training


def test_an_unfrozen_body_has_both(network, batch):
    (first, second), _ = twice(network, batch)
    assert first.requires_grad
    assert not torch.equal(first, second)


def test_training_moves_what_is_free_and_nothing_that_is_frozen(kind, network, batch):
    freeze(network, {"frozen_layers": 1})
    if kind == "xlnet":  # without segments, the parameters for segments take no part
        batch.setdefault("token_type_ids", torch.zeros_like(batch["input_ids"]))
    before = {name: p.detach().clone() for name, p in network.named_parameters()}
    optimizer = torch.optim.AdamW([p for p in network.parameters() if p.requires_grad], lr=1e-3, weight_decay=0.0)
    labels = torch.tensor([0, 1] * 3)
    for _ in range(3):
        network.train()
        torch.nn.functional.cross_entropy(network(**batch).logits, labels).backward()
        optimizer.step()
        optimizer.zero_grad()
    moved = {name for name, p in network.named_parameters() if not torch.equal(p, before[name])}
    free = {n for n, _ in network.named_parameters() if not below(kind, n, network.base_model_prefix, 1)}
    assert moved == free


def test_what_was_drawn_is_what_the_file_did_not_hold(found, network):
    with safe_open(f"{found.path}/model.safetensors", "pt") as file:
        held = {f"{network.base_model_prefix}.{key}" for key in file.keys()}  # noqa: SIM118
    assert set(network.newly_initialised) == {name for name, _ in network.named_parameters()} - held
    assert network.newly_initialised
    assert network.load_notes == ()


def test_the_head_is_drawn_as_transformers_draws_it(found, network):
    from transformers import AutoModelForSequenceClassification

    torch.manual_seed(0)
    plain = AutoModelForSequenceClassification.from_pretrained(found.path, num_labels=2, dtype=torch.float32)
    expected, loaded = plain.state_dict(), network.state_dict()
    assert expected.keys() == loaded.keys()
    assert all(torch.equal(loaded[name], expected[name]) for name in expected)


def test_a_text_has_the_same_logits_alone_and_in_a_padded_batch(found, network):
    texts = ["a lovely film", *(text for text, _ in rows(5, seed=1))]
    network.eval()
    with torch.no_grad():
        together = network(**padded(found, texts)).logits
        alone = torch.cat([network(**padded(found, [text])).logits for text in texts])
    assert network.config.pad_token_id == found.padding.id
    assert torch.allclose(together, alone, atol=1e-5)
    assert alone.std(0).min() > 1e-4
