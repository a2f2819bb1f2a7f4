"""Scores on texts drawn anew: the records' own where every text counts once, the same texts for every trial."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from analysis import load_frame, resampled
from analysis.arms import rows_of
from analysis.folder import Study, read_study
from analysis.frame import frame_of
from analysis.replicates import estimand, estimate
from analysis.resampled import Resampled, resample
from analysis.stats.crossed import crossed_interval
from analysis.tables import compare, compared, grouped
from study.record import Record
from tests.analysis.conftest import QUESTION, TEXTS, arm, place, trial
from tests.analysis.folded import fold_places, fold_trials

Make = Callable[..., Path]


def drawn_of(study: Study, metric: str = "f1") -> Resampled | None:
    one = study.arms[0]
    keys = list(compared(rows_of(one, study.arms, frame_of(study)), one.question)["key"])
    return resample(study, one, keys, metric)


def records(depths: tuple[int, ...] = (0, 3), seeds: tuple[int, ...] = (0, 1, 2)) -> list[Record]:
    return [trial(place(), {"frozen_layers": f, "learning_rate": 3e-5}, s) for f in depths for s in seeds]


@pytest.mark.parametrize("metric", ["accuracy", "precision", "recall", "f1", "mcc", "loss"])
def test_weights_of_one_give_every_record_its_own_score(
    whole: Path, metric: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resampled, "text_weights", lambda texts, *_: [np.ones((2, texts), dtype=np.float32)])
    study = read_study(whole)
    drawn = drawn_of(study, metric)
    assert drawn is not None
    assert drawn.texts == {"test": TEXTS}
    assert len(drawn.scores) == 19
    for (key, split), scores in drawn.scores.items():
        assert scores == pytest.approx([study.records[key].metrics[split][metric]] * 2, abs=1e-12)


def test_every_trial_meets_the_same_texts_in_every_run(study: Make) -> None:
    made = records()
    made[1] = replace(made[1], predictions=made[0].predictions)
    folder = study(made)
    first, again = drawn_of(read_study(folder)), drawn_of(read_study(folder))
    assert first is not None
    assert again is not None
    assert np.array_equal(first.scores[made[0].key, "test"], first.scores[made[1].key, "test"])
    assert not np.array_equal(first.scores[made[0].key, "test"], first.scores[made[2].key, "test"])
    assert all(np.array_equal(first.scores[place], again.scores[place]) for place in first.scores)
    assert first.scores[made[0].key, "test"].shape == (resampled.DRAWS,)


def test_the_draws_spread_as_the_score_does_by_its_texts(study: Make) -> None:
    made = records()
    drawn = drawn_of(read_study(study(made)), "accuracy")
    assert drawn is not None
    right = made[0].metrics["test"]["accuracy"]
    found = drawn.scores[made[0].key, "test"]
    assert found.mean() == pytest.approx(right, abs=0.005)
    assert found.std() == pytest.approx((right * (1 - right) / TEXTS) ** 0.5, rel=0.06)


def shifted(record: Record) -> Record:
    """The trial, had it been tested on other rows."""
    assert record.predictions is not None
    rows = pa.array(np.arange(TEXTS) + 1000)
    return replace(record, predictions=record.predictions.set_column(1, "row", rows))


@pytest.mark.parametrize("change", [lambda record: replace(record, predictions=None), shifted])
def test_one_trial_without_the_same_texts_leaves_seeds_alone(study: Make, change: Callable[[Record], Record]) -> None:
    made = records()
    folder = study([change(made[0]), *made[1:]])
    assert drawn_of(read_study(folder)) is None
    table = compare(load_frame(folder), QUESTION, None)
    assert set(table["test_estimand"]) == {"seeds"}


def test_folds_other_metrics_and_too_many_trials_have_no_draws(study: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    places = fold_places(2)
    folded = study(fold_trials(places), *(arm(where) for where in places))
    assert drawn_of(read_study(folded)) is None
    found = read_study(study(records()))
    assert drawn_of(found, "rougeL") is None
    monkeypatch.setattr(resampled, "MOST", 5)
    assert drawn_of(found) is None


def test_a_true_class_with_no_probability_has_no_loss_to_draw(study: Make) -> None:
    made = records()
    table = made[0].predictions
    assert table is not None
    zero = np.where(np.arange(TEXTS) == 0, 0.0, table["p_neg"].to_numpy())
    made[0] = replace(made[0], predictions=table.set_column(4, "p_neg", pa.array(zero)))
    found = read_study(study(made))
    assert drawn_of(found, "loss") is None
    assert drawn_of(found, "f1") is not None


def test_the_table_has_the_crossed_intervals_and_the_differences_pair_the_texts(whole: Path) -> None:
    study, frame = read_study(whole), load_frame(whole)
    drawn = drawn_of(study)
    assert drawn is not None
    trials, table = grouped(frame, QUESTION, drawn)
    plain = compare(frame, QUESTION)
    assert set(table["test_estimand"]) == {"texts"}
    assert set(table["validation_estimand"]) == {"seeds"}
    same = ["validation_low", "seeds_low", "p", "p_holm", "difference", "test"]
    pd.testing.assert_frame_equal(table[same], plain[same])
    assert table["seeds_low"].tolist() == pytest.approx(plain["difference_low"].tolist(), nan_ok=True)
    base = trials[trials["row"] == 0].set_index("seed")
    for row in table.index:
        mine = trials[trials["row"] == row].set_index("seed")
        told = crossed_interval(mine["test_f1"], drawn.draws(list(mine["key"]), "test"), TEXTS)
        ends = np.clip((told.low, told.high), 0, 1).tolist()
        assert table.loc[row, ["test_low", "test_high"]].tolist() == pytest.approx(ends)
        one = estimate(trials[trials["row"] == row], "test_f1", drawn)
        assert [one.low, one.high] == pytest.approx(ends)
        if row == 0:
            continue
        seeds = mine.index.intersection(base.index)
        both = [drawn.draws(list(side.loc[seeds, "key"]), "test") for side in (mine, base)]
        told = crossed_interval(mine.loc[seeds, "test_f1"] - base.loc[seeds, "test_f1"], both[0] - both[1], TEXTS)
        found = table.loc[row, ["difference_low", "difference_high"]].tolist()
        assert found == pytest.approx([told.low, told.high])


def test_only_scores_of_its_metric_are_widened(whole: Path) -> None:
    drawn = drawn_of(read_study(whole))
    trials = compared(load_frame(whole), QUESTION)
    assert estimand(trials, "test_f1", drawn) == "texts"
    assert estimand(trials, "test_accuracy", drawn) == estimand(trials, "f1", drawn) == "seeds"
    assert estimate(trials, "train_seconds", drawn) == estimate(trials, "train_seconds")
