"""The sections on pre-training: what they say of a body, what of several, and in Spanish the same numbers."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from analysis.answers import Answer, answers_of
from analysis.folder import read_study
from analysis.language import speaking
from analysis.report import fill_ins, perplexity, pretraining_costs, write_report
from analysis.report.sections import costs
from tests.analysis.pretrained import POINTS, QUESTION, pretrained_study

ONE = replace(QUESTION, factors=POINTS[:2])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pretrained_study(tmp_path_factory.mktemp("pretrained") / "study")[0]


def answer_of(folder: Path) -> Answer:
    return answers_of(read_study(folder), "seeds")[0]


def sections(answer: Answer) -> list[str]:
    bodies, rows = answer.bodies, answer.rows
    best = fill_ins.keys_of_best(rows, answer.table, answer.arm.question)
    return [*perplexity.section(bodies), *fill_ins.section(bodies, best), *pretraining_costs.section(bodies, rows)]


@pytest.mark.usefixtures("small_forests")
def test_the_report_has_the_sections_and_their_figure(folder: Path) -> None:
    text = write_report(folder, estimand="seeds")[0].read_text(encoding="utf-8")
    parts = dict(zip(re.findall("^## (.*)$", text, re.M), re.split("^## .*$", text, flags=re.M)[1:], strict=True))
    assert "](figures/perplexity.png)" in parts["Perplexity before and after"]
    assert "| sentence | before | after |" in parts["Fill-ins before and after"]
    assert "| seconds | 100 | 20.0 | 5.00 |" in parts["Why pre-training costs more"]
    assert "Each way of pre-training was run once" in parts["Comparison"]
    assert "| 24,000 | 1.60 |" in parts["Costs"]
    assert (folder / "figures" / "perplexity.svg").exists()
    assert not re.search(r"\bnan\b", text)


def test_a_report_without_pretraining_has_none_of_them(whole: Path) -> None:
    answer = answer_of(whole)
    assert sections(answer) == []
    assert perplexity.of_runs(answer.bodies) == []
    assert "tokens read" not in " ".join(costs(answer.table, answer.arm.question))


def test_perplexities_and_forgetting(folder: Path) -> None:
    table, said = perplexity.section(answer_of(folder).bodies)
    assert "|  | domain | 300 | 900 | 80.0 | 15.0 | 0.19 |" in table
    assert "rose for 3 of 3 bodies" in said
    assert "from 40.0 to 50.0" in said
    assert "148,000 parameters of its own" in said
    assert "for 120 steps on the frozen body" in said


@pytest.mark.parametrize(
    ("after", "words"), [(39.0, "no forgetting is seen"), (40.4, "no forgetting is seen"), (41.0, "from 40.0 to 41.0")]
)
def test_a_rise_too_small_to_tell_is_no_forgetting(tmp_path: Path, after: float, words: str) -> None:
    general = {"general": {"before": 40.0, "after": after, "texts": 200, "tokens": 1500}}
    folder, _ = pretrained_study(tmp_path / "study", ONE, perplexity=general)
    assert words in perplexity.section(answer_of(folder).bodies)[-1]


def test_a_head_of_the_checkpoints_own_is_not_said_to_be_new(tmp_path: Path) -> None:
    folder, _ = pretrained_study(tmp_path / "study", ONE, new_head=False)
    said = " ".join(sections(answer_of(folder)))
    assert "language-modelling head" not in said


def test_several_runs_of_pretraining_are_not_said_to_be_one(tmp_path: Path) -> None:
    points = tuple({**POINTS[1], "pretraining.seed": seed} for seed in (0, 1))
    folder, _ = pretrained_study(tmp_path / "study", replace(QUESTION, factors=(POINTS[0], *points)))
    assert perplexity.of_runs(answer_of(folder).bodies) == []


def test_words_stand_side_by_side_and_are_no_markup(folder: Path) -> None:
    found = fill_ins.section(answer_of(folder).bodies)
    row = next(line for line in found[1].splitlines() if "indeed" in line)
    assert row == r"| A \| B was \_\_\_ \*indeed\*. | good 25%, b\|d 12% | great 50%, good 25% |"


def test_bodies_that_are_not_shown_are_counted_and_the_best_is_first(tmp_path: Path) -> None:
    points = tuple({**POINTS[1], "pretraining.steps": steps} for steps in (10, 20, 40, 80, 160))
    folder, _ = pretrained_study(tmp_path / "study", replace(QUESTION, factors=(POINTS[0], *points)))
    answer = answer_of(folder)
    best = [key for key in answer.rows["key"] if answer.rows.set_index("key").at[key, "pretraining.steps"] == 80]
    found = fill_ins.section(answer.bodies, best)
    shown = [block for block in found if block.startswith("**")]
    assert [re.findall(r"\d+", block) for block in shown] == [["80"], ["10"], ["20"]]
    assert "2 more bodies" in found[-1]
    assert "best setting is first" in found[-1]
    assert "best setting" not in fill_ins.section(answer.bodies)[-1]
    assert len(pretraining_costs.section(answer.bodies, answer.rows)[-1].splitlines()) == 3


def test_why_it_costs_more(folder: Path) -> None:
    answer = answer_of(folder)
    table, said, lines = pretraining_costs.section(answer.bodies, answer.rows)
    assert "| operations (TFLOP) | 80.0 | 1.60 | 50.0 |" in table
    assert "every entry of the vocabulary" in said
    assert "held in memory" in said
    assert "12.0 s a body" in said
    first = lines.splitlines()[0]
    assert "50.0 times the operations" in first
    assert "16.7 times the tokens by 3.00 times" in first
    assert "2 comparison trials share the body, so that it adds 50.0 s to each" in first


def test_pretraining_that_costs_no_more_a_token_is_not_explained(tmp_path: Path) -> None:
    cheap = {"seconds": 1.0, "peak_memory_bytes": 10, "tokens": 48_000, "flops": 3.2e12}
    folder, _ = pretrained_study(tmp_path / "study", ONE, costs=cheap)
    answer = answer_of(folder)
    said = pretraining_costs.section(answer.bodies, answer.rows)[1]
    assert "vocabulary" not in said
    assert "memory" not in said


def test_in_spanish_with_the_same_numbers(folder: Path) -> None:
    english = sections(answer_of(folder))
    with speaking("es"):
        spanish = sections(answer_of(folder))
    assert len(spanish) == len(english)
    text = re.sub(r"`[^`]*`|A \\\| B was .*?\.|Paris is .*?\.|good|great", "", " ".join(spanish))
    words = set(re.findall(r"[a-záéíóúñ]+", text.lower()))
    assert not words & {"the", "of", "with", "and", "body", "trials", "before", "after", "pre", "steps", "head", "text"}
    numbers = [sorted(re.findall(r"\d+\.\d+", " ".join(blocks))) for blocks in (english, spanish)]
    assert numbers[0] == numbers[1]
    assert len(numbers[0]) > 30
