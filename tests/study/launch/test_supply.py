"""The supply hands out each missing trial once and keeps what comes back, in any order, whatever is lost."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest

from study.ask import Request, enlarge
from study.data import DataOptions
from study.folder import Folder
from study.launch.options import Launch
from study.launch.progress import Progress
from study.launch.supply import RETRIES, Supply
from study.question import Question, choice
from study.record import Record

QUESTION = Question(
    name="depths",
    asks="?",
    source="test",
    factors={"frozen_layers": (0, 1, 2)},
    tuned={"learning_rate": choice(1e-4, 1e-3)},
    baseline={"frozen_layers": 0},
    fixed={"epochs": 1},
    trials=2,
    seeds=(0, 1),
)


@pytest.fixture
def supply(model_folder, data_folder, tmp_path):
    def make(question=QUESTION, **options):
        folder = Folder(tmp_path / "study")
        arms = enlarge(folder, Request(question, str(model_folder), DataOptions(str(data_folder))))
        supply = Supply(folder, arms, Launch(in_process=True, **options), Progress(out=io.StringIO()))
        supply.progress.start(supply)
        return supply

    return make


def result(planned, status="finished", f1=0.5):
    trial = planned.trial
    return Record(
        trial.key, "depths", planned.phase, status, trial.task, trial.model, trial.data, trial.setting, trial.seed,
        metrics={"validation": {"f1": f1}} if status == "finished" else {},
    )  # fmt: skip


def drain(supply, status="finished"):
    seen = []
    while planned := supply.next():
        seen.append(planned)
        supply.done(result(planned, status))
    return seen


def test_everything_planned_runs_once(supply):
    seen = drain(supply())
    assert len(seen) == len({p.key for p in seen}) == 6 + 6
    assert [p.phase for p in seen] == ["tune"] * 6 + ["compare"] * 6
    assert drain(supply()) == []
    assert supply().complete


def test_a_comparison_starts_as_soon_as_its_own_tuning_is_over(supply):
    made = supply()
    tuning = [made.next() for _ in range(6)]
    assert made.next() is None
    assert not made.exhausted
    for planned in tuning[:2]:
        made.done(result(planned))
    assert made.next().phase == "compare"


def test_no_trial_waits_for_a_body_that_another_is_making_while_others_could_run(supply):
    changes = {"factors": {"pretraining.steps": (5, 9)}, "tuned": {}, "seeds": (0, 1)}
    fixed = {"epochs": 1, "learning_rate": 1e-3, "pretraining.corpus": "task", "pretraining.objective": "masked"}
    made = supply(replace(QUESTION, **changes, fixed=fixed, baseline={}))
    first, second = made.next(), made.next()
    assert [p.trial.setting["pretraining.steps"] for p in (first, second)] == [5, 9]
    third = made.next()  # all that is left must wait
    assert third.trial.setting["pretraining.steps"] == 5
    made.done(result(second))
    assert made.next().trial.setting["pretraining.steps"] == 9


def test_a_lost_trial_is_not_tried_again_in_this_run_but_in_the_next(supply):
    made = supply()
    lost = made.next()
    made.lose(lost.key, "its worker died")
    assert lost.key not in {p.key for p in drain(made)}
    assert made.exhausted
    assert not made.complete
    assert lost.key in {p.key for p in drain(supply())}


def test_a_trial_whose_worker_died_is_handed_out_again_a_bounded_number_of_times(supply):
    made = supply()
    first = made.next()
    for _ in range(RETRIES):
        made.drop(first.key, "its worker died")
        assert not made.exhausted
    assert first.key in {p.key for p in drain(made)}
    assert made.complete
    again = supply(replace(QUESTION, seeds=(7,)))
    lost = again.next()
    for _ in range(RETRIES + 1):
        again.drop(lost.key, "its worker died")
    assert again.lost == {lost.key: f"its worker died {RETRIES + 1} times"}
    assert lost.key not in {p.key for p in drain(again)}


def test_failed_trials_run_again_only_when_asked_and_then_once(supply):
    question = replace(QUESTION, tuned={}, fixed={"epochs": 1, "learning_rate": 1e-3})
    assert len(drain(supply(question), "failed")) == 6
    assert drain(supply(question)) == []
    assert not supply(question).complete
    again = supply(question, retry_failed=True)
    assert len(drain(again, "failed")) == 6
    assert again.exhausted
    retried = supply(question, retry_failed=True)
    assert len(drain(retried)) == 6
    assert retried.complete


def test_points_whose_tuning_failed_leave_the_study_incomplete(supply):
    made = supply()
    assert len(drain(made, "diverged")) == 6
    assert made.exhausted
    assert not made.complete
    assert len(made.plan().dead) == 3


def test_after_the_minutes_nothing_starts_and_what_runs_may_end(supply, monkeypatch):
    import time

    made = supply(minutes=1)
    running = made.next()
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + 61)
    assert made.next() is None
    assert not made.exhausted
    made.done(result(running))
    assert made.exhausted
    assert not made.complete


def test_plain_lines_where_the_output_is_no_terminal(supply):
    made = supply()
    drain(made)
    lines = made.progress.out.getvalue().splitlines()
    assert lines[0] == "12 trials planned, 0 done, 12 to run"
    assert len(lines) == 13
    assert "12/12 done · 0 running · 0 failed · best validation f1 0.500" in lines[-1]
    assert "\r" not in made.progress.out.getvalue()


def test_one_line_that_is_rewritten_on_a_terminal(supply):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    made = supply()
    made.progress = Progress(out=Terminal())
    made.progress.start(made)
    drain(made)
    made.progress.close()
    assert made.progress.out.getvalue().count("\n") == 1
    assert made.progress.out.getvalue().count("\r") > 12


def test_trials_whose_workers_were_killed_for_memory_are_started_again_a_bounded_number_of_times(supply, monkeypatch):
    """Ray's memory monitor ends Tune itself; the study goes on with a new one."""
    from contextlib import nullcontext
    from types import SimpleNamespace

    from ray.exceptions import OutOfMemoryError, RayError

    from study.launch import on_ray

    made = supply(replace(QUESTION, tuned={}, fixed={"epochs": 1, "learning_rate": 1e-3}))
    greedy, attempts = set(), []

    def fit(given, options, storage):
        attempts.append(len(given.records))
        while planned := given.next():
            greedy.add(planned.key) if not greedy else None
            if planned.key in greedy:
                raise RuntimeError("unexpected") from OutOfMemoryError("2 workers were killed")
            given.done(result(planned))

    ray = SimpleNamespace(
        exceptions=SimpleNamespace(RayError=RayError),
        remote=lambda **r: lambda f: None,
        nodes=list,
        cluster_resources=dict,
    )
    monkeypatch.setattr(on_ray, "_fit", fit)
    monkeypatch.setattr(on_ray, "cluster", lambda options: nullcontext(ray))
    monkeypatch.setattr(on_ray, "_slots", lambda ray, options, packing: 2)
    monkeypatch.setattr(on_ray, "packed", lambda supply, cores: None)
    on_ray.run(made, made.options)
    assert len(attempts) == 4
    assert len(made.records) == 5
    assert list(made.lost) == list(greedy)
    assert "killed to free memory 3 times" in made.lost[next(iter(greedy))]

    def broken(given, options, storage):
        raise RuntimeError("a defect of our own")

    monkeypatch.setattr(on_ray, "_fit", broken)
    with pytest.raises(RuntimeError, match="a defect of our own"):
        on_ray.run(made, made.options)
