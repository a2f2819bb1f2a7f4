"""Learning curves: what the records have, evaluation by evaluation, and means that compare like with like."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.curves import curves_of, endings, load_curves, shared_evaluations, unequal, with_curves
from analysis.folder import read_study
from analysis.frame import frame_of
from analysis.report import curves as report
from analysis.stats import mean_interval
from analysis.views import curves as view
from analysis.views.figures import figure_of
from analysis.views.view import View
from study.record import Record
from tests.analysis.conftest import QUESTION, arm, place, trial
from tests.analysis.folded import fold_places, fold_trials

Make = Callable[..., Path]
VIEW = View(prepare=view.prepare, draw=view.draw, rows="trials", size=view.size)


def curved(record: Record, length: int, per_epoch: int = 1) -> Record:
    """A record with a curve that rises, then falls by a little, so that the best is not the last."""
    rng = np.random.default_rng(int(record.key[:6], 16))
    curve: list[dict[str, Any]] = []
    for number in range(1, length + 1):
        f1 = 0.7 + 0.05 * np.sin(number) + 0.01 * float(rng.random())
        point = {"step": 10 * number, "epoch": number / per_epoch, "train_loss": 1.0 / number, "f1": f1}
        curve.append(point | {"accuracy": f1, "loss": 0.4 + 0.1 * float(rng.random())})
    return replace(record, curve=tuple(curve))


def records(depths: int = 3, lengths: tuple[int, ...] = (4, 5, 6), start: int = 0) -> list[Record]:
    return [
        curved(trial(place(), {"frozen_layers": depth, "learning_rate": 3e-5}, seed, skill=0.85 - 0.05 * depth), length)
        for depth in range(start, start + depths)
        for seed, length in enumerate(lengths)
    ]


@pytest.fixture
def uneven(study: Make) -> Path:
    return study(records())


def test_a_row_for_every_evaluation_of_every_record(uneven: Path) -> None:
    found = load_curves(uneven)
    every = read_study(uneven).records
    assert len(found) == sum(len(record.curve) for record in every.values()) == 45
    for key, same in found.groupby("key"):
        stored = pd.DataFrame(list(every[str(key)].curve))
        for name in stored:
            assert same[name].tolist() == stored[name].tolist()
        assert same["evaluation"].tolist() == list(range(1, len(stored) + 1))
        assert set(same["frozen_layers"]) == {every[str(key)].setting["frozen_layers"]}
    assert found["precision"].isna().all(), "what was not measured is missing"


def test_a_setting_called_as_a_point_is_told_apart(study: Make) -> None:
    record = curved(trial(place(), {"frozen_layers": 0, "epoch": 7}, 0), 3)
    found = load_curves(study([record]))
    assert found["epoch"].tolist() == [1, 2, 3]
    assert found["setting.epoch"].tolist() == [7, 7, 7]


def test_a_trial_without_evaluations_has_no_row(study: Make) -> None:
    folder = study([trial(place(), {"frozen_layers": 0}, 0), *records(1, start=1)])
    assert load_curves(folder)["key"].nunique() == 3
    assert curves_of(read_study(folder)).equals(load_curves(folder))


def test_a_mean_ends_where_the_first_of_its_trials_ended(uneven: Path) -> None:
    study = read_study(uneven)
    joined = with_curves(study, frame_of(study))
    one = joined[joined["frozen_layers"] == 1]
    assert shared_evaluations(one)["curve.evaluation"].max() == 4
    assert unequal(joined, QUESTION) == 3
    prepared = view.prepare(joined, QUESTION, {})
    shown = prepared[prepared["panel"].str.endswith("curve.f1")]
    assert shown.loc[shown["evaluation"] > 4, "mean"].isna().all()
    assert shown["y"].notna().all(), "single trials go on to their ends"
    curves = [record.curve for record in study.records.values() if record.setting["frozen_layers"] == 1]
    for number in range(1, 5):
        expected = mean_interval([curve[number - 1]["f1"] for curve in curves])
        row = shown[(shown["name"] == shown["name"].unique()[1]) & (shown["evaluation"] == number)].iloc[0]
        assert [row["mean"], row["low"], row["high"]] == pytest.approx([expected.mean, expected.low, expected.high])


def test_endings_by_hand(uneven: Path) -> None:
    study = read_study(uneven)
    found = endings(with_curves(study, frame_of(study)), QUESTION)
    for row in found.to_dict("records"):
        mine = [r.curve for r in study.records.values() if r.setting["frozen_layers"] == row["row"]]
        best = [max(curve, key=lambda point: point["f1"])["epoch"] for curve in mine]
        gaps = [curve[-1]["loss"] - curve[-1]["train_loss"] for curve in mine]
        lowest = [min(point["loss"] for point in curve) for curve in mine]
        assert row["trials"] == 3
        assert [row["best_epoch"], row["gap"], row["best_loss"]] == pytest.approx(
            [np.mean(best), np.mean(gaps), np.mean(lowest)]
        )


def test_many_settings_leave_three_in_colour(study: Make) -> None:
    folder = study(records(7, (3, 3)))
    read = read_study(folder)
    joined = with_curves(read, frame_of(read))
    prepared = view.prepare(joined, QUESTION, {})
    score = prepared[prepared["panel"].str.endswith("curve.f1")].drop_duplicates("name").set_index("name")
    assert (score["shown"] == "colour").sum() <= 3
    means = frame_of(read).groupby("frozen_layers")["f1"].mean()
    coloured = set(score.index[score["shown"] == "colour"])
    assert {"baseline", "best", "worst"} >= set(score.loc[sorted(coloured), "role"]) - {"baseline, best"}
    assert any(str(means.idxmin()) in name for name in coloured)
    axes = figure_of(VIEW, prepared).axes
    assert len(axes) == 2
    legend = axes[0].get_legend()
    assert legend is not None
    assert f"{7 - len(coloured)} other settings" in [text.get_text() for text in legend.get_texts()]
    # a mean for every setting, and a thin line for every trial of those in colour
    assert len(axes[0].lines) == 7 + 2 * len(coloured)


def test_drawing_changes_nothing(uneven: Path) -> None:
    read = read_study(uneven)
    prepared = view.prepare(with_curves(read, frame_of(read)), QUESTION, {})
    before = prepared.copy()
    figure_of(VIEW, prepared)
    pd.testing.assert_frame_equal(prepared, before)


def test_one_evaluation_is_no_curve(study: Make) -> None:
    single = read_study(study(records(2, (1, 1))))
    joined = with_curves(single, frame_of(single))
    assert view.prepare(joined, QUESTION, {}).empty
    assert report.section(joined, QUESTION) == []


def test_folds_have_no_band_for_the_training_loss(study: Make) -> None:
    places = fold_places(3)
    folder = study([curved(r, 3) for r in fold_trials(places, seeds=[0])], *(arm(p) for p in places))
    read = read_study(folder)
    prepared = view.prepare(with_curves(read, frame_of(read)), read.arms[0].question, {})
    known = prepared.groupby("panel")["low"].apply(lambda low: low.notna().any())
    assert {panel.rpartition(".")[2]: has for panel, has in known.items()} == {"f1": True, "train_loss": False}


def test_the_section_says_where_means_end(uneven: Path) -> None:
    read = read_study(uneven)
    blocks = report.section(with_curves(read, frame_of(read)), QUESTION, ["FIGURE"])
    assert blocks[0] == "FIGURE"
    assert "differ in length in 3 settings" in blocks[1]
    assert blocks[2].count("\n") == 4


def bare(record: Record) -> Record:
    """A record whose curve has the score alone, as other tools keep it: no epoch, no loss."""
    return replace(record, curve=tuple({"step": point["step"], "f1": point["f1"]} for point in record.curve))


@pytest.mark.parametrize("data", ["reviews", "exam: sentence-transformers/all-MiniLM-L6-v2 on reviews[:100] (compare)"])
@pytest.mark.filterwarnings("error::UserWarning")
def test_long_names_leave_the_axes_their_room(study: Make, data: str) -> None:
    where = place(data=data)
    settings = [{"frozen_layers": d, "learning_rate": 3.6158e-5 * (d + 1)} for d in range(3)]
    folder = study([curved(trial(where, s, seed), 3) for s in settings for seed in range(2)], arm(where))
    read = read_study(folder)
    long = ", ".join(f"a hyperparameter number {n} of 0.0500841" for n in range(5))
    prepared = view.prepare(with_curves(read, frame_of(read)), QUESTION, {})
    names = prepared["name"] + ", " + long
    figure = figure_of(VIEW, prepared.assign(name=names, series=names))
    figure.draw_without_rendering()
    for axes in figure.axes:
        width, height = axes.get_position().size * figure.get_size_inches()
        assert width > 2.5
        assert height > 1.7
        legend = axes.get_legend()
        assert legend is not None
        box = legend.get_window_extent().transformed(figure.dpi_scale_trans.inverted())
        assert box.width < 3.5
        assert box.y0 > -0.1


def test_without_epochs_the_axis_counts_evaluations(study: Make) -> None:
    read = read_study(study([bare(record) for record in records(2, (3, 3))]))
    joined = with_curves(read, frame_of(read))
    prepared = view.prepare(joined, QUESTION, {})
    assert set(prepared["xlabel"]) == {"evaluations"}
    assert sorted(set(prepared["x"])) == [1, 2, 3]
    assert report.section(joined, QUESTION) == [], "nothing but trials would stand in the table"
    said = report.section(joined, QUESTION, ["FIGURE"])[1]
    assert "means over seeds" in said
    assert "Training loss" not in said


def test_one_trial_a_setting_has_neither_mean_nor_interval(study: Make) -> None:
    read = read_study(study(records(2, (3,))))
    joined = with_curves(read, frame_of(read))
    axes = figure_of(VIEW, view.prepare(joined, QUESTION, {})).axes[0]
    assert len(axes.lines) == 2
    legend = axes.get_legend()
    assert legend is not None
    assert "one trial" not in [text.get_text() for text in legend.get_texts()]
    blocks = report.section(joined, QUESTION, ["FIGURE"])
    assert blocks[1].startswith("Every line is one trial.")
    assert "Means" not in blocks[-1]
    assert "Gap:" in blocks[-1]


def test_a_column_that_nothing_was_measured_for_is_left_out(study: Make) -> None:
    without = [
        replace(r, curve=tuple({k: v for k, v in point.items() if k != "train_loss"} for point in r.curve))
        for r in records(2, (3, 3))
    ]
    read = read_study(study(without))
    blocks = report.section(with_curves(read, frame_of(read)), QUESTION)
    assert "training loss" not in blocks[0]
    assert "gap" not in blocks[0]
    assert "validation loss, end" in blocks[0]
    assert "Gap" not in blocks[1]
    assert "begun to overfit" in blocks[1]
