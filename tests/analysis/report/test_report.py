"""The report holds what was asked for, whatever state the study is in."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from analysis.classes import per_class
from analysis.errors import examine, hardest
from analysis.folder import read_study
from analysis.frame import frame_of
from analysis.report import write_report
from analysis.tuning import at_the_edge, tuned
from study.question import View
from study.record import Record
from study.store import Store
from tests.analysis.conftest import QUESTION, arm, failed, place, trial, whole_study

Make = Callable[..., Path]


def report(folder: Path) -> str:
    return write_report(folder)[0].read_text(encoding="utf-8")


def grid(depths: range = range(7), seeds: tuple[int, ...] = (0, 1, 2)) -> list[Record]:
    return [trial(place(), {"frozen_layers": f, "learning_rate": 3e-5}, s) for f in depths for s in seeds]


def broken_lines(text: str) -> list[str]:
    """The lines of tables that have not as many cells as the line above."""
    found, width = [], 0
    for line in text.splitlines():
        cells = len(re.findall(r"(?<!\\)\|", line)) if line.startswith("|") else 0
        if cells and width and cells != width:
            found.append(line)
        width = cells
    return found


def test_the_whole_report(study: Make) -> None:
    folder = study(whole_study(place()))
    text = report(folder)
    headings = [line for line in text.splitlines() if line.startswith("#")]
    assert headings == [
        f"# {QUESTION.asks}",
        *(f"## {title}" for title in ("Conclusion", "Comparison", "Scores against costs", "What was tuned")),
        *(f"## {title}" for title in ("Importance of settings", "Confusion", "Classes", "Trainable parameters")),
        *(f"## {title}" for title in ("Costs", "Stability", "How sure")),
        *(f"## {title}" for title in ("Errors", "Not finished", "Provenance")),
    ]
    assert "- Best on validation: " in text
    assert "0.25, so nothing here is called significant" in text
    assert "RuntimeError: shape \\| mismatch at block 5" in text
    assert "`run_study.py rerun FOLDER KEY`" in text
    assert "run_study.py run frozen_layers --model mini-bert" in text
    assert "torch 2.9.1" in text
    assert re.search(r"\| text \d+ with a \\\| pipe, \\\*stars\\\* and a line \|", text)
    assert str(folder) not in text
    assert "nan" not in text.lower().replace("provenance", "")
    assert not broken_lines(text)
    assert len(pd.read_csv(folder / "table.csv")) == 7
    assert len(pd.read_csv(folder / "trials.csv")) == 42
    linked = re.findall(r"!\[.*?\]\((.*?)\)", text)
    assert linked == [f"figures/{name}.png" for name in ("scatter", "pareto", "importance", "matrices", "errors")]
    assert all((folder / name).exists() and (folder / name).with_suffix(".svg").exists() for name in linked)


def test_the_same_folder_twice_is_the_same_to_the_byte(study: Make) -> None:
    folder = study(whole_study(place()))
    first = {path: path.read_bytes() for path in [*write_report(folder), *(folder / "figures").iterdir()]}
    write_report(folder)
    assert {path: path.read_bytes() for path in first} == first


def test_no_records(study: Make) -> None:
    text = report(study([]))
    assert "No trial has ended yet, so there is nothing to conclude." in text
    assert "## Provenance" in text
    assert "Comparison" not in text


def test_only_tuning_so_far(study: Make) -> None:
    text = report(study([r for r in whole_study(place()) if r.phase == "tune"]))
    assert "The study is still tuning: 20 trials finished, none of the comparison." in text
    assert "## What was tuned" in text


def test_only_failures(study: Make) -> None:
    text = report(study([failed(record) for record in grid()]))
    assert "Of 21 trials so far none finished" in text
    assert "1 more trial in trials.csv" in text
    assert "![" not in text
    assert "21 of 21 comparison trials failed." in text.split("## Comparison")[1]


def test_one_seed(study: Make) -> None:
    text = report(study(grid(seeds=(0,))))
    assert "One seed gives no interval." in text
    assert "[nan" not in text
    assert not broken_lines(text)


def test_no_test_scores(study: Make) -> None:
    records = [replace(r, metrics={"validation": r.metrics["validation"]}, predictions=None) for r in grid()]
    text = report(study(records))
    assert "There is no test score yet." in text
    assert "its paired validation difference" in text or "This is the baseline itself" in text
    assert "Texts most often wrong" not in text


def test_half_done(study: Make) -> None:
    text = report(study(grid(range(2, 5))))
    assert "The baseline (`frozen_layers` = 0) has no finished comparison trial" in text
    assert "4 of 7 points without a finished comparison trial" in text


def test_several_models_and_data_sets_have_a_section_each(study: Make) -> None:
    places = [place(m, d) for m in ("mini-bert", "tiny-bert") for d in ("reviews", "ne|ws")]
    records = [trial(p, {"frozen_layers": f, "learning_rate": 3e-5}, s) for p in places for f in (0, 1) for s in (0, 1)]
    folder = study(records, *map(arm, places))
    text = report(folder)
    assert text.count("### tiny-bert on ne\\|ws") >= 3
    assert len(re.findall(r"\]\(figures/scatter", text)) == 1
    assert len(list((folder / "figures").glob("matrices_*.png"))) == 4
    assert not broken_lines(text)
    assert len(pd.read_csv(folder / "table.csv")) == 8


def test_two_ways_of_asking_are_told_apart(study: Make) -> None:
    ways = [replace(QUESTION, fixed={"pooling": pooling}) for pooling in ("cls", "mean")]
    records = [
        trial(place(), {"frozen_layers": f, "learning_rate": 3e-5, "pooling": p}, s)
        for f in (0, 1)
        for s in (0, 1)
        for p in ("cls", "mean")
    ]
    text = report(study(records, *(arm(place(), way) for way in ways)))
    assert "### mini-bert on reviews (pooling = cls)" in text
    assert len(re.findall(r"\]\(figures/scatter_\d", text)) == 2


def test_a_damaged_record_and_a_stray_trial_are_told(study: Make) -> None:
    folder = study([*grid(), trial(place(), {"frozen_layers": 99, "learning_rate": 3e-5}, 0)])
    (folder / "records" / "broken.json").write_text("{")
    text = report(folder)
    assert "1 record cannot be read" in text
    assert "`broken.json`" in text
    assert "1 trial of other points or settings than the arms in study.json ask for" in text


def test_a_question_may_imply_the_confusion_view(study: Make) -> None:
    question = replace(QUESTION, view=View("confusion"))
    assert "](figures/confusion.png)" in report(study(grid(), arm(place(), question)))


def test_tuning_recomputed(whole: Path) -> None:
    frame = frame_of(read_study(whole))
    tries = tuned(frame, QUESTION)
    assert len(tries) == 21
    assert tries["chosen"].sum() == 7
    assert tries["scored"].sum() == 20
    raw = frame[frame["phase"] == "tune"].set_index(["frozen_layers", "learning_rate"])["f1"]
    for _, row in tries.iterrows():
        assert row["validation"] == pytest.approx(raw[row["frozen_layers"], row["learning_rate"]], nan_ok=True)
    best = tries.sort_values("validation", ascending=False).drop_duplicates("frozen_layers")
    assert best["chosen"].all()
    counted = at_the_edge(tries, QUESTION)
    assert counted["learning_rate", 1e-5] == (tries["chosen"] & (tries["learning_rate"] == 1e-5)).sum()


def test_hardest_texts_recomputed(whole: Path) -> None:
    study = read_study(whole)
    store = Store(whole)
    keys = [r.key for r in store.records().values() if r.phase == "compare" and r.status == "finished"]
    kept = [found for key in keys if (found := store.predictions(key)) is not None]
    wrong: pd.DataFrame = pa.concat_tables(kept).to_pandas()
    counts = (wrong["label"] != wrong["predicted"]).groupby(wrong["row"]).sum()
    errors = examine(study, study.arms[0], frame_of(study))
    assert errors is not None
    found = hardest(errors, study)
    assert found["wrong"].tolist() == counts.sort_values(ascending=False).head(10).tolist()
    assert found["wrong"].tolist() == [counts[row] for row in found["row"]]
    assert set(found["trials"]) == {19}
    assert all(text.startswith(f"text {row} ") for row, text in zip(found["row"], found["text"], strict=True))
    assert set(found["label"]) <= {"neg", "pos"}
    assert (found["label"] != found["predicted"]).all()


def test_class_scores_are_means_over_seeds(whole: Path) -> None:
    study = read_study(whole)
    mine = [r for r in study.records.values() if r.phase == "compare" and r.setting["frozen_layers"] == 0]
    found = per_class(study, [r.key for r in mine], "test").set_index("class")
    assert list(found.index) == ["neg", "pos"]
    for name in found.index:
        for score in ("precision", "recall", "f1", "support"):
            expected = sum(r.metrics["test"]["per_class"][name][score] for r in mine) / len(mine)
            assert found.at[name, score] == pytest.approx(expected)


def test_figures_of_an_earlier_report_do_not_stay(study: Make) -> None:
    folder = study(grid(range(2), seeds=(0,)))
    stale = ["scatter_1.png", "scatter_1.svg", "matrices_2.png", "matrices_2.svg"]
    own = ["scatter_mine.png", "notes.txt", "matrices_1.pdf"]
    (folder / "figures").mkdir()
    for name in (*stale, *own):
        (folder / "figures" / name).write_text("there before")
    report(folder)
    drawn = [f"{name}.{kind}" for name in ("scatter", "pareto", "matrices", "errors") for kind in ("png", "svg")]
    assert sorted(path.name for path in (folder / "figures").iterdir()) == sorted([*own, *drawn])


def test_names_with_dollars_and_of_other_scripts_are_reported(study: Make, recwarn: pytest.WarningsRecorder) -> None:
    where = place("m$_$odel", "a$^$b \ue123")
    records = [trial(where, {"frozen_layers": f, "learning_rate": 3e-5}, 0) for f in (0, 1)]
    text = report(study(records, arm(where)))
    assert "](figures/scatter.png)\n\nNo installed font has \ue123" in text
    assert not [str(warning.message) for warning in recwarn if "Glyph" in str(warning.message)]
