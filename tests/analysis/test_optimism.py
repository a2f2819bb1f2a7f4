"""Optimism: what selection saw, what new seeds give on the same texts, and what the test split gives."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from analysis.optimism import agreement, optimism
from study.question import Question, choice
from tests.analysis.fabricated import frame_of_rows, row

DEPTHS = (0, 2, 4, 6, 8)
QUESTION = Question(
    name="depths",
    asks="?",
    source="",
    factors=tuple({"frozen_layers": depth} for depth in DEPTHS),
    tuned={"learning_rate": choice(1e-4, 1e-3)},
    baseline={"frozen_layers": 0},
)
RNG = np.random.default_rng(4)
VALIDATION = {
    (depth, seed): 0.7 + 0.02 * depth * (4 - depth) / 4 + 0.02 * RNG.random() for depth in DEPTHS for seed in (0, 1, 2)
}
TEST = {place: score - 0.03 + 0.02 * RNG.random() for place, score in VALIDATION.items()}


def rows():
    found = [row({"frozen_layers": d, "learning_rate": 1e-4}, 0.8 + d / 100, 1000, "tune") for d in DEPTHS]
    found += [row({"frozen_layers": d, "learning_rate": 1e-3}, 0.1, 1000, "tune") for d in DEPTHS]
    return found + [
        row({"frozen_layers": d, "learning_rate": 1e-4}, VALIDATION[d, s], s, test_f1=TEST[d, s], test_texts=100)
        for d in DEPTHS
        for s in (0, 1, 2)
    ]


def test_luck_is_of_the_seeds_and_the_gap_of_the_texts():
    found = optimism(frame_of_rows("depths", rows()), QUESTION)
    for place, depth in enumerate(DEPTHS):
        gaps = np.array([VALIDATION[depth, seed] - TEST[depth, seed] for seed in (0, 1, 2)])
        low, high = stats.t.interval(0.95, 2, gaps.mean(), stats.sem(gaps))
        mine = found.iloc[place]
        assert (mine["gap"], mine["gap_low"], mine["gap_high"]) == pytest.approx((gaps.mean(), low, high))
        assert mine["selected"] == pytest.approx(0.8 + depth / 100)
        assert mine["luck"] == pytest.approx(0.8 + depth / 100 - np.mean([VALIDATION[depth, s] for s in (0, 1, 2)]))
    assert found["best"].sum() == 1
    assert found.loc[found["best"], "validation"].item() == found["validation"].max()


def test_what_flatters_is_positive_whichever_way_the_metric_goes():
    frame = frame_of_rows("depths", rows())
    frame["loss"], frame["test_loss"] = 1 - frame["f1"], 1 - frame["test_f1"]
    up, down = optimism(frame, QUESTION), optimism(frame, replace(QUESTION, metric="loss"))
    assert down["gap"].tolist() == pytest.approx(up["gap"].tolist())
    assert down["luck"].tolist() == pytest.approx(up["luck"].tolist())
    assert down["best"].tolist() == up["best"].tolist()


def test_agreement_is_spearmans_over_settings():
    frame = frame_of_rows("depths", rows())
    means = frame[frame["phase"] == "compare"].groupby("frozen_layers")[["f1", "test_f1"]].mean()
    found = agreement(frame, QUESTION)
    assert (found.n, found.value) == (5, pytest.approx(stats.spearmanr(means["f1"], means["test_f1"])[0]))
    assert np.isnan(agreement(frame[frame["frozen_layers"] < 7], QUESTION).value)


def test_without_a_test_split_there_is_none():
    frame = frame_of_rows("depths", [one for one in rows() if one.pop("test_f1", 1) and one.pop("test_texts", 1)])
    assert optimism(frame, QUESTION).empty
    assert np.isnan(agreement(frame, QUESTION).value)


def test_without_tuning_there_is_no_luck():
    found = optimism(frame_of_rows("depths", rows()[10:]), replace(QUESTION, tuned={}))
    assert found["luck"].isna().all()
    assert found["gap"].notna().all()


def test_in_folds_the_gap_is_over_folds_and_luck_is_not_told():
    every = [
        {**one, "fold": fold, "folds": 3, "f1": one["f1"] + fold / 50}
        for fold in (1, 2, 3)
        for one in rows()
        if one["seed"] != 2
    ]
    found = optimism(frame_of_rows("depths", every), QUESTION)
    assert set(found["n"]) == {3}
    assert found["selected"].isna().all()
