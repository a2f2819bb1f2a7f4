"""SetFit: the package's own numbers, other seeds other pairs, nothing left behind, and what it refuses."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import textwrap
import warnings
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from search_spaces import setfit as question
from study.assembly import assemble
from study.contrastive import tuning
from study.data import DataOptions, load_data, read_batches, write_texts
from study.errors import Diverged, InputError
from study.methods.setfit import METHOD
from study.models.loading import find_model
from study.question import Geometry
from study.record import Ref
from study.settings import problems, resolve
from study.training import fit
from study.trial import carry_out
from tests.architectures import small_architecture

SETFIT = {"method": "setfit", "shots": 4, "pooling": "mean"}
DIFFERENTIABLE = {"setfit.head": "differentiable"}


@pytest.fixture
def trainer(make_trial):
    """``trainer(seed=0, **setting)``: one that is ready to fit."""

    def make(seed=0, **setting):
        torch.set_num_threads(1)
        return assemble(*make_trial(seed=seed, **{**SETFIT, **setting}), lambda trainer, scores: None)

    return make


@pytest.fixture
def watched(monkeypatch):
    """What the last fit had: the package's trainer, the head that it fitted, and the pairs in their order."""
    found = SimpleNamespace()
    make, phases = tuning._tuner, tuning._two_phases

    def tuner(*given):
        found.tuner = make(*given)
        return found.tuner

    def two_phases(*given):
        found.head = phases(*given)
        data = found.tuner.st_trainer.train_dataset
        found.pairs = list(zip(data["sentence_1"], data["sentence_2"], data["label"], strict=True))
        return found.head

    monkeypatch.setattr(tuning, "_tuner", tuner)
    monkeypatch.setattr(tuning, "_two_phases", two_phases)
    return found


def state(made) -> dict[str, torch.Tensor]:
    return {name: tensor.clone() for name, tensor in made.network.state_dict().items()}


def same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return all(torch.equal(tensor, other[name]) for name, tensor in one.items())


def vectors(made) -> np.ndarray:
    """The training examples' embeddings, one at a time."""
    made.network.eval()
    with torch.inference_mode():
        each = [made.network.embed(**texts(made, [i])) for i in range(len(made.examples))]
    return torch.cat(each).numpy()


def texts(made, numbers) -> dict[str, torch.Tensor]:
    batch = made.job.task.collate([made.examples[i] for i in numbers], padding=made.job.padding)
    return {name: tensor for name, tensor in batch.items() if name != "labels"}


def test_the_package_sees_the_embeddings_that_sentence_transformers_makes_of_the_texts(trainer, watched, make_trial):
    """The stock modules, from the body's folder and the texts themselves, against ours on tokens by number."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers import models as modules

    made = trainer()
    ours = tuning._tuner(made, made.job.setting).model.model_body
    context = make_trial()[1]
    transformer = modules.Transformer(context.model, max_seq_length=32)
    stock = SentenceTransformer(modules=[transformer, modules.Pooling(32, "mean")], device="cpu")
    told = [text for batch in read_batches(context.texts, "train") for text in batch.column("text").to_pylist()]
    splits = dict(zip(made.job.splits["train"].rows, told, strict=True))
    said = [splits[row] for row in made.examples.rows]
    expected = stock.encode(said, show_progress_bar=False)
    found = ours.encode([str(i) for i in range(len(said))], show_progress_bar=False)
    np.testing.assert_allclose(found, expected, atol=1e-6)
    np.testing.assert_allclose(vectors(made), expected, atol=1e-6)


@pytest.mark.parametrize("kind", ["logistic", "differentiable"])
def test_the_head_gives_the_packages_probabilities(trainer, watched, kind):
    made = trainer(**{"setfit.head": kind})
    fit(made)
    found = vectors(made)
    if kind == "logistic":
        expected = watched.head.predict_proba(found)
    else:
        expected = watched.head.predict_proba(torch.from_numpy(found)).detach().numpy()
    with torch.inference_mode():
        ours = made.network(**texts(made, range(len(made.examples)))).logits.softmax(-1).numpy()
    np.testing.assert_allclose(ours, expected, atol=1e-5)


def test_embeddings_of_one_class_come_closer_than_those_of_two(trainer):
    made = trainer(shots=8, **{"setfit.iterations": 5})

    def gap() -> float:
        unit = vectors(made)
        unit = unit / np.linalg.norm(unit, axis=1, keepdims=True)
        alike = made.examples.classes[:, None] == made.examples.classes[None]
        return float((unit @ unit.T)[alike].mean() - (unit @ unit.T)[~alike].mean())

    before = gap()
    fit(made)
    assert gap() > before + 0.1


def test_pairs_follow_the_seed_and_are_counted(trainer, watched):
    orders = []
    for seed in (0, 0, 1):
        made = trainer(seed)
        fit(made)
        orders.append(watched.pairs)
        assert made.counted["pairs"] == len(watched.pairs) == 40
        lengths = made.examples.lengths
        assert made.counted["tokens_seen"] == sum(lengths[int(a)] + lengths[int(b)] for a, b, _ in watched.pairs)
        assert made.counted["train_flops"] > 0
        for one, other, alike in watched.pairs:
            assert (made.examples.classes[int(one)] == made.examples.classes[int(other)]) == bool(alike)
    assert orders[0] == orders[1]
    # the classes lie alike in both seeds' examples, so that by the package's own order these would be one list
    assert orders[0] != orders[2]


def test_a_trial_after_another_is_the_trial_itself(trainer):
    """With the head that draws numbers, too; the contract tests do it with the other one."""
    first, again = trainer(**DIFFERENTIABLE), trainer(**DIFFERENTIABLE)
    fit(first)
    fit(trainer(1, **{"setfit.sampling": "undersampling", "learning_rate": 1e-2}))
    torch.rand(7), np.random.rand(7)
    fit(again)
    assert same(state(first), state(again))


@pytest.mark.slow
def test_a_trial_in_a_used_process_is_one_in_a_new_process(make_trial):
    """The new one has never imported the package, and the used one has run another of its trials."""
    trial, context = make_trial(**SETFIT, **DIFFERENTIABLE)
    code = """
        import json, sys
        from pathlib import Path
        from study.trial import Context, Trial, carry_out
        trial, paths = json.loads(sys.argv[1])
        context = Context(paths.pop("model"), **{n: Path(p) for n, p in paths.items()}, threads=1)
        print(carry_out(Trial.from_json(trial), context).predictions.to_pydict())
    """
    paths = {name: str(getattr(context, name)) for name in ("model", "texts", "cache", "scratch")}
    given = json.dumps([trial.to_json(), paths])
    new = subprocess.run([sys.executable, "-c", textwrap.dedent(code), given], capture_output=True, text=True)
    assert new.returncode == 0, new.stderr
    carry_out(*make_trial(1, **SETFIT))
    assert str(carry_out(trial, context).predictions.to_pydict()) == new.stdout.strip().splitlines()[-1]


def test_nothing_is_left_behind(trainer, capfd, tmp_path):
    import setfit.sampler
    import setfit.trainer

    made = trainer(precision="bf16", frozen_layers=1, **DIFFERENTIABLE)
    loggers = [logging.getLogger(name) for name in ("setfit", "sentence_transformers", "transformers", "")]

    def seen() -> tuple:
        return (
            setfit.sampler.shuffle_combinations,
            setfit.trainer.SentenceTransformerTrainingArguments,
            dict(os.environ),
            list(warnings.filters),
            [(logger.level, list(logger.handlers)) for logger in loggers],
            made.accelerator.mixed_precision,
            [p.requires_grad for p in made.network.parameters()],
            torch.is_grad_enabled(),
            torch.get_default_dtype(),
        )

    before = seen()
    assert before[5] == "bf16"
    capfd.readouterr()
    fit(made)
    assert seen() == before
    assert all(p.grad is None for p in made.network.parameters())
    assert capfd.readouterr() == ("", "")
    assert not made.job.scratch.exists() or not any(made.job.scratch.rglob("*"))


def test_frozen_blocks_are_as_they_were(trainer):
    made = trainer(frozen_layers=2)
    before = state(made)
    fit(made)
    changed = {name for name, tensor in state(made).items() if not torch.equal(tensor, before[name])}
    assert changed
    assert all(name.startswith(("base_model.encoder.layer.2.", "head.")) for name in changed)


def test_a_batch_in_parts_is_the_same_batch(trainer):
    ends = []
    for parts in (0, 4):
        made = trainer(micro_batch=parts)
        for module in made.network.modules():
            if isinstance(module, torch.nn.Dropout):
                module.p = 0.0
        fit(made)
        ends.append(state(made))
    assert not same(*ends)
    assert all(torch.allclose(tensor, ends[1][name], atol=1e-4) for name, tensor in ends[0].items())


def test_the_packages_loop_has_the_settings(trainer, watched):
    fit(trainer(learning_rate=3e-4, epochs=2, warmup_ratio=0.25, batch_size=4))
    loop = watched.tuner.st_trainer
    assert loop.args.learning_rate == 3e-4
    assert (loop.state.global_step, loop.args.weight_decay) == (20, pytest.approx(0, abs=1e-300))
    rates = [loop.lr_scheduler.lr_lambdas[0](step) for step in range(20)]
    assert np.argmax(rates) == 5


def test_no_weight_decay_is_none_for_the_differentiable_head_too(trainer, monkeypatch):
    decays = []

    class Spied(torch.optim.AdamW):
        def __init__(self, *given, **named):
            super().__init__(*given, **named)
            decays.extend(group["weight_decay"] for group in self.param_groups)

    monkeypatch.setattr(torch.optim, "AdamW", Spied)
    fit(trainer(**DIFFERENTIABLE))
    assert len(decays) == 4, "two groups of the body's, and one each of body and head"
    assert max(decays) * 1e-2 == 0.0


@pytest.mark.parametrize("truncation", ["tail", "windows"])
def test_it_reads_texts_as_every_method_does(make_trial, truncation):
    record = carry_out(*make_trial(**SETFIT, truncation=truncation, max_length=8))
    assert record.status == "finished"
    assert record.costs["pairs"] == 40 or truncation == "windows"


def test_it_reads_pairs_of_texts(make_trial, tmp_path):
    rows = [(f"film lovely {i}", f"story warm {i}", "a") for i in range(6)]
    rows += [(f"film dull {i}", f"story cold {i}", "b") for i in range(6)]
    for split in ("train", "validation", "test"):
        lines = ["one,two,label", *(",".join(row) for row in rows)]
        (tmp_path / f"{split}.csv").write_text("\n".join(lines), encoding="utf-8")
    data = load_data(DataOptions(str(tmp_path), text_column="one,two"))
    write_texts(data, tmp_path / "texts.parquet")
    trial, context = make_trial(**SETFIT)
    trial = replace(trial, data=Ref(data.name, data.fingerprint))
    record = carry_out(trial, replace(context, texts=tmp_path / "texts.parquet"))
    assert (record.status, record.costs["pairs"]) == ("finished", 40)


@pytest.mark.parametrize("kind", ["albert", "deberta-v2", "modernbert", "gpt2", "xlnet"])
def test_any_encoder_is_a_body(make_trial, tmp_path, kind):
    """Shared layers, relative positions, no padding token, padding on the left: what is beside a text is not read."""
    folder = str(small_architecture(kind, tmp_path / kind))
    trial, context = make_trial(**{**SETFIT, "shots": 2, "setfit.iterations": 2})
    trial = replace(trial, model=find_model(folder).ref)
    made = assemble(trial, replace(context, model=folder), lambda trainer, scores: None)
    before = state(made)
    fit(made)
    assert (made.counted["pairs"], made.network.pooling) == (16, "mean")
    changed = {name for name, tensor in state(made).items() if not torch.equal(tensor, before[name])}
    assert any(name.startswith("base_model.") for name in changed)
    with torch.inference_mode():
        together = made.network.embed(**texts(made, range(4))).numpy()
    np.testing.assert_allclose(vectors(made), together, atol=1e-5)


def test_a_loss_that_is_no_number_is_divergence(trainer):
    made = trainer()
    with torch.no_grad():
        made.network.base_model.embeddings.LayerNorm.weight.fill_(float("nan"))
    with pytest.raises(Diverged, match="lower learning_rate"):
        fit(made)


def model(depth: int = 3) -> SimpleNamespace:
    return SimpleNamespace(geometry=Geometry(depth=depth, width=32, heads=2, positions=64))


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ({"epochs": 1.5}, "whole epochs"),
        ({"bias_correction": False}, "always corrects"),
        ({"frozen_layers": 3}, "nothing of the body"),
    ],
)
def test_what_it_cannot_do_is_said(setting, said):
    assert said in METHOD.problem(model(), resolve({**SETFIT, **setting}))
    assert METHOD.problem(model(), resolve(SETFIT)) is None


def test_a_fraction_that_a_search_draws_is_refused_too(trainer):
    with pytest.raises(InputError, match="whole epochs"):
        fit(trainer(epochs=1.5))


def test_too_many_pairs_and_a_class_without_texts_are_refused(data_folder, monkeypatch):
    data = load_data(DataOptions(str(data_folder)))
    monkeypatch.setattr("study.methods.setfit.MOST_PAIRS", 2_000)
    whole = resolve({"method": "setfit"})
    assert "64 training texts" in METHOD.data_problem(data, whole)
    assert METHOD.data_problem(data, resolve(SETFIT)) is None
    assert "'neutral'" in METHOD.data_problem(replace(data, labels=(*data.labels, "neutral")), resolve(SETFIT))


def test_the_question_tunes_what_has_an_effect():
    asked = question.QUESTION
    for candidate in [*asked.candidates(), asked.baseline]:
        setting = resolve({**asked.fixed, **candidate})
        assert problems(setting) == []
        assert METHOD.problem(model(), setting) is None
        assert METHOD.active(setting)
        assert setting["setfit.head"] == "differentiable", "else its learning rate would be idle"
    assert set(asked.baseline) == set(asked.tuned)
