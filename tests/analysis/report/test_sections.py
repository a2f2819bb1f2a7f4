"""Sections of the studies on methods: the outline's order, parameters, latency, stability, how long was trained."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from matplotlib.text import Text
from scipy.stats import binomtest

from analysis import load_frame
from analysis.folder import read_study
from analysis.instability import instability
from analysis.names import names_of
from analysis.report import write_report
from analysis.report.outline import TITLES, outlined
from analysis.report.parameters import parameters
from analysis.stats import wilson
from analysis.tables import compare, settings_of
from analysis.views import VIEWS
from analysis.views.figures import figure_of
from search_spaces import QUESTIONS, exam
from study.errors import InputError
from study.store import Store
from tests.analysis.asked import study_of, trained
from tests.analysis.conftest import failed

FEW = replace(exam.QUESTION, seeds=(0, 1, 2))


@pytest.fixture(scope="module")
def examined(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder, _ = study_of(tmp_path_factory.mktemp("exam") / "study", FEW, lambda point: 0.8)
    return folder, write_report(folder)[0].read_text(encoding="utf-8")


def headings(text: str) -> list[str]:
    return [line[3:] for line in text.splitlines() if line.startswith("## ")]


def test_the_report_follows_the_outline_and_then_the_usual_order(examined: tuple[Path, str]) -> None:
    found = headings(examined[1])
    asked = [heading for heading, _ in exam.QUESTION.outline]
    assert found[: len(asked) + 1] == ["Conclusion", *asked]
    rest = found[len(asked) + 1 :]
    named = {section for _, section in exam.QUESTION.outline}
    usual = [title for name, title in TITLES.items() if name not in named]
    assert rest == [title for title in [*usual, "Provenance"] if title in rest]
    assert {"Comparison", "Scores against costs"} <= set(rest)
    assert len(found) == len(set(found))


def test_an_unknown_section_is_told_with_the_nearest(tmp_path: Path) -> None:
    folder, _ = study_of(tmp_path / "study", replace(FEW, outline=(("1. Scores", "confusions"),)), lambda p: 0.8)
    with pytest.raises(InputError, match="Did you mean confusion"):
        write_report(folder)
    assert not (folder / "report.md").exists()


def test_an_outlined_section_with_nothing_in_it_says_so(tmp_path: Path) -> None:
    asked = replace(FEW, outline=(("What failed?", "tuning"),))
    folder, _ = study_of(tmp_path / "study", asked, lambda p: 0.8)
    text = write_report(folder)[0].read_text(encoding="utf-8")
    assert "## What failed?\n\nNo trial has left anything to show here." in text
    assert next(name for _, name in outlined(read_study(folder).arms)) == "tuning"


def test_the_sections_of_the_exam_hold_what_was_asked(examined: tuple[Path, str]) -> None:
    folder, text = examined
    parts = dict(zip(headings(text), re.split(r"^## .*$", text, flags=re.M)[1:], strict=True))
    recipe = parts["1. The recipe, and which parameters are trained"]
    assert "| `lora.rank` | 8 | 0 |" in recipe
    assert "| `lora.alpha` | 16 | – |" in recipe, "alpha means nothing without LoRA"
    assert "LoRA's low-rank matrices, the adapters and the classification head" in recipe
    training = parts["2. Early stopping and gradient accumulation"]
    assert "accumulated from parts of at most 4" in training
    assert "after 3 evaluations in a row without a better validation f1" in training
    # best after epochs 2, 3 and 4 by seed, three more without a better one, of at most 8
    assert "| whole recipe | 6.0 (5–7) | 3.0 (2–4) | 3 of 3 | 120 | 0 |" in training
    confusion = parts["3. Precision, recall, F1 and the confusion matrix"]
    assert "precision of class pos" in confusion
    assert "](figures/matrices.png)" in confusion
    assert "| neg |" in parts["4. Classification report on the test split"]
    assert "](figures/ablation.png)" in parts["7. What each component earns"]
    assert parts["7. What each component earns"].count("added to full fine-tuning") == 4
    assert (folder / "figures" / "pareto.png").exists()
    assert "nan" not in text.lower().replace("provenance", "")


def test_latency_has_its_percentiles_merged_and_not(examined: tuple[Path, str]) -> None:
    folder, text = examined
    frame = load_frame(folder)
    stored = Store(folder).get_json("latency.json") or {}
    unmerged = {record.key: record.unmerged for record in Store(folder).records().values()}
    assert any(unmerged.values())
    for _, row in frame.iterrows():
        kept = stored[row["structure"]]
        assert row["latency_1"] == kept["batch_1"]["median"]
        assert [row["latency_32_low"], row["latency_32_high"]] == [kept["batch_32"]["low"], kept["batch_32"]["high"]]
        other = unmerged[row["key"]]
        assert pd.isna(row["latency_1_unmerged"]) == (other is None)
        if other:
            assert row["latency_1_unmerged_high"] == stored[other]["batch_1"]["high"]
    one = stored[next(filter(None, unmerged.values()))]["batch_1"]
    assert f"{1000 * one['median']:.2f} ({1000 * one['low']:.2f}–{1000 * one['high']:.2f})" in text


def test_parameters_against_full_fine_tuning(examined: tuple[Path, str]) -> None:
    frame = load_frame(examined[0])
    found = parameters(compare(frame, FEW.at(None)), FEW.at(None)).set_index("setting")  # type: ignore[arg-type]
    full = trained({})[0]
    both = trained({"lora.rank": 8, "adapter.width": 64, "lora.targets": "attention"})
    assert found.at["full fine-tuning", "of_baseline"] == 1
    assert found.at["whole recipe", "trainable"] == both[0]
    assert found.at["whole recipe", "share"] == pytest.approx(both[0] / both[1])
    assert found.at["whole recipe", "of_baseline"] == pytest.approx(both[0] / full)
    assert found.at["AWP alone", "of_baseline"] == 1


def test_what_follows_from_a_factor_is_no_column_of_its_own(examined: tuple[Path, str]) -> None:
    table = compare(load_frame(examined[0]), FEW.at(None))  # type: ignore[arg-type]
    assert settings_of(table) == [*exam.PARTS, "learning_rate"]


def test_short_names_tell_every_point_of_every_question_apart(tmp_path: Path) -> None:
    for name in ("lora", "adapter_size", "lora_or_adapter", "awp", "mixout", "memory_budget", "stability"):
        folder, asked = study_of(tmp_path / name, replace(QUESTIONS[name], seeds=(0,)), lambda point: 0.8)
        table = compare(load_frame(folder), asked)
        names = names_of(table, asked)
        assert len(set(names)) == len(names) == len(asked.factors)
        assert table["pairs"].tolist().count(0) == 1, "all but the baseline are paired with it"


def test_shares_of_degenerate_trials_by_hand(tmp_path: Path) -> None:
    question = replace(QUESTIONS["mixout"], seeds=tuple(range(6)), factors={"mixout.p": (0.0, 0.5)})
    folder, asked = study_of(tmp_path / "study", question, lambda point: 0.8 if point["mixout.p"] else 0.0)
    store = Store(folder)
    diverged = next(r for r in store.records().values() if r.setting["mixout.p"] and r.seed == 0)
    store.put(failed(diverged, "diverged"))
    frame = load_frame(folder)
    found = instability(frame, asked).set_index("setting")
    assert found.loc["full fine-tuning", ["broken", "trials"]].tolist() == [6, 6]
    assert found.loc["mixout p 0.5", ["broken", "trials"]].tolist() == [1, 6]
    scores = frame.loc[frame["mixout.p"] > 0, "test_f1"].dropna()
    assert len(scores) == 5
    numbers = found.loc["mixout p 0.5", ["deviation", "median", "least"]].tolist()
    assert numbers == pytest.approx([scores.std(), scores.median(), scores.min()])
    assert "1 of 6" in write_report(folder)[0].read_text(encoding="utf-8").split("## Stability")[1]


@pytest.mark.parametrize(("hits", "of"), [(0, 20), (1, 6), (10, 20), (20, 20), (3, 7)])
def test_the_interval_of_a_share_is_wilsons(hits: int, of: int) -> None:
    expected = binomtest(hits, of).proportion_ci(0.95, "wilson")
    assert wilson(hits, of) == pytest.approx((expected.low, expected.high))


def test_of_no_trials_there_is_no_share() -> None:
    assert all(pd.isna(end) for end in wilson(0, 0))


@pytest.mark.parametrize(("name", "shown"), [("exam", 2), ("lora", 1), ("memory_budget", 2)])
def test_the_front_is_what_no_other_beats_and_no_label_covers_another(name: str, shown: int, tmp_path: Path) -> None:
    """Merged LoRA is served as full fine-tuning is, so that its latency tells nothing apart."""
    question = replace(QUESTIONS[name], seeds=(0, 1, 2))
    folder, asked = study_of(tmp_path / "study", question, lambda point: 0.7 + 0.02 * sum(map(bool, point.values())))
    prepared = VIEWS["pareto"].prepare(load_frame(folder), asked, asked.view.columns if name == "memory_budget" else {})
    panels = list(prepared["panel"].unique())
    assert len(panels) == shown
    for panel in panels:
        rows = prepared[prepared["panel"] == panel].reset_index()
        for i, one in rows.iterrows():
            beaten = [
                (other["x"] <= one["x"] and other["y"] > one["y"]) or (other["x"] < one["x"] and other["y"] >= one["y"])
                for j, other in rows.iterrows()
                if i != j
            ]
            assert one["front"] == (not any(beaten))
    keys = "\n".join(prepared.drop_duplicates("panel")["key"]).splitlines()
    assert [line.split("  ")[0] for line in keys] == [str(n + 1) for n in range(len(asked.factors))]
    figure = figure_of(VIEWS["pareto"], prepared)
    figure.draw_without_rendering()
    for axes in figure.axes:
        # without its leader, which an annotation counts as part of it
        boxes = [Text.get_window_extent(text) for text in axes.texts if text.get_text().isdigit()]
        assert len(boxes) == len(asked.factors)
        hidden = [
            (a, b) for i, a in enumerate(boxes) for b in boxes[:i] if a.shrunk(0.9, 0.7).overlaps(b.shrunk(0.9, 0.7))
        ]
        assert not hidden


def test_an_unknown_cost_is_told_with_the_list(examined: tuple[Path, str]) -> None:
    with pytest.raises(InputError, match="train_seconds"):
        VIEWS["pareto"].prepare(load_frame(examined[0]), FEW.at(None), {"x": "seconds"})  # type: ignore[arg-type]


def test_a_strip_shows_every_trial_on_the_line_of_its_setting(tmp_path: Path) -> None:
    question = replace(QUESTIONS["lora_or_adapter"], seeds=(0, 1, 2))
    folder, asked = study_of(tmp_path / "study", question, lambda point: 0.8)
    frame = load_frame(folder)
    prepared = VIEWS["strip"].prepare(frame, asked, {})
    assert len(prepared) == 21
    axes = figure_of(VIEWS["strip"], prepared).axes[0]
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert labels[0] == "full fine-tuning"
    dots = [tuple(spot) for c in axes.collections if c.get_label() == "trial" for spot in c.get_offsets()]  # type: ignore[union-attr]
    assert len(dots) == 21
    for line, name in enumerate(labels):
        here = sorted(x for x, y in dots if round(y - 0.24) == line)
        assert here == pytest.approx(sorted(prepared.loc[prepared["name"] == name, "x"]))


def test_ranks_from_zero_stand_evenly_and_alpha_by_its_rule(tmp_path: Path) -> None:
    question = replace(QUESTIONS["lora"], seeds=(0, 1))
    folder, asked = study_of(tmp_path / "study", question, lambda point: 0.8)
    axes = figure_of(VIEWS["scatter"], VIEWS["scatter"].prepare(load_frame(folder), asked, asked.view.columns)).axes[0]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["0", "1", "2", "4", "8", "16", "32", "64"]
    legend = axes.get_legend()
    assert legend is not None
    words = [text.get_text() for text in legend.get_texts()]
    assert words[:4] == ["frozen layers = 0", "frozen layers = 6", "lora.alpha = 2 × rank", "lora.alpha = 16"]
