"""Scores of weighted texts are scikit-learn's, of the texts repeated as often as they weigh."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import (
    accuracy_score,
    f1_score,
    log_loss,
    matthews_corrcoef,
    precision_score,
    recall_score,
)

from analysis.weighted import weighted_means, weighted_scores

OF_CLASSES = {"precision": precision_score, "recall": recall_score, "f1": f1_score}


def expected(labels: np.ndarray, predicted: np.ndarray, classes: int, metric: str) -> float:
    if metric in OF_CLASSES:
        each = OF_CLASSES[metric](labels, predicted, labels=range(classes), average=None, zero_division=0)
        return float(each[1] if classes == 2 else each.mean())
    return float(accuracy_score(labels, predicted) if metric == "accuracy" else matthews_corrcoef(labels, predicted))


@pytest.mark.parametrize("metric", ["accuracy", "precision", "recall", "f1", "mcc"])
@pytest.mark.parametrize("classes", [2, 3, 12])
def test_scores_are_scikit_learns(classes: int, metric: str) -> None:
    generator = np.random.default_rng(classes)
    labels = generator.integers(0, classes, 80)
    predicted = np.where(generator.random((5, 80)) < 0.7, labels, generator.integers(0, classes, (5, 80)))
    predicted[4] = 0
    weights = np.concatenate([np.ones((1, 80)), generator.integers(0, 4, (3, 80))]).astype(np.float32)
    found = weighted_scores(weights, labels, predicted.astype(np.uint8), classes, metric)
    assert found.shape == (5, 4)
    for trial, draw in np.ndindex(5, 4):
        times = weights[draw].astype(int)
        told = expected(np.repeat(labels, times), np.repeat(predicted[trial], times), classes, metric)
        assert found[trial, draw] == pytest.approx(told, abs=1e-12)


def test_trials_come_in_blocks_and_in_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(0)
    labels, predicted = generator.integers(0, 3, 40), generator.integers(0, 3, (11, 40))
    weights = generator.integers(0, 3, (6, 40)).astype(np.float32)
    whole = weighted_scores(weights, labels, predicted, 3, "f1")
    monkeypatch.setattr("analysis.weighted._BLOCK", 4 * 3 * 40 * 2)
    assert np.array_equal(weighted_scores(weights, labels, predicted, 3, "f1"), whole)


def test_means_of_losses() -> None:
    generator = np.random.default_rng(1)
    labels, chance = generator.integers(0, 2, 50), generator.random((3, 50)) * 0.98 + 0.01
    losses = -np.log(np.where(labels == 1, chance, 1 - chance))
    weights = generator.integers(0, 3, (4, 50)).astype(np.float32)
    found = weighted_means(weights, losses)
    for trial, draw in np.ndindex(3, 4):
        told = log_loss(labels, chance[trial], sample_weight=weights[draw])
        assert found[trial, draw] == pytest.approx(told, abs=1e-12)
