"""A table of anybody's trials as a study: what is kept, what is said, what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.answers import answers_of
from analysis.frame import frame_of
from analysis.language import speaking
from analysis.report.chapters import of_arm
from analysis.sources import trials
from analysis.tables import best_of, compare
from study.errors import InputError
from study.question import Domain
from tests.analysis.sources.conftest import grid

DECLARED: dict[str, Any] = {"settings": ["depth", "lr"], "metric": "eval_f1", "test_metric": "test_f1"}


def table(rows: list[dict[str, Any]] | None = None) -> pd.DataFrame:
    return pd.DataFrame(grid() if rows is None else rows)


def test_the_comparison_is_that_of_the_tables_own_numbers() -> None:
    raw = table(grid(range(5)))
    raw["test_f1"] += np.random.default_rng(0).normal(0, 0.01, len(raw))
    study = trials(raw, **DECLARED, compare=["depth"], baseline={"depth": 0})
    question = study.arms[0].question
    assert (question.factors, question.baseline) == (({"depth": 0}, {"depth": 3}), {"depth": 0})
    assert question.tuned == {"lr": Domain("choice", (1e-4, 5e-4))}
    assert (question.seeds, question.metric) == ((0, 1, 2, 3, 4), "f1")
    compared = compare(frame_of(study), question)
    frozen = compared[compared["depth"] == 3].iloc[0]
    wide = raw.pivot(index="seed", columns="depth", values="test_f1")
    expected = stats.ttest_rel(wide[3], wide[0]).confidence_interval()
    assert frozen["difference"] == pytest.approx((wide[3] - wide[0]).mean())
    assert (frozen["difference_low"], frozen["difference_high"]) == pytest.approx((expected.low, expected.high))
    assert frozen["validation"] == pytest.approx(raw.loc[raw["depth"] == 3, "eval_f1"].mean())


def test_the_same_table_gives_the_same_study_and_other_values_other_keys() -> None:
    keys = set(trials(table(), **DECLARED).records)
    assert len(keys) == len(grid())
    assert keys == set(trials(table(), **DECLARED).records)
    assert not keys & set(trials(table().assign(eval_f1=0.5), **DECLARED).records)


def test_undeclared_columns_are_left_out_and_said() -> None:
    study = trials(table().assign(note="a", dropout=0.1), **DECLARED)
    assert all(set(record.setting) == {"depth", "lr"} for record in study.records.values())
    assert "Columns left out, because nothing was said of them: note, dropout." in study.notes
    assert "Column seed is taken for the seed." in study.notes


def test_without_a_seed_nothing_is_paired() -> None:
    study = trials(table().drop(columns="seed"), **DECLARED, compare=["depth"], baseline={"depth": 0})
    compared = compare(frame_of(study), study.arms[0].question)
    assert list(compared["seeds"]) == [3, 3]
    assert (compared["pairs"] == 0).all()
    assert study.arms[0].question.seeds == ()
    assert any("no two settings are paired" in note for note in study.notes)


def test_words_that_are_numbers_are_numbers() -> None:
    raw = table().astype({"lr": str, "depth": str, "eval_f1": str, "seed": str})
    frame = frame_of(trials(raw, **DECLARED))
    assert frame["lr"].dtype == "float64"
    assert frame["depth"].dtype == "int64"
    assert frame["f1"].max() == table()["eval_f1"].max()


def test_a_metric_keeps_its_name_and_its_declared_direction() -> None:
    raw = table().rename(columns={"eval_f1": "eval_rougeL", "test_f1": "test_rougeL"})
    given = {**DECLARED, "metric": "eval_rougeL", "test_metric": "test_rougeL"}
    study = trials(raw, **given)
    assert study.arms[0].question.metric == "rougeL"
    frame = frame_of(study)
    assert set(frame["metric.rougeL"]) == set(raw["eval_rougeL"])
    assert set(frame["test_metric.rougeL"]) == set(raw["test_rougeL"])
    assert "Larger values of eval_rougeL are taken to be better." in study.notes
    for lower in (True, False):
        study = trials(raw, **given, lower_is_better=lower)
        assert study.arms[0].question.lower_is_better is lower
        assert not any("taken to be better" in note for note in study.notes)


@pytest.mark.parametrize(
    ("column", "name", "lower"),
    [
        ("eval_accuracy", "accuracy", False),
        ("val/F1", "f1", False),
        ("eval_loss", "eval_loss", True),
        ("loss", "reported_loss", True),
        ("validation_perplexity", "perplexity", True),
        ("lossless_score", "lossless_score", False),
        ("wer", "wer", True),
    ],
)
def test_names_of_metrics(column: str, name: str, lower: bool) -> None:
    """Somebody's loss need not be a cross-entropy in nats, so it is not called one."""
    study = trials(table().rename(columns={"eval_f1": column}), settings=["depth", "lr"], metric=column)
    assert (study.arms[0].question.metric, study.arms[0].question.lower_is_better) == (name, lower)


def test_the_lowest_loss_is_best() -> None:
    study = trials(table().rename(columns={"eval_f1": "f1_error"}), settings=["depth", "lr"], metric="f1_error")
    question = study.arms[0].question
    best = best_of(compare(frame_of(study), question), question)
    assert best is not None
    assert question.lower_is_better
    assert best["depth"] == 3


def test_every_model_and_data_set_is_an_arm_and_gaps_show() -> None:
    rows = [*grid(model="t5", task="sst2"), *grid(model="bart", task="sst2")[:-1], *grid(model="bart", task="cola")]
    study = trials(table(rows), **DECLARED, model="model", data="task", baseline={"depth": 0, "lr": 1e-4})
    assert [arm.title for arm in study.arms] == ["t5 on sst2", "bart on sst2", "bart on cola"]
    assert all(arm.question.to_json() == study.arms[0].question.to_json() for arm in study.arms)
    assert study.arms[0].fingerprints == study.arms[1].fingerprints != study.arms[2].fingerprints
    assert frame_of(study).groupby(["model", "data"]).size().to_dict() == {
        ("bart", "cola"): 6, ("bart", "sst2"): 5, ("t5", "sst2"): 6,
    }  # fmt: skip


def test_two_tables_data_are_never_taken_for_one() -> None:
    marks = [trials(table(grid(**{"x": x})), **{**DECLARED, "settings": ["depth", "lr", "x"]}).arms[0].fingerprints
             for x in (1, 2)]  # fmt: skip
    assert marks[0] != marks[1]


def test_statuses_scores_and_costs() -> None:
    rows = grid()
    for row, (state, seconds) in zip(
        rows,
        [("COMPLETE", 3), ("PRUNED", 1), ("FAIL", None), ("RUNNING", None), ("oom", 2), ("finished", 4)],
        strict=True,
    ):
        row |= {"state": state, "secs": seconds, "error": "ValueError: x" if state == "FAIL" else None}
    study = trials(table(rows), **DECLARED, costs={"train_seconds": "secs"})
    frame = frame_of(study).sort_values(["depth", "seed"])
    assert list(frame["status"]) == ["finished", "stopped", "failed", "out_of_memory", "finished"]
    assert list(frame["train_seconds"].fillna(-1)) == [3, 1, -1, 2, 4]
    assert frame["f1"].notna().tolist() == [True, True, False, False, True]
    assert frame["error"].dropna().tolist() == ["ValueError: x"]
    assert "Column state is taken for how each trial ended." in study.notes
    assert "Left out: 1 row of trials that have not ended." in study.notes


def test_a_state_that_means_something_else_is_no_status() -> None:
    study = trials(table(grid(state="Bavaria")), **DECLARED)
    assert {record.status for record in study.records.values()} == {"finished"}
    assert "No column says how trials ended: all count as finished." in study.notes


def test_missing_scores_stay_missing() -> None:
    raw = table()
    raw.loc[0, "test_f1"] = np.nan
    raw.loc[1, "eval_f1"] = np.inf
    frame = frame_of(trials(raw, **DECLARED)).sort_values(["depth", "seed"])
    assert frame["test_f1"].isna().tolist() == [True, *[False] * 5]
    assert frame["f1"].isna().tolist() == [False, True, *[False] * 4]


def test_a_setting_that_a_trial_does_not_have_is_missing_there() -> None:
    rows = [{**row, "rank": None if row["depth"] == 0 else 8} for row in grid()]
    study = trials(table(rows), **{**DECLARED, "settings": ["depth", "rank"]})
    assert [len(record.setting) for record in study.records.values()].count(1) == 3
    assert study.arms[0].question.factors == ({"depth": 0}, {"depth": 3, "rank": 8})


def test_the_notes_are_told_in_the_language_spoken() -> None:
    with speaking("es"):
        notes = trials(table(), **DECLARED).notes
    assert "La columna seed se toma como semilla." in notes


def problems(raw: pd.DataFrame, **declared: Any) -> str:
    with pytest.raises(InputError) as told:
        trials(raw, **declared)
    return str(told.value)


def test_what_has_to_be_declared_is_said() -> None:
    said = problems(table())
    assert "No metric is declared" in said
    assert "eval_f1" in said
    assert "No settings are declared" in said


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ({"settings": ["depht"]}, "settings column 'depht' is unknown. Did you mean depth?"),
        ({"metric": "eval_f2"}, "Did you mean eval_f1"),
        ({"test_metric": "tset_f1"}, "Did you mean test_f1"),
        ({"seed": "sed"}, "Did you mean seed?"),
        ({"costs": {"train_secs": "lr"}}, "Did you mean train_seconds"),
        ({"costs": {"train_seconds": "none"}}, "column of the cost train_seconds 'none' is unknown"),
        ({"metrics": "eval_f1"}, "declaration 'metrics' is unknown. Did you mean"),
        ({"metric": "name"}, "metric column 'name' is not numeric: it has 'run'"),
        ({"seed": "name"}, "seeds are whole numbers"),
        ({"status": "name"}, "has 'run', which is unknown. Known: finished"),
        ({"baseline": {"depth": 7}}, "baseline depth=7: no trial has this value. Values there are: 0, 3."),
        ({"baseline": {"dpth": 0}}, "baseline 'dpth' is no setting of the table. Settings: depth, lr."),
        ({"compare": ["seed"]}, "compared setting 'seed' is unknown"),
        ({"settings": ["depth", "seed"], "seed": "seed"}, "'seed' is declared as a setting and as something else"),
    ],
)
def test_wrong_declarations(declared: dict[str, Any], said: str) -> None:
    assert said in problems(table(grid(name="run")), **{**DECLARED, **declared})


def test_all_wrong_columns_are_told_at_once() -> None:
    assert problems(table(), settings=["a", "b"], metric="c", seed="d").count("unknown") == 4


def test_the_same_trial_twice_is_refused_with_what_would_tell_them_apart() -> None:
    rows = [*grid(run="a"), *grid(seeds=[1], run="b")]
    said = problems(table(rows), **DECLARED)
    assert "rows 2, 7 (depth=0, lr=0.0001, seed 1)" in said
    assert "rows 5, 8 (depth=3, lr=0.0005, seed 1)" in said
    assert "differ in run" in said
    assert len(trials(table(rows), **{**DECLARED, "settings": ["depth", "lr", "run"]}).records) == 8


def test_no_score_at_all_is_refused() -> None:
    said = problems(table(grid(state="failed")), **DECLARED)
    assert "No trial has a score in column 'eval_f1' (6 rows: 6 failed)." in said
    assert "none has ended" in problems(table(grid(state="running")), **DECLARED)


def test_a_baseline_in_words_is_found() -> None:
    study = trials(table(), **DECLARED, baseline={"depth": "0", "lr": "1e-4"})
    assert study.arms[0].question.baseline == {"depth": 0, "lr": 1e-4}


def search(number: int = 30) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    scores = 0.7 + 0.05 * rng.standard_normal(number)
    return pd.DataFrame(
        {"lr": 10 ** rng.uniform(-5, -3, number), "wd": rng.random(number), "eval_f1": scores,
         "test_f1": scores - 0.02 + 0.01 * rng.standard_normal(number)}
    )  # fmt: skip


def test_a_search_says_what_more_draws_would_buy_once_they_are_declared() -> None:
    declared = {"settings": ["lr", "wd"], "metric": "eval_f1", "test_metric": "test_f1"}
    for more, said in (({}, "declare it with `--independent-draws`"), ({"independent_draws": True}, "best of 30")):
        study = trials(search(), **declared, **more)
        blocks = of_arm(answers_of(study)[0], {})
        assert said in "\n".join(blocks["expected"])
        assert "is left for having been chosen as the best of so many" in "\n".join(blocks["tuning"])
    assert "nothing was drawn" in problems(table(), **DECLARED, independent_draws=True)


def test_the_best_is_of_those_that_have_a_score() -> None:
    table = search().assign(state=["finished"] * 28 + ["failed"] * 2)
    table.loc[28:, "eval_f1"] = np.nan
    study = trials(table, settings=["lr", "wd"], metric="eval_f1", status="state")
    assert "best of 28 trials" in " ".join(study.notes)


def test_a_comparison_with_test_scores_says_how_far_validation_flatters() -> None:
    study = trials(table(), **DECLARED, baseline={"depth": 0})
    assert "validation flatters by" in "\n".join(of_arm(answers_of(study)[0], {})["comparison"])


def test_errors_name_what_is_typed_on_either_side() -> None:
    said = problems(table())
    assert "--metric-column (metric=)" in said
    assert "--settings (settings=)" in said
    assert "--status-column (status=)" in problems(table().assign(eval_f1=np.nan), **DECLARED)
