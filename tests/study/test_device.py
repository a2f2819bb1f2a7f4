"""What a process may take of a GPU, and which device is meant."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from study.device import CUDA_CONTEXT_BYTES, allocator_share, choose_device, prepare
from study.errors import InputError

GIB = 2**30


@pytest.mark.parametrize(("share", "total"), [(1.0, 16 * GIB), (0.5, 16 * GIB), (0.25, 80 * GIB), (0.1, 141 * GIB)])
def test_allocator_and_context_together_are_the_share(share, total):
    assert allocator_share(share, total) * total + CUDA_CONTEXT_BYTES == pytest.approx(share * total)


def test_as_many_processes_as_fit_by_their_shares_fit_by_their_memory():
    total = 16 * GIB
    assert 4 * (allocator_share(0.25, total) * total + CUDA_CONTEXT_BYTES) <= total


@pytest.mark.parametrize("share", [0.01, CUDA_CONTEXT_BYTES / (16 * GIB)])
def test_a_share_that_holds_no_context_is_refused_with_both_sizes(share):
    with pytest.raises(InputError) as caught:
        allocator_share(share, 16 * GIB)
    (said,) = caught.value.problems
    assert said.startswith(f"--gpus-per-trial {share}: ")
    assert f"{share * 16 * 1024:.0f} MiB" in said
    assert "512 MiB" in said


@pytest.mark.parametrize(("there", "auto"), [(True, "cuda"), (False, "cpu")])
def test_auto_is_the_gpu_where_there_is_one(there, auto, monkeypatch):
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: there)
    assert choose_device("auto") == auto
    assert choose_device("cpu") == "cpu"


def test_a_gpu_that_is_not_there_is_an_error_unless_it_is_elsewhere(monkeypatch):
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(InputError, match="torch sees no GPU here"):
        choose_device("cuda")
    assert choose_device("cuda", elsewhere=True) == "cuda"


def test_a_trial_computes_with_its_threads():
    import torch

    before = torch.get_num_threads()
    wanted = 1 if before != 1 else 2
    try:
        prepare(SimpleNamespace(device="cpu", threads=wanted, memory_share=None))
        assert torch.get_num_threads() == wanted
    finally:
        torch.set_num_threads(before)
