"""Costs mean what they say: memory of one trial alone, shared parameters once, bytes as in a file, seconds as slept."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from torch import nn

from study import cost

ROOT = Path(__file__).parents[2]

MEMORY = """
import sys
import numpy as np
import torch
from study.cost import PeakMemory

torch.set_num_threads(1)
MIB = 2**20

def use(mib):
    # Pieces of 64 KiB come from the heap, those of 1 MiB at first from mmap.
    heap = [np.ones(64 * 1024, np.uint8) for _ in range(8 * mib)]
    large = [torch.ones(MIB, dtype=torch.uint8) for _ in range(mib // 2)]
    del heap[::2]
    product = torch.ones(256, 256) @ torch.ones(256, 256)
    return [heap.pop() for _ in range(3)]

use(2)
kept = use(400) if sys.argv[1] == "after a large one" else None
memory = PeakMemory("cpu")
use(60)
print(memory.bytes())
"""


@pytest.fixture(scope="module")
def peaks() -> dict[str, int]:
    if cost.PeakMemory("cpu").bytes() is None:
        pytest.skip("this system does not tell a process its high-water mark")
    found = {}
    for when in ("fresh", "after a large one"):
        done = subprocess.run(
            [sys.executable, "-c", MEMORY, when], cwd=ROOT, capture_output=True, text=True, check=True
        )
        found[when] = int(done.stdout)
    return found


def test_the_peak_is_what_was_used_at_once(peaks):
    assert peaks["fresh"] == pytest.approx(60 * 2**20, rel=0.1)


def test_a_small_trial_after_a_large_one_costs_what_it_costs_in_a_fresh_process(peaks):
    assert peaks["after a large one"] == pytest.approx(peaks["fresh"], rel=0.1)


def test_memory_that_was_there_before_does_not_count():
    before = torch.ones(64 * 2**20, dtype=torch.uint8)
    memory = cost.PeakMemory("cpu")
    if memory.bytes() is None:
        pytest.skip("this system does not tell a process its high-water mark")
    during = torch.ones(16 * 2**20, dtype=torch.uint8)
    assert memory.bytes() == pytest.approx(16 * 2**20, rel=0.25)
    assert before[0] == during[0]


def test_memory_that_was_given_back_still_counts_as_the_peak():
    memory = cost.PeakMemory("cpu")
    if memory.bytes() is None:
        pytest.skip("this system does not tell a process its high-water mark")
    torch.ones(32 * 2**20, dtype=torch.uint8).sum()
    assert memory.bytes() >= 30 * 2**20


class Tied(nn.Module):
    """An embedding and a decoder that share one weight, and a frozen layer."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(10, 4)
        self.decoder = nn.Linear(4, 10)
        self.decoder.weight = self.embedding.weight
        self.frozen = nn.Linear(4, 4)
        self.frozen.requires_grad_(False)
        self.register_buffer("constant", torch.zeros(7))


def test_shared_parameters_count_once_and_frozen_ones_are_not_trainable():
    assert cost.parameters(Tied()) == {"trainable_parameters": 40 + 10, "total_parameters": 40 + 10 + 16 + 4}


def test_a_shared_parameter_frozen_through_one_name_is_frozen():
    model = Tied()
    model.embedding.weight.requires_grad_(False)
    assert cost.parameters(model)["trainable_parameters"] == 10


@pytest.mark.parametrize("kind", [torch.float32, torch.bfloat16])
def test_saved_bytes_are_the_size_of_the_file_with_what_is_trainable(tmp_path, kind):
    from safetensors.torch import load_file, save_file

    model = Tied().to(kind)
    trainable = {"embedding.weight": model.embedding.weight.detach(), "decoder.bias": model.decoder.bias.detach()}
    save_file(trainable, tmp_path / "weights.safetensors")
    assert cost.saved_bytes(model) == (tmp_path / "weights.safetensors").stat().st_size
    assert set(load_file(tmp_path / "weights.safetensors")) == set(trainable)


def test_nothing_trainable_saves_next_to_nothing():
    assert cost.saved_bytes(Tied().requires_grad_(False)) < 64


def net(width: int = 8, activation: type[nn.Module] = nn.ReLU, kind: torch.dtype = torch.float32) -> nn.Module:
    return nn.Sequential(nn.Linear(4, width), activation(), nn.Linear(width, 2)).to(kind)


def test_structure_is_the_same_for_other_weights_other_modes_and_other_frozen_parts():
    torch.manual_seed(0)
    first = cost.structure(net(), "fp32")
    torch.manual_seed(1)
    other = net().eval()
    other[0].requires_grad_(False)
    assert cost.structure(other, "fp32") == first


@pytest.mark.parametrize(
    "other",
    [
        lambda: cost.structure(net(width=9), "fp32"),
        lambda: cost.structure(net(activation=nn.GELU), "fp32"),
        lambda: cost.structure(net(kind=torch.bfloat16), "fp32"),
        lambda: cost.structure(nn.Sequential(*net(), nn.Identity()), "fp32"),
        lambda: cost.structure(net(), "bf16"),
        lambda: cost.structure(net(), "fp32", 64),
    ],
    ids=["width", "activation", "dtype", "one module more", "precision", "length"],
)
def test_structure_differs_where_the_speed_may(other):
    assert other() != cost.structure(net(), "fp32")


@pytest.mark.parametrize(
    "other", [nn.Dropout(0.2), nn.LayerNorm(4, eps=1e-3), nn.Softmax(dim=0)], ids=["dropout", "eps", "dim"]
)
def test_modules_that_compute_otherwise_without_other_tensors_are_other_structures(other):
    same = {nn.Dropout: nn.Dropout(0.1), nn.LayerNorm: nn.LayerNorm(4), nn.Softmax: nn.Softmax(dim=1)}[type(other)]
    assert cost.structure(nn.Sequential(other)) != cost.structure(nn.Sequential(same))


def test_every_pooling_is_a_structure_of_its_own():
    from transformers import BertConfig, BertForSequenceClassification

    from study.models.parts import parts
    from study.surgery.pooling import install_pooling

    config = BertConfig(vocab_size=30, hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=64)
    models = [BertForSequenceClassification(config) for _ in range(3)]
    made = [
        install_pooling(model, parts(model), kind) for model, kind in zip(models, ("mean", "cls", "mean"), strict=True)
    ]
    mean, cls, again = map(cost.structure, made)
    assert mean == again != cls


class Sleeper(nn.Module):
    """Sleeps as long as it is told for each call, a long time at first."""

    def __init__(self, seconds: list[float]):
        super().__init__()
        self.seconds, self.calls, self.modes = iter(seconds), [], []

    def forward(self, input_ids: torch.Tensor, **others: torch.Tensor) -> None:
        self.calls.append((len(input_ids), set(others)))
        self.modes.append((self.training, torch.is_inference_mode_enabled()))
        time.sleep(next(self.seconds))


def batches(count: int, size: int) -> list[dict[str, torch.Tensor]]:
    ids = torch.ones(size, 3, dtype=torch.long)
    return [{"input_ids": ids, "attention_mask": ids, "labels": torch.zeros(size)} for _ in range(count)]


def test_latency_is_the_time_slept_per_text():
    found = cost.latency(Sleeper([0.04] * 13), batches(10, size=4), "cpu")
    assert found["median"] == pytest.approx(0.04 / 4, rel=0.25)
    assert found["passes"] == 10
    assert found["low"] <= found["median"] <= found["high"]


def test_a_slow_model_is_timed_for_as_few_passes_as_tell_something(monkeypatch):
    monkeypatch.setattr(cost, "_LONG_ENOUGH", 0.1)
    slow, fast = Sleeper([0.02] * 13), Sleeper([0.0] * 13)
    assert cost.latency(slow, batches(10, size=4), "cpu")["passes"] == 5
    assert len(slow.calls) == 3 + 5
    assert cost.latency(fast, batches(10, size=4), "cpu")["passes"] == 10


def test_the_first_passes_warm_up_and_do_not_count():
    found = cost.latency(Sleeper([0.15] * 3 + [0.005] * 8), batches(8, size=1), "cpu")
    assert found["high"] < 0.08


def test_low_and_high_are_of_the_slowest_and_the_fastest_passes():
    found = cost.latency(Sleeper([0.0] * 3 + [0.005] * 8 + [0.03] * 12), batches(20, size=1), "cpu")
    assert found["low"] < 0.02 < found["median"]
    assert found["low"] >= 0.005
    assert found["high"] >= 0.03


def test_the_model_is_timed_in_evaluation_without_labels_or_gradients():
    model = Sleeper([0.0] * 6).train()
    cost.latency(model, batches(3, size=2), "cpu")
    assert model.calls == [(2, {"attention_mask"})] * 6
    assert model.modes == [(False, True)] * 6


def test_bf16_is_timed_in_bf16():
    seen = []

    class Watching(nn.Linear):
        def forward(self, input_ids):
            seen.append(super().forward(input_ids).dtype)

    given = [{"input_ids": torch.ones(2, 3)}] * 3
    for bf16 in (False, True):
        cost.latency(Watching(3, 3), given, "cpu", bf16=bf16)
    assert seen == [torch.float32] * 6 + [torch.bfloat16] * 6
