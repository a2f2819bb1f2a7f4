"""Workers and threads: measured where it pays, kept with the study, and never changed under its records."""

from __future__ import annotations

import io
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import torch

from study.ask import Request, enlarge
from study.data import DataOptions
from study.folder import Folder
from study.launch import on_ray, pace, sharing
from study.launch.options import Launch
from study.launch.pace import Meeting, Way, fastest, ways
from study.launch.progress import Progress
from study.launch.sharing import remembered, shared_out
from study.launch.supply import Supply
from study.provenance import provenance
from study.record import Record
from tests.study.launch.asked import depths

QUESTION = depths()


@pytest.fixture
def supply(model_folder, data_folder, tmp_path, monkeypatch):
    monkeypatch.setattr(sharing, "_WORTH", 0.0)
    threads = torch.get_num_threads()

    def make(**options):
        folder = Folder(tmp_path / "study")
        arms = enlarge(folder, Request(QUESTION, str(model_folder), DataOptions(str(data_folder))))
        made = Supply(folder, arms, Launch(**options), Progress(out=io.StringIO()))
        made.progress.start(made)
        return made

    yield make
    torch.set_num_threads(threads)


def at_once(function, arguments):
    """All calls at the same time, as on workers."""
    with ThreadPoolExecutor(len(arguments)) as pool:
        return [each.result() for each in [pool.submit(function, *some) for some in arguments]]


def never(*_):
    raise AssertionError("was measured")


def fixed(rates):
    """Stands for the workers: these tokens per second in each way, of the first worker alone."""

    def start(function, arguments):
        assert {some[2] for some in arguments} == {tuple(rates)}
        return [list(rates.values()), *[[0.0] * len(rates)] * (len(arguments) - 1)]

    return start


@pytest.mark.parametrize(
    ("cores", "most", "expected"),
    [
        (1, 9, ["1 x 1"]),
        (2, 9, ["2 x 1", "1 x 2"]),
        (6, 99, ["6 x 1", "3 x 2", "1 x 4", "1 x 6"]),
        (8, 3, ["3 x 1", "3 x 2", "2 x 4", "1 x 8"]),
        (8, 1, ["1 x 1", "1 x 2", "1 x 4", "1 x 8"]),
    ],
)
def test_every_way_of_sharing_out_the_cores(cores, most, expected):
    assert [str(way) for way in ways(cores, most)] == expected


def test_the_one_that_ends_first_and_not_the_one_with_most_tokens():
    rates = {Way(2, 1): 120.0, Way(1, 2): 100.0}
    assert fastest(rates, 10) == Way(2, 1)
    assert fastest(rates, 1) == Way(1, 2)  # one worker alone would have half of the 120
    assert fastest(rates, 3) == Way(1, 2)  # two rounds of two at 120, or three of one at 100
    assert fastest({Way(2, 1): 100.0, Way(1, 2): 100.0}, 2) == Way(2, 1)


def test_workers_train_together_in_each_way_and_the_steps_leave_nothing(supply, monkeypatch):
    monkeypatch.setattr(pace, "SECONDS", 0.05)
    made = supply()
    options = shared_out(made, 2, at_once)
    stored = json.loads((made.folder.root / "profile.json").read_text())
    (kept,) = stored.values()
    assert set(kept["tokens_per_second"]) == {"2 x 1", "1 x 2"}
    assert all(rate > 0 for rate in kept["tokens_per_second"].values())
    assert (options.max_concurrent, options.cpus_per_trial) == (kept["workers"], kept["threads"])
    assert f"workers x threads: {kept['workers']} x {kept['threads']}, since tokens" in made.progress.out.getvalue()
    assert not made.folder.store.records()
    assert not list(made.folder.cache.glob("prefix*"))


def test_one_has_no_part_where_fewer_workers_are_tried(supply, monkeypatch, tmp_path):
    monkeypatch.setattr(pace, "SECONDS", 0.05)
    made = supply()
    first = made.plan().ready[0]
    tried = (Way(2, 1), Way(1, 2))
    found = at_once(
        pace.pace, [(first.trial, made.context(first), tried, Meeting(tmp_path, number, 2)) for number in range(2)]
    )
    assert [[rate > 0 for rate in rates] for rates in found] == [[True, True], [True, False]]


def test_what_the_user_said_stands(supply):
    for options in (
        {"cpus_per_trial": 2},
        {"device": "cuda"},
        {"address": "auto"},
        {"in_process": True},
    ):
        made = supply(**options)
        assert shared_out(made, 2, never) == made.options
        assert remembered(made.folder, made.options) == made.options


def test_it_is_measured_once_and_a_resumed_study_and_its_plan_go_by_it(supply):
    rates = {Way(2, 1): 90.0, Way(1, 2): 100.0}
    made = supply()
    first = shared_out(made, 2, fixed(rates))
    assert (first.threads, first.max_concurrent) == (2, 1)
    again = supply()
    assert shared_out(again, 2, never) == first
    assert remembered(again.folder, Launch()) == first
    assert shared_out(supply(max_concurrent=1), 2, never).max_concurrent == 1


def test_another_machine_is_measured_anew(supply, monkeypatch):
    shared_out(supply(), 2, fixed({Way(2, 1): 90.0, Way(1, 2): 100.0}))
    monkeypatch.setattr(sharing, "_machine", lambda: "another")
    elsewhere = shared_out(supply(), 2, fixed({Way(2, 1): 100.0, Way(1, 2): 50.0}))
    assert (elsewhere.threads, elsewhere.max_concurrent) == (1, 2)


def test_records_of_this_machine_keep_their_threads(supply):
    made = supply()
    trial = made.plan().ready[0].trial
    record = Record(
        trial.key, "depths", "compare", "finished", trial.task, trial.model, trial.data, trial.setting, trial.seed
    )
    made.done(replace(record, provenance=provenance("cpu", 7, "fp32")))
    assert shared_out(made, 2, never).threads == 7
    moved = provenance("cpu", 7, "fp32") | {"hardware": {"cpu": "another", "cores": 3}}
    made.done(replace(record, provenance=moved))
    assert shared_out(made, 2, fixed({Way(2, 1): 90.0, Way(1, 2): 100.0})).threads == 2


def test_a_short_study_and_one_core_are_not_measured(supply, monkeypatch):
    made = supply()
    assert shared_out(made, 1, never) == made.options
    assert shared_out(made, 0, never) == made.options
    monkeypatch.setattr(sharing, "_WORTH", 5.0)
    assert shared_out(made, 2, never) == made.options


def test_a_failing_measurement_is_said_and_the_study_goes_on(supply, tmp_path):
    made = supply()

    def failing(function, arguments):
        raise ValueError("no such model\nat all")

    assert shared_out(made, 2, failing) == made.options
    assert "workers and threads by rule, since measuring them failed: no such model\n" in made.progress.out.getvalue()
    assert not (made.folder.root / "profile.json").exists()


def test_nobody_waits_for_one_that_failed(tmp_path, monkeypatch):
    gone = Meeting(tmp_path / "gone", 0, 2)
    with pytest.raises(FileNotFoundError):
        gone.wait("0")
    monkeypatch.setattr(pace, "_PATIENCE", 0.05)
    with pytest.raises(RuntimeError, match="never started"):
        Meeting(tmp_path, 0, 2).wait("0")


def test_workers_are_no_more_than_memory_takes(supply, monkeypatch):
    made = supply()
    monkeypatch.setattr(sharing, "_free", lambda: int(1.5 * 2**30))
    assert sharing._fitting(made.arms[0]) == 1
    monkeypatch.setattr(sharing, "_free", lambda: 10 * 2**30)
    assert 2 < sharing._fitting(made.arms[0]) < 10


@pytest.mark.slow
def test_on_ray_workers_are_measured_and_then_train(supply, monkeypatch):
    monkeypatch.setattr(pace, "SECONDS", 0.05)
    made = supply()
    with made.folder.store.lock():
        on_ray.run(made, made.options)
    assert made.complete
    (kept,) = json.loads((made.folder.root / "profile.json").read_text()).values()
    assert len(kept["tokens_per_second"]) > 1
    profiles = {record.provenance["profile"].split(",")[1] for record in made.records.values()}
    assert profiles == {f" {kept['threads']} thread{'s' if kept['threads'] > 1 else ''}"}
    assert made.slots == kept["workers"]
