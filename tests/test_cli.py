"""The command line as its users meet it: what it prints, what it refuses, and the status it leaves."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pyarrow.compute as pc
import pyarrow.csv as pcsv
import pyarrow.parquet as pq
import pytest

import run_study
from analysis import load_frame
from study.store import Store

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def cli(capsys, model_folder, data_folder, tmp_path, monkeypatch):
    """``cli("run", "frozen_layers", …) -> (status, out, err)`` in an empty folder; MODEL and DATA stand for ours."""
    monkeypatch.chdir(tmp_path)
    for name in ("TQDM_DISABLE", "HF_HUB_VERBOSITY", "DATASETS_VERBOSITY", "RAY_AIR_NEW_OUTPUT"):
        monkeypatch.setenv(name, os.environ.get(name, "1" if name == "TQDM_DISABLE" else "error"))

    def call(*arguments):
        words = {"MODEL": str(model_folder), "DATA": str(data_folder)}
        try:
            status = run_study.main([words.get(a, a) for a in arguments])
        except SystemExit as exit_:
            status = exit_.code
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return call


SMALL = ("--model", "MODEL", "--data", "DATA", "--in-process", "--cpus-per-trial", "1")
FIXED = (*SMALL, "--set", "learning_rate=1e-3", "--epochs", "1", "--seeds", "1")


def test_list_says_what_each_question_asks(cli):
    status, out, _ = cli("list")
    assert status == 0
    assert "frozen_layers: How many layers can be frozen" in out
    assert "tunes learning_rate: loguniform(1e-05, 0.001)" in out
    from search_spaces import QUESTIONS

    stored = json.loads(cli("list", "--json")[1])
    assert {question["name"] for question in stored} == set(QUESTIONS)
    assert all(question["asks"] and question["source"] for question in stored)


def test_list_and_report_need_no_torch():
    code = "import sys, run_study; run_study.main(['list']); print({'torch', 'ray', 'transformers'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.endswith("set()\n")


def test_plan_counts_and_runs_nothing(cli, tmp_path):
    status, out, _ = cli("plan", "frozen_layers", *SMALL, "--seeds", "2")
    assert status == 0
    assert "20 trials planned, 0 done, 20 to run" in out
    assert "tune: 12 trials known" in out
    assert "8 follow from results" in out
    assert re.search(r"about \d+ minutes? and", out)
    assert "screen" not in out
    assert list(tmp_path.iterdir()) == []


def test_plan_counts_what_is_tried_on_a_part_of_the_texts(cli):
    status, out, _ = cli("plan", "frozen_layers", *SMALL, "--seeds", "2", "--search", "halving")
    assert status == 0
    assert "screen: 12 trials known" in out
    assert "tune: 0 trials known" in out


def test_a_study_is_run_enlarged_reported_rerun_and_cleaned(cli, tmp_path):
    first = ("run", "frozen_layers", *FIXED, "--set", "frozen_layers=0,2")
    status, out, err = cli(*first)
    assert status == 0
    folder = tmp_path / "results" / "frozen_layers"
    assert out == f"report: {folder / 'report.md'}\n"
    assert "2/2 done" in err
    assert {r.phase for r in Store(folder).records().values()} == {"compare"}, "nothing is tuned when it is fixed"

    assert "2 done" not in cli(*first)[2], "the same command has nothing to do"
    grown = cli("run", "frozen_layers", *FIXED[:-2], "--seeds", "2", "--set", "frozen_layers=0,1,2")
    assert grown[0] == 0
    assert "6 trials planned, 2 done, 4 to run" in grown[2]
    plan = cli("plan", "frozen_layers", *FIXED[:-2], "--seeds", "2", "--set", "frozen_layers=0,1,2,3")[1]
    assert "8 trials planned, 6 done, 2 to run" in plan
    assert "6 trials of this study" in plan

    status, out, _ = cli("status", str(folder))
    assert status == 0
    assert "6 trials planned, 6 done, 0 to run" in out
    assert (folder / "figures" / "scatter.png").stat().st_size > 10_000
    report = (folder / "report.md").read_text()
    assert "--seeds 2" in report

    key = next(iter(Store(folder).records()))
    status, out, _ = cli("rerun", str(folder), key[:8], "--device", "cpu")
    assert status == 0
    assert json.loads(out)["key"] == key

    assert cli("clean", str(folder))[0] == 0
    assert not (folder / "artefacts").exists()
    assert len(Store(folder).records()) == 6
    assert cli("resume", str(folder), "--in-process")[0] == 0


COLUMNS = "(negative, positive) in label, texts in text"


def test_a_run_says_where_its_model_and_data_were_found_and_a_quiet_one_does_not(cli, model_folder, data_folder):
    status, _, err = cli("run", "frozen_layers", *FIXED, "--set", "frozen_layers=0")
    assert status == 0
    model, data, *_ = err.splitlines()
    assert model == f"model small: folder {model_folder}"
    assert data == f"data moods: folder {data_folder}; 64/32/32 train/validation/test; 2 classes {COLUMNS}"
    assert cli("resume", "results/frozen_layers", "--in-process")[2].splitlines()[:2] == [model, data]
    assert cli("status", "results/frozen_layers")[1].splitlines()[1:3] == [model, data]
    assert cli("resume", "results/frozen_layers", "--in-process", "--quiet")[2] == ""


def test_a_study_in_folds_is_planned_run_enlarged_and_reported_as_one_comparison(cli, data_folder, tmp_path):
    asked = (*FIXED, "--data", str(data_folder / "train.csv"), "--folds", "3", "--set", "frozen_layers=0,2")
    plan = cli("plan", "frozen_layers", *asked)
    assert plan[0] == 0
    assert "6 trials planned, 0 done, 6 to run" in plan[1]
    assert "data moods/train[fold 1/3]: " in plan[1]
    assert "  and folds 2, 3 of 3, alike" in plan[1]
    assert list(tmp_path.iterdir()) == []
    assert cli("run", "frozen_layers", *asked)[0] == 0
    assert "12 trials planned, 6 done, 6 to run" in cli("run", "frozen_layers", *asked, "--seeds", "2")[2]

    folder = tmp_path / "results" / "frozen_layers"
    frame = load_frame(folder)
    assert sorted(zip(frame["fold"], frame["seed"], frame["frozen_layers"], strict=True)) == sorted(
        (fold, seed, frozen) for fold in (1, 2, 3) for seed in (0, 1) for frozen in (0, 2)
    )
    assert set(frame["data"]) == {"moods/train"}
    assert frame["data_fingerprint"].nunique() == 3
    assert frame.groupby("fold")["test_texts"].first().sum() == 64
    texts = [pq.read_table(folder / "data" / mark / "texts.parquet") for mark in frame["data_fingerprint"].unique()]
    tested = [text for table in texts for text in table.filter(pc.equal(table["split"], "test"))["text"].to_pylist()]
    source = pcsv.read_csv(data_folder / "train.csv")["text"].to_pylist()
    assert sorted(tested) == sorted(source), "every text is tested in one fold"

    table = pd.read_csv(folder / "table.csv")
    assert (list(table["folds"]), list(table["seeds"]), list(table["trials"])) == ([3, 3], [2, 2], [6, 6])
    means = frame.groupby(["frozen_layers", "fold"])["test_f1"].mean().groupby("frozen_layers").mean()
    assert list(table["test"]) == pytest.approx(list(means))
    report = (folder / "report.md").read_text()
    assert "over 3 folds × 2 seeds" in report
    assert "Nadeau and Bengio 2003" in report
    assert "sign-flip" not in report
    assert "| all | 34 | 8 | 22 | 64 |" in report
    assert cli("status", str(folder))[1].count("data moods/train") == 1


def test_another_question_in_the_same_folder_is_refused(cli):
    assert cli("run", "frozen_layers", *FIXED, "--set", "frozen_layers=0", "--out", "here")[0] == 0
    status, _, err = cli("run", "hyperparameters", *SMALL, "--out", "here")
    assert status == 2
    assert "holds the question 'frozen_layers', not 'hyperparameters'" in err


def test_a_failing_trial_gives_status_one_a_record_and_a_traceback_on_rerun(cli, tmp_path, monkeypatch):
    from study.methods import METHODS
    from study.methods.base import Method

    def fall(inner, model, inputs, setting):
        if setting["frozen_layers"] == 2:
            raise RuntimeError("the roof fell in")
        return inner(model, inputs)

    method = Method("roof", 1, METHODS["freezing"].knobs, loss=fall)
    monkeypatch.setitem(METHODS, "roof", method)
    arguments = ("run", "frozen_layers", *FIXED, "--set", "frozen_layers=0,2")
    status, _, err = cli(*arguments)
    assert status == 1
    assert "the roof fell in" in err
    folder = tmp_path / "results" / "frozen_layers"
    failed = next(r for r in Store(folder).records().values() if r.status == "failed")
    status, _, err = cli("rerun", str(folder), failed.key, "--device", "cpu")
    assert status == 1
    assert "RuntimeError: the roof fell in" in err
    assert cli(*arguments)[0] == 1, "a failed trial is not tried again by itself"
    monkeypatch.setitem(METHODS, "roof", Method("roof", 1, METHODS["freezing"].knobs))
    assert cli(*arguments, "--retry-failed")[0] == 0


def test_a_question_of_ones_own(cli, tmp_path):
    (tmp_path / "mine.py").write_text(
        "from study.question import Question\n"
        "QUESTION = Question(name='mine', asks='Which pooling?', source='me',\n"
        "    factors={'pooling': ('pooler', 'mean')},\n"
        "    fixed={'epochs': 1, 'learning_rate': 1e-3}, baseline={'pooling': 'pooler'}, seeds=(0,))\n"
    )
    assert cli("run", "mine.py", *SMALL)[0] == 0
    assert len(Store(tmp_path / "results" / "mine").records()) == 2
    (tmp_path / "mine.py").unlink()
    assert cli("resume", "results/mine", "--in-process")[0] == 0, "the folder holds the whole question"


def test_from_python_a_study_is_a_frame(model_folder, data_folder, tmp_path):
    frame = run_study.run(
        "frozen_layers",
        str(model_folder),
        str(data_folder),
        {"frozen_layers": (0, 3), "learning_rate": 1e-3, "epochs": 1},
        out=tmp_path,
        seeds=1,
        in_process=True,
        quiet=True,
    )
    assert list(frame.frozen_layers) == [0, 3]
    assert frame.test_f1.notna().all()
    with pytest.raises(run_study.InputError, match=r"option 'seedz' is unknown\. Did you mean seeds"):
        run_study.run("frozen_layers", seedz=1)
    with pytest.raises(run_study.InputError) as caught:
        run_study.run("frozen_layers", seeds="three", minutes=True, train_size=1.5)
    assert caught.value.problems == (
        "train_size=1.5: must be a whole number.",
        "seeds='three': must be a whole number.",
        "minutes=True: must be a number.",
    )
    with pytest.raises(run_study.InputError, match="--device 'gpu' is unknown"):
        run_study.run("frozen_layers", str(model_folder), str(data_folder), device="gpu", out=tmp_path)


WRONG = {
    "question": (["run", "frozen_layer"], "question 'frozen_layer' is unknown. Did you mean frozen_layers?"),
    "question file": (["run", "nope.py"], "question nope.py: no such file"),
    "option": (["run", "frozen_layers", "--modell", "x"], "option '--modell' is unknown. Did you mean --model"),
    "setting": (["--set", "frozen_layer=1"], "setting 'frozen_layer' is unknown. Did you mean frozen_layers"),
    "no value": (["--set", "frozen_layers"], "must be name=value"),
    "depth": (["--set", "frozen_layers=13"], "must be a whole number from 0 to 3 (the blocks of the model)"),
    "length": (["--set", "max_length=65"], "from 4 to 64 (the longest input of the model)"),
    "type": (["--set", "batch_size=many"], "batch_size=many: must be a whole number from 1"),
    "word": (["--set", "precision=fp8"], "must be one of fp32, bf16"),
    "domain of a factor": (["--set", "frozen_layers=randint(0,3)"], "is what frozen_layers compares"),
    "domain": (["--set", "learning_rate=loguniform(0,1)"], "low must be above 0"),
    "range": (["--set", "learning_rate=loguniform(1e-5,10)"], "learning_rate=10: must be a number above 0 to 1"),
    "unknown domain": (["--set", "learning_rate=normal(0,1)"], "normal(…) is no domain. Use choice, uniform"),
    "epochs twice": (["--epochs", "1", "--set", "epochs=2"], "--epochs and --set epochs are both given"),
    "seeds": (["--seeds", "0"], "--seeds 0: must be at least 1"),
    "metric": (["--metric", "f2"], "--metric 'f2' is unknown. Did you mean f1"),
    "search": (["--search", "grid"], "--search 'grid' is unknown"),
    "scheduler": (["--scheduler", "asha"], "--scheduler asha is Ray's"),
    "GPU": (["--device", "cuda"], "torch sees no GPU here"),
    "share": (["--gpus-per-trial", "0.5"], "there is no GPU here"),
    "CPUs": (["--cpus-per-trial", "1000"], "this machine has"),
    "address": (["--address", "auto"], "--in-process starts no Ray and --address needs one"),
    "nobody's address": (["--address", "127.0.0.1:1"], "--address 127.0.0.1:1: nothing answers there"),
    "model folder": (["--model", "./nope"], "--model ./nope: no such folder"),
    "model elsewhere": (
        ["--model", "nobody/nothing"],
        "model 'nobody/nothing' is no local folder, and HF_HUB_OFFLINE forbids",
    ),
    "model name": (["--model", "what is this"], "is no local folder, and cannot be a model's name on the Hub"),
    "data": (["--data", "nope.csv"], "no such file or folder"),
    "column": (["--text-column", "txt"], "--text-column 'txt' is unknown. Did you mean text?"),
    "rows": (["--train-size", "9999"], "Give 64 at most"),
    "one fold": (["--folds", "1"], "--folds 1 is too few"),
    "folds of data with a test split": (["--folds", "3"], "moods has a test split of its own (32 labelled rows)"),
    "data seed": (["--data-seed", "-1"], "--data-seed -1 is negative"),
    "configuration": (["--config", "mrpc"], "--config 'mrpc' is given for the folder"),
    "truncation": (["--set", "truncation=middle"], "truncation=middle: must be one of head"),
    "folder": (["--out", "/proc/nope"], "cannot be written"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_input_is_one_clear_message_and_status_two(cli, name):
    import torch

    given, message = WRONG[name]
    if name in ("GPU", "share") and torch.cuda.is_available():
        pytest.skip("there is a GPU here")
    arguments = given if given[0] == "run" else ["run", "frozen_layers", *SMALL, *given]
    status, out, err = cli(*arguments)
    assert status == 2
    assert message in err
    assert "Traceback" not in err
    assert not out


def test_everything_wrong_is_told_at_once(cli, tmp_path):
    status, _, err = cli(
        *("run", "frozen_layer", "--modell", "x", "--model", "./nope", "--data", "nope.csv", "--set", "foo=1"),
        *("--seeds", "0", "--metric", "f2", "--cpus-per-trial", "0", "--set", "learning_rate=loguniform(1,0)"),
    )
    assert status == 2
    parts = ("'frozen_layer'", "--modell", "./nope", "nope.csv", "'foo'", "--seeds 0", "'f2'", "--cpus", "low must")
    assert [part for part in parts if part not in err] == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("verb", ["status", "resume", "report", "clean"])
def test_a_folder_without_a_study_is_no_study(cli, verb, tmp_path):
    status, _, err = cli(verb, str(tmp_path / "nothing"))
    assert status == 2
    assert str(tmp_path / "nothing") in err
    assert not (tmp_path / "nothing").exists()


def test_every_verb_has_an_example(cli):
    for verb in ("list", "plan", "run", "resume", "status", "report", "rerun", "clean"):
        status, out, _ = cli(verb, "--help")
        assert status == 0
        assert f"example: run_study.py {verb}" in out.replace("\n", " ")


def test_a_folder_that_shadows_a_package_is_named(tmp_path):
    (tmp_path / "analysis").mkdir()
    (tmp_path / "analysis" / "__init__.py").write_text("")
    code = f"import sys; sys.path.insert(1, {str(ROOT)!r}); import run_study"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode != 0
    assert f"import analysis finds {tmp_path / 'analysis' / '__init__.py'}" in done.stderr
    assert "Rename it" in done.stderr


def test_the_space_of_a_question_works_in_anybodys_tuner(model_folder):
    from ray.tune.search.variant_generator import generate_variants

    from search_spaces import QUESTIONS

    space = QUESTIONS["frozen_layers"].space(str(model_folder))
    settings = [config for _, config in generate_variants(space)]
    assert sorted(config["frozen_layers"] for config in settings) == [0, 1, 2, 3]
    assert all(config["learning_rate"] in (1e-4, 5e-4, 3e-3) and config["epochs"] == 2 for config in settings)
    domains = QUESTIONS["hyperparameters"].space(str(model_folder))
    (_, drawn), *_ = generate_variants(domains)
    assert 1e-5 <= drawn["learning_rate"] <= 1e-3
    assert drawn["batch_size"] in (8, 16, 32)


def test_everything_wrong_with_a_report_is_told_at_once(tmp_path, capsys):
    table = tmp_path / "trials.csv"
    table.write_text("lr,seed,score\n0.1,0,0.5\n0.2,0,0.6\n")
    words = "--settings lr,rnk --seed-column sede --metric-column score --format doc --language fr --estimand x"
    assert run_study.main(["report", str(table), *words.split()]) == 2
    said = capsys.readouterr().err
    for wrong in ("'doc'", "'fr'", "'x'", "rnk", "sede"):
        assert wrong in said
    assert not (tmp_path / "report.md").exists()
    assert run_study.main(["report", str(table), "--baseline", "lr"]) == 2
    assert "--baseline lr: give names with values" in capsys.readouterr().err


def test_a_table_of_trials_is_reported_in_another_folder_and_language(tmp_path, capsys):
    table, out = tmp_path / "trials.csv", tmp_path / "out"
    rows = [f"{rate},{seed},{0.7 + rate + seed / 100}" for rate in (0.1, 0.2) for seed in range(3)]
    table.write_text("\n".join(["lr,seed,score", *rows]))
    words = ["--settings", "lr", "--seed-column", "seed", "--metric-column", "score", "--baseline", "lr=0.1"]
    asked = ["report", str(table), *words, "--out", str(out), "--format", "md,html", "--language", "es"]
    assert run_study.main(asked) == 0
    assert capsys.readouterr().out.split() == [str(out / "report.md"), str(out / "report.html")]
    assert "## Conclusión" in (out / "report.md").read_text(encoding="utf-8")
    assert '<html lang="es"' in (out / "report.html").read_text(encoding="utf-8")
