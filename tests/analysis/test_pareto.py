"""The front of scores and costs: against brute force, and its probability against the t-tests it stands for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_rel

from analysis import figure, load_frame, section
from analysis.answers import answers_of
from analysis.frame import frame_of
from analysis.origin import marked, study_of
from analysis.pareto import COSTS, DRAWS, cost_name, dominators, front_probability, on_front
from analysis.report import pareto as report
from analysis.resampled import Resampled
from analysis.sources import trials
from analysis.stats import fold_p
from analysis.tables import grouped
from analysis.views import VIEWS
from analysis.views import pareto as view
from analysis.views.figures import figure_of
from study.errors import InputError
from study.question import Question
from study.record import Record
from tests.analysis.conftest import QUESTION, arm, place, trial
from tests.analysis.folded import fold_places, fold_trials

Make = Callable[..., Path]


def beaten(cost: np.ndarray, score: np.ndarray, i: int) -> list[int]:
    return [
        j
        for j in range(len(cost))
        if cost[j] <= cost[i] and score[j] >= score[i] and (cost[j] < cost[i] or score[j] > score[i])
    ]


def test_the_front_is_what_no_other_beats_ties_and_twins_included() -> None:
    rng = np.random.default_rng(1)
    for _ in range(200):
        cost, score = rng.integers(0, 4, size=(2, 3, 6)).astype(float)
        found = on_front(cost, score)
        for draw in range(3):
            alone = [not beaten(cost[draw], score[draw], i) for i in range(6)]
            assert found[draw].tolist() == alone
            by = list(dominators(cost[draw].tolist(), score[draw].tolist()))
            assert [sorted(some) for some in by] == [beaten(cost[draw], score[draw], i) for i in range(6)]
            assert all(list(cost[draw][some]) == sorted(cost[draw][some]) for some in by)


def scored(record: Record, f1: float, seconds: float | None = None) -> Record:
    metrics = {split: {**scores, "f1": f1} for split, scores in record.metrics.items()}
    costs = record.costs if seconds is None else {**record.costs, "train_seconds": seconds}
    return replace(record, metrics=metrics, costs=costs)


def two(study: Make, scores: dict[int, list[float]]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Trials and comparison of depths with these test scores by seed."""
    records = [
        scored(trial(place(), {"frozen_layers": depth, "learning_rate": 3e-5}, seed), f1)
        for depth, values in scores.items()
        for seed, f1 in enumerate(values)
    ]
    return grouped(load_frame(study(records)), QUESTION)


@pytest.mark.parametrize("gain", [0.0, 0.004, 0.02])
def test_of_two_settings_the_dearer_is_on_the_front_as_often_as_its_t_test_says(study: Make, gain: float) -> None:
    cheap = [0.70, 0.72, 0.69, 0.73]
    dear = [0.71 + gain, 0.70 + gain, 0.70 + gain, 0.74 + gain]
    trials, _ = two(study, {0: dear, 1: cheap})
    found = front_probability(trials, [0, 1], QUESTION, "trainable_parameters", np.random.default_rng(0))
    expected = 1 - ttest_rel(dear, cheap, alternative="greater").pvalue
    assert found[1] == 1, "the cheapest is always on it"
    assert found[0] == pytest.approx(expected, abs=4 * 0.5 / np.sqrt(DRAWS))


def test_folds_have_the_corrected_variance(study: Make) -> None:
    places = fold_places(5)
    rng = np.random.default_rng(3)
    records = [
        scored(record, 0.7 + 0.02 * float(rng.random())) for record in fold_trials(places, depths=(0, 3), seeds=(0,))
    ]
    folder = study(records, *(arm(p) for p in places))
    trials, table = grouped(load_frame(folder), QUESTION)
    row = int(table.index[table["frozen_layers"] == 0][0])
    by_fold = trials.pivot_table(index="fold", columns="row", values="test_f1")
    difference = by_fold[row] - by_fold[1 - row]
    ratio = float(trials["test_texts"].mean() / trials["train_texts"].mean())
    two_sided = fold_p(difference, ratio)
    expected = 1 - two_sided / 2 if difference.mean() > 0 else two_sided / 2
    found = front_probability(trials, [0, 1], QUESTION, "trainable_parameters", np.random.default_rng(0))
    assert found[row] == pytest.approx(expected, abs=4 * 0.5 / np.sqrt(DRAWS))


def test_texts_drawn_anew_make_it_less_sure(study: Make) -> None:
    trials, _ = two(study, {0: [0.74, 0.75, 0.76], 1: [0.70, 0.71, 0.72]})
    sure = front_probability(trials, [0, 1], QUESTION, "trainable_parameters", np.random.default_rng(0))
    rng = np.random.default_rng(5)
    scores = {
        (row["key"], "test"): row["test_f1"] + 0.05 * rng.standard_normal(500) for row in trials.to_dict("records")
    }
    drawn = Resampled("f1", scores, {"test": 60})
    unsure = front_probability(trials, [0, 1], QUESTION, "trainable_parameters", np.random.default_rng(0), drawn)
    assert unsure[0] < sure[0]
    scores.pop(next(iter(scores)))
    same = front_probability(
        trials,
        [0, 1],
        QUESTION,
        "trainable_parameters",
        np.random.default_rng(0),
        Resampled("f1", scores, {"test": 60}),
    )
    assert same.tolist() == sure.tolist(), "draws of some trials alone are not used"


def test_without_two_seeds_of_every_setting_nothing_is_known(study: Make) -> None:
    trials, _ = two(study, {0: [0.74, 0.75], 1: [0.70]})
    found = front_probability(trials, [0, 1], QUESTION, "trainable_parameters", np.random.default_rng(0))
    assert np.isnan(found).all()


def test_settings_of_one_cost_share_it_in_every_draw(study: Make) -> None:
    """Equal to the last bit, however their mean is summed: else a hair's breadth would decide who is on the front."""
    trials, _ = two(study, {0: [0.70, 0.71, 0.73], 1: [0.71, 0.72, 0.74]})
    trials = trials.assign(trainable_parameters=0.1)
    found = front_probability(trials, [0, 1], QUESTION, "trainable_parameters", np.random.default_rng(0))
    assert found.tolist() == [0.0, 1.0], "the second is better by the same on every seed"


def test_a_lower_loss_is_the_better(study: Make) -> None:
    question: Question = replace(QUESTION, metric="loss")
    trials, _ = two(study, {0: [0.74, 0.75, 0.76], 1: [0.70, 0.71, 0.72]})
    trials = trials.assign(test_loss=trials["test_f1"])
    found = front_probability(trials, [0, 1], question, "trainable_parameters", np.random.default_rng(0))
    assert found[0] < 0.05


def test_costs_have_names_and_others_are_refused() -> None:
    assert len({cost_name(cost) for cost in COSTS}) == len(COSTS)
    with pytest.raises(InputError, match="train_seconds"):
        cost_name("seconds")


def test_the_table_names_who_beats_whom(study: Make) -> None:
    records = [
        scored(trial(place(), {"frozen_layers": d, "learning_rate": 3e-5}, s), f1 + 0.001 * s, 10.0 * d + s)
        for d, f1 in enumerate((0.70, 0.80, 0.75))
        for s in range(3)
    ]
    frame = load_frame(study(records))
    text = "\n\n".join(report.section(frame, QUESTION, None, ["FIGURE"]))
    full = next(line for line in text.splitlines() if line.startswith("| full fine-tuning") and "22,700" in line)
    assert full.endswith("| frozen layers 2; frozen layers 1 |")
    assert "seeds (by t), on these very texts" in text
    assert report.section(frame, QUESTION, None, []) == []


def foreign(seconds: dict[float, float], **costs: str) -> pd.DataFrame:
    """The frame of a table of somebody's trials: rates with the seconds that training took."""
    rows = [
        {"lr": lr, "seed": seed, "eval_f1": 0.7 + 0.01 * seed + took / 1000, "secs": took + seed / 10, "size": 1e6}
        for lr, took in seconds.items()
        for seed in range(3)
    ]
    study = trials(pd.DataFrame(rows), settings=("lr",), seed="seed", metric="eval_f1", costs=costs)
    return marked(frame_of(study), study)


def test_a_table_with_a_declared_cost_is_shown_against_it() -> None:
    frame = foreign({1e-5: 10, 1e-4: 20, 1e-3: 30}, train_seconds="secs", trainable_parameters="size")
    axes = figure(frame, "pareto").axes
    assert [one.get_xlabel() for one in axes] == ["training (s)"]
    answer = answers_of(study_of(frame))[0]
    blocks = report.section(answer.rows, answer.arm.question, figure=["FIGURE"])
    assert "training (s)" in blocks[1]
    assert "marks of equal cost stand side by side" in blocks[-1]
    assert "Latency" not in blocks[-1]
    assert "atency" not in section(frame, "costs")
    with pytest.raises(InputError, match="nothing to show"):
        figure(foreign({1e-5: 10, 1e-4: 20}, trainable_parameters="size"), "pareto")


def test_training_times_alone_make_no_front_of_trials_of_ours(study: Make) -> None:
    records = [
        scored(trial(place(), {"frozen_layers": depth, "learning_rate": 3e-5}, s), 0.7, seconds=10 + s + depth)
        for depth in (0, 3)
        for s in (0, 1)
    ]
    frame = load_frame(study(records))
    alike = frame.assign(trainable_parameters=5.0)
    assert view.prepare(alike, QUESTION, {}).empty
    assert not view.prepare(alike, QUESTION, {"x": "train_seconds"}).empty


def test_the_front_is_drawn_through_the_true_costs(study: Make) -> None:
    values = {0: [0.70, 0.71], 3: [0.80, 0.81], 4: [0.60, 0.62], 5: [0.50, 0.52], 6: [0.9, 0.91]}
    frame = load_frame(study([
        scored(trial(place(), {"frozen_layers": depth, "learning_rate": 3e-5}, seed), f1)
        for depth, scores in values.items() for seed, f1 in enumerate(scores)
    ]))  # fmt: skip
    costs = frame["frozen_layers"].map({0: 10.0, 3: 20.0, 4: 20.0, 5: 20.0, 6: 30.0})
    prepared = view.prepare(frame.assign(trainable_parameters=costs), QUESTION, {"x": "trainable_parameters"})
    axes = figure_of(VIEWS["pareto"], prepared).axes[0]
    line = next(line for line in axes.lines if len(line.get_xdata()) == 3)  # type: ignore[arg-type]
    assert list(line.get_xdata()) == [10, 20, 30]  # type: ignore[arg-type]
    marks = sorted(float(one.get_offsets()[0][0]) for one in axes.collections if len(one.get_offsets()) == 1)  # type: ignore[index,arg-type]
    assert {10.0, 20.0, 30.0} <= set(marks)
    assert len(set(marks) - {0.0}) == 5
