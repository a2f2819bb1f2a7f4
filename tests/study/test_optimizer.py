"""AdamW without bias correction: against a loop over elements, and against torch's AdamW with the factors undone."""

from __future__ import annotations

import math

import pytest
import torch

from study.assembly import assemble
from study.optimizer import UncorrectedAdamW
from study.training import fit

RATE, BETAS, EPS, DECAY = 0.01, (0.9, 0.999), 1e-8, 0.1


def start() -> list[torch.nn.Parameter]:
    generator = torch.Generator().manual_seed(0)
    return [torch.nn.Parameter(torch.randn(shape, generator=generator).double()) for shape in ((3, 2), (4,), ())]


def gradients(steps: int) -> list[list[torch.Tensor]]:
    generator = torch.Generator().manual_seed(1)
    return [[torch.randn(w.shape, generator=generator).double() for w in start()] for _ in range(steps)]


def trained(weights, optimizer, steps: int, before=lambda step: None) -> list[torch.Tensor]:
    for step, given in enumerate(gradients(steps)):
        before(step)
        for weight, gradient in zip(weights, given, strict=True):
            weight.grad = gradient.clone()
        optimizer.step()
    return [weight.detach() for weight in weights]


def uncorrected(weights) -> UncorrectedAdamW:
    groups = [{"params": weights[:1], "weight_decay": DECAY}, {"params": weights[1:], "lr": RATE / 2}]
    return UncorrectedAdamW(groups, lr=RATE, betas=BETAS, eps=EPS)


def test_it_is_the_formula_element_by_element():
    weights = start()
    plain = [(w.detach().flatten().tolist(), RATE if i == 0 else RATE / 2, i == 0) for i, w in enumerate(weights)]
    found = trained(weights, uncorrected(weights), 25)
    for number, (values, rate, decays) in enumerate(plain):
        for element, value in enumerate(values):
            m = v = 0.0
            for given in gradients(25):
                g = float(given[number].flatten()[element])
                m, v = BETAS[0] * m + (1 - BETAS[0]) * g, BETAS[1] * v + (1 - BETAS[1]) * g * g
                value -= rate * (m / (math.sqrt(v) + EPS) + (DECAY * value if decays else 0.0))
            assert float(found[number].flatten()[element]) == pytest.approx(value, rel=1e-12)


def test_it_is_torchs_adamw_with_the_correction_factors_undone():
    mine, theirs = start(), start()
    reference = torch.optim.AdamW(theirs, lr=RATE, betas=BETAS, eps=EPS, weight_decay=DECAY)

    def undo(step: int) -> None:
        first, second = (1 - beta ** (step + 1) for beta in BETAS)
        rate = RATE * first / math.sqrt(second)
        reference.param_groups[0].update(lr=rate, eps=EPS / math.sqrt(second), weight_decay=DECAY * RATE / rate)

    expected = trained(theirs, reference, 40, undo)
    optimizer = UncorrectedAdamW([{"params": mine, "weight_decay": DECAY}], lr=RATE, betas=BETAS, eps=EPS)
    for a, b in zip(trained(mine, optimizer, 40), expected, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-12, atol=1e-12)


def test_a_weight_without_a_gradient_is_left_alone_and_has_no_state():
    one, other = torch.nn.Parameter(torch.ones(2)), torch.nn.Parameter(torch.ones(2))
    one.grad = torch.ones(2)
    optimizer = UncorrectedAdamW([{"params": [one, other], "weight_decay": 0.5}], lr=0.1)
    optimizer.step()
    assert other.tolist() == [1.0, 1.0]
    assert set(optimizer.state) == {one}


def test_its_state_survives_being_stored():
    whole, halves = start(), start()
    expected = trained(whole, uncorrected(whole), 10)
    first = uncorrected(halves)
    trained(halves, first, 10, lambda step: first.param_groups[0].update(lr=RATE if step < 5 else 0.0))
    stored, again = first.state_dict(), uncorrected(halves)
    again.load_state_dict(stored)
    assert all(torch.equal(again.state[w]["exp_avg_sq"], first.state[w]["exp_avg_sq"]) for w in halves)
    assert [group["lr"] for group in again.param_groups] == [0.0, RATE / 2]
    assert not torch.equal(halves[0], expected[0])


@pytest.fixture
def step(make_trial):
    """``step(**setting)``: the trainer after its only step, and how far each parameter went."""

    def run(**setting):
        torch.set_num_threads(1)
        trial, context = make_trial(epochs=0.125, **setting)
        trainer = assemble(trial, context, lambda trainer, scores: None)
        before = {name: p.detach().clone() for name, p in trainer.network.named_parameters()}
        fit(trainer)
        assert trainer.state.global_step == 1
        return trainer, {name: p.detach() - before[name] for name, p in trainer.network.named_parameters()}

    return run


@pytest.mark.parametrize("setting", [{}, {"layer_decay": 0.5}, {"weight_decay": 1e-4}], ids=str)
def test_a_trials_first_step_without_correction_is_larger_by_the_factor_of_the_formula(step, setting):
    setting["learning_rate"] = 1e-4
    corrected, with_it = step(**setting)
    plain, without = step(**setting, bias_correction=False)
    assert type(corrected.optimizer.optimizer) is torch.optim.AdamW
    assert type(plain.optimizer.optimizer) is UncorrectedAdamW
    factor = (1 - BETAS[0]) / math.sqrt(1 - BETAS[1])
    rates = {id(p): group["initial_lr"] for group in corrected.optimizer.param_groups for p in group["params"]}
    compared = 0
    for name, parameter in corrected.network.named_parameters():
        moved = with_it[name]
        far = moved.abs() > 0.998 * rates[id(parameter)]  # elsewhere the gradient is lost in eps
        torch.testing.assert_close(without[name][far], moved[far] * factor, rtol=0.07, atol=0)
        compared += int(far.sum())
    assert compared > 1000
    groups = [
        [(g["initial_lr"], g["weight_decay"], len(g["params"])) for g in trainer.optimizer.param_groups]
        for trainer in (corrected, plain)
    ]
    assert groups[0] == groups[1]
    assert groups[0][0][1] == setting.get("weight_decay", 0.0)
