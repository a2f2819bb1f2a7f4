"""AWP: which steps are attacked, what the second pass sees, and that the optimizer steps from unmoved weights."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from transformers import TrainerCallback

from study import assembly
from study.assembly import assemble
from study.methods import METHODS
from study.methods.awp import chosen, due
from study.training import fit
from study.trial import carry_out
from tests.architectures import KINDS, small_architecture

EPSILON = 0.02
EVERY = {"awp.epsilon": EPSILON, "awp.schedule": "every"}


class _Watch(TrainerCallback):
    """Before each step of the optimizer: the weights and gradients."""

    def __init__(self):
        self.weights: list[dict[str, torch.Tensor]] = []
        self.gradients: list[dict[str, torch.Tensor]] = []

    def on_pre_optimizer_step(self, args, state, control, *, model, **given):
        self.weights.append(weights(model))
        self.gradients.append({n: p.grad.clone() for n, p in model.named_parameters() if p.grad is not None})


def weights(model) -> dict[str, torch.Tensor]:
    return {n: p.detach().clone() for n, p in model.named_parameters()}


@pytest.fixture
def trainer(make_trial):
    """A trainer without dropout or clipping; ``seen`` has the weights and loss of every forward pass for training."""

    def make(steps=None, seed=0, **setting):
        torch.set_num_threads(1)
        made = assemble(*make_trial(seed=seed, **setting), lambda trainer, scores: None)
        for module in made.network.modules():
            if isinstance(module, torch.nn.Dropout):
                module.p = 0.0
        made.args.max_grad_norm = 0.0
        made.args.max_steps = steps or -1
        watch, plain = _Watch(), made._loss
        made.add_callback(watch)
        seen = SimpleNamespace(weights=[], losses=[], batches=[], steps=watch)

        def loss(model, inputs):
            seen.weights.append(weights(model))
            seen.batches.append(inputs)
            found = plain(model, inputs)
            seen.losses.append(found.item())
            return found

        made._loss = loss
        return made, seen

    return make


def attacks(made) -> dict[str, int]:
    """What the method counted."""
    return {name: count for name, count in made.counted.items() if name.startswith("awp_")}


def gradient(made, at: dict[str, torch.Tensor], batch) -> dict[str, torch.Tensor]:
    """The gradient of the mean cross-entropy of a batch at these weights, by autograd alone."""
    made.network.load_state_dict(at, strict=False)
    texts = {name: tensor for name, tensor in batch.items() if name not in ("labels", "weights")}
    each = torch.nn.functional.cross_entropy(made.network.train()(**texts).logits, batch["labels"], reduction="none")
    named = {n: p for n, p in made.network.named_parameters() if p.requires_grad}
    loss = (each * batch.get("weights", torch.ones(len(each)))).mean()
    return dict(zip(named, torch.autograd.grad(loss, list(named.values())), strict=True))


def attacked(made, at: dict[str, torch.Tensor], batch, epsilon=EPSILON) -> dict[str, torch.Tensor]:
    """w + epsilon ||w|| g / ||g|| for each matrix, the rest as it is; tensor by tensor, in the order of the formula."""
    found = gradient(made, at, batch)
    matrices = {n: g for n, g in found.items() if at[n].dim() > 1}
    return at | {n: at[n] + epsilon * at[n].norm() * g / g.norm() for n, g in matrices.items()}


def same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(tensor, other[name]) for name, tensor in one.items())


def close(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.allclose(t, other[n], rtol=1e-4, atol=1e-6) for n, t in one.items())


def test_the_second_pass_sees_the_weights_of_the_formula_and_the_optimizer_the_old_ones(trainer):
    made, seen = trainer(steps=2, **EVERY)
    storage = {n: p.data_ptr() for n, p in made.network.named_parameters()}
    fit(made)
    assert len(seen.weights) == 4
    assert {n: p.data_ptr() for n, p in made.network.named_parameters()} == storage
    for step in (0, 1):
        clean, moved = seen.weights[2 * step : 2 * step + 2]
        assert same(seen.steps.weights[step], clean)
        batch = seen.batches[2 * step]
        assert close(moved, attacked(made, clean, batch))
        assert close(seen.steps.gradients[step], gradient(made, moved, batch))
        for name, tensor in clean.items():
            expected = EPSILON if tensor.dim() > 1 else 0.0
            assert ((moved[name] - tensor).norm() / tensor.norm().clamp(min=1e-9)).item() == pytest.approx(
                expected, rel=1e-4
            )


def test_the_loss_rises_by_what_the_gradient_promises(trainer):
    made, seen = trainer(steps=1, **{**EVERY, "awp.epsilon": 1e-4})
    fit(made)
    clean, moved = seen.losses
    found = gradient(made, seen.weights[0], seen.batches[0])
    promised = sum(1e-4 * (seen.weights[0][n].norm() * g.norm()).item() for n, g in found.items() if g.dim() > 1)
    assert moved > clean
    assert moved - clean == pytest.approx(promised, rel=0.05)


def test_the_logged_loss_is_that_of_the_unmoved_weights(trainer):
    made, seen = trainer(**EVERY)
    fit(made)
    assert made.curve[-1]["train_loss"] == pytest.approx(np.mean(seen.losses[::2]), abs=1e-6)
    assert made.curve[-1]["train_loss"] != pytest.approx(np.mean(seen.losses[1::2]), abs=1e-3)


@pytest.fixture
def uneven(monkeypatch):
    """The training texts made 48 of one class and 16 of the other, so that balanced weights weigh."""
    read = assembly.tokens

    def with_other_labels(*given):
        found = read(*given)
        return {**found, "train": replace(found["train"], labels=np.repeat([0, 1], [48, 16]))}

    monkeypatch.setattr(assembly, "tokens", with_other_labels)


@pytest.mark.usefixtures("uneven")
@pytest.mark.parametrize("kind", ["none", "balanced"])
def test_three_steps_are_those_of_a_plain_loop(trainer, kind):
    made, seen = trainer(steps=3, class_weights=kind, **EVERY)
    made.optimizer = torch.optim.SGD([p for p in made.network.parameters() if p.requires_grad], lr=0.5)
    made.lr_scheduler = torch.optim.lr_scheduler.LambdaLR(made.optimizer, lambda step: 1.0)
    start = weights(made.network)
    fit(made)
    ended, now = weights(made.network), start
    batches = seen.batches[::2]
    assert len(batches) == 3
    assert all(("weights" in batch) == (kind == "balanced") for batch in batches)
    for batch in batches:
        adversarial = gradient(made, attacked(made, now, batch), batch)
        now = {n: w - 0.5 * adversarial[n] for n, w in now.items()}
    assert close(ended, now)
    assert not close(ended, start)
    plain = start
    for batch in batches:
        clean = gradient(made, plain, batch)
        plain = {n: w - 0.5 * clean[n] for n, w in plain.items()}
    assert not close(ended, plain)


def test_a_batch_in_parts_is_attacked_as_a_whole(trainer):
    found = {}
    for micro in (0, 4):
        made, seen = trainer(steps=2, batch_size=16, micro_batch=micro, **EVERY)
        fit(made)
        assert made.counted["awp_attacked_steps"] == 2
        found[micro] = seen
    whole, parts = found[0], found[4]
    assert (len(whole.losses), len(parts.losses)) == (4, 16)
    assert close(whole.weights[1], parts.weights[4])
    assert same(parts.weights[4], parts.weights[7]), "all parts see one perturbation"
    assert same(parts.weights[0], parts.weights[3])
    assert close(whole.steps.gradients[0], parts.steps.gradients[0])
    assert [len(b["labels"]) for b in parts.batches] == [4] * 16
    assert all(torch.equal(parts.batches[i]["input_ids"], parts.batches[i + 4]["input_ids"]) for i in range(4))


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ({"schedule": "second_half"}, [4, 5, 6, 7, 12, 13, 14, 15]),
        ({"schedule": "first_half"}, [0, 1, 2, 3, 8, 9, 10, 11]),
        ({"schedule": "alternate"}, [1, 3, 5, 7, 9, 11, 13, 15]),
        ({"schedule": "every"}, list(range(16))),
        ({"schedule": "every", "start_epoch": 1.25}, [10, 11, 12, 13, 14, 15]),
        ({"schedule": "first_half", "start_epoch": 0.5}, [8, 9, 10, 11]),
        ({"schedule": "every", "start_epoch": 5.0}, []),
    ],
)
def test_the_steps_attacked_are_those_of_the_schedule(trainer, setting, expected):
    made, seen = trainer(epochs=2, **{"awp.epsilon": EPSILON, **{f"awp.{n}": v for n, v in setting.items()}})
    fit(made)
    step, found = 0, []
    for first, second in zip(seen.batches, [*seen.batches[1:], None], strict=True):
        if second and first["input_ids"] is second["input_ids"]:
            found.append(step)
        else:
            step += 1
    assert step == 16
    assert found == expected
    assert attacks(made) == {"awp_attacked_steps": len(expected), "awp_skipped_steps": 0}
    assert {"awp_attacked_steps", "awp_skipped_steps"} <= made.counted.keys()


@pytest.mark.parametrize(
    ("per_epoch", "second", "first"),
    [(1, [0, 1, 2], [0, 1, 2]), (2, [1, 3, 5], [0, 2, 4]), (5, [2, 3, 4, 7, 8, 9], [0, 1, 2, 5, 6, 7])],
)
def test_the_middle_step_of_an_odd_epoch_is_in_both_halves(per_epoch, second, first):
    steps = range(min(3 * per_epoch, 10))
    assert [s for s in steps if due("second_half", s, per_epoch, 0.0, 0)] == second
    assert [s for s in steps if due("first_half", s, per_epoch, 0.0, 0)] == first


@pytest.mark.parametrize("per_epoch", [3, 7, 10, 49])
def test_a_start_at_any_step_of_an_epoch_is_that_step(per_epoch):
    for step in range(3 * per_epoch):
        found = [s for s in range(3 * per_epoch) if due("every", s, per_epoch, step / per_epoch, 0)]
        assert found == list(range(step, 3 * per_epoch))


def test_random_steps_are_the_seeds_and_nothing_elses(trainer):
    tossed = [due("random", step, 8, 0.0, 3) for step in range(2000)]
    torch.rand(100)
    assert [due("random", step, 50, 0.0, 3) for step in range(2000)] == tossed
    assert 900 < sum(tossed) < 1100, "more than four standard deviations"
    neighbours = sum(a == b for a, b in itertools.pairwise(tossed))
    assert 900 < neighbours < 1100
    other = [due("random", step, 8, 0.0, 4) for step in range(2000)]
    assert 900 < sum(a == b for a, b in zip(tossed, other, strict=True)) < 1100
    made, seen = trainer(epochs=2, seed=3, **{"awp.epsilon": EPSILON, "awp.schedule": "random"})
    fit(made)
    assert made.counted["awp_attacked_steps"] == sum(tossed[:16]) == len(seen.batches) - 16


def test_the_batches_are_those_of_training_without(trainer):
    plain, attacked_too = trainer(), trainer(**EVERY)
    for made, _ in (plain, attacked_too):
        fit(made)
    ids = [batch["input_ids"] for batch in plain[1].batches]
    both = [batch["input_ids"] for batch in attacked_too[1].batches]
    assert all(torch.equal(a, b) for a, b in zip(ids, both[::2], strict=True))
    assert not same(weights(plain[0].network), weights(attacked_too[0].network))


def test_frozen_layers_are_not_moved(trainer):
    made, seen = trainer(steps=2, frozen_layers=2, **EVERY)
    frozen = {n for n, p in made.network.named_parameters() if not p.requires_grad}
    assert frozen
    fit(made)
    clean, moved = seen.weights[2:4]
    assert all(torch.equal(clean[n], moved[n]) for n in frozen)
    assert {n for n in clean if not torch.equal(clean[n], moved[n])} == {
        n for n in clean if n not in frozen and clean[n].dim() > 1
    }
    assert all(torch.equal(seen.weights[0][n], tensor) for n, tensor in weights(made.network).items() if n in frozen)


def test_a_fresh_lora_is_not_moved_and_a_trained_one_is(trainer):
    made, seen = trainer(steps=2, **{**EVERY, "lora.rank": 4})
    fit(made)

    def changed(step: int) -> set[str]:
        clean, moved = seen.weights[2 * step : 2 * step + 2]
        return {n for n in clean if not torch.equal(clean[n], moved[n])}

    lora = {n for n in seen.weights[0] if "lora" in n}
    assert lora
    assert all((seen.weights[0][n].norm() == 0) == ("lora_B" in n) for n in lora)
    assert changed(0) == {"classifier.weight"}
    assert changed(1) == lora | {"classifier.weight"}
    name = next(n for n in lora if "lora_B" in n)
    relative = (seen.weights[3][name] - seen.weights[2][name]).norm() / seen.weights[2][name].norm()
    assert relative.item() == pytest.approx(EPSILON, rel=1e-3)


def test_under_bf16_the_weights_of_32_bits_are_moved_and_come_back(trainer):
    made, seen = trainer(steps=2, precision="bf16", **{**EVERY, "awp.epsilon": 0.3})
    fit(made)
    clean, moved = seen.weights[:2]
    assert same(seen.steps.weights[0], clean)
    for name, tensor in clean.items():
        assert tensor.dtype == torch.float32
        assert ((moved[name] - tensor).norm() / tensor.norm().clamp(min=1e-9)).item() == pytest.approx(
            0.3 if tensor.dim() > 1 else 0, rel=1e-4
        )
    # autocast keeps no copy of the unmoved weights: the second pass computes with the moved ones
    assert seen.losses[1] > seen.losses[0] + 0.02


@pytest.mark.parametrize("bad", [torch.nan, torch.inf])
@pytest.mark.parametrize("name", ["classifier.bias", "bert.embeddings.word_embeddings.weight"])
def test_where_a_gradient_is_not_finite_the_first_one_is_left_and_the_step_counted(trainer, bad, name):
    made, seen = trainer(steps=3, **EVERY)
    parameters, passes, found, attack = dict(made.network.named_parameters()), Counter(), {}, made._step

    def spoil(gradient):
        passes["backward"] += 1
        return gradient + bad if passes["backward"] == 3 else gradient  # the first pass of the second step

    def step(trainer, inputs):
        loss = attack(trainer, inputs)
        if passes["backward"] == 3:
            found.update({n: p.grad.clone() for n, p in parameters.items()}, weights=weights(made.network))
            # what the optimizer would do with it is not AWP's matter
            made.network.zero_grad(set_to_none=False)
        return loss

    parameters[name].register_hook(spoil)
    made._step = step
    fit(made)
    assert attacks(made) == {"awp_attacked_steps": 2, "awp_skipped_steps": 1}
    assert len(seen.losses) == 5
    assert same(found.pop("weights"), seen.weights[2])
    assert not found.pop(name).isfinite().any()
    clean = gradient(made, seen.weights[2], seen.batches[2])
    assert close(found, {n: clean[n] for n in found})
    assert all(tensor.isfinite().all() for tensor in weights(made.network).values())


def test_an_error_in_the_second_pass_leaves_the_weights_as_they_were(trainer):
    made, seen = trainer(**EVERY)
    recorded = made._loss

    def fails(model, inputs):
        found = recorded(model, inputs)
        if len(seen.losses) == 4:
            assert not same(seen.weights[3], seen.weights[2])
            raise MemoryError("no room")
        return found

    made._loss = fails
    with pytest.raises(MemoryError, match="no room"):
        fit(made)
    assert same(weights(made.network), seen.weights[2])


@pytest.mark.parametrize("kind", ["bert", "albert", "gpt2"])
def test_what_is_moved_is_chosen_by_dimension_and_place(kind, tmp_path):
    assert kind in KINDS
    from study.models.loading import find_model, load
    from study.tasks import TASKS

    folder = small_architecture(kind, tmp_path / kind)
    model = load(find_model(str(folder)), TASKS["classification"].auto_class, ("a", "b"))
    next(p for n, p in model.named_parameters() if "attention" in n or "attn" in n).requires_grad_(False)
    names = {id(p): n for n, p in model.named_parameters()}
    found = {which: {names[id(p)] for p in chosen(model, which)} for which in ("matrices", "no_embeddings", "all")}
    trained = {n: p for n, p in model.named_parameters() if p.requires_grad}
    assert found["all"] == set(trained)
    assert found["matrices"] == {n for n, p in trained.items() if p.dim() > 1}
    lookups = {"bert": ["embedding"], "albert": ["embedding"], "gpt2": ["wte", "wpe"]}[kind]
    assert found["no_embeddings"] == {n for n in found["matrices"] if not any(part in n for part in lookups)}
    assert found["no_embeddings"] < found["matrices"] < found["all"]


@pytest.mark.parametrize("which", ["no_embeddings", "all"])
def test_the_choice_of_parameters_is_what_the_second_pass_sees(trainer, which):
    made, seen = trainer(steps=1, **{**EVERY, "awp.parameters": which})
    fit(made)
    clean, moved = seen.weights
    changed = {n for n in clean if not torch.equal(clean[n], moved[n])}
    if which == "no_embeddings":
        assert changed == {n for n in clean if clean[n].dim() > 1 and "embeddings" not in n}
    else:
        # biases begin at zero, which has no size to be relative to
        assert changed == {n for n in clean if clean[n].norm() > 0}
        assert any(clean[n].dim() == 1 for n in changed)


def test_a_record_says_how_many_steps_were_attacked(make_trial):
    record = carry_out(*make_trial(**EVERY))
    assert (record.costs["awp_attacked_steps"], record.costs["awp_skipped_steps"]) == (8, 0)
    assert "awp_attacked_steps" not in carry_out(*make_trial()).costs


def test_neutral_sub_knobs_enter_no_key(make_trial):
    key = make_trial(**{"awp.epsilon": 0.01})[0].key
    assert make_trial(**{"awp.epsilon": 0.01, "awp.start_epoch": 0.0, "awp.schedule": "second_half"})[0].key == key
    assert make_trial(**{"awp.epsilon": 0.01, "awp.start_epoch": 1.0})[0].key != key
    assert make_trial(**{"awp.epsilon": 0.01, "awp.schedule": "every"})[0].key != key
    knob = METHODS["awp"].knobs["awp.epsilon"]
    assert knob.problem("awp.epsilon", -0.1) is not None


def test_a_start_after_the_end_is_refused_when_asked(make_trial):
    from study.methods.awp import problem

    setting = {"awp.epsilon": 0.01, "epochs": 2.0, "awp.start_epoch": 2.0}
    assert problem(None, setting) == ("awp.start_epoch=2: training ends after 2 epochs. Give less, or more --epochs.")
    assert problem(None, {**setting, "awp.start_epoch": 1.9}) is None
    assert problem(None, {"awp.epsilon": 0.01, "epochs": 0.5}) is None
