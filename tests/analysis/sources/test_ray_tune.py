"""Ray Tune's experiment folders: read from their text files, with no pickle ever opened."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from analysis import load_trials
from analysis.sources import open_studies, read
from study.errors import InputError
from tests.analysis.sources.conftest import Trap, ray_trial


def test_rows_are_the_last_reports_and_no_trap_is_sprung(experiment: Path) -> None:
    raw = read(experiment).set_index("trial")
    assert len(raw) == 6
    row = raw.loc["t_0.001_2"]
    assert (row["config/opt/lr"], row["config/seed"], row["eval_f1"]) == (0.001, 2, pytest.approx(0.721))
    assert row["test/f1"] == pytest.approx(0.601)
    assert [point["eval_f1"] for point in row["curve"]] == pytest.approx([0.521, 0.621, 0.721])
    assert raw["status"].to_dict()["t_0.1_2"] == "failed"
    assert raw.loc["t_0.1_2", "error"] == "ValueError: bad | rate"
    frame = load_trials(experiment, metric="eval_f1", test_metric="test/f1")
    assert not (experiment / "sprung").exists()
    assert frame["status"].value_counts().to_dict() == {"finished": 5, "failed": 1}
    assert frame.loc[frame["status"] == "failed", "error"].item() == "ValueError: bad | rate"
    assert frame.loc[frame["status"] == "failed", "f1"].isna().all()
    assert frame["trial_seconds"].max() == 6.0


def test_the_trap_is_one(tmp_path: Path) -> None:
    pickle.loads(pickle.dumps(Trap(tmp_path / "sprung")))
    assert (tmp_path / "sprung").exists()


def test_what_was_taken_for_what_is_said(experiment: Path) -> None:
    study = open_studies([experiment], metric="eval_f1", baseline={"opt/lr": 0.001})
    said = "\n".join(study.notes)
    assert "exp is read as: Ray Tune experiment, 6 rows." in said
    assert "Column config/seed is taken for the seed." in said
    assert "Taken for settings, because they are configured and vary: opt/lr." in said
    assert "Reported fewer times than the others, which did 3 times: 1 trial." in said
    assert "config/width" in said
    assert "There is no test score" in said
    assert study.arms[0].question.factors == ({"opt/lr": 0.001}, {"opt/lr": 0.1})


def test_the_states_of_the_newest_experiment_state_count(experiment: Path) -> None:
    for stamp, status in (("2026-01-01", "PENDING"), ("2026-01-02", "RUNNING")):
        trial = json.dumps(
            {"trial_id": "t_0.1_1", "status": status, "relative_logdir": "t_0.1_1", "results": "80054e2e"}
        )
        (experiment / f"experiment_state-{stamp}.json").write_text(json.dumps({"trial_data": [[trial, "{}"]]}))
    assert read(experiment).set_index("trial")["status"]["t_0.1_1"] == "RUNNING"
    study = open_studies([experiment], metric="eval_f1")
    assert len(study.records) == 5
    assert "Left out: 1 row of trials that have not ended." in study.notes


def test_progress_is_read_where_there_are_no_results(experiment: Path) -> None:
    before = read(experiment).set_index("trial")
    for path in experiment.glob("*/result.json"):
        path.unlink()
    after = read(experiment).set_index("trial")
    assert list(after["eval_f1"].dropna()) == list(before["eval_f1"].dropna())


def test_a_line_that_was_cut_off_at_the_end_is_left_and_one_in_the_middle_is_refused(experiment: Path) -> None:
    path = experiment / "t_0.001_0" / "result.json"
    whole = path.read_text()
    path.write_text(whole + '{"eval_f1": 0.9')
    assert read(experiment).set_index("trial")["eval_f1"]["t_0.001_0"] == pytest.approx(0.701)
    path.write_text('{"eval_f1"\n' + whole)
    with pytest.raises(InputError, match=r"t_0.001_0 cannot be read: line 1 is no JSON"):
        read(experiment)


def test_several_experiments_are_named(experiment: Path) -> None:
    with pytest.raises(InputError, match=r"several Ray Tune experiments: exp\. Give one"):
        read(experiment.parent)


def test_a_pickled_value_in_the_configuration_is_no_setting(tmp_path: Path) -> None:
    odd = {"_type": "CLOUDPICKLE_FALLBACK", "_value": pickle.dumps(Trap(tmp_path / "sprung")).hex()}
    for seed in range(2):
        ray_trial(tmp_path / "exp", f"t{seed}", {"lr": 0.1 * (1 + seed), "f": odd}, [{"f1": 0.5}])
    study = open_studies([tmp_path / "exp"], metric="f1")
    assert {name for record in study.records.values() for name in record.setting} == {"lr"}
    assert not (tmp_path / "sprung").exists()


_EXPERIMENT = """
import sys
import ray
from ray import tune

ray.init(address="local", num_cpus=1, include_dashboard=False, log_to_driver=False)

def train(config):
    for i in range(3):
        if config["opt"]["lr"] > 0.05 and config["seed"] == 1:
            raise RuntimeError("bad | rate")
        tune.report({"eval_f1": 0.7 + config["opt"]["lr"] + 0.01 * i, "test": {"f1": 0.69}})

space = {"opt": {"lr": tune.grid_search([0.001, 0.1])}, "seed": tune.grid_search([0, 1]), "f": len, "layers": [1, 2]}
where = tune.RunConfig(name="exp", storage_path=sys.argv[1], verbose=0)
tune.Tuner(train, param_space=space, run_config=where).fit()
"""


@pytest.mark.slow
def test_a_real_experiment_is_read(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", _EXPERIMENT, str(tmp_path)], check=True, capture_output=True, timeout=500)
    frame = load_trials(tmp_path / "exp", metric="eval_f1", test_metric="test/f1", baseline={"opt/lr": 0.001})
    assert sorted(zip(frame["opt/lr"], frame["seed"], frame["status"], strict=True)) == [
        (0.001, 0, "finished"),
        (0.001, 1, "finished"),
        (0.1, 0, "finished"),
        (0.1, 1, "failed"),
    ]
    assert sorted(frame["f1"].dropna()) == pytest.approx([0.721, 0.721, 0.82])
    assert frame["error"].dropna().tolist() == ["RuntimeError: bad | rate"]
