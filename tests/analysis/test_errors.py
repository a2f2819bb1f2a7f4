"""Errors text by text, against predictions counted another way; intervals against the crossed ones from draws."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scipy.stats import binomtest

from analysis.error_groups import accuracy_by_group, crossed_mean
from analysis.errors import BASELINE, BEST, Errors, agreement, examine, hardest
from analysis.folder import Study, read_study
from analysis.frame import frame_of
from analysis.language import speaking
from analysis.lengths import quarters, text_lengths
from analysis.report import errors as report
from analysis.rescued import by_majority, changed_texts, pairs
from analysis.stats.crossed import crossed_interval, text_weights
from analysis.views import errors as view
from analysis.views.figures import figure_of
from analysis.views.view import View
from study.record import Record
from tests.analysis.conftest import TEXTS, arm, place, trial
from tests.analysis.folded import fold_places, fold_trials

Make = Callable[..., Path]


def predicting(record: Record, predicted: Sequence[int], labels: Sequence[int], sure: float = 0.8) -> Record:
    """The record with these predictions of the test split, each given the probability ``sure``."""
    guesses = np.asarray(predicted)
    table = pa.table(
        {
            "split": ["test"] * len(guesses),
            "row": range(len(guesses)),
            "label": list(labels),
            "predicted": guesses,
            "p_neg": np.where(guesses == 0, sure, 1 - sure),
            "p_pos": np.where(guesses == 1, sure, 1 - sure),
        }
    )
    return replace(record, predictions=table)


def every_prediction(study: Study, keys: Sequence[str]) -> pd.DataFrame:
    parts = [study.predictions(key) for key in keys]
    return pd.concat([p.assign(key=k) for k, p in zip(keys, parts, strict=True) if p is not None], ignore_index=True)


@pytest.fixture(scope="module")
def examined(whole: Path) -> tuple[Study, Errors]:
    study = read_study(whole)
    found = examine(study, study.arms[0], frame_of(study))
    assert found is not None
    return study, found


def finished(study: Study) -> dict[str, Record]:
    return {k: r for k, r in study.records.items() if r.phase == "compare" and r.status == "finished"}


def test_every_count_is_that_of_all_predictions_at_once(examined: tuple[Study, Errors]) -> None:
    study, found = examined
    records = finished(study)
    every = every_prediction(study, list(records))
    every["wrong"] = every["label"] != every["predicted"]
    by_row = every.groupby("row")["wrong"].agg(["sum", "count"])
    (counts,) = found.counts.values()
    assert counts.wrong.tolist() == by_row["sum"].tolist()
    assert (found.trials, found.texts, found.left_out) == (len(records), TEXTS, 0)
    shares = agreement(found).set_index("outcome")
    assert shares.at["wrong", "texts"] == (by_row["sum"] == len(records)).sum()
    assert shares.at["right", "texts"] == (by_row["sum"] == 0).sum()
    assert shares["texts"].sum() == TEXTS
    rates = every.groupby("key")["wrong"].mean()
    assert shares.at["right", "by_chance"] == pytest.approx(float(np.prod(1 - rates)))
    assert shares[["share", "by_chance"]].sum().tolist() == pytest.approx([1, 1])


def test_the_hardest_texts_are_those_most_often_wrong(examined: tuple[Study, Errors]) -> None:
    study, found = examined
    every = every_prediction(study, list(finished(study)))
    every["sure"] = np.where(every["label"] == 1, every["p_pos"], every["p_neg"])
    wrong = (every["label"] != every["predicted"]).groupby(every["row"]).sum()
    order = pd.DataFrame({"wrong": -wrong, "sure": every.groupby("row")["sure"].mean()}).reset_index()
    expected = order.sort_values(["wrong", "sure", "row"]).head(10)
    top = hardest(found, study)
    assert top["row"].tolist() == expected["row"].tolist()
    assert top["wrong"].tolist() == (-expected["wrong"]).tolist()
    assert top["sure"].tolist() == pytest.approx(expected["sure"].tolist(), abs=1e-6)
    assert all(f"text {row} " in text for row, text in zip(top["row"], top["text"], strict=True))
    assert (top["label"] != top["predicted"]).all()


def test_pairs_are_the_four_cells_of_each_seed(examined: tuple[Study, Errors]) -> None:
    study, found = examined
    base, best = found.sides[BASELINE], found.sides[BEST]
    records = finished(study)
    rows = pairs(base, best)
    assert rows["seed"].tolist() == [0, 1, 2]
    depth = int(best.name.rpartition(" ")[2])
    for row in rows.to_dict("records"):
        right: dict[int, Any] = {}
        for at in (0, depth):
            key = next(k for k, r in records.items() if r.setting["frozen_layers"] == at and r.seed == row["seed"])
            table = study.predictions(key)
            assert table is not None
            right[at] = (table["label"] == table["predicted"]).to_numpy()
        cells = Counter(zip(right[0].tolist(), right[depth].tolist(), strict=True))
        assert [row["both_right"], row["rescued"], row["broken"], row["both_wrong"]] == [
            cells[True, True], cells[False, True], cells[True, False], cells[False, False]
        ]  # fmt: skip
        discordant = int(row["rescued"] + row["broken"])
        assert row["p"] == pytest.approx(binomtest(int(row["rescued"]), discordant).pvalue)


def small(
    study: Make, predictions: Mapping[tuple[int, int], Sequence[int]], labels: Sequence[int]
) -> tuple[Study, Errors]:
    """A study of two depths with these predictions by (depth, seed)."""
    records = [
        predicting(trial(place(), {"frozen_layers": d, "learning_rate": 3e-5}, s), guesses, labels, 0.6 + 0.1 * s)
        for (d, s), guesses in predictions.items()
    ]
    read = read_study(study(records))
    found = examine(read, read.arms[0], frame_of(read))
    assert found is not None
    return read, found


def test_the_majority_decides_and_of_two_the_surer(study: Make) -> None:
    labels = [0, 0, 1, 1]
    guesses = {(0, 0): [0, 1, 1, 0], (0, 1): [1, 1, 1, 1], (1, 0): [0, 0, 1, 1], (1, 1): [0, 0, 1, 0]}
    read, found = small(study, guesses, labels)
    base, other = (next(iter(found.sides[role].counts.values())) for role in (BASELINE, BEST))
    # where the two seeds differ, seed 1 was the surer
    assert base.majority.tolist() == [1, 1, 1, 1]
    assert other.majority.tolist() == [0, 0, 1, 0]
    cells = by_majority(found.sides[BASELINE], found.sides[BEST])
    assert cells[["both_right", "rescued", "broken", "both_wrong"]].tolist() == [1, 2, 1, 0]
    changed = changed_texts(found, read, found.sides[BASELINE], found.sides[BEST])
    assert changed[["change", "row"]].values.tolist() == [["rescued", 1], ["rescued", 0], ["broken", 3]]
    assert changed["baseline_wrong"].tolist() == [2, 1, 1]


def test_trials_of_other_texts_or_without_predictions_are_counted_as_left_out(study: Make) -> None:
    labels = [0, 1, 0, 1]
    where = {"frozen_layers": 0, "learning_rate": 3e-5}
    good = predicting(trial(place(), where, 0), labels, labels)
    other = predicting(trial(place(), where, 1), [0, 1, 0], [0, 1, 0])
    none = replace(trial(place(), where, 2), predictions=None)
    read = read_study(study([good, other, none]))
    found = examine(read, read.arms[0], frame_of(read))
    assert found is not None
    assert (found.trials, found.left_out) == (1, 2)
    assert "2 compared trials whose predictions were not kept" in report.section(found, read)[-1]
    assert report.section(None, read) == []


def test_classes_stored_by_name_count_as_those_stored_by_number(study: Make) -> None:
    labels, guesses = [0, 1, 0, 1, 1], [1, 1, 0, 0, 1]
    one = trial(place(), {"frozen_layers": 0, "learning_rate": 3e-5}, 0)
    numbered = predicting(one, guesses, labels)
    assert numbered.predictions is not None
    table = numbered.predictions.to_pandas()
    named = table.assign(**{c: table[c].map({0: "neg", 1: "pos"}) for c in ("label", "predicted")})
    found = []
    for predictions in (table, named):
        record = replace(one, predictions=pa.Table.from_pandas(predictions, preserve_index=False))
        read = read_study(study([record]))
        mine = examine(read, read.arms[0], frame_of(read))
        assert mine is not None
        found.append(hardest(mine, read))
    pd.testing.assert_frame_equal(*found)
    assert found[0]["label"].tolist() == ["neg", "pos"]


def test_each_text_of_folds_is_tested_in_one(study: Make) -> None:
    places = fold_places(3)
    read = read_study(study(fold_trials(places), *(arm(p) for p in places)))
    found = examine(read, read.arms[0], frame_of(read))
    assert found is not None
    assert (found.texts, found.folds, len(found.counts)) == (3 * TEXTS, True, 3)
    assert all(counts.trials == 4 for counts in found.counts.values())
    rows = pairs(found.sides[BASELINE], found.sides[BEST])
    assert len(rows) == 6
    assert by_majority(found.sides[BASELINE], found.sides[BEST])[:4].sum() == 3 * TEXTS
    groups = accuracy_by_group(found, read)
    assert set(groups["n"]) == {3}
    whole = groups[(groups["kind"] == "class") & (groups["role"] == BASELINE)]
    records = [r for r in read.records.values() if r.setting["frozen_layers"] == 0]
    for name in ("neg", "pos"):
        recall = np.mean([r.metrics["test"]["per_class"][name]["recall"] for r in records])
        assert whole.set_index("group").at[name, "mean"] == pytest.approx(recall)


def test_accuracy_by_class_is_recall_and_lengths_hold_every_text_once(examined: tuple[Study, Errors]) -> None:
    study, found = examined
    groups = accuracy_by_group(found, study)
    by_class = groups[(groups["kind"] == "class") & (groups["role"] == BASELINE)].set_index("group")
    records = [r for r in finished(study).values() if r.setting["frozen_layers"] == 0]
    for name in ("neg", "pos"):
        recall = np.mean([r.metrics["test"]["per_class"][name]["recall"] for r in records])
        assert by_class.at[name, "mean"] == pytest.approx(recall)
    three = groups.pivot_table(index=["kind", "group"], columns="role", values="mean")
    assert three["difference"].tolist() == pytest.approx((three[BEST] - three[BASELINE]).tolist())
    lengths = groups[(groups["kind"] == "length") & (groups["role"] == BASELINE)]
    assert lengths["texts"].sum() in (0, TEXTS)
    prepared = view.prepare(groups, study.arms[0].question, {})
    figure = figure_of(View(view.prepare, view.draw, "trials", view.size), prepared)
    assert len(figure.axes) == prepared["panel"].nunique()


def test_quarters_need_three_different_quartiles() -> None:
    lengths = np.array([5, 9, 1, 3, 7, 2, 8, 4])
    found = quarters(lengths)
    assert found is not None
    assert found.tolist() == [2, 3, 0, 1, 2, 0, 3, 1]
    assert quarters(np.array([1, 1, 1, 1, 1, 2, 3])) is None
    assert quarters(np.array([], dtype=int)) is None


def test_words_and_characters_are_those_of_the_text(tmp_path: Path) -> None:
    texts = ["one two  three", "四 五", "", "été\u00a0chaud", "\ttabs\nand lines "]
    pair = ["and four", "", "x", "y z", ""]
    path = tmp_path / "texts.parquet"
    split = ["test", "test", "train", "test", "test"]
    pq.write_table(pa.table({"split": split, "row": range(5), "text": texts, "pair": pair, "label": [0] * 5}), path)
    found = text_lengths(path, "test").set_index("row")
    for row in found.index:
        assert found.at[row, "words"] == len(texts[row].split()) + len(pair[row].split())
        assert found.at[row, "characters"] == len(texts[row]) + len(pair[row])
    assert list(found.index) == [0, 1, 3, 4]


@pytest.mark.parametrize("seeds", [3, 8])
def test_the_crossed_mean_is_the_crossed_interval_without_draws(seeds: int) -> None:
    rng = np.random.default_rng(seeds)
    chance = 1 / (1 + np.exp(-(1 + 1.5 * rng.standard_normal(200) + 0.4 * rng.standard_normal((seeds, 1)))))
    right = (rng.random((seeds, 200)) < chance).astype(np.int8)
    weights = np.concatenate(list(text_weights(200, 6000, np.random.default_rng(0))))
    expected = crossed_interval(right.mean(axis=1), (right @ weights.T.astype(float)) / 200, 200)
    found = crossed_mean(right)
    assert found.mean == pytest.approx(expected.mean)
    assert found.high - found.mean == pytest.approx(expected.high - expected.mean, rel=0.04)


def test_one_seed_has_no_interval() -> None:
    assert np.isnan(crossed_mean(np.ones((1, 20), dtype=np.int8)).low)


def test_the_section_caps_its_tables_and_shows_texts_as_they_are(examined: tuple[Study, Errors]) -> None:
    study, found = examined
    text = "\n\n".join(report.section(found, study))
    assert "a \\| pipe, \\*stars\\*" in text
    tables = [block for block in text.split("\n\n") if block.startswith("|")]
    assert all(block.count("\n") <= 12 for block in tables)
    assert "**" not in text
    assert "nan" not in text
    with speaking("es"):
        spanish = "\n\n".join(report.section(found, study))
    assert spanish.count("\n|") == text.count("\n|")
    assert not {" the ", " seeds", " with "} & set(spanish.replace("with a |", "").split("text "))
