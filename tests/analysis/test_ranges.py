"""No interval goes beyond what a score can be, and none is cut where nothing is known of the score."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.optimism import optimism
from analysis.ranges import ANYTHING, apart, possible
from analysis.replicates import estimates
from analysis.report.verdicts import visible
from analysis.stats import mean_interval
from analysis.tables import compare
from study.question import Question
from tests.analysis.fabricated import frame_of_rows, row

QUESTION = Question(name="q", asks="?", source="", factors=({"a": 0}, {"a": 1}), baseline={"a": 0})
SCORES = {0: (0.05, 0.95, 0.4), 1: (0.99, 0.02, 0.9)}


def frame(scores=SCORES, **more) -> pd.DataFrame:
    rows = [
        row({"a": a}, one, s, test_f1=one, test_texts=100, **more)
        for a, of in scores.items()
        for s, one in enumerate(of)
    ]
    return frame_of_rows("q", rows)


@pytest.mark.parametrize(
    ("column", "ends"),
    [("test_f1", (0, 1)), ("accuracy", (0, 1)), ("mcc", (-1, 1)), ("loss", (0, np.inf)), ("metric.bleu", ANYTHING)],
)
def test_scores_have_a_range(column, ends):
    assert possible(column, pd.Series([0.5])) == ends


def test_a_score_beyond_its_range_is_another_score_of_that_name():
    assert possible("f1", pd.Series([71.2, 69.0])) == ANYTHING
    found = estimates(frame({a: tuple(100 * one for one in of) for a, of in SCORES.items()}).assign(row=0), "f1")
    assert found["low"].iloc[0] < 0 or found["high"].iloc[0] > 1


def test_means_and_differences_are_cut_where_they_would_be_impossible():
    table = compare(frame(), QUESTION).set_index("a")
    for a, scores in SCORES.items():
        told = mean_interval(scores)
        assert told.low < 0
        assert (table.at[a, "test_low"], table.at[a, "test_high"]) == (0.0, 1.0)
        assert table.at[a, "test"] == pytest.approx(told.mean)
    told = mean_interval(np.subtract(SCORES[1], SCORES[0]))
    assert told.low < -1
    assert told.high > 1
    assert table.loc[1, ["difference_low", "difference_high", "seeds_low", "seeds_high"]].tolist() == [-1, 1, -1, 1]


def test_an_interval_that_is_possible_stays_as_it_is():
    scores = {0: (0.70, 0.71, 0.72), 1: (0.74, 0.75, 0.77)}
    table = compare(frame(scores), QUESTION).set_index("a")
    for a, of in scores.items():
        told = mean_interval(of)
        assert table.loc[a, ["test_low", "test_high"]].tolist() == pytest.approx([told.low, told.high])


def test_gaps_of_two_splits_are_no_further_than_from_one_end_to_the_other():
    both = frame().assign(test_f1=[0.9, 0.1, 0.9, 0.1, 0.9, 0.1])
    found = optimism(both, QUESTION)
    assert found["gap_low"].min() == -1
    assert found["gap_high"].max() == 1


def test_differences_of_differences_may_be_twice_as_large():
    assert apart((0.0, 1.0)) == (-1.0, 1.0)
    assert apart((-1.0, 1.0), 2.0) == (-4.0, 4.0)
    assert apart(ANYTHING, 2.0) == ANYTHING


def test_what_would_have_been_visible_is_the_half_that_is_not_cut():
    rows = pd.DataFrame({"difference": [0.9], "difference_low": [0.3], "difference_high": [1.0]})
    assert visible(rows) == "0.600"
