"""The ablation against pandas by hand: both directions, their signs, the family of the correction, what is missing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from scipy import stats

from analysis import errors, load_frame
from analysis.ablation import ablation, in_words
from analysis.components import components
from analysis.markdown import signed
from analysis.names import names_of
from analysis.report import render
from analysis.report.conclusion import conclude
from analysis.tables import best_of, compare
from analysis.views import VIEWS
from search_spaces import exam
from study.question import Question, Setting, View
from tests.analysis.asked import study_of

EARNS = {"lora.rank": 0.06, "adapter.width": 0.03, "awp.epsilon": -0.05, "mixout.p": 0.0}


def skill(point: Setting) -> float:
    return 0.75 + sum(earned for name, earned in EARNS.items() if point.get(name))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[pd.DataFrame, Question]:
    folder, asked = study_of(tmp_path_factory.mktemp("exam") / "study", exam.QUESTION, skill)
    return load_frame(folder), asked


def at(frame: pd.DataFrame, *on: str) -> pd.Series:
    """The test scores, by seed, of the point with just these parts on, straight from the frame."""
    mine = pd.Series(True, index=frame.index)
    for name in exam.PARTS:
        mine &= (frame[name] != 0) == (name in on)
    return frame[mine].set_index("seed")["test_f1"].sort_index()


def test_each_part_is_added_and_removed_with_the_sign_of_having_it(made: tuple[pd.DataFrame, Question]) -> None:
    frame, asked = made
    found = ablation(frame, asked)
    assert len(found) == 8
    expected = []
    for name in exam.PARTS:
        others = [other for other in exam.PARTS if other != name]
        expected += [at(frame, name) - at(frame), at(frame, *exam.PARTS) - at(frame, *others)]
    assert found["direction"].tolist() == ["added to full fine-tuning", "removed from the recipe"] * 4
    for (_, row), differences in zip(found.iterrows(), expected, strict=True):
        low, high = stats.t.interval(0.95, 9, differences.mean(), stats.sem(differences))
        assert [row["difference"], row["low"], row["high"]] == pytest.approx([differences.mean(), low, high])
        flipped = stats.permutation_test(
            (differences,), lambda d: d.sum(), permutation_type="samples", vectorized=False, n_resamples=np.inf
        )
        assert row["p"] == pytest.approx(flipped.pvalue)
        assert row["n"] == 10
    assert found["component"].drop_duplicates().tolist() == [
        "LoRA (rank 8)", "adapter (width 64)", "AWP (epsilon 0.01)", "mixout (p 0.1)"
    ]  # fmt: skip


def test_the_correction_is_over_all_eight(made: tuple[pd.DataFrame, Question]) -> None:
    found = ablation(*made).sort_values("p", kind="stable")
    running = 0.0
    for rank, (_, row) in enumerate(found.iterrows()):
        running = max(running, min(1.0, (8 - rank) * row["p"]))
        assert row["p_holm"] == pytest.approx(running)


def test_the_conclusion_answers_for_the_whole_recipe(made: tuple[pd.DataFrame, Question]) -> None:
    frame, asked = made
    differences = at(frame, *exam.PARTS) - at(frame)
    low, high = stats.t.interval(0.95, 9, differences.mean(), stats.sem(differences))
    (said,) = [one for one in conclude(compare(frame, asked), asked) if one.startswith("The whole recipe")]
    assert f"against the baseline is {signed(differences.mean(), low, high)} over 10 seeds, p = " in said
    assert "The whole interval is on the better side." in said
    assert "It trains 2% of the baseline's parameters." in said
    without = frame[~((frame["lora.rank"] != 0) & (frame["awp.epsilon"] != 0))]
    assert not any("whole recipe:" in one for one in conclude(compare(without, asked), asked))


def test_tables_call_the_points_of_a_recipe_by_name(made: tuple[pd.DataFrame, Question]) -> None:
    frame, asked = made
    table = compare(frame, asked)
    for text in (render.comparison(table, asked, best_of(table, asked)), render.costs(table, asked)):
        head, _, *rows = text.splitlines()
        assert head.startswith("| setting | `learning_rate` | ")
        assert "lora.rank" not in head
        assert [row.split(" | ")[0].strip("| ") for row in rows] == names_of(table, asked)


def test_the_errors_looked_at_are_the_whole_recipes(made: tuple[pd.DataFrame, Question]) -> None:
    frame, asked = made
    table = compare(frame, asked)
    best = best_of(table, asked)
    assert best is not None
    assert names_of(table.loc[[best.name]], asked) == ["without AWP"]
    assert [side.name for side in errors._sides(table, asked).values()] == ["full fine-tuning", "whole recipe"]


def test_missing_seeds_shorten_their_differences_alone(tmp_path: Path) -> None:
    points = exam.QUESTION.points(None)  # type: ignore[arg-type]
    alone = next(p for p in points if p["lora.rank"] and not any(p[n] for n in exam.PARTS if n != "lora.rank"))
    without = next(p for p in points if not p["mixout.p"] and all(p[n] for n in exam.PARTS if n != "mixout.p"))
    gone = [(alone, 0), (alone, 7), *((without, seed) for seed in range(10))]
    folder, asked = study_of(tmp_path / "study", exam.QUESTION, skill, gone)
    found = ablation(load_frame(folder), asked)
    assert found["n"].tolist() == [8, 10, 10, 10, 10, 10, 10, 0]
    assert found.iloc[7][["difference", "low", "high", "p", "p_holm"]].isna().all()
    least = found["p"].min()
    assert found["p_holm"].min() == pytest.approx(min(1.0, 7 * least)), "what is not there is no comparison"


def test_one_part_or_another_view_is_no_recipe(tmp_path: Path) -> None:
    one = Question(
        name="q", asks="Which?", source="a test", factors={"lora.rank": (0, 8)}, baseline={"lora.rank": 0},
        view=View("ablation"),
    )  # fmt: skip
    assert components(one) == ()
    folder, asked = study_of(tmp_path / "study", one, skill)
    assert ablation(load_frame(folder), asked).empty
    assert components(replace(exam.QUESTION.at(None), view=View("scatter"))) == ()  # type: ignore[arg-type]
    never_whole = replace(
        one, factors=({"a": 0, "b": 0}, {"a": 1, "b": 0}, {"a": 0, "b": 1}), baseline={"a": 0, "b": 0}
    )
    assert components(never_whole) == ()
    whole = replace(never_whole, factors=(*never_whole.factors, {"a": 1, "b": 1}))
    assert [part.name for part in components(whole)] == ["a", "b"]


def test_with_two_parts_both_directions_are_told(tmp_path: Path) -> None:
    two = Question(
        name="q", asks="Which?", source="a test", factors={"lora.rank": (0, 8), "awp.epsilon": (0.0, 0.01)},
        baseline={"lora.rank": 0, "awp.epsilon": 0.0}, view=View("ablation"), seeds=(0, 1, 2),
    )  # fmt: skip
    folder, asked = study_of(tmp_path / "study", two, skill)
    frame = load_frame(folder)
    scores = frame.pivot(index="seed", columns=["lora.rank", "awp.epsilon"], values="test_f1")
    means = [
        (scores[8, 0.0] - scores[0, 0.0]).mean(), (scores[8, 0.01] - scores[0, 0.01]).mean(),
        (scores[0, 0.01] - scores[0, 0.0]).mean(), (scores[8, 0.01] - scores[8, 0.0]).mean(),
    ]  # fmt: skip
    found = ablation(frame, asked)
    assert found["difference"].tolist() == pytest.approx(means)
    assert in_words(found) == [
        "Of the recipe's parts none changes the score significantly, after Holm's correction for 4 differences "
        "(so few pairs could not show it)."
    ]


def test_the_figure_shows_the_table(made: tuple[pd.DataFrame, Question]) -> None:
    frame, asked = made
    prepared = VIEWS["ablation"].prepare(frame, asked, {})
    axes = Figure().add_subplot()
    VIEWS["ablation"].draw(axes, prepared)
    found = ablation(frame, asked)
    marks = [line for line in axes.lines if line.get_marker() in ("o", "s")]
    assert len(marks) == 2
    for line, direction in zip(marks, found["direction"].unique(), strict=True):
        assert list(line.get_xdata()) == pytest.approx(
            found.loc[found["direction"] == direction, "difference"].tolist()
        )  # type: ignore[arg-type]
    assert [label.get_text() for label in axes.get_yticklabels()] == found["component"].unique().tolist()
    assert axes.yaxis_inverted(), "the first part is on top"
    low, high = axes.get_xlim()
    assert low < min(0, found["low"].min())
    assert high > max(0, found["high"].max())
