"""Instability: scatter and its interval against scipy, and what validation knows of the test score."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binomtest, chi2, spearmanr

from analysis import load_frame
from analysis.instability import _within, instability, seed_agreement
from analysis.report import instability as report
from study.record import Record
from tests.analysis.conftest import QUESTION, arm, place, trial
from tests.analysis.folded import fold_places, fold_trials

Make = Callable[..., Path]


def scored(depth: int, seed: int, validation: float, test: float) -> Record:
    made = trial(place(), {"frozen_layers": depth, "learning_rate": 3e-5}, seed)
    values = {"validation": validation, "test": test}
    return replace(made, metrics={split: {**scores, "f1": values[split]} for split, scores in made.metrics.items()})


def test_scatter_and_its_interval(study: Make) -> None:
    rng = np.random.default_rng(0)
    scores = 0.5 + 0.2 * rng.random((2, 6))
    frame = load_frame(study([scored(d, s, 0.8, scores[d, s]) for d in (0, 1) for s in range(6)]))
    for row in instability(frame, QUESTION).to_dict("records"):
        values = scores[row["row"]]
        variance = values.var(ddof=1)
        ends = [np.sqrt(5 * variance / chi2.ppf(q, 5)) for q in (0.975, 0.025)]
        expected = [values.std(ddof=1), *ends, values.min(), np.median(values), values.max(), np.ptp(values)]
        names = ("deviation", "deviation_low", "deviation_high", "least", "median", "most", "range")
        assert [row[name] for name in names] == pytest.approx(expected)
        assert row["quartiles"] == pytest.approx(np.subtract(*np.percentile(values, (75, 25))))


def test_no_score_scatters_by_more_than_half_of_its_range(study: Make) -> None:
    frame = load_frame(study([scored(0, seed, 0.8, test) for seed, test in enumerate((0.1, 0.9, 0.4))]))
    found = instability(frame, QUESTION).iloc[0]
    assert found["deviation_high"] == 0.5
    assert found["deviation_low"] < found["deviation"] < 0.5


def test_diverged_and_degenerate_trials_are_broken(study: Make) -> None:
    records = [scored(0, seed, 0.8, 0.8) for seed in range(4)]
    records[1] = replace(records[1], status="diverged", metrics={}, error={"type": "Diverged", "message": "nan"})
    records[2] = replace(records[2], degenerate=True)
    found = instability(load_frame(study([*records, scored(1, 0, 0.7, 0.7)])), QUESTION).iloc[0]
    interval = binomtest(2, 4).proportion_ci(0.95, "wilson")
    assert (found["trials"], found["broken"], found["n"]) == (4, 2, 3)
    assert [found["share_low"], found["share_high"]] == pytest.approx([interval.low, interval.high])


def test_folds_have_no_interval_of_the_deviation(study: Make) -> None:
    places = fold_places(4)
    frame = load_frame(study(fold_trials(places), *(arm(p) for p in places)))
    found = instability(frame, QUESTION)
    assert (found["n"] == 8).all()
    assert found["deviation"].notna().all()
    assert found["deviation_low"].isna().all()


def test_the_correlation_is_within_settings(study: Make) -> None:
    """Between settings validation and test rise together; within them they do not, and only that counts."""
    rng = np.random.default_rng(4)
    level = {0: 0.9, 1: 0.7, 2: 0.5}
    scores = {(d, s): level[d] + 0.01 * rng.standard_normal(2) for d in level for s in range(8)}
    frame = load_frame(study([scored(d, s, *map(float, pair)) for (d, s), pair in scores.items()]))
    found = seed_agreement(frame, QUESTION)
    assert found is not None
    values = np.array([[scores[d, s] for s in range(8)] for d in level])
    away = (values - values.mean(axis=1, keepdims=True)).reshape(-1, 2)
    assert found.correlation == pytest.approx(spearmanr(away[:, 0], away[:, 1]).statistic)
    assert found.correlation < 0.5 < spearmanr(values.reshape(-1, 2)[:, 0], values.reshape(-1, 2)[:, 1]).statistic
    assert found.low < found.correlation < found.high
    assert (found.trials, found.settings) == (24, 3)
    best = values[:, :, 0].argmax(axis=1)
    gain = np.mean([values[d, best[d], 1] - values[d, :, 1].mean() for d in range(3)])
    assert found.gain == pytest.approx(gain)


def test_the_interval_of_the_correlation_covers() -> None:
    rng = np.random.default_rng(8)
    covered = 0
    for _ in range(300):
        both = rng.standard_normal((8, 5, 1)) * 0.5 + rng.standard_normal((8, 5, 2))
        both += rng.standard_normal((8, 1, 2))
        away = (both - both.mean(axis=1, keepdims=True)).reshape(-1, 2)
        _, low, high = _within(away[:, 0], away[:, 1], 8)
        # the rank correlation of a normal pair: 6/π asin(ρ/2), ρ = 0.25 / 1.25
        covered += low <= 6 / np.pi * np.arcsin(0.1) <= high
    assert 0.91 < covered / 300 < 0.99


def test_few_or_equal_scores_have_no_correlation(study: Make) -> None:
    assert seed_agreement(load_frame(study([scored(0, s, 0.8, 0.7 + s / 100) for s in range(6)])), QUESTION) is None
    assert seed_agreement(load_frame(study([scored(1, 0, 0.8, 0.7)])), QUESTION) is None


def test_the_section_is_there_from_three_trials_on(study: Make) -> None:
    two = load_frame(study([scored(0, s, 0.8, 0.7 + s / 100) for s in range(2)]))
    assert report.section(two, QUESTION) == []
    assert report.section(two, QUESTION, always=True)
    text = "\n\n".join(report.section(load_frame(study([scored(0, 2, 0.8, 0.9)])), QUESTION))
    assert "| full fine-tuning | 3 | 0.113 [" in text
    assert "degenerate" not in text


def test_a_trial_without_a_score_is_not_counted(study: Make) -> None:
    records = [scored(0, seed, 0.8, 0.7 + seed / 100) for seed in range(5)]
    records[1:3] = [replace(one, metrics={"validation": one.metrics["validation"]}) for one in records[1:3]]
    frame = load_frame(study(records))
    found = instability(frame, QUESTION).iloc[0]
    assert (found["trials"], found["n"]) == (3, 3)
    assert "| full fine-tuning | 3 | " in "\n\n".join(report.section(frame, QUESTION))
    nothing = instability(frame.assign(test_f1=float("nan"), f1=float("nan")), QUESTION).iloc[0]
    assert (nothing["trials"], nothing["n"]) == (0, 0)
    assert np.isnan(nothing["share"])
