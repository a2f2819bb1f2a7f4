"""The views on tuning: what they prepare is what was computed, and they draw it."""

from __future__ import annotations

from collections import OrderedDict

import numpy as np
import pytest
from matplotlib.figure import Figure

from analysis.importance import importance as importance_of
from analysis.remembered import SEED
from analysis.views import effects, expected, importance, path
from analysis.views.figures import figure_of, save
from analysis.views.view import View
from tests.analysis import test_effects as factorial
from tests.analysis import test_expected as drawn
from tests.analysis import test_importance as searched
from tests.analysis import test_path as ways
from tests.analysis.fabricated import frame_of_rows, row

pytestmark = pytest.mark.usefixtures("small_forests")


def figure(module, prepared) -> Figure:
    return figure_of(View(prepare=module.prepare, draw=module.draw, rows="trials", size=module.size), prepared)


def two_models():
    steady = [{**one, "model": "org/steady", "f1": 0.7 + one["f1"] / 100} for one in drawn.tries()]
    wild = [{**one, "model": "org/wild"} for one in drawn.tries()]
    return frame_of_rows("search", [*steady, *wild])


def test_models_share_a_panel_and_the_budget_at_which_they_cross_is_marked():
    prepared = expected.prepare(two_models(), drawn.SEARCH, {})
    assert set(prepared["panel"]) == {"d"}
    assert list(dict.fromkeys(prepared["series"])) == ["steady", "wild"]
    at = {name: rows.set_index("n")["y"] for name, rows in prepared.groupby("series")}
    crossing = int((at["wild"] > at["steady"]).idxmax())
    assert prepared.loc[prepared["leads"], "n"].tolist() == [crossing]
    axes = figure(expected, prepared).axes[0]
    assert f"n = {crossing}" in {text.get_text() for text in axes.texts}
    assert len(axes.collections) == 2


def test_of_many_points_the_bands_are_left_out():
    rows = [
        row({"frozen_layers": k, **c}, 0.5 + 0.01 * k + 0.01 * i, 1000, "tune")
        for k in range(5)
        for i, c in enumerate(drawn.SEARCH.candidates())
    ]
    factors = tuple({"frozen_layers": k} for k in range(5))
    question = drawn.replace(drawn.SEARCH, factors=factors, baseline={"frozen_layers": 0})
    axes = figure(expected, expected.prepare(frame_of_rows("search", rows), question, {})).axes[0]
    assert len(axes.lines) == 5
    assert not axes.collections
    assert len({tuple(line.get_xydata()[:, 1]) for line in axes.lines}) == 5


def test_importance_is_drawn_with_what_settings_do_together():
    frame = searched.searched(searched.additive, 40)
    prepared = importance.prepare(frame, searched.SEARCH, {})
    found = importance_of(frame, searched.SEARCH, np.random.default_rng(SEED))
    assert prepared["share"].tolist() == [*found.table["share"], found.rest]
    axes = figure(importance, prepared).axes[0]
    assert axes.get_yticklabels()[0].get_text() == "learning_rate"
    assert [bar.get_width() for bar in axes.patches] == pytest.approx(prepared["share"].tolist())


def test_an_interaction_plot_has_a_line_per_level_with_the_means_by_hand():
    frame = factorial.run(factorial.joint, noise=0.02)
    prepared = effects.prepare(frame, factorial.FACTORIAL, {})
    assert prepared["panel"].iloc[0].endswith("b × c")
    assert prepared["panel"].nunique() == 3
    first = prepared[prepared["panel"] == prepared["panel"].iloc[0]]
    by_hand = frame.groupby(["b", "c"])["test_f1"].mean()
    for point in first.to_dict("records"):
        assert point["y"] == pytest.approx(by_hand[point["level"], point["line"] == "True"])
    axes = figure(effects, prepared).axes[0]
    assert len(axes.get_legend().get_texts()) == 2


def test_a_path_is_drawn_step_by_step():
    prepared = path.prepare(ways.searched(ways.truth), ways.SEARCH, {})
    assert prepared["name"].iloc[0] == "default"
    axes = figure(path, prepared).axes[0]
    assert [text.get_text() for text in axes.texts].count("gain") == 1
    assert len(axes.get_legend().get_texts()) == 2
    run = path.prepare(ways.compared(lambda a, b, c: 0.5 + 0.1 * a + 0.2 * b), ways.FACTORIAL, {})
    assert not run["predicted"].any()
    assert len(figure(path, run).axes[0].get_legend().get_texts()) == 1


@pytest.mark.parametrize("module", [expected, importance, effects, path])
def test_where_there_is_nothing_to_see_there_is_no_row(module):
    frame = frame_of_rows("search", [row({"learning_rate": 1e-4, "batch_size": 8}, 0.5)])
    assert module.prepare(frame, drawn.SEARCH, {}).empty


def test_the_same_trials_give_the_same_bytes(tmp_path, monkeypatch):
    for name in ("one", "other"):
        monkeypatch.setattr("analysis.remembered._KEPT", OrderedDict())
        prepared = importance.prepare(searched.searched(searched.additive, 30), searched.SEARCH, {})
        save(figure(importance, prepared), tmp_path / name / "importance")
    for end in ("png", "svg"):
        assert (tmp_path / "one" / f"importance.{end}").read_bytes() == (
            tmp_path / "other" / f"importance.{end}"
        ).read_bytes()
