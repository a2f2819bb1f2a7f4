"""Figures of few examples and of pre-training: values at their places, lines told apart without colour."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure

from analysis.folder import read_study
from analysis.frame import frame_of
from analysis.language import speaking
from analysis.pretraining import bodies_of, perplexities
from analysis.views import VIEWS
from analysis.views.axis import doubling
from analysis.views.figures import figure_of
from analysis.views.series import looks_of
from study.question import Question, View
from tests.analysis.fabricated import frame_of_rows, row
from tests.analysis.pretrained import POINTS, QUESTION, pretrained_study

METHODS, SHOTS = ("full", "lora", "linear_probe", "setfit"), (4, 8, 16, 24, 32)
FEW = Question(
    name="few",
    asks="How many?",
    source="a test",
    factors=tuple({"shots": shots, "method": method} for shots in SHOTS for method in METHODS),
    baseline={"method": "full"},
    seeds=tuple(range(5)),
    view=View("scatter", {"x": "shots"}),
)


def few(shots: tuple[int, ...] = SHOTS) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    question = replace(FEW, factors=tuple({"shots": k, "method": method} for k in shots for method in METHODS))
    rows = [
        row(point, None, seed, test_f1=0.5 + 0.002 * float(point["shots"]) + rng.normal(0, 0.03))
        for point in question.points(None)  # type: ignore[arg-type]
        for seed in FEW.seeds
    ]
    return VIEWS["scatter"].prepare(frame_of_rows("few", rows), question, {"x": "shots"}, None)


def axes_of(prepared: pd.DataFrame, view: str = "scatter") -> Axes:
    return figure_of(VIEWS[view], prepared).axes[0]


@pytest.mark.parametrize(
    ("values", "doubled"),
    [
        (SHOTS, True),
        ((2, *SHOTS, 64), True),
        ((8, 16, 32, 64), True),
        ((4, 16, 64), True),
        ((1, 2, 3, 4, 5, 6, 7, 8), False),
        ((8, 16, 24), False),
        ((0, 8, 16, 64), False),
        ((4, 32), False),
        ((1e-5, 1e-4, 1e-3), False),
        ((10, 100, 1000), False),
        ((1, 2, 4, 8, 16, 32, 64, 65), False),
    ],
)
def test_which_values_double(values: tuple[float, ...], doubled: bool) -> None:
    assert doubling(values) is doubled


@pytest.mark.parametrize("shots", [SHOTS, (2, *SHOTS, 64)])
def test_examples_stand_at_equal_factors_and_each_value_is_labelled(shots: tuple[int, ...]) -> None:
    axes = axes_of(few(shots))
    assert axes.get_xscale() == "log"
    assert [label.get_text() for label in axes.get_xticklabels()] == [str(k) for k in shots]
    assert list(axes.get_xticks()) == list(shots)
    assert axes.get_xlabel() == "examples per class"


def test_every_dot_is_nearest_to_its_own_value_and_no_two_series_meet() -> None:
    prepared = few()
    axes = axes_of(prepared)
    dots = np.concatenate([np.asarray(c.get_offsets()) for c in axes.collections if isinstance(c, PathCollection)])
    assert len(dots) == len(METHODS) * len(SHOTS) * 5
    nearest = np.array(SHOTS)[np.abs(np.log(dots[:, :1]) - np.log(SHOTS)).argmin(axis=1)]
    score = dict(zip(prepared["y"].round(12), prepared["x"], strict=True))
    assert [score[round(y, 12)] for y in dots[:, 1]] == nearest.tolist()
    low, high = axes.get_xlim()
    assert low < dots[:, 0].min() < dots[:, 0].max() < high


def test_methods_are_told_apart_without_colour() -> None:
    looks = looks_of(few()).values()
    assert len({look.marker for look in looks}) == len(METHODS)
    assert len({str(look.dashes) for look in looks}) == len(METHODS)
    assert {look.label for look in looks} == {"full fine-tuning", "LoRA", "linear probe", "SetFit"}


def test_a_baseline_of_every_value_is_no_line_across_and_the_legend_has_none() -> None:
    axes = axes_of(few())
    across = [line for line in axes.lines if not all(line.get_transform().contains_branch_seperately(axes.transData))]
    assert across == []
    legend = axes.get_legend()
    assert legend is not None
    entries = dict(zip((text.get_text() for text in legend.get_texts()), legend.legend_handles, strict=True))
    assert entries["baseline"].get_linestyle() == "None"  # type: ignore[union-attr]


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    study = read_study(pretrained_study(tmp_path_factory.mktemp("pretrained") / "study")[0])
    return perplexities(bodies_of(study, frame_of(study)))


def test_perplexities_are_drawn_from_before_to_after(measured: pd.DataFrame) -> None:
    prepared = VIEWS["perplexity"].prepare(measured, QUESTION, {}, None)
    axes = axes_of(prepared, "perplexity")
    assert axes.get_xscale() == "log"
    ends = {"white": [], "other": []}  # type: ignore[var-annotated]
    for line in axes.lines:
        ends["white" if line.get_markerfacecolor() == "white" else "other"].append(float(line.get_xdata()[0]))  # type: ignore[index, arg-type]
    assert ends["white"] == prepared["before"].tolist()
    assert ends["other"] == prepared["after"].tolist()
    low, high = axes.get_xlim()
    assert low < prepared[["before", "after"]].min().min() <= prepared[["before", "after"]].max().max() < high
    assert [label.get_text().replace("\n", " ") for label in axes.get_yticklabels()] == list(measured["body"].unique())
    ratios = {text.get_text() for text in axes.texts if text.get_text()}
    assert {"× 0.90", "× 0.19", "× 1.25"} <= ratios


def test_nothing_measured_is_nothing_drawn(measured: pd.DataFrame) -> None:
    assert VIEWS["perplexity"].prepare(measured.iloc[:0], QUESTION, {}, None).empty
    assert VIEWS["perplexity"].prepare(measured.assign(after=float("nan")), QUESTION, {}, None).empty


def test_equal_perplexities_can_be_drawn(measured: pd.DataFrame) -> None:
    same = measured.iloc[:1].assign(before=30.0, after=30.0)
    low, high = axes_of(VIEWS["perplexity"].prepare(same, QUESTION, {}, None), "perplexity").get_xlim()
    assert low < 30 < high


def test_figures_in_spanish(measured: pd.DataFrame) -> None:
    with speaking("es"):
        axes = axes_of(few())
        assert axes.get_xlabel() == "ejemplos por clase"
        figure: Figure = figure_of(VIEWS["perplexity"], VIEWS["perplexity"].prepare(measured, QUESTION, {}, None))
    legend = figure.axes[0].get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()][-2:] == ["antes", "después"]


def test_steps_of_pretraining_from_none_stand_side_by_side(tmp_path: Path) -> None:
    points = (POINTS[0], *({**POINTS[1], "pretraining.steps": steps} for steps in (50, 200, 800)))
    folder, asked = pretrained_study(tmp_path / "study", replace(QUESTION, factors=points))
    frame = frame_of(read_study(folder))
    axes = axes_of(VIEWS["scatter"].prepare(frame, asked, asked.view.columns, None))
    assert list(axes.get_xticks()) == [0, 1, 2, 3]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["0", "50", "200", "800"]
    assert axes.get_xlabel() == "steps of further pre-training"
