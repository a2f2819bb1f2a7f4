"""What Tune is handed, and what becomes of what it tells."""

from __future__ import annotations

import io
from types import SimpleNamespace

import pytest
from ray.tune.search import Searcher

from study.ask import Request, enlarge
from study.data import DataOptions
from study.folder import Folder
from study.launch.handover import LATENCY, ledger, searcher
from study.launch.options import Launch
from study.launch.progress import Progress
from study.launch.supply import Supply
from study.launch.worker import trainable
from study.trial import run_trial
from tests.study.launch.asked import depths

QUESTION = depths(seeds=(0,))


@pytest.fixture
def supply(model_folder, data_folder, tmp_path):
    folder = Folder(tmp_path / "study")
    arms = enlarge(folder, Request(QUESTION, str(model_folder), DataOptions(str(data_folder))))
    made = Supply(folder, arms, Launch(in_process=True), Progress(out=io.StringIO()))
    made.progress.start(made)
    return made


def told(supply, config, result) -> None:
    """What Tune's callbacks are called with when a trial reports once and ends."""
    callback, trial = ledger(supply), SimpleNamespace(config=config, last_result=result)
    callback.on_trial_result(0, [], trial, result)
    callback.on_trial_complete(0, [], trial)


def through(supply) -> list[dict]:
    """Run the trials that Tune is handed; the configurations in their order, up to the one that is no trial."""
    asked, handed = searcher(supply), []
    while (config := asked.suggest("id"))["key"] != LATENCY:
        handed.append(config)
        planned = supply.pending[config["key"]]
        told(supply, config, {"record": run_trial(planned.trial, supply.context(planned)).to_json()})
    return [*handed, config]


def reports(monkeypatch, config, supply) -> list[dict]:
    """What a worker reports that is handed this."""
    from ray import tune

    found: list[dict] = []
    monkeypatch.setattr(tune, "report", found.append)
    contexts = {number: supply.context(p) for number, p in enumerate(supply.plan().done[:1])}
    trainable(config, contexts, {})
    return found


def test_the_last_thing_is_the_latency_pass_and_it_comes_once(supply, monkeypatch):
    *trials, last = through(supply)
    assert len(trials) == 2
    structures = {record.structure for record in supply.records.values()}
    assert set(last["latencies"]) == structures
    assert supply.measuring
    assert searcher(supply).suggest("id") == Searcher.FINISHED
    (found,) = reports(monkeypatch, last, supply)
    told(supply, last, found)
    assert not supply.measuring
    kept = supply.folder.store.get_json("latency.json")
    assert set(kept) == structures
    assert all(one["batch_1"]["median"] > 0 for one in kept.values())


def test_nothing_is_measured_again_and_nothing_while_trials_are_missing(supply):
    *_, last = through(supply)
    told(supply, last, {"latencies": {name: {"batch_1": {}} for name in last["latencies"]}})
    supply.measured = False
    assert searcher(supply).suggest("id") == Searcher.FINISHED
    (supply.folder.root / "latency.json").unlink()
    missing = next(iter(supply.records.values()))
    supply.records.pop(missing.key)
    supply.lose(missing.key, "its worker died too often")
    supply.lost.clear()
    assert searcher(supply).suggest("id")["key"] != LATENCY


def test_a_worker_that_fails_at_it_is_said_and_loses_no_trial(supply):
    *_, last = through(supply)
    ledger(supply).on_trial_error(0, [], SimpleNamespace(config=last))
    assert not supply.measuring
    assert not supply.dropped
    assert "latency was not measured" in supply.progress.out.getvalue()


def test_a_stopping_study_is_not_measured(supply):
    while planned := supply.next():
        supply.done(run_trial(planned.trial, supply.context(planned)))
    supply.stopping = True
    assert searcher(supply).suggest("id") == Searcher.FINISHED
