"""The probe is the logistic regression that scikit-learn fits on the body's embeddings, wherever it is computed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow.compute as pc
import pytest
import torch

from study.assembly import assemble
from study.embeddings import embeddings
from study.linear_head import copy_regression
from study.training import fit
from study.trial import carry_out
from tests.architectures import KINDS, small_architecture


def probed(make_trial, **setting):
    trainer = assemble(*make_trial(method="linear_probe", **setting), lambda trainer, scores: None)
    fit(trainer)
    return trainer


def by_hand(trainer, split: str) -> np.ndarray:
    """Mean-pooled last hidden states of a body that is loaded anew, one text at a time."""
    from transformers import AutoModel

    tokens = trainer.job.splits[split]
    body = AutoModel.from_pretrained(trainer.network.config._name_or_path).eval()
    with torch.no_grad():
        texts = [torch.from_numpy(np.array(tokens[i]["input_ids"], np.int64))[None] for i in range(len(tokens))]
        return np.concatenate([body(input_ids=one).last_hidden_state.mean(1).numpy() for one in texts])


@pytest.mark.parametrize("shots", [0, 5])
def test_it_is_the_regression_on_the_embeddings(make_trial, shots):
    from sklearn.linear_model import LogisticRegression

    trainer = probed(make_trial, shots=shots)
    known = {row: i for i, row in enumerate(np.asarray(trainer.job.splits["train"].rows).tolist())}
    chosen = [known[row] for row in np.asarray(trainer.examples.rows).tolist()]
    fitted = LogisticRegression(max_iter=1000).fit(
        by_hand(trainer, "train")[chosen], np.asarray(trainer.examples.labels)
    )
    probabilities = torch.softmax(torch.from_numpy(trainer.logits("test")), -1).numpy()
    assert probabilities == pytest.approx(fitted.predict_proba(by_hand(trainer, "test")), abs=2e-4)


def test_kept_embeddings_give_the_logits_of_a_forward_pass(make_trial):
    trainer = probed(make_trial, shots=5)
    kept = trainer.logits("test")
    trainer.job.methods[:] = [method for method in trainer.job.methods if method.name != "linear_probe"]
    assert trainer.logits("test") == pytest.approx(kept, abs=1e-5)


def test_embeddings_are_computed_once_for_all_trials(make_trial, monkeypatch):
    from study import embeddings as room

    trainer = probed(make_trial, shots=5)
    first = embeddings(trainer, "validation")
    monkeypatch.setattr(room, "example_embeddings", lambda *_: pytest.fail("computed again"))
    other = assemble(*make_trial(seed=3, method="linear_probe", shots=7), lambda trainer, scores: None)
    assert np.array_equal(embeddings(other, "validation"), first)


def test_only_the_head_counts_as_trained(make_trial):
    record = carry_out(*make_trial(method="linear_probe", shots=5))
    classes = len(record.metrics["test"]["confusion"])
    assert record.costs["trainable_parameters"] == classes * (32 + 1)
    assert "examples_per_second" not in record.costs


def test_three_classes_and_two_have_the_regressions_probabilities():
    from sklearn.linear_model import LogisticRegression

    rng = np.random.default_rng(0)
    for classes in (2, 3):
        vectors, labels = rng.normal(size=(60, 4)), np.arange(60) % classes
        fitted = LogisticRegression().fit(vectors, labels)
        head = torch.nn.Linear(4, classes)
        copy_regression(head, fitted)
        logits = head(torch.from_numpy(vectors).float())
        assert torch.softmax(logits, -1).detach().numpy() == pytest.approx(fitted.predict_proba(vectors), abs=1e-6)


def test_class_weights_weigh_the_regression(make_trial):
    plain, weighed = probed(make_trial, shots=5), probed(make_trial, shots=5, class_weights="balanced")
    assert np.array_equal(plain.logits("test"), weighed.logits("test"))  # as many of each


def test_it_is_refused_beside_what_trains_the_body(make_trial):
    from study.settings import problems

    assert problems({"method": "linear_probe", "frozen_layers": 2}) == [
        "linear_probe and freezing cannot be combined. Turn one of them off."
    ]
    assert problems({"method": "full", "lora.rank": 8}) == [
        "method=full trains the whole model, but lora is on. Give method=lora."
    ]
    assert problems({"method": "lora", "lora.rank": 0}) == [
        "method=lora: lora.rank=0 turns it off. Leave one of them out."
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_every_encoder_can_be_probed(kind, tmp_path, data_folder):
    from study.data import DataOptions, load_data, write_texts
    from study.models.loading import find_model
    from study.record import Ref
    from study.settings import resolve
    from study.trial import Context, Trial

    found = find_model(str(small_architecture(kind, tmp_path / kind)))
    data = load_data(DataOptions(str(data_folder), train_size=12, eval_size=8))
    write_texts(data, tmp_path / "texts.parquet")
    setting = resolve({"method": "linear_probe", "shots": 3, "max_length": 16})
    trial = Trial("classification", found.ref, Ref(data.name, data.fingerprint), setting, 0)
    context = Context(found.at, tmp_path / "texts.parquet", tmp_path / "cache", tmp_path / "scratch", phase="compare")
    record = carry_out(trial, context)
    assert record.status == "finished"
    assert record.costs["trainable_parameters"] == 2 * (found.geometry.width + 1)


def test_a_class_without_training_texts_is_named(model_folder, data_folder):
    from study.data import DataOptions, load_data
    from study.methods.linear_probe import data_problem

    data = load_data(DataOptions(str(data_folder)))
    assert data_problem(data, {}) is None
    table = data.splits["train"]
    less = table.filter(pc.not_equal(table["label"], 0))
    told = data_problem(replace(data, splits={**data.splits, "train": less}), {})
    assert told is not None
    assert f"no training text of class {data.labels[0]!r}" in told


def test_activations_may_be_computed_again(make_trial):
    """Which changes nothing: the body takes no gradient."""
    again = probed(make_trial, shots=5, gradient_checkpointing=True)
    assert np.array_equal(again.logits("test"), probed(make_trial, shots=5).logits("test"))
