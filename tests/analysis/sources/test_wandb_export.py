"""Exports of W&B: the page's CSV, and runs with nested configurations."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analysis import load_trials
from analysis.sources import open_studies, read
from study.errors import InputError

Table = Callable[..., Path]

PAGE = """Name,State,Notes,User,Created,Runtime,lr,seed,opt.name,eval/f1,test/f1
zany-1,finished,-,me,2024-01-01T00:00:00.000Z,12,0.1,0,adam,0.80,0.79
zany-2,finished,-,me,2024-01-01T00:00:00.000Z,13,0.1,1,adam,0.81,NaN
zany-3,crashed,-,me,2024-01-01T00:00:00.000Z,2,0.01,0,adam,,
zany-4,running,-,me,2024-01-01T00:00:00.000Z,2,0.01,1,adam,0.3,
"""


def runs(wrap: Callable[[Any], Any] = lambda value: value) -> list[dict[str, Any]]:
    return [
        {
            "name": f"run-{rate}-{seed}",
            "config": {"lr": wrap(rate), "seed": wrap(seed), "model": wrap({"name": "bert"}), "_wandb": {"t": 1}},
            "summary": {"eval/f1": 0.8 + rate + seed, "test/f1": (0.5, float("nan"))[seed], "_runtime": 9.5},
            "state": "crashed" if (rate, seed) == (0.1, 1) else "finished",
        }
        for rate in (0.1, 0.01)
        for seed in (0, 1)
    ]  # fmt: skip


def test_the_page_says_states_and_times_but_not_which_columns_are_settings(tmp_path: Path) -> None:
    path = tmp_path / "page.csv"
    path.write_text(PAGE)
    with pytest.raises(InputError, match="No settings are declared"):
        open_studies([path], metric="eval/f1")
    study = open_studies([path], metric="eval/f1", test_metric="test/f1", settings=["lr", "opt.name"])
    records = sorted(study.records.values(), key=lambda record: (record.setting["lr"], record.seed))
    assert [(r.setting["lr"], r.seed, r.status) for r in records] == [
        (0.01, 0, "failed"),
        (0.1, 0, "finished"),
        (0.1, 1, "finished"),
    ]
    assert records[2].metrics == {"validation": {"f1": 0.81}}
    assert [record.costs["trial_seconds"] for record in records] == [2, 12, 13]
    assert study.arms[0].question.fixed == {"opt.name": "adam"}
    assert "Left out: 1 row of trials that have not ended." in study.notes


def described(value: Any) -> dict[str, Any]:
    return {"value": value, "desc": None}


@pytest.mark.parametrize("wrap", [lambda value: value, described], ids=["plain", "described"])
@pytest.mark.parametrize("name", ["runs.csv", "runs.jsonl", "runs.json"])
def test_nested_runs_are_the_same_in_every_form(wrap: Callable[[Any], Any], name: str, table: Table) -> None:
    """A CSV holds dictionaries as Python prints them, with a nan that is no literal."""
    path = table(name, runs(wrap))
    assert ("nan" in path.read_text()) == (name == "runs.csv")
    raw = read(path)
    assert set(raw) == {
        "name", "state", "config.lr", "config.seed", "config.model.name", "summary.eval/f1", "summary.test/f1",
        "summary._runtime",
    }  # fmt: skip
    frame = load_trials(path, metric="eval/f1", test_metric="test/f1")
    assert sorted(frame["lr"]) == [0.01, 0.01, 0.1, 0.1]
    assert "model.name" not in frame
    by = frame.set_index(["lr", "seed"])
    assert by.loc[(0.01, 1), "f1"] == pytest.approx(1.81)
    assert pd.isna(by.loc[(0.01, 1), "test_f1"])
    assert by.loc[(0.1, 1), "status"] == "failed"
    assert (frame["trial_seconds"] == 9.5).all()


def test_a_cell_that_is_code_is_not_run(table: Table, tmp_path: Path) -> None:
    rows = [{"config": f"__import__('pathlib').Path({str(tmp_path / 'sprung')!r}).touch()", "summary": "{}"}]
    with pytest.raises(InputError, match="row 1 has no JSON object in its column 'config'"):
        read(table("runs.csv", rows))
    assert not (tmp_path / "sprung").exists()


def test_runs_without_a_summary_have_no_score(table: Table) -> None:
    rows = [*runs(), {**runs()[0], "summary": None, "config": {"lr": 0.5, "seed": 0}, "state": "failed"}]
    frame = load_trials(table("runs.csv", rows), metric="eval/f1")
    assert frame.loc[frame["lr"] == 0.5, "status"].item() == "failed"
