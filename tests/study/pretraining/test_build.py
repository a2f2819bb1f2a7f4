"""Building a body: what is trained when, and that a build that was killed ends on the same bits."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from study.cost import PeakMemory
from study.errors import Diverged
from study.flops import training_flops
from study.models.loading import find_model, load_tokenizer
from study.pretraining import build as building
from study.pretraining import training
from study.pretraining.batches import Batches
from study.pretraining.build import Sources, build, networks
from study.pretraining.decoding import predicted_logits
from study.pretraining.language_model import body_state, head_state, language_model, train_only_head
from study.pretraining.masking import masking
from study.pretraining.recipe import Recipe
from study.pretraining.texts import texts_of, without_segments
from tests.architectures import KINDS, small_architecture

DIFFERENT = ("bert", "gpt2", "xlnet", "albert")
"""Architectures that differ in what they predict or share; the others are like one of them, and slow in number."""

RECIPE = Recipe("masked", "task", 6, 1e-3, 0.15, 8, 3, 32, "fp32", 0)
STILL = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}


@pytest.fixture(scope="module")
def sources(make_trial):
    torch.set_num_threads(1)
    trial, context = make_trial()

    def make(model: Path | str = context.model, micro_batch: int = 0) -> Sources:
        found = find_model(str(model))
        task = texts_of(context.texts, trial.data, found, 32, context.cache)
        return Sources(found, task, None, "cpu", micro_batch)

    return make


@pytest.fixture(scope="module")
def whole(sources, tmp_path_factory) -> Path:
    """A build without interruption."""
    return built(tmp_path_factory.mktemp("built") / "whole", sources())


def built(folder: Path, sources: Sources, recipe: Recipe = RECIPE) -> Path:
    folder.mkdir(exist_ok=True)
    build(folder, recipe, sources)
    return folder


def tensors(folder: Path) -> dict[str, torch.Tensor]:
    names = ("body", "head_before", "head_after")
    return {f"{n}/{key}": t for n in names for key, t in load_file(folder / f"{n}.safetensors").items()}


def equal(first: Path, second: Path) -> bool:
    one, other = tensors(first), tensors(second)
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


building_seed = training.seed_everything


class Killed(Exception):
    pass


def interrupted_at(monkeypatch, step: int, phase: int) -> list[str]:
    """Have the training step of this number fail in the training of this number; the steps that ran are noted."""
    monkeypatch.setattr(training, "CHECKPOINT_SECONDS", 0.0)
    ran: list[str] = []
    plain = training.seed_everything

    def seed_everything(seed: int, name: str) -> None:
        ran.append(name)
        if name.endswith(f" {step}") and sum(one.endswith(" 0") for one in ran) == phase:
            raise Killed
        plain(seed, name)

    monkeypatch.setattr(training, "seed_everything", seed_everything)
    return ran


@pytest.mark.parametrize(("phase", "step"), [(1, 2), (2, 4), (3, 1)], ids=["first head", "body", "second head"])
def test_a_build_that_failed_midway_goes_on_to_the_same_bits(phase, step, whole, sources, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        ran = interrupted_at(patch, step, phase)
        with pytest.raises(Killed):
            built(tmp_path / "killed", sources())
        assert len(list((tmp_path / "killed").glob("*/checkpoint-*"))) == 1
        ran.clear()
        patch.setattr(training, "seed_everything", lambda seed, name: (ran.append(name), building_seed(seed, name)))
        built(tmp_path / "killed", sources())
    assert ran[0] == f"pre-training: step {step}", "begun again instead of gone on"
    assert equal(tmp_path / "killed", whole)
    assert {path.name for path in (tmp_path / "killed").iterdir()} == {path.name for path in whole.iterdir()}


def test_one_killed_before_it_removed_a_checkpoint_leaves_none(whole, sources, tmp_path, monkeypatch):
    def killed(*_, **__):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(training, "CHECKPOINT_SECONDS", 0.0)
        patch.setattr("study.pretraining.build.shutil.rmtree", killed)
        with pytest.raises(Killed):
            built(tmp_path / "killed", sources())
    assert list((tmp_path / "killed").glob("*/checkpoint-*"))
    assert equal(built(tmp_path / "killed", sources()), whole)
    assert {path.name for path in (tmp_path / "killed").iterdir()} == {path.name for path in whole.iterdir()}


def test_a_checkpoint_that_was_not_written_to_its_end_is_not_gone_on_from(whole, sources, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        interrupted_at(patch, 4, 2)
        with pytest.raises(Killed):
            built(tmp_path / "killed", sources())
    (kept,) = (tmp_path / "killed" / "training").glob("checkpoint-*")
    half = kept.with_name("checkpoint-5")
    half.mkdir()
    (half / "model.safetensors").write_bytes(b"half")
    assert equal(built(tmp_path / "killed", sources()), whole)


def test_the_seconds_of_several_sittings_add_up_and_the_highest_peak_counts(whole, sources, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        interrupted_at(patch, 4, 2)
        with pytest.raises(Killed):
            built(tmp_path / "a", sources())
    (marker,) = (tmp_path / "a" / "training").glob("checkpoint-*/sitting.json")
    kept = json.loads(marker.read_text())
    marker.write_text(json.dumps({**kept, "seconds": 1000.0, "peak_memory_bytes": 2**50}))
    costs = json.loads((built(tmp_path / "a", sources()) / "told.json").read_text())["costs"]
    assert 1000 < costs["seconds"] < 1100
    assert costs["peak_memory_bytes"] == 2**50
    assert costs["flops"] == json.loads((whole / "told.json").read_text())["costs"]["flops"]


KILLED = """
import sys
from pathlib import Path
import torch
torch.set_num_threads(1)
from study.pretraining import training
from study.pretraining.build import Sources, build
from study.pretraining.recipe import Recipe
from study.pretraining.texts import texts_of
from study.models.loading import find_model
from study.record import Ref
training.CHECKPOINT_SECONDS = 0.0
folder, model, texts, fingerprint, cache = sys.argv[1:]
plain = training.seed_everything
def seed_everything(seed, name):
    print(name, flush=True)
    if name.endswith(" 4"):
        sys.stdin.readline()
    plain(seed, name)
training.seed_everything = seed_everything
found = find_model(model)
task = texts_of(Path(texts), Ref("", fingerprint), found, 32, Path(cache))
Path(folder).mkdir()
build(Path(folder), Recipe("masked", "task", 6, 1e-3, 0.15, 8, 3, 32, "fp32", 0), Sources(found, task, None, "cpu", 0))
"""


@pytest.mark.slow
def test_a_build_killed_by_the_system_goes_on_to_the_same_bits(make_trial, whole, sources, tmp_path):
    trial, context = make_trial()
    given = [str(tmp_path / "killed"), context.model, str(context.texts), trial.data.fingerprint, str(context.cache)]
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, *given],
        cwd=Path(__file__).parents[3],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    for line in process.stdout:
        if line.endswith(" 4\n"):
            break
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert not (tmp_path / "killed" / "body.safetensors").exists()
    assert equal(built(tmp_path / "killed", sources()), whole)


def test_same_recipe_same_bits_and_another_seed_others(whole, sources, tmp_path):
    assert equal(whole, built(tmp_path / "again", sources()))
    other = tensors(built(tmp_path / "other", sources(), replace(RECIPE, seed=1)))
    assert all(not torch.equal(t, other[n]) for n, t in tensors(whole).items() if t.dtype.is_floating_point)


def test_a_new_head_learns_on_a_body_that_stays_and_again_from_the_same_start(sources, tmp_path):
    """With a rate too small to move any weight the body is the old one, and so the second head must be the first."""
    folder = built(tmp_path / "still", sources(), replace(RECIPE, learning_rate=1e-30))
    network, new = language_model(sources().found, "masked", 0)
    body, before = load_file(folder / "body.safetensors"), load_file(folder / "head_before.safetensors")
    assert new
    assert all(torch.allclose(t, body[name], rtol=0, atol=1e-20) for name, t in body_state(network).items())
    after, start = load_file(folder / "head_after.safetensors"), head_state(network)
    assert all(torch.equal(after[name], before[name]) for name in before)
    assert before.keys() == start.keys()
    assert any(not torch.equal(before[name], start[name]) for name in before)
    told = json.loads((folder / "told.json").read_text())
    assert told["head"] | {"seconds": 0} == {
        "new": True,
        "parameters": sum(t.numel() for t in start.values()),
        "steps": 3,
        "seconds": 0,
    }


def test_a_head_of_the_checkpoint_is_kept_and_trained_with_the_body(sources, tmp_path):
    network, _ = language_model(sources().found, "masked", 3)
    network.save_pretrained(tmp_path / "model")
    load_tokenizer(sources().found).save_pretrained(tmp_path / "model")
    folder = built(tmp_path / "built", sources(tmp_path / "model"))
    own, before = head_state(network), load_file(folder / "head_before.safetensors")
    assert all(torch.equal(own[name], before[name]) for name in own)
    after = load_file(folder / "head_after.safetensors")
    assert all(not torch.equal(after[name], before[name]) for name in own)
    assert json.loads((folder / "told.json").read_text())["head"]["new"] is False


@pytest.mark.parametrize("kind", [k if k in DIFFERENT else pytest.param(k, marks=pytest.mark.slow) for k in KINDS])
def test_every_architecture_is_pre_trained_by_its_objective(kind, sources, tmp_path):
    made = sources(small_architecture(kind, tmp_path / "model"))
    objective = made.found.geometry.objectives[-1]
    folder = built(tmp_path / "built", made, replace(RECIPE, objective=objective, steps=2, head_steps=1))
    before, after = networks(folder, replace(RECIPE, objective=objective), made.found)
    assert not before.training
    changed = [n for n, p in before.named_parameters() if not torch.equal(p, after.get_parameter(n))]
    inside = {id(p) for p in after.base_model.parameters()}
    assert sum(id(after.get_parameter(name)) in inside for name in changed) > 5
    told = json.loads((folder / "told.json").read_text())
    assert told["mask_rate"] == (None if kind == "gpt2" else 0.15)
    assert told["costs"]["flops"] > 0


def test_the_steps_are_adamw_on_the_librarys_own_loss(sources, tmp_path):
    """By a loop of our own: rate up for one step of six and down to 0, clipped at 1, no decay of biases and norms."""
    made = sources(small_architecture("bert", tmp_path / "model", **STILL))
    network, _ = language_model(made.found, "masked", 0)
    own, _ = language_model(made.found, "masked", 0)
    batches = some_batches(made, network)
    how = training.How("masked", 1e-3, "fp32", "cpu", 0, 0)
    training.train(network, batches, how, tmp_path / "a", PeakMemory("cpu"))
    norms = {f"{n}.weight" for n, m in own.named_modules() if "LayerNorm" in type(m).__name__}
    plain = [p for n, p in own.named_parameters() if n.endswith("bias") or n in norms]
    decayed = [p for p in own.parameters() if not any(p is q for q in plain)]
    groups = [{"params": decayed, "weight_decay": 0.01}, {"params": plain, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=1e-3, betas=(0.9, 0.98), eps=1e-6)
    own.train()
    for step in range(6):
        for group in optimizer.param_groups:
            group["lr"] = 1e-3 * (0 if step == 0 else (6 - step) / 5)
        optimizer.zero_grad()
        own(**batches[step]).loss.backward()
        torch.nn.utils.clip_grad_norm_(own.parameters(), 1.0)
        optimizer.step()
    for name, parameter in own.named_parameters():
        torch.testing.assert_close(network.get_parameter(name), parameter, rtol=1e-4, atol=1e-5)


def test_parts_of_a_batch_give_the_batchs_step(sources, tmp_path):
    made = sources(small_architecture("bert", tmp_path / "model", **STILL))
    trained = []
    for at_once in (0, 3):
        network, _ = language_model(made.found, "masked", 0)
        how = training.How("masked", 1e-3, "fp32", "cpu", at_once, 0)
        training.train(network, some_batches(made, network), how, tmp_path / str(at_once), PeakMemory("cpu"))
        trained.append(network)
    for name, parameter in trained[0].named_parameters():
        torch.testing.assert_close(trained[1].get_parameter(name), parameter, rtol=1e-3, atol=1e-4)


def some_batches(made: Sources, network, steps: int = 6) -> Batches:
    tokens = without_segments(made.task["train"], network)
    mask = masking("masked", load_tokenizer(made.found), 0.15, made.found.padding)
    return Batches(((tokens, steps),), 8, 0, "test", made.found.padding, mask)


def test_the_body_is_in_evaluation_mode_while_only_the_head_learns(sources, tmp_path):
    made = sources()
    network, _ = language_model(made.found, "masked", 0)
    train_only_head(network)
    modes = set()
    network.base_model.embeddings.dropout.register_forward_hook(lambda module, *_: modes.add(module.training))
    how = training.How("masked", 1e-3, "fp32", "cpu", 0, 0, only_head=True)
    training.train(network, some_batches(made, network), how, tmp_path / "a", PeakMemory("cpu"))
    assert modes == {False}


def test_a_loss_that_is_no_number_ends_it(sources, tmp_path):
    made = sources()
    network, _ = language_model(made.found, "masked", 0)
    with torch.no_grad():
        next(network.parameters()).fill_(float("nan"))
    how = training.How("masked", 1e-3, "fp32", "cpu", 0, 0)
    with pytest.raises(Diverged, match=r"lower pretraining\.learning_rate"):
        training.train(network, some_batches(made, network), how, tmp_path / "a", PeakMemory("cpu"))


def test_the_costs_are_those_of_what_was_read(whole, sources):
    made = sources()
    costs = json.loads((whole / "told.json").read_text())["costs"]
    network, _ = language_model(made.found, "masked", 0)
    batches = building._batches(network, RECIPE, made, "body")
    masks = [batches[step]["attention_mask"] for step in range(6)]
    assert costs["tokens"] == sum(int(mask.sum()) for mask in masks)
    assert costs["padded_tokens"] == sum(mask.numel() for mask in masks)
    assert costs["sequences"] == sum(len(mask) for mask in masks)
    assert costs["seconds"] > 0
    shapes = Counter(tuple(mask.shape) for mask in masks)
    predicted = sum(int((batches[step]["labels"] != -100).sum()) for step in range(6))
    assert predicted < costs["tokens"] / 3
    assert costs["flops"] == training_flops(network, shapes, predicted) < training_flops(network, shapes)


def test_operations_of_decoding_are_counted_at_the_predicted_places(sources):
    """The output layer: so many operations less as there are places left out, 6 for each of its weights and places."""
    made = sources()
    network, _ = language_model(made.found, "masked", 0)
    width, words = network.config.hidden_size, network.config.vocab_size
    every, some = training_flops(network, {(4, 16): 1}), training_flops(network, {(4, 16): 1}, 10)
    assert every - some == 6 * (64 - 10) * (width * words + width**2)


@pytest.mark.parametrize("kind", KINDS)
def test_only_the_predicted_places_are_decoded_and_their_logits_are_the_networks(kind, sources, tmp_path):
    made = sources(small_architecture(kind, tmp_path / "model"))
    objective = made.found.geometry.objectives[0]
    network, _ = language_model(made.found, objective, 0)
    tokens = without_segments(made.task["train"], network)
    mask = masking(objective, load_tokenizer(made.found), 0.15, made.found.padding)
    batch = Batches(((tokens, 1),), 8, 0, "test", made.found.padding, mask)[0]
    wanted = batch.pop("labels") != -100
    network.eval()
    with torch.no_grad():
        found, whole = predicted_logits(network, batch, wanted), network(**batch).logits
    assert len(found) == int(wanted.sum())
    torch.testing.assert_close(found, whole[wanted], rtol=1e-4, atol=1e-5)
