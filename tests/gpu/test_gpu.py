"""What only a GPU can show; skipped where there is none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from study.device import CUDA_CONTEXT_BYTES, allocator_share
from study.dry_run import Bytes, dry_run
from study.gpu_memory import passes
from study.models.loading import find_model
from study.settings import resolve
from study.trial import carry_out, run_trial
from tests.architectures import small_architecture

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


WIDE = {"hidden_size": 512, "num_hidden_layers": 8, "num_attention_heads": 8, "intermediate_size": 2048}


@pytest.fixture(scope="module")
def wide(tmp_path_factory):
    """A model whose activations weigh more than its weights: 8 blocks of width 512."""
    return find_model(str(small_architecture("bert", tmp_path_factory.mktemp("wide") / "wide", **WIDE)))


@pytest.fixture
def make_wide_trial(make_gpu_trial, wide):
    def make(memory_share=None, **setting):
        trial, context = make_gpu_trial(memory_share, batch_size=64, max_length=24, **setting)
        return replace(trial, model=wide.ref), replace(context, model=wide.at)

    return make


def counted(wide, **setting) -> Bytes:
    given = resolve({"batch_size": 64, "max_length": 24, **setting})
    return dry_run(wide, "classification", given, 2, passes(given))


@pytest.mark.parametrize(
    "setting",
    [{}, {"micro_batch": 16}, {"gradient_checkpointing": True}, {"precision": "bf16"}, {"frozen_layers": 6}],
    ids=str,
)
def test_training_takes_what_was_counted(make_wide_trial, wide, setting):
    """The longest of the texts decide, which may be a little shorter than max_length; 32 MiB are cuBLAS's."""
    record = carry_out(*make_wide_trial(**setting))
    taken = counted(wide, **setting)
    most = max(taken.training, taken.evaluation) + 2**26
    assert 0.6 * most < record.costs["peak_memory_bytes"] < 1.1 * most


def test_computing_activations_again_saves_memory_and_changes_nothing_else(make_wide_trial):
    plain, again = carry_out(*make_wide_trial()), carry_out(*make_wide_trial(gradient_checkpointing=True))
    assert again.costs["peak_memory_bytes"] < 0.8 * plain.costs["peak_memory_bytes"]
    assert again.metrics["test"]["loss"] == pytest.approx(plain.metrics["test"]["loss"], abs=0.02)


def test_what_does_not_fit_is_computed_in_smaller_parts(make_wide_trial, wide):
    whole, part = counted(wide).training, counted(wide, micro_batch=8).training
    total = torch.cuda.get_device_properties(0).total_memory
    share = (CUDA_CONTEXT_BYTES + 2**26 + (whole + part) // 2) / total
    trial, context = make_wide_trial(share)
    record = run_trial(trial, context)
    used = record.costs["micro_batch_used"]
    try:
        assert record.status == "finished"
        assert record.key == trial.key
        assert used in (8, 16, 32)
        asked = carry_out(*make_wide_trial(share, micro_batch=used))
        assert record.metrics == asked.metrics
        assert record.curve == asked.curve
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)
