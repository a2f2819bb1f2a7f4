"""Views show the trials that there are: one dot each, means where they belong, matrices that add up."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.collections import Collection, LineCollection, PathCollection
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from analysis import load_frame
from analysis.classes import cells_of
from analysis.folder import read_study
from analysis.frame import frame_of
from analysis.tables import best_of, compare
from analysis.views import VIEWS
from analysis.views.figures import figure_of, save
from analysis.views.fonts import give_fonts
from analysis.views.words import ticks
from study.errors import InputError
from study.question import Setting, loguniform
from study.store import Store
from tests.analysis.conftest import QUESTION, arm, place, trial
from tests.analysis.folded import fold_places, fold_trials

Make = Callable[..., Path]
X = {"x": "frozen_layers"}


def dots(axes: Axes) -> np.ndarray:
    """The positions of the dots on an axes, which are its only scatter collections."""
    return np.concatenate([np.asarray(c.get_offsets()) for c in axes.collections if dotted(c)])


def dotted(collection: Collection) -> bool:
    return isinstance(collection, PathCollection)


def drawn(prepared: pd.DataFrame, view: str = "scatter") -> Axes:
    axes = Figure().add_subplot()
    VIEWS[view].draw(axes, prepared)
    return axes


def test_as_many_dots_as_finished_trials_each_at_its_score(whole: Path) -> None:
    frame = load_frame(whole)
    trials = frame[(frame["phase"] == "compare") & (frame["status"] == "finished")]
    axes = drawn(VIEWS["scatter"].prepare(frame, QUESTION, X))
    found = dots(axes)
    assert len(found) == len(trials) == 19
    assert sorted(found[:, 1]) == pytest.approx(sorted(trials["test_f1"]))
    assert sorted(np.rint(found[:, 0] - 0.24)) == sorted(trials["frozen_layers"])
    assert axes.get_ylabel() == "test F1, 60 texts"
    low, high = axes.get_ylim()
    assert low < trials["test_f1"].min() < trials["test_f1"].max() < high
    assert low > 0


def test_means_and_baseline(whole: Path) -> None:
    frame = load_frame(whole)
    prepared = VIEWS["scatter"].prepare(frame, QUESTION, X)
    table = compare(frame, QUESTION).set_index("frozen_layers")
    means = prepared.drop_duplicates("setting").set_index("x")
    assert means["mean"].sort_index().tolist() == pytest.approx(table["test"].tolist())
    assert means["low"].sort_index().tolist() == pytest.approx(table["test_low"].tolist())
    assert prepared.loc[prepared["is_baseline"], "x"].unique().tolist() == [0]
    line = next(line for line in drawn(prepared).lines if line.get_linestyle() == "--")
    assert line.get_ydata()[0] == pytest.approx(table.at[0, "test"])  # type: ignore[index]


def test_drawing_twice_is_the_same_and_touches_nothing(whole: Path) -> None:
    prepared = VIEWS["scatter"].prepare(load_frame(whole), QUESTION, X)
    before = prepared.copy()
    assert np.array_equal(dots(drawn(prepared)), dots(drawn(prepared)))
    pd.testing.assert_frame_equal(prepared, before)


def test_no_figure_is_left_with_pyplot(whole: Path) -> None:
    drawn(VIEWS["scatter"].prepare(load_frame(whole), QUESTION, X))
    assert pyplot.get_fignums() == []


def test_one_seed_gets_no_interval(study: Make) -> None:
    records = [trial(place(), {"frozen_layers": f, "learning_rate": 3e-5}, 0) for f in range(4)]
    axes = drawn(VIEWS["scatter"].prepare(load_frame(study(records)), QUESTION, X))
    segments = [c.get_segments() for c in axes.collections if isinstance(c, LineCollection)]
    assert not [one for some in segments for one in some if len(one)]
    legend = axes.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == ["trial", "baseline"]


def test_validation_stands_in_where_there_is_no_test_and_says_so(study: Make) -> None:
    record = trial(place(), {"frozen_layers": 0, "learning_rate": 3e-5}, 0)
    record = replace(record, metrics={"validation": record.metrics["validation"]})
    prepared = VIEWS["scatter"].prepare(load_frame(study([record])), QUESTION, X)
    assert prepared["y"].tolist() == [record.metrics["validation"]["f1"]]
    assert prepared["ylabel"].tolist() == ["validation F1, 60 texts"]


def test_models_by_colour_and_data_sets_by_panel(study: Make) -> None:
    places = [place(m, d) for m in ("mini-bert", "tiny-bert") for d in ("reviews", "news")]
    records = [trial(p, {"frozen_layers": f, "learning_rate": 3e-5}, s) for p in places for f in (0, 1) for s in (0, 1)]
    frame = load_frame(study(records, *map(arm, places)))
    figure = figure_of(VIEWS["scatter"], VIEWS["scatter"].prepare(frame, QUESTION, X))
    assert {axes.get_title(loc="left") for axes in figure.axes} == {"news", "reviews"}
    assert [len(dots(axes)) for axes in figure.axes] == [8, 8]
    colours = {tuple(np.asarray(c.get_facecolor())[0, :3]) for c in figure.axes[0].collections if dotted(c)}
    assert len(colours) == 2


def test_a_search_shows_its_tuning_trials_on_a_logarithmic_axis(study: Make) -> None:
    question = replace(
        QUESTION,
        factors=({},),
        tuned={"learning_rate": loguniform(1e-6, 1e-3)},
        baseline={"learning_rate": 5e-5},
    )
    tries = [trial(place(), {"learning_rate": 10.0**-e}, 1000, "tune") for e in (3, 4, 5, 6)]
    compared = [trial(place(), {"learning_rate": rate}, s) for rate in (5e-5, 1e-4) for s in (0, 1)]
    frame = load_frame(study([*tries, *compared], arm(place(), question)))
    figure = figure_of(VIEWS["scatter"], VIEWS["scatter"].prepare(frame, question, {"x": "learning_rate"}))
    assert [len(dots(axes)) for axes in figure.axes] == [4, 4]
    assert [axes.get_xscale() for axes in figure.axes] == ["log", "log"]
    assert [axes.get_ylabel() for axes in figure.axes] == ["validation F1, 60 texts", "test F1, 60 texts"]
    assert sorted(dots(figure.axes[0])[:, 0]) == pytest.approx([1e-6, 1e-5, 1e-4, 1e-3])


def test_categories_keep_their_order(study: Make) -> None:
    points: tuple[Setting, ...] = tuple({"pooling": p} for p in ("mean", "cls", "max"))
    question = replace(QUESTION, factors=points, baseline={"pooling": "cls"})
    records = [trial(place(), {**point, "learning_rate": 3e-5}, s) for point in points for s in (0, 1)]
    frame = load_frame(study(records, arm(place(), question)))
    axes = drawn(VIEWS["scatter"].prepare(frame, question, {"x": "pooling"}))
    assert [label.get_text() for label in axes.get_xticklabels()] == ["mean", "cls", "max"]


def test_an_unknown_column_names_the_nearest(whole: Path) -> None:
    with pytest.raises(InputError, match="Did you mean frozen_layers"):
        VIEWS["scatter"].prepare(load_frame(whole), QUESTION, {"x": "frozen_layer"})


def test_confusion_is_the_mean_over_seeds_and_rows_add_up(whole: Path) -> None:
    study, records = read_study(whole), Store(whole).records()
    frame = frame_of(study)
    prepared = VIEWS["confusion"].prepare(cells_of(study, frame), QUESTION, {})
    best = best_of(compare(frame, QUESTION), QUESTION)
    assert best is not None
    for frozen, panel in ((0, "baseline"), (best["frozen_layers"], "best")):
        mine = [
            r.metrics["test"]["confusion"]
            for r in records.values()
            if r.phase == "compare" and r.status == "finished" and r.setting["frozen_layers"] == frozen
        ]
        shown = prepared[prepared["panel"].str.startswith(panel)]
        assert shown["count"].tolist() == pytest.approx(np.mean(mine, axis=0).ravel().tolist())
        assert shown.groupby("true")["share"].sum().tolist() == pytest.approx([1, 1])
        assert shown["title"].iloc[0].endswith("test split, mean counts over 3 seeds")
        texts = [text.get_text() for text in drawn(shown, "confusion").texts]
        assert len(texts) == 4
        assert texts[0].endswith(f"\n{shown['share'].iloc[0]:.0%}")


@pytest.mark.parametrize("share", [0.0, 0.25, 0.4, 0.5, 0.55, 0.7, 0.85, 1.0])
def test_the_words_of_a_cell_can_be_read_on_it(share: float) -> None:
    counts = {("a", "a"): share, ("a", "b"): 1 - share, ("b", "a"): 1 - share, ("b", "b"): share}
    cells = [{"true": t, "predicted": p, "share": n, "count": 100 * n, "title": ""} for (t, p), n in counts.items()]
    axes = drawn(pd.DataFrame(cells), "confusion")

    def luminance(colour: Any) -> float:
        channels = np.array(to_rgb(colour))
        linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
        return float(linear @ [0.2126, 0.7152, 0.0722])

    backgrounds = axes.collections[0].get_facecolor()
    assert len(axes.texts) == 4
    for text, background in zip(axes.texts, backgrounds, strict=True):
        dark, light = sorted([luminance(text.get_color()), luminance(background)])
        assert (light + 0.05) / (dark + 0.05) >= 4.5  # what WCAG 2.1 asks for


def test_saving_writes_both_formats_the_same_each_time(whole: Path, tmp_path: Path) -> None:
    prepared = VIEWS["scatter"].prepare(load_frame(whole), QUESTION, X)
    first = [path.read_bytes() for path in save(figure_of(VIEWS["scatter"], prepared), tmp_path / "a" / "figure")]
    second = [path.read_bytes() for path in save(figure_of(VIEWS["scatter"], prepared), tmp_path / "b" / "figure")]
    assert first == second
    assert first[0].startswith(b"\x89PNG")
    assert b"<svg" in first[1]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("año", "año"),
        ("Übergrößenträgerinnen", "Übergrößenträgeri…"),
        ("one of many long names", "one of many long…"),
        ("Übergrößenträgerinnenhaus und Hof", "Übergrößenträgeri…"),
        ("from $5 to $10", "from $5 to $10"),
        ("18 characters long", "18 characters long"),
    ],
)
def test_class_names_are_shortened_visibly_and_are_no_formulas(name: str, shown: str, study: Make) -> None:
    cells = [("test", a, b, 5) for a in (name, "b", "c") for b in (name, "b", "c")]
    frame = load_frame(study([trial(place(), {"frozen_layers": 0, "learning_rate": 3e-5}, 0)]))
    columns = pd.DataFrame(cells, columns=["split", "true", "predicted", "count"]).assign(key=frame["key"].iloc[0])
    axes = drawn(VIEWS["confusion"].prepare(frame.merge(columns, on="key"), QUESTION, {}), "confusion")
    label = axes.get_yticklabels()[0]
    axes.figure.savefig(io.BytesIO(), format="svg")
    assert label.get_text().replace("\\$", "$") == shown
    assert label.get_text().count("$") == label.get_text().count("\\$")


def test_in_folds_dots_are_trials_and_means_are_over_folds(study: Make) -> None:
    places = fold_places(3)
    frame = load_frame(study(fold_trials(places), *map(arm, places)))
    prepared = VIEWS["scatter"].prepare(frame, QUESTION, X)
    table = compare(frame, QUESTION).set_index("frozen_layers")
    assert len(dots(drawn(prepared))) == 12
    assert set(prepared["n"]) == {3}
    means = prepared.drop_duplicates("setting").set_index("x")
    for column, name in (("mean", "test"), ("low", "test_low"), ("high", "test_high")):
        assert means[column].sort_index().tolist() == pytest.approx(table[name].tolist())
    legend = drawn(prepared).get_legend()
    assert legend is not None
    assert "mean of 3 folds, 95% CI" in [text.get_text() for text in legend.get_texts()]


def comparing(study: Make, *points: Setting, models: tuple[str, ...] = ("mini-bert",)) -> Figure:
    """The scatter of a study that compares these points of one or more models, as its report draws it."""
    question = replace(QUESTION, factors=points, tuned={}, baseline=points[0])
    places = [place(model) for model in models]
    records = [
        trial(where, {**point, "learning_rate": 3e-5}, s) for where in places for point in points for s in (0, 1)
    ]
    frame = load_frame(study(records, *(arm(where, question) for where in places)))
    return figure_of(VIEWS["scatter"], VIEWS["scatter"].prepare(frame, question, X))


def entries(axes: Axes) -> list[str]:
    legend = axes.get_legend()
    assert legend is not None
    return [text.get_text() for text in legend.get_texts()]


def joined(axes: Axes) -> list[list[float]]:
    """The x positions of each line that joins means, dashed or not; the baseline's goes across the axes."""
    lines = [
        line
        for line in axes.lines
        if line.get_linestyle() != "None" and all(line.get_transform().contains_branch_seperately(axes.transData))
    ]
    return [list(np.asarray(line.get_xdata(), dtype=float)) for line in lines if len(line.get_xdata())]  # type: ignore[arg-type]


def test_names_with_dollars_are_no_formulas(study: Make) -> None:
    places = [place(model, "a$_$b") for model in ("m$^$", "_$x$")]
    records = [trial(p, {"frozen_layers": f, "learning_rate": 3e-5}, 0) for p in places for f in (0, 1)]
    frame = load_frame(study(records, *map(arm, places)))
    figure = figure_of(VIEWS["scatter"], VIEWS["scatter"].prepare(frame, QUESTION, X))
    figure.savefig(io.BytesIO(), format="svg")
    assert figure.axes[0].get_title(loc="left") == r"a\$_\$b"
    assert {r"m\$^\$", r"_\$x\$"} < set(entries(figure.axes[0]))


@pytest.mark.parametrize("models", [("mini-bert",), ("mini-bert", "tiny-bert"), tuple("abcdef")])
@pytest.mark.parametrize("values", [(0, 6), (0, 1, 6), (1, 1000)])
def test_everything_of_a_value_stays_at_it(values: tuple[int, ...], models: tuple[str, ...], study: Make) -> None:
    axes = comparing(study, *({"frozen_layers": value} for value in values), models=models).axes[0]
    scale = np.log10 if axes.get_xscale() == "log" else np.asarray
    assert (axes.get_xscale() == "log") == (values[-1] == 1000)
    places = np.asarray(scale(values), dtype=float)
    span = places[-1] - places[0]
    drawn_at = scale(np.concatenate([dots(axes)[:, 0], *joined(axes)]))
    assert np.abs(drawn_at[:, None] - places).min(axis=1).max() <= span / 12
    low, high = scale(axes.get_xlim())
    assert places[0] - span / 10 < low < drawn_at.min() < drawn_at.max() < high < places[-1] + span / 10


def test_a_legend_has_only_what_its_panel_shows(study: Make) -> None:
    places = [place("mini-bert", "news"), place("mini-bert"), place("tiny-bert")]
    records = [trial(p, {"frozen_layers": f, "learning_rate": 3e-5}, 0) for p in places for f in (0, 1)]
    frame = load_frame(study(records, *map(arm, places)))
    prepared = VIEWS["scatter"].prepare(frame, QUESTION, X)
    panels = {axes.get_title(loc="left"): entries(axes) for axes in figure_of(VIEWS["scatter"], prepared).axes}
    assert "tiny-bert" in panels["reviews"]
    assert "mini-bert" in panels["news"]
    assert "tiny-bert" not in panels["news"]


def test_a_line_joins_the_values_of_x_alone(study: Make) -> None:
    points: list[Setting] = [{"frozen_layers": f, "pooling": p} for f in (0, 3, 6) for p in ("cls", "mean")]
    axes = comparing(study, *points).axes[0]
    assert [np.rint(line).tolist() for line in joined(axes)] == [[0, 3, 6], [0, 3, 6]]
    assert entries(axes)[:2] == ["pooling = cls", "pooling = mean"]
    axes = comparing(study, *points, models=("mini-bert", "tiny-bert")).axes[0]
    assert len(joined(axes)) == 4
    assert "tiny-bert, pooling = mean" in entries(axes)


def test_a_setting_that_follows_from_x_makes_no_series(study: Make) -> None:
    points: list[Setting] = [{"frozen_layers": f, "alpha": 2 * f} for f in (0, 3, 6)]
    axes = comparing(study, *points).axes[0]
    assert joined(axes) == [[0, 3, 6]]
    assert not [entry for entry in entries(axes) if "alpha" in entry]


def test_where_x_has_one_value_another_compared_setting_is_x(study: Make) -> None:
    axes = comparing(study, *({"frozen_layers": 0, "pooling": p} for p in ("mean", "cls", "max"))).axes[0]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["mean", "cls", "max"]
    assert axes.get_xlabel() == "pooling"
    assert np.rint(sorted(dots(axes)[:, 0])).tolist() == [0, 0, 1, 1, 2, 2]
    assert joined(axes) == []


def test_class_names_that_begin_alike_stay_apart() -> None:
    names = ["a very long class name: one", "a very long class name: two", "short", *(f"x{'y' * 20}{n}z" for n in "12")]
    names += ["same start, in the middle 1, same end", "same start, in the middle 2, same end"]
    shown = ticks(names)
    assert len(set(shown)) == len(names)
    assert shown[0].endswith("one")
    assert shown[1].endswith("two")
    assert shown[2] == "short"
    assert max(map(len, shown)) <= 18


@pytest.mark.filterwarnings("error")
def test_signs_of_other_fonts_are_drawn_by_them_or_named(tmp_path: Path) -> None:
    figure = Figure()
    axes = figure.add_subplot()
    axes.set_title("in STIX \u2316, in none \U000e0101\ue123")
    assert "\u2316" not in give_fonts(figure)
    assert "\ue123" in give_fonts(figure)
    assert axes.title.get_fontfamily()[0] == "DejaVu Sans"
    assert len(axes.title.get_fontfamily()) > 1
    save(figure, tmp_path / "figure")
