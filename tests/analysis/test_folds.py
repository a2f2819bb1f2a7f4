"""Folds are one comparison: recomputed in plain pandas and scipy, and shown as what they are."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from scipy import stats

from analysis import load_frame
from analysis.classes import cells_of, per_class
from analysis.errors import examine, hardest
from analysis.folder import read_study
from analysis.frame import frame_of
from analysis.report import write_report
from analysis.report.conclusion import conclude
from analysis.report.left_out import left_out
from analysis.tables import best_of, compare, grouped
from analysis.views import VIEWS
from study.question import Question, choice
from tests.analysis.conftest import QUESTION, arm, failed, place, trial
from tests.analysis.folded import RATE, fold_places, fold_trials

Make = Callable[..., Path]
ASKED = replace(QUESTION, seeds=(0, 1))
TESTED = 60 / 240
"""Texts tested on by texts trained on."""


@pytest.fixture
def folded(study: Make) -> Path:
    places = fold_places()
    return study(fold_trials(places), *map(arm, places))


def corrected(values: pd.Series) -> tuple[float, float, float, float]:
    """Mean, interval and p of the corrected resampled t-test, by scipy's t distribution."""
    n, scale = len(values), (values.var() * (1 / len(values) + TESTED)) ** 0.5
    low, high = stats.t.interval(0.95, n - 1, values.mean(), scale)
    return values.mean(), low, high, 2 * stats.t.sf(abs(values.mean() / scale), n - 1)


def by_fold(frame: pd.DataFrame, frozen: int, column: str = "test_f1") -> pd.Series:
    mine = frame[(frame["frozen_layers"] == frozen) & (frame["phase"] == "compare")]
    return mine.groupby("fold")[column].mean()


def test_the_frame_names_folds_and_their_whole(folded: Path) -> None:
    frame = load_frame(folded)
    assert str(frame["fold"].dtype) == str(frame["folds"].dtype) == "Int64"
    assert sorted(frame["fold"].unique()) == [1, 2, 3, 4, 5]
    assert set(frame["folds"]) == {5}
    assert set(frame["data"]) == {"reviews"}
    assert frame["data_fingerprint"].nunique() == 5
    assert set(frame["train_texts"]) == {240}


def test_without_folds_the_columns_are_there_and_missing(whole: Path) -> None:
    frame = load_frame(whole)
    assert frame["fold"].isna().all()
    assert str(frame["fold"].dtype) == "Int64"
    assert compare(frame, QUESTION)["folds"].isna().all()


def test_means_intervals_and_differences_recomputed(folded: Path) -> None:
    frame = load_frame(folded)
    table = compare(frame, QUESTION).set_index("frozen_layers")
    assert list(table.index) == [0, 3]
    assert table[["folds", "seeds", "trials"]].to_numpy().tolist() == [[5, 2, 10]] * 2
    for frozen in (0, 3):
        for split, column in (("validation", "f1"), ("test", "test_f1")):
            found = [table.at[frozen, f"{split}{end}"] for end in ("", "_low", "_high")]
            assert found == pytest.approx(corrected(by_fold(frame, frozen, column))[:3])
    row, expected = table.loc[3], corrected(by_fold(frame, 3) - by_fold(frame, 0))
    assert [row["difference"], row["difference_low"], row["difference_high"], row["p"]] == pytest.approx(expected)
    assert row["pairs"] == 5
    assert row["p_holm"] == row["p"]


def test_a_mean_weighs_folds_alike_and_pairs_share_fold_and_seed(study: Make) -> None:
    places = fold_places()
    records = fold_trials(places)
    gone = {r.key for r in records if (r.data.name[13], r.setting["frozen_layers"], r.seed) == ("2", 3, 1)}
    gone |= {r.key for r in records if (r.data.name[13], r.setting["frozen_layers"]) == ("4", 0)}
    kept = [failed(r) if r.key in gone else r for r in records]
    frame = load_frame(study(kept, *map(arm, places)))
    table = compare(frame, QUESTION).set_index("frozen_layers")
    assert list(table["folds"]) == [4, 5]
    assert table.at[3, "test"] == pytest.approx(by_fold(frame, 3).mean())
    ended = frame[frame["status"] == "finished"].pivot(
        index=["fold", "seed"], columns="frozen_layers", values="test_f1"
    )
    pairs = (ended[3] - ended[0]).dropna()
    assert len(pairs) == 7
    assert table.at[3, "difference"] == pytest.approx(pairs.groupby("fold").mean().mean())
    assert table.at[3, "pairs"] == 4
    said = left_out(frame, ASKED, 5)
    assert "Without fold 4: `frozen_layers` = 0, `learning_rate` = 1e-4 (2), 5e-4 (2)." in said
    assert any(line.startswith("Without seed 1 in fold 2: `frozen_layers` = 3") for line in said)
    assert "1 setting paired on fewer folds than the mean beside it, for want of the baseline's." in said


def test_what_each_fold_tuned_is_part_of_the_recipe(folded: Path) -> None:
    table = compare(load_frame(folded), QUESTION)
    assert list(table["learning_rate"]) == ["1e-4 (3), 5e-4 (2)"] * 2


def test_one_rate_in_all_folds_is_shown_as_a_number(study: Make) -> None:
    places = fold_places(2)
    table = compare(load_frame(study(fold_trials(places), *map(arm, places))), QUESTION)
    assert list(table["learning_rate"]) == [1e-4] * 2


def test_of_several_candidates_each_fold_gives_its_best_on_validation(study: Make) -> None:
    places = fold_places(3)
    records = [
        trial(where, {"frozen_layers": 0, "learning_rate": rate}, seed)
        for where in places
        for rate in (1e-5, 1e-4)
        for seed in (0, 1)
    ]
    frame = load_frame(study(records, *map(arm, places)))
    (row,) = compare(frame, QUESTION).to_dict("records")
    means = frame.groupby(["fold", "learning_rate"])[["f1", "test_f1"]].mean()
    best = means.loc[means.groupby("fold")["f1"].idxmax()]
    assert row["test"] == pytest.approx(best["test_f1"].mean())
    assert row["trials"] == 6
    assert "6 trials of candidates that were not their fold's best on validation." in left_out(frame, ASKED, 3)


def test_a_search_in_folds_compares_what_it_found_with_the_baseline(study: Make) -> None:
    baseline = {"learning_rate": 5e-5, "batch_size": 16}
    tuned = {"learning_rate": choice(1e-4, 5e-4), "batch_size": choice(8, 16)}
    question = Question("frozen_layers", "", "", factors=({},), tuned=tuned, baseline=baseline)
    places = fold_places(4)
    found = [{"learning_rate": RATE[n], "batch_size": 8} for n in (1, 2, 3, 4)]
    records = [
        trial(w, s, seed) for w, own in zip(places, found, strict=True) for s in (baseline, own) for seed in (0, 1)
    ]
    frame = load_frame(study(records, *(arm(where, question) for where in places)))
    table = compare(frame, question)
    assert table["is_baseline"].tolist() == [True, False]
    assert table["learning_rate"].tolist() == [5e-5, "1e-4 (3), 5e-4 (1)"]
    assert table["folds"].tolist() == [4, 4]
    scores = frame.assign(base=frame["batch_size"] == 16).groupby(["fold", "base"])["test_f1"].mean().unstack()
    assert table.at[1, "difference"] == pytest.approx((scores[False] - scores[True]).mean())
    prepared = VIEWS["scatter"].prepare(frame, question, {"x": "learning_rate"})
    assert prepared.loc[~prepared["is_baseline"], "mean"].isna().all(), "no place for the mean of several rates"


def test_folds_of_two_wholes_and_of_none_stay_apart(study: Make) -> None:
    first, second = fold_places(2), fold_places(2, whole="v" * 16, name="news")
    plain = place(data="reviews")
    again = [replace(p, data={**p.data, "fingerprint": p.data["fingerprint"][::-1]}) for p in fold_places(2, "u" * 16)]
    places = [*first, plain, *second, *again]
    records = [*fold_trials([*first, *second, *again]), trial(plain, {"frozen_layers": 0, "learning_rate": 1e-4}, 0)]
    found = read_study(study(records, *map(arm, places)))
    assert [(one.of, len(one.parts)) for one in found.arms] == [(2, 2), (0, 1), (2, 2), (2, 2)]
    names = [one.data_name for one in found.arms]
    assert len(set(names)) == 4
    assert names[2] == "news"
    assert names[0] == "reviews (wwwwww)"


def test_fewer_folds_than_there_are_is_said(study: Make) -> None:
    places = fold_places()
    frame = load_frame(study(fold_trials(places[:3]), *map(arm, places)))
    said = " ".join(conclude(compare(frame, QUESTION), QUESTION, (), 5))
    assert "some settings rest on 3 of 5 folds so far" in said
    assert "Without folds 4, 5: all 2 settings." in left_out(frame, ASKED, 5)
    assert "Without seed 2 in every fold: all 2 settings." in left_out(frame[frame["fold"] < 4], QUESTION, 3)


def test_folds_that_agree_have_no_interval_and_no_verdict(study: Make) -> None:
    places = fold_places(3)
    records = fold_trials(places, seeds=(0,), skill=lambda fold, frozen, seed: 0.0)
    alike = conclude(compare(load_frame(study(records, *map(arm, places))), QUESTION), QUESTION)
    assert not any("excludes zero" in one or "ignificant" in one or "no loss" in one for one in alike)
    assert any("the same in every fold" in one or "This is the baseline itself" in one for one in alike)


def test_one_fold_has_no_interval(study: Make) -> None:
    places = fold_places(3)
    table = compare(load_frame(study(fold_trials(places[:1]), *map(arm, places))), QUESTION)
    assert table["test_low"].isna().all()
    one = " ".join(conclude(table, QUESTION))
    assert "One fold gives no interval." in one
    assert "sign-flip" not in one


def test_classes_and_matrices_are_of_all_folds_together(folded: Path) -> None:
    study = read_study(folded)
    frame = load_frame(folded)
    trials, table = grouped(frame, QUESTION)
    best = best_of(table, QUESTION)
    assert best is not None
    keys = list(trials.loc[trials["row"] == best.name, "key"])
    matrix = sum((pd.DataFrame(study.records[key].metrics["test"]["confusion"]) for key in keys), start=0)
    found = per_class(study, keys, "test").set_index("class")
    assert found.at["pos", "precision"] == pytest.approx(matrix.loc[1, 1] / matrix[1].sum())
    assert found.at["neg", "recall"] == pytest.approx(matrix.loc[0, 0] / matrix.loc[0].sum())
    assert found["support"].tolist() == [150, 150]
    prepared = VIEWS["confusion"].prepare(cells_of(study, frame), QUESTION, {})
    cells = prepared[prepared["panel"].str.contains("best")].groupby("true")["count"].sum()
    assert cells.tolist() == pytest.approx([150, 150])
    assert "5 folds' test splits, mean counts over 2 seeds" in prepared["title"].iloc[0]


def test_hard_texts_are_looked_up_in_their_own_fold(folded: Path) -> None:
    study = read_study(folded)
    marks = list(study.arms[0].fingerprints)
    for number, mark in enumerate(marks, start=1):
        path = study.texts(mark)
        assert path is not None
        table = pd.read_parquet(path)
        table.assign(text=table["text"] + f" of fold {number}").to_parquet(path)
    keys = list(study.records)
    errors = examine(study, study.arms[0], frame_of(study))
    assert errors is not None
    found = hardest(errors, study)
    kept = {key: study.predictions(key) for key in keys}
    wrong: dict[tuple[int, int], int] = {}
    for key, some in kept.items():
        assert some is not None
        fold = marks.index(study.records[key].data.fingerprint) + 1
        for row in some.loc[some["label"] != some["predicted"], "row"]:
            wrong[fold, row] = wrong.get((fold, row), 0) + 1
    assert found["wrong"].tolist() == sorted(wrong.values(), reverse=True)[:10]
    for _, one in found.iterrows():
        assert one["trials"] == 4
        assert wrong[int(one["text"].rsplit(" ", 1)[1]), one["row"]] == one["wrong"]
        assert one["text"].startswith(f"text {one['row']} ")


def test_the_report_says_what_it_estimates_and_how(folded: Path) -> None:
    text = write_report(folded)[0].read_text(encoding="utf-8")
    assert "over 5 folds × 2 seeds" in text
    assert "Cross-validation, 5 folds × 2 seeds, each fold tuned on its own validation split." in text
    assert "(Nadeau and Bengio 2003)" in text
    assert "(Bengio and Grandvalet 2004)" in text
    assert "sign-flip" not in text
    assert "mini-bert on reviews" in text
    assert "- reviews: validation joined to train, then folded" in text
    assert "- reviews, fold 2 of 5: fold 2 of 5 is test" in text
    assert text.count("validation joined to train") == 1
    assert "[fold" not in text
    assert "1e-4 (3), 5e-4 (2)" in (folded / "table.csv").read_text()
    assert "| 1e-4 (3), 5e-4 (2) |" in text


def test_a_record_from_before_a_setting_was_added_has_its_default(study: Make) -> None:
    records = [trial(place(), {"frozen_layers": f, "learning_rate": 3e-5}, s) for f in (0, 1) for s in (0, 1)]
    records[0] = replace(records[0], setting={**records[0].setting, "truncation": "head"})
    folder = study(records)
    stored = json.loads((folder / "study.json").read_text())
    (folder / "study.json").write_text(json.dumps({**stored, "defaults": {"truncation": "head"}}))
    frame = load_frame(folder)
    assert set(frame["truncation"]) == {"head"}
    assert len(compare(frame, QUESTION)) == 2
