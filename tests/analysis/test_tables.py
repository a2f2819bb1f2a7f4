"""The comparison recomputed in plain pandas and scipy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis import load_frame
from analysis.arms import rows_of, unasked
from analysis.folder import read_study
from analysis.frame import frame_of
from analysis.tables import best_of, compare, settings_of
from study.question import Question, Setting
from tests.analysis.conftest import QUESTION, arm, place, trial

Make = Callable[..., Path]


def finished(frame: pd.DataFrame, frozen: int) -> pd.DataFrame:
    mine = (frame["phase"] == "compare") & (frame["status"] == "finished") & (frame["frozen_layers"] == frozen)
    return frame[mine].set_index("seed").sort_index()


def test_means_and_intervals(whole: Path) -> None:
    frame = load_frame(whole)
    table = compare(frame, QUESTION).set_index("frozen_layers")
    assert list(table.index) == list(range(7))
    assert list(table["seeds"]) == [3, 3, 3, 3, 2, 2, 3]
    assert list(table["degenerate"]) == [0, 0, 0, 0, 0, 0, 1]
    for frozen in range(7):
        row = table.loc[frozen]
        mine = finished(frame, frozen)
        for split, column in (("validation", "f1"), ("test", "test_f1")):
            ends = stats.t.interval(0.95, len(mine) - 1, mine[column].mean(), stats.sem(mine[column]))
            assert [row[split], row[f"{split}_low"], row[f"{split}_high"]] == pytest.approx(
                [mine[column].mean(), *np.clip(ends, 0, 1)]
            )
        assert row["train_seconds"] == pytest.approx(mine["train_seconds"].mean())
        assert row["trainable_share"] == pytest.approx(mine["trainable_parameters"].iloc[0] / 22_700_000)


def test_differences_are_paired_by_seed(whole: Path) -> None:
    frame = load_frame(whole)
    table = compare(frame, QUESTION).set_index("frozen_layers")
    baseline = finished(frame, 0)["test_f1"]
    assert table["difference"].isna().tolist() == [True] + [False] * 6
    for frozen in range(1, 7):
        row, mine = table.loc[frozen], finished(frame, frozen)["test_f1"]
        difference = (mine - baseline).dropna()
        low, high = stats.t.interval(0.95, len(difference) - 1, difference.mean(), stats.sem(difference))
        assert [row["difference"], row["difference_low"], row["difference_high"]] == pytest.approx(
            [difference.mean(), *np.clip((low, high), -1, 1)]
        )
        permuted = stats.permutation_test(
            (difference,), lambda d: d.sum(), permutation_type="samples", vectorized=False
        )
        assert row["p"] == pytest.approx(permuted.pvalue)
        assert (row["pairs"], row["smallest_p"]) == (len(difference), 2 / 2 ** len(difference))
    tested = table.loc[1:, "p"].sort_values()
    first = min(1.0, tested.iloc[0] * 6)
    assert table.at[tested.index[0], "p_holm"] == pytest.approx(first)


def test_best_is_chosen_on_validation_among_those_with_most_seeds(whole: Path) -> None:
    table = compare(load_frame(whole), QUESTION)
    full = table[table["seeds"] == 3]
    best = best_of(table, QUESTION)
    assert best is not None
    assert best["validation"] == full["validation"].max()
    lucky = table.assign(validation=table["validation"].mask(table["frozen_layers"] == 4, 1.0))
    assert best_of(lucky, QUESTION)["frozen_layers"] == best["frozen_layers"]  # type: ignore[index]


def test_for_a_loss_the_lowest_is_best(whole: Path) -> None:
    question = replace(QUESTION, metric="loss")
    table = compare(load_frame(whole), question)
    full = table[table["seeds"] == 3]
    assert best_of(table, question)["validation"] == full["validation"].min()  # type: ignore[index]


def test_pairs_share_the_other_settings(study: Make) -> None:
    points: list[Setting] = [{"frozen_layers": f, "pooling": p} for f in (0, 3) for p in ("cls", "mean")]
    records = [trial(place(), {"learning_rate": 3e-5, **point}, seed) for point in points for seed in (0, 1)]
    question = replace(QUESTION, factors=tuple(points), fixed={})
    frame = load_frame(study(records, arm(place(), question)))
    table = compare(frame, question)
    for pooling in ("cls", "mean"):
        scores = frame[frame["pooling"] == pooling].pivot(index="seed", columns="frozen_layers", values="test_f1")
        row = table[(table["pooling"] == pooling) & (table["frozen_layers"] == 3)].iloc[0]
        assert row["difference"] == pytest.approx((scores[3] - scores[0]).mean())
    lone = frame[~((frame["pooling"] == "mean") & (frame["frozen_layers"] == 0))]
    assert list(compare(lone, question).query("frozen_layers == 3")["pairs"]) == [2, 0]


def test_single_points_pair_with_the_baseline_point(study: Make) -> None:
    points: tuple[Setting, ...] = ({"frozen_layers": 0}, {"lora.rank": 8})
    records = [trial(place(), {"learning_rate": 3e-5, **point}, seed) for point in points for seed in (0, 1)]
    question = replace(QUESTION, factors=points, fixed={})
    table = compare(load_frame(study(records, arm(place(), question))), question)
    assert list(table["pairs"]) == [0, 2]
    assert list(table["is_baseline"]) == [True, False]


def test_with_several_kept_candidates_the_best_stands_for_its_point(study: Make) -> None:
    settings = [{"frozen_layers": f, "learning_rate": rate} for f in (0, 1) for rate in (1e-5, 3e-5)]
    records = [trial(place(), setting, seed) for setting in settings for seed in (0, 1, 2)]
    table = compare(load_frame(study(records)), QUESTION)
    assert len(table) == 4
    for _, point in table.groupby("frozen_layers"):
        assert point.loc[point["chosen"], "validation"].tolist() == [point["validation"].max()]
    base = table[table["is_baseline"] & table["chosen"]].iloc[0]
    moved = table[~table["is_baseline"]]
    assert moved["difference"].to_numpy() == pytest.approx((moved["test"] - base["test"]).to_numpy())


def test_mixed_profiles_are_flagged(study: Make) -> None:
    records = [trial(place(), {"frozen_layers": f, "learning_rate": 3e-5}, seed) for f in (0, 1, 2) for seed in (0, 1)]
    records = [
        replace(r, provenance={"profile": "gpu"}) if (r.setting["frozen_layers"], r.seed) == (2, 1) else r
        for r in records
    ]
    assert list(compare(load_frame(study(records)), QUESTION)["mixed_profiles"]) == [False, False, True]


def test_without_test_scores_the_difference_is_on_validation(study: Make) -> None:
    records = [trial(place(), {"frozen_layers": f, "learning_rate": 3e-5}, seed) for f in (0, 1) for seed in (0, 1)]
    records = [replace(r, metrics={"validation": r.metrics["validation"]}) for r in records]
    table = compare(load_frame(study(records)), QUESTION)
    assert set(table["split"]) == {"validation"}
    assert table["difference"].iloc[1] == pytest.approx(table["validation"].iloc[1] - table["validation"].iloc[0])


def test_a_search_compares_whole_settings(study: Make) -> None:
    baseline = {"learning_rate": 5e-5, "batch_size": 16}
    question = Question(
        name="frozen_layers", asks="", source="", factors=({},), tuned=QUESTION.tuned, baseline=baseline
    )
    settings = [baseline, {"learning_rate": 1e-5, "batch_size": 8}, {"learning_rate": 9e-5, "batch_size": 32}]
    records = [trial(place(), setting, seed) for setting in settings for seed in (0, 1, 2)]
    table = compare(load_frame(study(records, arm(place(), question))), question)
    assert settings_of(table) == ["learning_rate", "batch_size"]
    assert table["is_baseline"].tolist() == [True, False, False]
    assert table["pairs"].tolist() == [0, 3, 3]
    assert table["chosen"].all()


def test_a_trial_belongs_to_the_arm_that_fixes_most(study: Make) -> None:
    plain, pooled = replace(QUESTION, fixed={}), replace(QUESTION, fixed={"pooling": "mean"})
    setting = {"frozen_layers": 1, "learning_rate": 3e-5}
    mine, other = trial(place(), {**setting, "pooling": "cls"}, 0), trial(place(), {**setting, "pooling": "mean"}, 0)
    stray = trial(place(), {**setting, "frozen_layers": 99}, 0)
    found = read_study(study([mine, other, stray], arm(place(), plain), arm(place(), pooled)))
    frame = frame_of(found)
    assert [list(rows_of(one, found.arms, frame)["key"]) for one in found.arms] == [[mine.key], [other.key]]
    assert list(unasked(found.arms, frame)["key"]) == [stray.key]


def test_compare_changes_nothing_and_takes_an_empty_frame(whole: Path, study: Make) -> None:
    frame = load_frame(whole)
    before = frame.copy()
    compare(frame, QUESTION)
    pd.testing.assert_frame_equal(frame, before)
    assert compare(load_frame(study([])), QUESTION).empty


def test_a_metric_of_another_name_is_better_where_the_question_says(whole: Path) -> None:
    frame = load_frame(whole)
    own = frame.assign(**{"metric.perplexity": frame["loss"], "test_metric.perplexity": frame["test_loss"]})
    found = compare(own, replace(QUESTION, metric="perplexity", lower=True))
    told = compare(frame, replace(QUESTION, metric="loss"))
    # of somebody's score no range is known, so that its intervals are whole
    ends = [name for name in found if str(name).endswith(("_low", "_high"))]
    assert ends
    pd.testing.assert_frame_equal(found.drop(columns=ends), told.drop(columns=ends))


def test_a_trial_without_a_score_is_no_replicate(study: Make) -> None:
    """Of five seeds three have a score: that is what the mean is over, and what it is ranked by."""
    records = [trial(place(), {"frozen_layers": f, "learning_rate": 3e-5}, s) for f in (0, 1) for s in range(5)]
    levels = {0: 0.7, 1: 0.99}
    for i, r in enumerate(records):
        scores = {"validation": levels[int(r.setting["frozen_layers"])], "test": 0.5 + r.seed / 100}
        metrics = {split: {**known, "f1": scores[split]} for split, known in r.metrics.items()}
        records[i] = replace(r, metrics=metrics)
    for place_of, split in ((6, "validation"), (7, "validation"), (9, "test")):
        scores = {name: value for name, value in records[place_of].metrics[split].items() if name != "f1"}
        records[place_of] = replace(records[place_of], metrics={**records[place_of].metrics, split: scores})
    table = compare(load_frame(study(records)), QUESTION)
    assert table[["seeds", "validation_n", "test_n", "trials"]].to_numpy().tolist() == [[5, 5, 5, 5], [3, 3, 4, 5]]
    best = best_of(table, QUESTION)
    assert best is not None
    assert best["frozen_layers"] == 0
