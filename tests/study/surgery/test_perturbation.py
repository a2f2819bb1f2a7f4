"""Perturbed weights: the size and direction of the step, and that nothing of it stays."""

from __future__ import annotations

import pytest
import torch

from study.surgery.perturbation import ascent, moved, norms


def tensors(*shapes: tuple[int, ...], scale: float = 1.0) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(len(shapes))
    return [torch.randn(shape, generator=generator) * scale for shape in shapes]


@pytest.mark.parametrize("scale", [1e-15, 1.0, 1e15])
def test_a_step_has_the_gradients_direction_and_a_share_of_the_weights_norm(scale):
    weights, gradients = tensors((7, 5), (3,), (2, 3, 4)), tensors((7, 5), (3,), (2, 3, 4), scale=scale)
    for weight, gradient, factor in zip(weights, gradients, ascent(weights, norms(gradients), 0.03), strict=True):
        step = factor * gradient
        assert (step.norm() / weight.norm()).item() == pytest.approx(0.03, rel=1e-5)
        assert torch.allclose(step / step.norm(), gradient / gradient.norm())


def test_without_a_size_or_a_direction_there_is_no_step():
    zero, other = torch.zeros(4, 4), torch.ones(4, 4)
    assert [float(f) for f in _factors([zero, other, zero, other], [other, zero, zero, other])] == [0, 0, 0, 0.5]


def _factors(weights, gradients):
    return ascent(weights, norms(gradients), 0.5)


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf")])
def test_one_entry_that_is_not_finite_makes_its_norm_so(bad):
    gradients = tensors((5, 5), (9,), (3, 3))
    assert norms(gradients).isfinite().all()
    gradients[1][4] = bad
    assert norms(gradients).isfinite().tolist() == [True, False, True]


def test_moved_weights_come_back_bit_for_bit_in_the_same_storage():
    weights, steps = [torch.nn.Parameter(w) for w in tensors((50, 50), (50,))], tensors((50, 50), (50,), scale=1e-3)
    before, places = [w.detach().clone() for w in weights], [w.data_ptr() for w in weights]
    with moved(weights, steps, [torch.tensor(1.0)] * 2):
        assert all(torch.equal(w, b + s) for w, b, s in zip(weights, before, steps, strict=True))
        assert all(w.requires_grad for w in weights)
    assert all(torch.equal(w, b) for w, b in zip(weights, before, strict=True))
    assert [w.data_ptr() for w in weights] == places
    # subtracting the steps would not have done
    assert not torch.equal(before[0] + steps[0] - steps[0], before[0])


def test_they_come_back_from_an_error_and_from_steps_that_are_not_finite():
    (weight,) = tensors((5, 5))
    before = weight.clone()

    def fails():
        with moved([weight], [torch.full((5, 5), torch.inf)], [torch.tensor(1.0)]):
            assert not weight.isfinite().any()
            raise MemoryError("no room")

    with pytest.raises(MemoryError, match="no room"):
        fails()
    assert torch.equal(weight, before)
