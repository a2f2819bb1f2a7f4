"""What only a GPU can show; skipped where there is none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from study.device import CUDA_CONTEXT_BYTES, allocator_share
from study.trial import carry_out, run_trial

pytestmark = [pytest.mark.gpu, pytest.mark.skipif(not torch.cuda.is_available(), reason="needs CUDA")]


@pytest.fixture
def make_gpu_trial(make_trial):
    def make(memory_share=None, **setting):
        trial, context = make_trial(**setting)
        return trial, replace(context, device="cuda", memory_share=memory_share)

    return make


def test_the_same_trial_twice_is_equal_to_the_bit(make_gpu_trial):
    first, second = carry_out(*make_gpu_trial()), carry_out(*make_gpu_trial())
    assert first.metrics == second.metrics
    assert first.curve == second.curve


def test_a_trial_agrees_with_the_processors_within_a_tolerance(make_gpu_trial, make_trial):
    on_gpu, on_cpu = carry_out(*make_gpu_trial(epochs=2)), carry_out(*make_trial(epochs=2))
    assert on_gpu.metrics["test"]["loss"] == pytest.approx(on_cpu.metrics["test"]["loss"], abs=0.05)
    assert on_gpu.provenance["profile"] != on_cpu.provenance["profile"]


def test_a_small_trial_after_a_large_one_has_its_own_peak_memory(make_gpu_trial):
    alone = carry_out(*make_gpu_trial()).costs["peak_memory_bytes"]
    block = torch.empty(2**28, device="cuda")
    del block
    assert carry_out(*make_gpu_trial()).costs["peak_memory_bytes"] == pytest.approx(alone, rel=0.05)


def test_the_share_is_a_limit(make_gpu_trial):
    total = torch.cuda.get_device_properties(0).total_memory
    share = (CUDA_CONTEXT_BYTES + 2**24) / total
    record = run_trial(*make_gpu_trial(memory_share=share, batch_size=64))
    assert torch.cuda.memory.get_per_process_memory_fraction() == pytest.approx(allocator_share(share, total))
    with pytest.raises(torch.OutOfMemoryError):
        torch.empty(2**26, device="cuda")
    assert record.status in ("finished", "out_of_memory")
    torch.cuda.set_per_process_memory_fraction(1.0)


@pytest.mark.parametrize("setting", [{"truncation": "windows", "max_length": 8}, {"truncation": "head_tail"}], ids=str)
def test_long_texts_are_read_as_on_the_processor(make_gpu_trial, make_trial, setting):
    on_gpu, on_cpu = carry_out(*make_gpu_trial(**setting)), carry_out(*make_trial(**setting))
    assert on_gpu.key == on_cpu.key
    assert on_gpu.metrics["test"]["loss"] == pytest.approx(on_cpu.metrics["test"]["loss"], abs=0.05)
    assert on_gpu.predictions.num_rows == on_cpu.predictions.num_rows
    assert on_gpu.provenance["truncation"] == on_cpu.provenance["truncation"]


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_weights_are_where_the_model_is(make_gpu_trial, monkeypatch, precision):
    from study import assembly

    read = assembly.tokens

    def uneven(*given):
        found = read(*given)
        return {**found, "train": replace(found["train"], labels=np.repeat([0, 1], [48, 16]))}

    monkeypatch.setattr(assembly, "tokens", uneven)
    record = carry_out(*make_gpu_trial(class_weights="balanced", precision=precision))
    assert record.status == "finished"
    assert record.metrics["test"]["loss"] < 2
