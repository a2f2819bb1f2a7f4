"""Pre-trained bodies are counted once however many trials start from them; records without one stay as they were."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from analysis import explore, load_frame
from analysis.folder import read_study
from analysis.frame import frame_of
from analysis.pretraining import PretrainedBody, bodies_of, one_run_each
from study.store import Store
from tests.analysis.pretrained import FLOPS, POINTS, QUESTION, SECONDS, SENTENCES, TOKENS, pretrained_study, told


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pretrained_study(tmp_path_factory.mktemp("pretrained") / "study")[0]


def bodies(folder: Path) -> list[PretrainedBody]:
    study = read_study(folder)
    return bodies_of(study, frame_of(study))


def test_trials_that_share_a_body_count_it_once(folder: Path) -> None:
    found = bodies(folder)
    assert [body.name for body in found] == [
        "masked words, domain corpus, 200 steps",
        "masked words, task's texts, 50 steps",
        "masked words, task's texts, 200 steps",
    ]
    assert [len(body.keys) for body in found] == [2, 2, 2]
    records = Store(folder).records()
    for body in found:
        assert {records[key].setting["pretraining.steps"] for key in body.keys} == {body.how["steps"]}
    assert one_run_each(found)


@pytest.mark.parametrize(
    ("name", "values", "words"),
    [
        ("pretraining.seed", (0, 1), "seed 1"),
        ("pretraining.batch_size", (8, 16), "batch size 16"),
        ("max_length", (64, 128), "max length 128"),
    ],
)
def test_bodies_are_told_apart_by_all_that_they_go_by(
    tmp_path: Path, name: str, values: tuple[int, int], words: str
) -> None:
    points = tuple({**POINTS[1], name: value} for value in values)
    folder, _ = pretrained_study(tmp_path / "study", replace(QUESTION, factors=(POINTS[0], *points)))
    found = bodies(folder)
    assert [body.how[name.removeprefix("pretraining.")] for body in found] == list(values)
    assert words in found[1].name
    assert len({body.name for body in found}) == 2
    assert one_run_each(found) == (name != "pretraining.seed")


def test_settings_that_come_after_pretraining_make_no_further_body(tmp_path: Path) -> None:
    points = tuple(
        {**POINTS[1], "learning_rate": rate, "batch_size": size} for rate in (1e-5, 1e-4) for size in (8, 16)
    )
    folder, _ = pretrained_study(tmp_path / "study", replace(QUESTION, factors=(POINTS[0], *points)))
    (body,) = bodies(folder)
    assert len(body.keys) == 8


def test_the_same_pretraining_on_two_corpora_is_two_bodies(tmp_path: Path) -> None:
    question = replace(QUESTION, factors=(POINTS[0], POINTS[3], {**POINTS[3], "learning_rate": 1e-5}))
    folder, _ = pretrained_study(tmp_path / "study", question)
    store = Store(folder)
    for record in list(store.records().values()):
        if record.pretraining and record.setting["learning_rate"] == 1e-5:
            books = {"name": "books", "fingerprint": "b" * 16}
            store.put(replace(record, pretraining={**record.pretraining, "domain": books}))
    found = bodies(folder)
    assert sorted(body.name for body in found) == [
        "masked words, domain corpus (books), 200 steps",
        "masked words, domain corpus (films), 200 steps",
    ]
    assert one_run_each(found)
    assert set(explore.perplexities(folder)["domain"]) == {"books", "films"}


def test_perplexities(folder: Path) -> None:
    found = explore.perplexities(folder).set_index(["body", "texts_of"])
    assert len(found) == 7, "domain text is there only where there was a corpus"
    row = found.loc[("masked words, domain corpus, 200 steps", "domain")]
    assert (row["before"], row["after"], row["ratio"], row["texts"], row["tokens"]) == (80, 15, 15 / 80, 300, 900)
    assert found.loc[("masked words, task's texts, 50 steps", "general"), "ratio"] == pytest.approx(42.5 / 40)


def test_words_filled_in(folder: Path) -> None:
    found = explore.fill_ins(folder)
    assert len(found) == 3 * len(SENTENCES) * 2
    first = found[(found["rank"] == 1)]
    assert set(first["before"]) == {"good"}
    assert set(first["after_probability"]) == {0.5}
    assert list(found["sentence"].unique()) == list(SENTENCES)


def test_fewer_words_on_one_side_are_missing_and_no_stand_ins(tmp_path: Path) -> None:
    words = [{"sentence": "A ___.", "before": [["x", 0.5]], "after": [["y", 0.5], ["z", 0.25]]}]
    folder, _ = pretrained_study(tmp_path / "study", replace(QUESTION, factors=POINTS[:2]), fill_ins=words)
    found = explore.fill_ins(folder)
    assert found["after"].tolist() == ["y", "z"]
    assert found["before"].isna().tolist() == [False, True]
    assert found["before_probability"].isna().tolist() == [False, True]


def test_sentences_of_later_runs_are_added_to_the_bodys(folder: Path, tmp_path: Path) -> None:
    later, _ = pretrained_study(tmp_path / "study", replace(QUESTION, factors=POINTS[:2]))
    store = Store(later)
    keys = [key for key, record in store.records().items() if record.pretraining]
    record = store.records()[keys[1]]
    other = told(record.setting, fill_ins=[{"sentence": "New ___.", "before": [["a", 1.0]], "after": [["b", 1.0]]}])
    store.put(replace(record, pretraining=other))
    assert set(explore.fill_ins(later)["sentence"]) == {*SENTENCES, "New ___."}


def test_costs_against_fine_tuning(folder: Path) -> None:
    found = explore.pretraining_costs(folder)
    row = found[found["body"] == "masked words, task's texts, 200 steps"].set_index("quantity")
    assert row.at["tokens", "ratio"] == pytest.approx(200 * 2000 / TOKENS)
    assert row.at["flops", "ratio"] == pytest.approx(200 * 2000 * 2e8 / FLOPS)
    assert row.at["seconds", "ratio"] == pytest.approx(100 / SECONDS)
    assert row.at["flops_per_token", "ratio"] == pytest.approx(2e8 / (FLOPS / TOKENS))
    assert row.at["flops", "ratio"] == pytest.approx(row.at["tokens", "ratio"] * row.at["flops_per_token", "ratio"])
    assert set(found["trials"]) == {2}


def test_what_was_not_measured_is_missing(tmp_path: Path) -> None:
    folder, _ = pretrained_study(
        tmp_path / "study", replace(QUESTION, factors=POINTS[:2]), costs={"seconds": 3.0}, perplexity={}, fill_ins=[]
    )
    costs = explore.pretraining_costs(folder).set_index("quantity")
    assert costs.at["seconds", "pretraining"] == 3
    assert costs.drop("seconds")["pretraining"].isna().all()
    assert costs.drop("seconds")["ratio"].isna().all()
    assert explore.perplexities(folder).empty
    assert explore.fill_ins(folder).empty


def test_studies_without_pretraining_have_no_bodies(whole: Path) -> None:
    assert bodies(whole) == []
    for frame in (explore.perplexities(whole), explore.fill_ins(whole), explore.pretraining_costs(whole)):
        assert frame.empty
        assert {"body", "model", "objective"} <= set(frame.columns)
    frame = load_frame(whole)
    assert frame["tokens_seen"].isna().all()
    assert frame["train_flops"].isna().all()


def test_records_that_tell_nothing_of_their_body_are_passed_over(tmp_path: Path) -> None:
    folder, _ = pretrained_study(tmp_path / "study")
    store = Store(folder)
    for record in list(store.records().values()):
        store.put(replace(record, pretraining=None))
    assert bodies(folder) == []


def test_the_frame_has_tokens_and_operations(folder: Path) -> None:
    frame = load_frame(folder)
    assert frame["tokens_seen"].tolist() == [TOKENS] * len(frame)
    pd.testing.assert_series_equal(frame["train_flops"], pd.Series([FLOPS] * len(frame), name="train_flops"))
