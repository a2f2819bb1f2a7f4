"""The one Trainer: it composes hooks, does what a plain loop does, and draws its batches from a stream of its own."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from transformers import TrainerCallback

from study.assembly import assemble
from study.errors import Diverged
from study.knobs import Knob
from study.methods import METHODS
from study.methods.base import Method
from study.training import fit


def toy(**hooks) -> Method:
    return Method("toy", 1, {"toy": Knob(float, 0.0, "for tests", identity=0.0)}, **hooks)


@pytest.fixture
def trainer(make_trial, monkeypatch):
    def make(*methods, **setting):
        torch.set_num_threads(1)
        for number, method in enumerate(methods):
            monkeypatch.setitem(METHODS, f"toy{number}", method)
            setting["toy"] = 1.0
        trial, context = make_trial(**setting)
        return assemble(trial, context, lambda trainer, scores: None)

    return make


def order(trainer) -> list[int]:
    """The indices of two epochs."""
    sampler = trainer._get_train_sampler()
    return [*sampler, *sampler]


def test_it_does_what_a_plain_loop_does(trainer):
    setting = {"epochs": 2, "weight_decay": 0.1, "warmup_ratio": 0.25, "learning_rate": 1e-3}
    made = trainer(**setting)
    for module in made.network.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    reference = {n: p.detach().clone() for n, p in made.network.named_parameters()}
    batches = np.array_split(np.array(order(made)), 16)
    fit(made)

    twin = trainer(**setting).network.train()
    for module in twin.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    assert all(torch.equal(p, reference[n]) for n, p in twin.named_parameters())
    plain = [p for n, p in twin.named_parameters() if "bias" in n or "LayerNorm" in n]
    decayed = [p for n, p in twin.named_parameters() if not ("bias" in n or "LayerNorm" in n)]
    optimizer = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": 0.1}, {"params": plain, "weight_decay": 0.0}], lr=1e-3
    )
    for step, indices in enumerate(batches):
        for group in optimizer.param_groups:
            group["lr"] = 1e-3 * (step / 4 if step < 4 else (16 - step) / 12)
        batch = made.data_collator([made.examples[int(i)] for i in indices])
        labels = batch.pop("labels")
        loss = torch.nn.functional.cross_entropy(twin(**batch).logits, labels)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(twin.parameters(), 1.0)
        optimizer.step()
    trained = dict(made.network.named_parameters())
    assert max(float((p - trained[n]).detach().abs().max()) for n, p in twin.named_parameters()) < 1e-5


def test_the_order_of_the_data_is_the_seeds_and_nothing_elses(trainer):
    first = order(trainer())
    torch.rand(1000)
    assert order(trainer(frozen_layers=2, learning_rate=5e-3)) == first
    assert order(trainer(seed=1)) != first
    assert sorted(first[:64]) == sorted(first[64:]) == list(range(64))
    assert first[:64] != first[64:]


def test_batches_have_similar_lengths(trainer):
    made = trainer()
    lengths = np.array(made.examples.lengths)
    grouped = lengths[order(made)[:64]].reshape(-1, 8)
    shuffled = np.random.default_rng(0).permutation(lengths).reshape(-1, 8)
    padding = [int((batch.max(1, keepdims=True) - batch).sum()) for batch in (grouped, shuffled)]
    assert padding[0] < 0.7 * padding[1]


def test_logits_come_in_the_order_of_the_split(trainer):
    made = trainer()
    together = made.logits("validation")
    for index in (0, 7, 31):
        alone = made.data_collator([made.job.splits["validation"][index]])
        alone.pop("labels")
        expected = made.network.eval()(**alone).logits[0].detach().numpy()
        assert together[index] == pytest.approx(expected, abs=1e-5)


def test_every_hook_is_called_and_wrappers_nest_in_the_methods_order(trainer):
    called = []

    def wrap(name):
        def hook(inner, *args, setting, **given):
            called.append(f"{name} in")
            result = inner(*args, **given)
            called.append(f"{name} out")
            return result

        return hook

    def note(name, result=None):
        def hook(*given):
            called.append(name)
            return given[0] if result is None else result

        return hook

    first = toy(
        data=note("data"),
        model=note("model"),
        loss=wrap("first"),
        training_step=wrap("step"),
        evaluate=wrap("evaluate"),
        callbacks=note("callbacks", []),
        finish=note("finish"),
        parameter_groups=note("groups", []),
    )
    made = trainer(first, toy(loss=wrap("second")), epochs=0.1)
    fit(made)
    assert called[:3] == ["model", "data", "callbacks"]
    assert called[-1] == "finish"
    assert {"groups", "evaluate in"} <= set(called)
    step = called[called.index("step in") :]
    assert step[:6] == ["step in", "second in", "first in", "first out", "second out", "step out"]


def test_parameter_groups_of_a_method_are_the_optimizers(trainer):
    def head_only(model, setting):
        return [{"params": list(model.classifier.parameters()), "lr": 0.5}]

    made = trainer(toy(parameter_groups=head_only))
    before = {n: p.detach().clone() for n, p in made.network.named_parameters()}
    fit(made)
    changed = {n for n, p in made.network.named_parameters() if not torch.equal(p, before[n])}
    assert changed == {"classifier.weight", "classifier.bias"}


def test_a_method_may_replace_the_loop(trainer):
    def fill(trainer, setting):
        with torch.no_grad():
            trainer.network.classifier.bias.copy_(torch.tensor([0.0, 100.0]))

    made = trainer(toy(fit=fill))
    fit(made)
    assert made.final_logits("validation").argmax(-1).min() == 1


def test_a_loss_that_is_not_finite_ends_training(trainer):
    made = trainer(toy(loss=lambda inner, model, inputs, setting: inner(model, inputs) * math.nan))
    with pytest.raises(Diverged, match="nan at step"):
        fit(made)


@pytest.mark.parametrize("micro", [4, 1, 5])
@pytest.mark.parametrize(("batch", "steps"), [(16, 1), (24, 3)])
def test_a_batch_in_parts_has_the_gradient_of_the_whole(trainer, micro, batch, steps):
    """64 texts in batches of 24 end on one of 16, which parts of 5 (that is, 4) and of 1 do not fill either."""

    def gradient(**setting):
        made = trainer(batch_size=batch, **setting)
        made.args.max_steps, made.args.max_grad_norm = steps, 0.0
        seen = {}
        made.add_callback(type("Watch", (_Watch,), {"seen": seen}))
        for module in made.network.modules():
            if isinstance(module, torch.nn.Dropout):
                module.p = 0.0
        fit(made)
        return seen["gradient"], made.state.global_step

    (whole, one), (parts, other) = gradient(), gradient(micro_batch=micro)
    assert one == other == steps
    assert torch.allclose(whole, parts, rtol=1e-4, atol=1e-6)


def test_a_last_part_that_is_smaller_counts_for_less(trainer):
    made = trainer(batch_size=8, micro_batch=4)
    texts = made.examples
    groups = [made.data_collator([texts[i] for i in some]) for some in (range(4), range(4, 6))]
    made.network.eval()
    whole = made._loss(made.network, made.data_collator([texts[i] for i in range(6)]))
    made.get_batch_samples(iter(groups), 2, torch.device("cpu"))
    parts = [made.compute_loss(made.network, group) / len(groups) for group in groups]
    assert sum(parts).item() == pytest.approx(whole.item(), rel=1e-6)


class _Watch(TrainerCallback):
    seen: dict

    def on_pre_optimizer_step(self, args, state, control, **given):
        self.seen["gradient"] = given["model"].classifier.weight.grad.clone()


def test_the_curve_has_one_point_per_evaluation(trainer):
    made = trainer(epochs=2, evaluations_per_epoch=2)
    fit(made)
    assert [point["step"] for point in made.curve] == [4, 8, 12, 16]
    assert [point["epoch"] for point in made.curve] == [0.5, 1.0, 1.5, 2.0]
    assert all(math.isfinite(point["train_loss"]) for point in made.curve)
    assert made.examples_seen == 128
    assert made.final_logits("validation") is made.latest[1]
    assert (made.final_logits("validation") == made.logits("validation")).all()
