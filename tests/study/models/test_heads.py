"""A head that the checkpoint brings is kept where its classes are the data's, else all of it is drawn anew."""

from __future__ import annotations

import json

import pytest
import torch
from safetensors.torch import load_file

from study.models.loading import find_model, load
from tests.architectures import small_architecture

KINDS = ("bert", "roberta", "distilbert", "deberta-v2", "gpt2", "xlnet")
"""One linear layer, a dense layer before it (inside the head's module, beside it), and heads of other names."""


@pytest.fixture(scope="module", params=KINDS)
def folder(request, tmp_path_factory):
    return small_architecture(request.param, tmp_path_factory.mktemp("heads"), head=("Negative", "Positive"))


def loaded(folder, names, seed=7):
    torch.manual_seed(seed)
    return load(find_model(str(folder)), "AutoModelForSequenceClassification", names)


def head_of(network) -> set[str]:
    return {n for n, _ in network.named_parameters() if not n.startswith(f"{network.base_model_prefix}.")}


def test_it_is_kept_for_classes_of_these_names(folder):
    network = loaded(folder, ("negative", "positive"))
    stored = load_file(folder / "model.safetensors")
    assert all(torch.equal(p, stored[name]) for name, p in network.named_parameters())
    assert network.newly_initialised == ()
    assert network.load_notes == ("head of the checkpoint kept: its 2 classes are named like the data's",)
    assert network.config.id2label == {0: "negative", 1: "positive"}


@pytest.mark.parametrize(
    ("names", "why"),
    [
        (("cold", "warm"), "its classes (Negative, Positive) are not the data's (cold, warm)"),
        (("negative", "neutral", "positive"), "it has 2 classes and the data 3"),
        (("positive", "negative"), "its classes are in another order (Negative, Positive)"),
    ],
)
def test_it_is_drawn_anew_for_others_as_if_there_had_been_none(folder, names, why, tmp_path):
    network = loaded(folder, names)
    assert set(network.newly_initialised) == head_of(network)
    assert network.load_notes == (f"head of the checkpoint replaced by a new one: {why}",)
    stored = load_file(folder / "model.safetensors")
    body = {n: p for n, p in network.named_parameters() if n not in head_of(network)}
    assert all(torch.equal(p, stored[name]) for name, p in body.items())

    network.base_model.save_pretrained(tmp_path)
    bare = type(network)
    torch.manual_seed(7)
    drawn = bare.from_pretrained(tmp_path, num_labels=len(names), dtype=torch.float32)
    assert all(torch.equal(p, drawn.get_parameter(name)) for name, p in network.named_parameters())


@pytest.fixture
def edited(tmp_path):
    def edit(**changes):
        folder = small_architecture("bert", tmp_path, head=("Negative", "Positive"))
        config = json.loads((folder / "config.json").read_text()) | changes
        (folder / "config.json").write_text(json.dumps({k: v for k, v in config.items() if v is not None}))
        return loaded(folder, ("cold", "warm"))

    return edit


@pytest.mark.parametrize("labels", [{"0": "LABEL_0", "1": "LABEL_1"}, None])
def test_it_is_kept_where_its_classes_have_no_names(edited, labels):
    network = edited(id2label=labels, label2id=None)
    assert network.newly_initialised == ()
    assert network.load_notes == ("head of the checkpoint kept: its 2 classes are unnamed, and as many as the data's",)


def test_a_head_of_another_task_is_no_head(edited):
    network = edited(id2label=None, label2id=None, architectures=["BertForTokenClassification"])
    assert network.newly_initialised == ("classifier.weight", "classifier.bias")
    assert "it was made for another task (BertForTokenClassification)" in network.load_notes[0]
