"""What a model with adapters has learnt goes to a file and back, and into no other model."""

from __future__ import annotations

import copy

import pytest
import torch
from safetensors.torch import load_file, save_file

from study.errors import InputError
from study.surgery.adapter_state import adapter_state, load_adapter_state
from tests.study.surgery.adapted import adapted, close, small_network

pytestmark = pytest.mark.usefixtures("one_thread")


def test_its_trained_weights_go_to_a_file_and_back(network, batch, tmp_path):
    trained, fresh = adapted(copy.deepcopy(network)), adapted(network, seed=1)
    with torch.no_grad():
        for parameter in trained.parameters():
            if parameter.requires_grad:
                parameter.add_(0.1 * torch.randn_like(parameter))
        save_file(adapter_state(trained), tmp_path / "adapters.safetensors")
        assert not close(fresh(**batch).logits, trained(**batch).logits)
        load_adapter_state(fresh, load_file(tmp_path / "adapters.safetensors"))
        assert torch.equal(fresh(**batch).logits, trained(**batch).logits)


def test_a_state_of_another_model_is_refused(tmp_path):
    plain = small_network("bert", tmp_path)
    small, large = (adapted(copy.deepcopy(plain), "pfeiffer", width=width) for width in (2, 3))
    with pytest.raises(InputError, match=r"down.weight is \(2, 32\) and not \(3, 32\).* and 6 more"):
        load_adapter_state(large, adapter_state(small))
    with pytest.raises(InputError, match="is missing"):
        load_adapter_state(small, {})
    with pytest.raises(InputError, match="other is not among what the model trains"):
        load_adapter_state(small, {**adapter_state(small), "other": torch.zeros(1)})
