"""How sure: every number of the section against the statistic that it is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats as scipy_stats

from analysis import certainty as module
from analysis.answers import answers_of
from analysis.certainty import certainty, discordance
from analysis.folder import read_study
from analysis.language import speaking
from analysis.report import certainty as report
from analysis.report.conclusion import conclude
from analysis.stats import (
    almost_stochastic_order,
    iqm,
    median_interval,
    paired_improvement,
    probability_of_improvement,
    seeds_for,
    visible_difference,
)
from analysis.tables import compare
from study.question import Question
from tests.analysis.fabricated import frame_of_rows, row

QUESTION = Question(name="q", asks="?", source="", factors=({"a": 0}, {"a": 1}, {"a": 2}), baseline={"a": 0})
RNG = np.random.default_rng(3)
SCORES = {a: 0.7 + 0.01 * a + 0.02 * RNG.standard_normal(8) for a in (0, 1, 2)}


def frame(scores=SCORES, **more) -> pd.DataFrame:
    rows = [
        row({"a": a}, one, s, test_f1=one, test_texts=500, test_accuracy=one, **more)
        for a, of in scores.items()
        for s, one in enumerate(of)
    ]
    return frame_of_rows("q", rows)


def generator():
    return np.random.default_rng(0)


@pytest.mark.parametrize("lower", [False, True])
def test_the_numbers_are_those_of_the_statistics(lower):
    question = replace(QUESTION, metric="bleu", lower=lower)
    renamed = frame().rename(columns={"test_f1": "test_metric.bleu", "f1": "metric.bleu"})
    found = certainty(renamed, question, generator()).set_index("row")
    sign = -1 if lower else 1
    table = compare(renamed, question)
    base = SCORES[0]
    assert len(found) == 3
    for number, mine in found.iterrows():
        a = int(table.at[number, "a"])
        median = median_interval(SCORES[a])
        assert [mine["median"], mine["median_low"], mine["median_high"]] == pytest.approx(
            [median.value, median.low, median.high]
        )
        assert mine["iqm"] == pytest.approx(iqm(SCORES[a]))
        assert mine["iqm_low"] < mine["iqm"] < mine["iqm_high"]
        if a == 0:
            assert mine[["wilcoxon_p", "aso", "seeds_for", "paired"]].isna().all()
            continue
        apart = SCORES[a] - base
        assert mine["wilcoxon_p"] == pytest.approx(scipy_stats.wilcoxon(apart, method="exact").pvalue)
        one, other = paired_improvement(sign * apart), probability_of_improvement(sign * SCORES[a], sign * base)
        assert [mine["paired"], mine["paired_low"]] == pytest.approx([one.value, one.low])
        assert [mine["any"], mine["any_high"]] == pytest.approx([other.value, other.high])
        assert mine["seeds_for"] == seeds_for(apart.mean(), apart.std(ddof=1), 2)
    alone = certainty(renamed[renamed["a"] < 2], question, generator()).iloc[-1]
    drawn = generator()
    for a in (0, 1):
        module.iqm_interval(SCORES[a], drawn)
    assert alone["aso"] == almost_stochastic_order(sign * SCORES[1], sign * base, drawn, 1)


def test_few_scores_and_many_are_left_to_what_they_can_say():
    assert report.section(frame({0: [0.7, 0.71], 1: [0.7, 0.72]}), QUESTION) == []
    assert report.section(frame({0: [0.7, 0.71], 1: [0.7, 0.72]}), QUESTION, always=True)
    many = {a: 0.7 + 0.01 * np.random.default_rng(a).standard_normal(module.DRAWN + 1) for a in (0, 1)}
    found = certainty(frame(many), QUESTION, generator())
    assert found[["iqm_low", "aso"]].isna().all(axis=None)
    assert found["wilcoxon_p"].notna().sum() == 1
    assert "none are drawn anew" in report.section(frame(many), QUESTION)[1]


def test_the_section_has_a_row_per_setting_and_the_noise_floor():
    table, said, floor = report.section(frame(), QUESTION)
    assert len(table.splitlines()) == 2 + 3
    assert "seeds needed" in table
    assert "power of 80%" in said
    share = compare(frame(), QUESTION).sort_values("validation").iloc[-1]["test"]
    assert f"standard error of {np.sqrt(share * (1 - share) / 500):.3f}" in floor
    with speaking("es"):
        assert "semillas necesarias" in report.section(frame(), QUESTION)[0]


def test_the_discordance_is_of_the_texts_that_one_side_alone_has_right(whole: Path):
    answer = answers_of(read_study(whole))[0]
    assert answer.errors is not None
    shares = []
    counts = {role: next(iter(side.counts.values())) for role, side in answer.errors.sides.items()}
    for seed in counts["baseline"].right.keys() & counts["best"].right.keys():
        shares.append(np.mean(counts["baseline"].right_of(seed) ^ counts["best"].right_of(seed)))
    assert discordance(answer.errors) == pytest.approx(np.mean(shares))
    floor = report.section(answer.rows, answer.arm.question, answer.errors)[-1]
    least = visible_difference(answer.errors.texts, float(np.mean(shares)))
    assert f"differ by {least:.3f} in accuracy" in floor


def test_the_conclusion_says_how_many_seeds_the_difference_would_have_needed():
    rng = np.random.default_rng(0)
    scores = {0: 0.7 + 0.02 * rng.standard_normal(4), 1: 0.71 + 0.02 * rng.standard_normal(4)}
    table = compare(frame(scores), QUESTION)
    apart = scores[1] - scores[0]
    needed = seeds_for(apart.mean(), apart.std(ddof=1), 1)
    said = " ".join(conclude(table, QUESTION))
    assert scores[1].mean() > scores[0].mean()
    assert f"`a` = 1 would need about {needed:,} seeds in all" in said
