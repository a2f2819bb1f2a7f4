"""docs/architectures.md is what the command prints, and its numbers are right."""

from __future__ import annotations

from pathlib import Path

from study.methods.freezing import freeze
from study.models.parts import parts
from study.models.table import document, network_of, trainable

PAGE = Path(__file__).resolve().parents[3] / "docs" / "architectures.md"


def test_the_page_is_what_the_command_prints():
    assert PAGE.read_text(encoding="utf-8") == document()


def test_the_numbers_of_bert_base_by_its_formula():
    width, inner, words, positions, layers, classes = 768, 3072, 30522, 512, 12, 2
    norm = 2 * width
    block = 4 * (width * width + width) + (width * inner + inner) + (inner * width + width) + 2 * norm
    embeddings = (words + positions + 2) * width + norm
    head = (width * width + width) + (width * classes + classes)
    assert block == 7_087_872
    assert embeddings + layers * block + head == 109_483_778
    network = network_of("bert")
    where = parts(network)
    assert trainable(network, where, 0) == 109_483_778
    for count in range(1, layers + 1):
        assert trainable(network, where, count) == (layers - count) * block + head


def test_they_are_what_freezing_leaves():
    network = network_of("deberta-v2", num_hidden_layers=3, conv_kernel_size=3, relative_attention=True)
    expected = trainable(network, parts(network), 2)
    freeze(network, {"frozen_layers": 2})
    assert sum(p.numel() for p in network.parameters() if p.requires_grad) == expected
