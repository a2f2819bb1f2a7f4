"""Names and numbers along x: none runs into the next, whatever they are called."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.views import VIEWS
from analysis.views.categories import below
from analysis.views.figures import figure_of
from tests.analysis import test_path as ways

LONG = [f"some long strategy of the encoder, number {n}" for n in range(10)]


def scattered(x: list[object], trials: int = 2) -> Figure:
    """The scatter of settings with these values of x, each with so many trials."""
    rows = [
        {"x": one, "y": 0.6 + 0.01 * seed + 0.002 * place, "setting": place, "seed": seed}
        for place, one in enumerate(x)
        for seed in range(trials)
    ]
    frame = pd.DataFrame(rows)
    mean = frame.groupby("setting")["y"].transform("mean")
    spread = {"low": mean - 0.01, "high": mean + 0.01} if trials > 1 else {"low": np.nan, "high": np.nan}
    prepared = frame.assign(
        model="m", series="", panel="p", fold=pd.array([None] * len(frame), dtype="Int64"), degenerate=False, mean=mean,
        **spread, n=trials, is_baseline=False, joined=False, estimand="", xlabel="x", ylabel="y", log=False,
    )  # fmt: skip
    return figure_of(VIEWS["scatter"], prepared)


def overlaps(axes: Axes, upright: bool = False) -> bool:
    """Whether tick labels along x meet; of slanted ones what counts is how far apart their lines are."""
    figure = axes.figure
    figure.draw_without_rendering()  # type: ignore[union-attr]
    labels = [label for label in axes.get_xticklabels() if label.get_text()]
    low, high = axes.get_xlim()
    labels = [label for label in labels if low <= label.get_position()[0] <= high]
    turned = labels[0].get_rotation()
    if turned:
        at = axes.transData.transform([(label.get_position()[0], 0) for label in labels])[:, 0]
        size = labels[0].get_fontsize() * figure.get_dpi() / 72  # type: ignore[union-attr]
        return bool(np.any(np.diff(at) * np.sin(np.radians(turned)) < size))
    boxes = [label.get_window_extent() for label in labels]
    return any(one.x1 > other.x0 for one, other in pairwise(boxes))


@pytest.mark.parametrize(
    "names",
    [
        ["mean", "cls", "max"],
        ["mean of all tokens", "the first token", "maximum over tokens"],
        LONG,
        [f"strategy_number_{n}" for n in range(26)],
        ["one very long name that alone has all the room below the axes of its panel"],
    ],
)
@pytest.mark.filterwarnings("error::UserWarning")
def test_categories_do_not_run_into_each_other(names: list[object]) -> None:
    figure = scattered(names)
    axes = figure.axes[0]
    assert not overlaps(axes)
    legend = axes.get_legend()
    assert legend is not None
    assert legend.get_window_extent().y1 < axes.xaxis.label.get_window_extent().y0 + 2
    assert axes.get_position().height * figure.get_size_inches()[1] > 1.6


def test_every_category_has_its_own_short_name() -> None:
    names = below(LONG)
    assert names.rotation == 40
    assert len(set(names.words)) == len(LONG)
    assert below(["mean", "cls"]) == below(["mean", "cls"])
    assert below(["mean", "cls"]).depth == 0


def test_numbers_close_to_each_other_are_not_all_written() -> None:
    axes = scattered([0.0486609, 0.0500841, 0.0512, 0.09, 0.0951234, 0.11]).axes[0]
    assert not overlaps(axes)
    assert len(axes.get_xticks()) > 1
    few = scattered([0, 2, 4, 6]).axes[0]
    assert list(few.get_xticks()) == [0, 2, 4, 6]


def test_one_trial_is_not_drawn_beside_its_own_mean() -> None:
    axes = scattered([0, 2, 4], trials=1).axes[0]
    assert not [line for line in axes.lines if line.get_marker() == "D" and len(line.get_xdata())]  # type: ignore[arg-type]
    assert sorted(axes.collections[0].get_offsets()[:, 0]) == [0, 2, 4]  # type: ignore[call-overload,index]
    legend = axes.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == ["trial"]


def test_a_path_with_long_changes_writes_fewer_numbers() -> None:
    prepared = VIEWS["path"].prepare(ways.compared(lambda a, b, c: 0.5 + 0.1 * a + 0.2 * b), ways.FACTORIAL, {})
    long = [f"a hyperparameter with a long name: {n}.0e-05 → 3.6158e-5" for n in range(len(prepared))]
    axes = figure_of(VIEWS["path"], prepared.assign(name=long)).axes[0]
    assert not overlaps(axes)
    boxes = [label.get_window_extent() for label in axes.get_yticklabels()]
    assert all(upper.y0 >= lower.y1 for upper, lower in pairwise(boxes))


@pytest.mark.filterwarnings("error::UserWarning")
def test_long_names_leave_room_for_accuracies_by_group() -> None:
    names = {
        "baseline": "learning rate 5e-5, batch size 16, epochs 3, weight decay 0.01, warmup ratio 0.1",
        "best": "learning rate 1.83e-4, batch size 32, epochs 4, weight decay 0, warmup ratio 0.143",
    }
    rows = [
        {"panel": panel, "title": "m, d", "kind": panel, "group": group, "role": role, "name": name, "mean": 0.6,
         "low": np.nan, "high": np.nan, "texts": 50, "xlabel": "test accuracy", "ylabel": "group", "tallest": 2}
        for panel in ("length", "class")
        for group in ("a", "b")
        for role, name in names.items()
    ]  # fmt: skip
    figure = figure_of(VIEWS["errors"], pd.DataFrame(rows))
    figure.draw_without_rendering()
    boxes = [axes.get_legend().get_window_extent() for axes in figure.axes]
    assert boxes[0].x1 <= boxes[1].x0
    assert boxes[0].x0 >= 0
    assert boxes[1].x1 <= figure.bbox.x1
