"""What frozen blocks give is computed once, and training on it is training on them."""

from __future__ import annotations

import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch

from analysis.language import retold, speaking
from study import prefix
from study.assembly import assemble
from study.methods import METHODS, conflicts
from study.models.loading import find_model
from study.models.parts import parts
from study.settings import resolve
from study.surgery.replay import Prefix, Unreplayable
from study.training import fit
from study.trial import carry_out
from tests.architectures import KINDS, LAYERS, small_architecture
from tests.study.methods.settings_table import ON


@pytest.fixture
def fresh(make_trial, tmp_path):
    """``fresh(**setting) -> (trial, context)`` with a cache of its own; ``model`` is another model's folder."""

    def make(model=None, stored=True, **setting):
        trial, context = make_trial(**setting)
        context = replace(context, cache=tmp_path / "cache", stored_prefix=stored)
        if model:
            trial, context = replace(trial, model=find_model(str(model)).ref), replace(context, model=str(model))
        return trial, context

    return make


def trained(trial, context):
    """The trainer of this trial, after its training."""
    torch.set_num_threads(1)
    trainer = assemble(trial, context, lambda trainer, scores: None)
    fit(trainer)
    return trainer


def losses(trainer) -> list[float]:
    return [point[name] for point in trainer.curve for name in ("train_loss", "loss") if point[name] is not None]


def agree(one, other) -> None:
    """The same losses and logits but for rounding.

    Not the same weights: those of the keys' biases, say, have no gradient but rounding, which Adam makes steps of.
    """
    assert losses(one) == pytest.approx(losses(other), abs=1e-5)
    for split in ("validation", "test"):
        assert one.final_logits(split) == pytest.approx(other.final_logits(split), abs=1e-4)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("frozen", [1, "all"])
def test_every_architecture_learns_the_same_from_stored_states(fresh, tmp_path, kind, frozen):
    model = small_architecture(kind, tmp_path / kind)
    setting = {"frozen_layers": find_model(str(model)).geometry.depth if frozen == "all" else 1, "epochs": 2}
    stored = trained(*fresh(model, **setting))
    assert stored.examples.states is not None, stored.job.notes
    agree(stored, trained(*fresh(model, stored=False, **setting)))


@pytest.mark.parametrize("name", [name for name in METHODS if name != "freezing"])
def test_every_method_above_frozen_blocks_does_the_same(fresh, name):
    setting = {"frozen_layers": 1, "epochs": 2, **ON[name]}
    if conflicts(resolve({"learning_rate": 1e-3, **setting})):
        pytest.skip("cannot be combined with frozen blocks")
    stored, plain = trained(*fresh(**setting)), trained(*fresh(stored=False, **setting))
    assert (stored.examples.states is not None) == (stored.prefix_seconds is not None) == (name != "setfit")
    agree(stored, plain)


@pytest.mark.parametrize(
    "setting",
    [
        {"truncation": "windows", "max_length": 8},
        {"shots": 5, "class_weights": "balanced"},
        {"micro_batch": 2},
        {"gradient_checkpointing": True},
        {"evaluations_per_epoch": 3},
    ],
    ids=lambda setting: "+".join(setting),
)
def test_however_texts_and_batches_are_cut(fresh, setting):
    setting = {"frozen_layers": 2, "epochs": 2, **setting}
    stored = trained(*fresh(**setting))
    assert stored.examples.states is not None
    agree(stored, trained(*fresh(stored=False, **setting)))


def test_half_precision_agrees_as_far_as_it_carries(fresh):
    stored = trained(*fresh(frozen_layers=2, precision="bf16"))
    plain = trained(*fresh(stored=False, frozen_layers=2, precision="bf16"))
    assert stored.examples.states is not None
    assert losses(stored) == pytest.approx(losses(plain), abs=1e-2)


def test_stored_states_are_the_blocks_own_at_every_token(fresh):
    trainer = assemble(*fresh(frozen_layers=2), lambda trainer, scores: None)
    network = trainer.network.eval()
    for split in ("train", "validation", "test"):
        tokens = trainer.examples if split == "train" else trainer.job.splits[split]
        for i in (0, 7, len(tokens) - 1):
            ids = torch.tensor(tokens[i]["input_ids"][None]).long()
            with torch.no_grad():
                hidden = network(ids, output_hidden_states=True).hidden_states[2][0]
            assert tokens[i]["prefix_states"] == pytest.approx(hidden.numpy(), abs=1e-5)


def test_they_are_computed_once_and_then_nothing_below_runs(fresh, monkeypatch):
    first = carry_out(*fresh(frozen_layers=2))
    monkeypatch.setattr(prefix._Source, "_compute", None)
    calls = []

    def counting(self):
        install(self)
        for module in self._modules:
            module.attention.register_forward_hook(lambda *_: calls.append(1))

    install = Prefix.install
    monkeypatch.setattr(Prefix, "install", counting)
    again = carry_out(*fresh(frozen_layers=2))
    assert again.metrics == first.metrics
    assert again.curve == first.curve
    assert calls == []
    other = fresh(frozen_layers=2, learning_rate=1e-4, batch_size=4, lora__rank=2)
    assert carry_out(*other).status == "finished"
    with pytest.raises(TypeError):
        carry_out(*fresh(frozen_layers=1))  # other blocks, other states
    with pytest.raises(TypeError):
        carry_out(*fresh(frozen_layers=2, precision="bf16"))


@pytest.mark.parametrize("kind", KINDS)
def test_deeper_states_go_on_from_those_that_are_kept_and_are_equal_to_the_bit(fresh, tmp_path, kind, monkeypatch):
    model = small_architecture(kind, tmp_path / kind)
    depth = find_model(str(model)).geometry.depth
    whole = assemble(*fresh(model, frozen_layers=depth), lambda trainer, scores: None)
    shutil.rmtree(tmp_path / "cache")
    assemble(*fresh(model, frozen_layers=1), lambda trainer, scores: None)
    routes = []

    def noting(self, split):
        routes.append(from_below(self, split)[1])
        return from_below(self, split)

    from_below = prefix._Source._from_below
    monkeypatch.setattr(prefix._Source, "_from_below", noting)
    climbed = assemble(*fresh(model, frozen_layers=depth), lambda trainer, scores: None)
    assert len(routes) == (3 if depth > 1 else 0)
    assert all(routes)
    assert np.array_equal(climbed.examples.states, whole.examples.states)
    assert np.array_equal(climbed.job.splits["test"].states, whole.job.splits["test"].states)


def test_a_tuning_trial_computes_nothing_of_the_test_split(fresh, tmp_path):
    trial, context = fresh(frozen_layers=2)
    record = carry_out(trial, replace(context, phase="tune"))
    assert record.costs["prefix_seconds"] > 0
    assert {path.name.rpartition("-")[2] for path in (tmp_path / "cache").glob("prefix*[!k]")} == {
        "train",
        "validation",
    }


def test_nothing_is_stored_where_nothing_is_frozen_or_it_is_not_wanted(fresh, tmp_path):
    for setting in ({}, {"frozen_embeddings": True}, {"frozen_layers": 2, "stored": False}):
        assert "prefix_seconds" not in carry_out(*fresh(**setting)).costs
    assert not list((tmp_path / "cache").glob("prefix*"))


def test_what_would_take_too_much_is_computed_at_every_step_and_the_record_says_so(fresh, monkeypatch):
    monkeypatch.setattr(prefix, "STATES_BYTES", 1000)
    record, plain = carry_out(*fresh(frozen_layers=2)), carry_out(*fresh(frozen_layers=2, stored=False))
    assert record.metrics == plain.metrics
    note = "the frozen blocks were computed at every step: what they give for 32 texts takes 0.0 GiB"
    assert note in record.notes
    assert note not in plain.notes
    with speaking("es"):
        assert retold(note).endswith("lo que dan para 32 textos ocupa 0.0 GiB")


def test_states_beyond_the_limit_make_room_for_the_newest(fresh, tmp_path, monkeypatch):
    carry_out(*fresh(frozen_layers=2))
    folders = sorted((tmp_path / "cache").glob("prefix*[!k]"))
    size = sum(f.stat().st_size for folder in folders for f in folder.iterdir())
    monkeypatch.setattr(prefix, "STATES_BYTES", size)
    carry_out(*fresh(frozen_layers=1))
    left = sorted((tmp_path / "cache").glob("prefix*[!k]"))
    assert len(left) == len(folders)
    assert not set(left) & set(folders)


def test_a_prefix_that_is_trained_or_hands_on_more_is_not_cut(fresh):
    trainer = assemble(*fresh(frozen_layers=2, stored=False), lambda trainer, scores: None)
    network = trainer.network.eval()
    where, inputs = (
        parts(network),
        {name: torch.ones(2, 5, dtype=torch.int64) for name in ("input_ids", "attention_mask")},
    )
    assert Prefix(network, where, 2, inputs).width == 32
    with pytest.raises(Unreplayable, match="some of their weights are trained"):
        Prefix(network, where, LAYERS, inputs)
    where.blocks[1].register_forward_hook(lambda module, inputs, output: (output, output))
    with pytest.raises(Unreplayable, match="more than hidden states"):
        Prefix(network, where, 2, inputs)


def test_states_that_do_not_lead_to_the_same_logits_are_not_used(fresh, monkeypatch):
    monkeypatch.setattr(Prefix, "states", lambda self, inputs: torch.zeros(*inputs["input_ids"].shape, self.width))
    record = carry_out(*fresh(frozen_layers=2))
    assert any(note.endswith("what is above them reads more than their output") for note in record.notes)
    assert record.metrics == carry_out(*fresh(frozen_layers=2, stored=False)).metrics


def test_a_pass_leaves_the_network_as_it_was(fresh):
    trainer = assemble(*fresh(frozen_layers=2), lambda trainer, scores: None)
    network, example = trainer.network.eval(), trainer.examples[0]
    ids = torch.tensor(example["input_ids"][None]).long()
    states = torch.tensor(np.array(example["prefix_states"][None]))
    with torch.no_grad():
        plain = network(ids).logits
        assert torch.allclose(network(ids, prefix_states=states).logits, plain, atol=1e-5)
        assert not torch.allclose(network(ids, prefix_states=states * 0).logits, plain, atol=1e-3)
        with pytest.raises(RuntimeError):
            network(ids, prefix_states=states[..., :5])
        assert torch.equal(network(ids).logits, plain)
