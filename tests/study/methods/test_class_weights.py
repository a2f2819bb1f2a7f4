"""Class weights are scikit-learn's, change the training loss by what they say, and nothing where classes are even."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.utils.class_weight import compute_sample_weight

from study.assembly import assemble
from study.data.tokens import Tokens
from study.methods.class_weights import weigh
from study.training import fit
from study.trial import carry_out

SETTING = {"class_weights": "balanced"}


def examples(labels: list[int], owner: list[int] | None = None) -> Tokens:
    count = len(labels if owner is None else owner)
    return Tokens(
        ids=np.zeros(count, np.int32),
        offsets=np.arange(count + 1),
        labels=np.array(labels, np.int32),
        rows=np.arange(len(labels)),
        owner=None if owner is None else np.array(owner),
    )


@pytest.mark.parametrize("labels", [[0] * 9 + [1], [2] * 5 + [0] * 3 + [7], [1, 0, 0]])
def test_weights_are_those_of_scikit_learn_and_one_on_average(labels):
    found = weigh(examples(labels), SETTING, 0)
    assert found.weights == pytest.approx(compute_sample_weight("balanced", labels))
    assert found.weights.mean() == pytest.approx(1)
    assert [found[i]["weights"] for i in range(len(labels))] == found.weights.tolist()
    for number in set(labels):
        assert found.weights[np.array(labels) == number].sum() == pytest.approx(len(labels) / len(set(labels)))


def test_windows_are_counted_not_texts():
    found = weigh(examples([0, 0, 1], owner=[0, 1, 2, 2, 2, 2]), SETTING, 0)
    assert found.weights.tolist() == [1.5, 1.5, 0.75, 0.75, 0.75, 0.75]
    even = examples([0, 0, 1], owner=[0, 1, 2, 2])
    assert weigh(even, SETTING, 0) is even


def test_even_classes_train_to_the_same_bits(make_trial):
    plain, weighed = carry_out(*make_trial()), carry_out(*make_trial(class_weights="balanced"))
    assert plain.key != weighed.key
    assert (plain.metrics, plain.curve) == (weighed.metrics, weighed.curve)
    assert plain.predictions.equals(weighed.predictions)


@pytest.fixture
def uneven(make_trial, monkeypatch):
    """A trainer whose 64 training texts have been made 48 of one class and 16 of the other."""

    def make(**setting):
        torch.set_num_threads(1)
        from study import assembly

        read = assembly.tokens

        def with_other_labels(*given):
            found = read(*given)
            return {**found, "train": replace(found["train"], labels=np.repeat([0, 1], [48, 16]))}

        monkeypatch.setattr(assembly, "tokens", with_other_labels)
        made = assemble(*make_trial(**setting), lambda trainer, scores: None)
        monkeypatch.setattr(assembly, "tokens", read)
        return made

    return make


def test_the_gradient_is_the_weighted_losss_whatever_the_batch(uneven):
    from torch.nn.functional import cross_entropy

    made = uneven(class_weights="balanced")
    network = made.network.eval()
    labels = torch.tensor(made.examples.classes).long()
    weights = torch.tensor([64 / (2 * 48)] * 48 + [64 / (2 * 16)] * 16)

    def gradient(*losses):
        network.zero_grad()
        for loss in losses:
            (loss / len(losses)).backward()
        return network.classifier.weight.grad.clone()

    everything = made.data_collator([made.examples[i] for i in range(64)])
    inputs = {name: tensor for name, tensor in everything.items() if name not in ("labels", "weights")}
    each = cross_entropy(network(**inputs).logits, labels, reduction="none")
    expected = gradient((weights * each).mean())
    order = torch.randperm(64)
    parts = [made.data_collator([made.examples[int(i)] for i in batch]) for batch in order.split(8)]
    assert torch.allclose(gradient(*(made.compute_loss(network, part) for part in parts)), expected, atol=1e-6)
    unweighted = cross_entropy(network(**inputs).logits, labels)
    assert not torch.allclose(gradient(unweighted), expected, atol=1e-3)


def test_rare_classes_are_predicted_more_often_and_evaluation_is_not_weighted(uneven):
    shares = {}
    for kind in ("none", "balanced"):
        made = uneven(class_weights=kind, epochs=2, frozen_layers=3)
        fit(made)
        logits = made.logits("validation")
        shares[kind] = torch.softmax(torch.tensor(logits), 1)[:, 1].mean().item()
        own = torch.nn.functional.cross_entropy(
            torch.tensor(logits), torch.tensor(np.array(made.job.splits["validation"].labels)).long()
        )
        assert made.curve[-1]["loss"] == pytest.approx(own.item(), rel=1e-5)
        assert "weights" not in made.job.splits["validation"][0]
    assert shares["balanced"] > shares["none"] + 0.03
