"""How many trials share a GPU: by what the first one took, corrected by whatever took more."""

from __future__ import annotations

import io
import json
import subprocess
import threading
import time
from dataclasses import replace

import pytest

from study.ask import Request, enlarge
from study.data import DataOptions
from study.device import CUDA_CONTEXT_BYTES
from study.errors import Crowded
from study.folder import Folder
from study.launch import on_ray, packing, sharing
from study.launch.options import Launch
from study.launch.packing import Busy, Packing, heaviest, most_at_once
from study.launch.progress import Progress
from study.launch.supply import Supply
from study.launch.worker import packed
from study.record import Record
from study.trial import run_trial
from tests.study.launch.asked import depths

GIB = 2**30

QUESTION = depths(factors={"frozen_layers": (2, 0, 1)})


@pytest.fixture
def supply(model_folder, data_folder, tmp_path):
    def make(most=8):
        folder = Folder(tmp_path / "study")
        arms = enlarge(folder, Request(QUESTION, str(model_folder), DataOptions(str(data_folder))))
        made = Supply(folder, arms, Launch(device="cuda"), Progress(out=io.StringIO()))
        made.progress.start(made)
        made.packing = Packing(80 * GIB, most, _Watch())
        return made

    return make


def ended(planned, peak, status="finished"):
    trial = planned.trial
    return Record(
        trial.key, "depths", planned.phase, status, trial.task, trial.model, trial.data, trial.setting, trial.seed,
        costs={"peak_memory_bytes": peak}, metrics={"validation": {"f1": 0.5}},
    )  # fmt: skip


def test_as_many_as_memory_takes_or_as_fill_the_time():
    assert most_at_once(10 * GIB, 80 * GIB, None) == 6  # 11.5 GiB of tensors and a context of half a GiB each
    assert 6 * (1.15 * 10 * GIB + CUDA_CONTEXT_BYTES) <= 80 * GIB < 7 * (1.15 * 10 * GIB + CUDA_CONTEXT_BYTES)
    assert most_at_once(10 * GIB, 80 * GIB, 0.3) == 4
    assert most_at_once(10 * GIB, 80 * GIB, 0.95) == 2
    assert most_at_once(10 * GIB, 80 * GIB, 1.0) == 1
    assert most_at_once(75 * GIB, 80 * GIB, 0.1) == 1
    assert most_at_once(1 * GIB, 80 * GIB, 0.0) == most_at_once(1 * GIB, 80 * GIB, None)


class _Watch:
    """Stands for nvidia-smi: each watch sees the GPU busy for 0.3 of the time."""

    watching = False

    def start(self):
        self.watching = True

    def stop(self):
        seen, self.watching = 0.3 if self.watching else None, False
        return seen


def _probed(made, peak):
    """The first trial, to its end."""
    probe = made.next()
    made.packing.share(probe.key)
    made.done(ended(probe, peak))


def test_the_gpus_are_watched_while_the_first_trial_runs_and_no_longer(supply):
    made = supply()
    probe = made.next()
    assert not made.packing.busy.watching
    made.packing.share(probe.key)
    assert made.packing.busy.watching
    made.drop(probe.key, "its worker died")
    made.packing.share(made.next().key)
    made.done(ended(probe, 10 * GIB))
    assert not made.packing.busy.watching
    stopped = supply()
    stopped.packing.share(stopped.next().key)
    stopped.packing.close()
    assert not stopped.packing.busy.watching


def test_the_heaviest_is_measured_alone_and_the_others_share(supply):
    made = supply()
    probe = made.next()
    assert probe.trial.setting.get("frozen_layers", 0) == 0
    assert made.packing.share(probe.key) == 1.0
    assert made.next() is None, "nothing runs beside what is measured"
    assert not made.exhausted
    made.done(ended(probe, 10 * GIB))
    assert made.packing.at_once == 4
    assert made.packing.share(made.next().key) == 0.25
    assert "trials side by side on a GPU: 4, since a trial takes 10.0 of 80 GiB" in made.progress.out.getvalue()


def test_a_probe_that_failed_measured_nothing(supply):
    made = supply()
    made.done(ended(made.next(), 10 * GIB, "failed"))
    assert made.packing.at_once is None
    again = made.next()
    assert made.next() is None
    made.drop(again.key, "its worker died")
    assert made.next().key != again.key, "whoever comes next is measured instead"
    assert made.next() is None


def test_what_ran_out_of_its_share_runs_alone_and_corrects_the_estimate(supply):
    made = supply()
    _probed(made, 10 * GIB)
    running = [made.next() for _ in range(5)]
    made.cramped(running[0].key)
    assert running[0].key not in made.records
    again = made.next()
    assert again.key == running[0].key
    assert made.packing.share(again.key) == 1.0
    made.done(ended(again, 30 * GIB))
    assert made.packing.at_once == 2
    assert made.packing.share(running[1].key) == 0.5
    for planned in running[1:]:
        made.done(ended(planned, 5 * GIB))
    assert made.packing.at_once == 2, "smaller ones do not undo it"
    assert made.complete


def test_the_cores_bound_it_too(supply):
    made = supply(most=3)
    _probed(made, 1 * GIB)
    assert made.packing.at_once == 3


def test_it_is_kept_with_the_study_and_read_again(supply, monkeypatch):
    made = supply()
    _probed(made, 10 * GIB)
    stored = json.loads((made.folder.root / "profile.json").read_text())
    assert stored == {"GPU of 80 GiB": {"trials_per_gpu": 4, "peak_memory_bytes": 10 * GIB, "utilisation": 0.3}}
    monkeypatch.setattr(sharing, "memory_of_gpus", lambda: 80 * GIB)
    monkeypatch.setattr(sharing, "Busy", lambda: None)
    again = sharing.packed(made, 16)
    assert (again.at_once, again.peak) == (4, 10 * GIB)
    monkeypatch.setattr(sharing, "memory_of_gpus", lambda: 40 * GIB)
    assert sharing.packed(made, 16).at_once is None, "another GPU is measured anew"
    monkeypatch.setattr(sharing, "memory_of_gpus", lambda: None)
    assert sharing.packed(made, 16) is None
    assert "nvidia-smi does not tell" in made.progress.out.getvalue()
    for options in (Launch(device="cpu"), Launch(device="cuda", gpus_per_trial=0.5), Launch("cuda", address="auto")):
        made.options = options
        assert sharing.packed(made, 16) is None


def test_the_heaviest_by_texts_length_and_frozen_blocks(supply):
    planned = supply().plan().ready
    first = planned[0]

    def like(**setting):
        return replace(
            first, trial=replace(first.trial, setting={**first.trial.setting, "frozen_layers": 0, **setting})
        )

    heavy = like(batch_size=64)
    light = [like(), like(batch_size=64, micro_batch=8), like(batch_size=64, frozen_layers=2), like(max_length=64)]
    assert heaviest([*light, heavy]) is heavy
    assert heaviest([like(gradient_checkpointing=True), light[0]]) is light[0]


def test_a_trial_that_runs_out_of_an_estimated_share_leaves_no_record(make_trial, monkeypatch):
    trial, context = make_trial(batch_size=8)

    def full(*_, **__):
        raise MemoryError

    monkeypatch.setattr("study.training.fit", full)
    with pytest.raises(Crowded, match=r"its share of the GPU, 0\.25, was estimated too small"):
        run_trial(trial, packed(context, 0.25))
    for share in (None, 1.0):
        assert packed(context, share) == context
        assert run_trial(trial, packed(context, share)).status == "out_of_memory"


def test_how_busy_the_gpus_are_is_the_mean_over_moments_in_use(monkeypatch):
    told = iter(["0\n0\n", "40\n0\n", "0\n60\n"])

    def smi(command, **_):
        assert command[:2] == ["nvidia-smi", "--query-gpu=utilization.gpu"]
        return subprocess.CompletedProcess(command, 0, next(told, "0\n"))

    monkeypatch.setattr(packing, "_EVERY", 0.001)
    monkeypatch.setattr(packing.subprocess, "run", smi)
    busy, before = Busy(), threading.active_count()
    assert busy.stop() is None
    busy.start()
    late = time.monotonic() + 10
    while len(busy._seen) < 2 and time.monotonic() < late:
        time.sleep(0.01)
    assert busy.stop() == pytest.approx(0.5)
    while threading.active_count() > before and time.monotonic() < late:
        time.sleep(0.01)
    assert threading.active_count() == before, "it asks no more"
    busy.start()
    assert busy.stop() is None, "each watch begins anew"


def test_a_machine_without_nvidia_smi_says_nothing(monkeypatch):
    def missing(*_, **__):
        raise FileNotFoundError

    monkeypatch.setattr(packing.subprocess, "run", missing)
    assert packing.memory_of_gpus() is None
    monkeypatch.setattr(packing.subprocess, "run", lambda *_, **__: subprocess.CompletedProcess([], 0, "[N/A]\n"))
    assert packing.memory_of_gpus() is None
    monkeypatch.setattr(packing.subprocess, "run", lambda *_, **__: subprocess.CompletedProcess([], 0, "81920\n40960"))
    assert packing.memory_of_gpus() == 40 * GIB


def _pretending(config, contexts, texts):
    """Stands for a trial: one by itself takes a second, and frozen_layers=1 does not fit into less than a GPU."""
    from ray import tune

    time.sleep(1)
    trial = config["trial"]
    if config["gpus"] < 1 and trial["setting"].get("frozen_layers") == 1:
        tune.report({"cramped": "too small"})
        return
    peak = (30 if trial["setting"].get("frozen_layers") == 1 else 10) * GIB
    record = Record.from_json(
        {
            "key": config["key"], "question": "depths", "phase": config["phase"], "status": "finished",
            "task": trial["task"], "model": trial["model"], "data": trial["data"], "setting": trial["setting"],
            "seed": trial["seed"], "costs": {"peak_memory_bytes": peak, "given": config["gpus"]},
        }
    )  # fmt: skip
    tune.report({"record": record.to_json()})


@pytest.mark.slow
def test_ray_gives_the_first_a_gpu_the_others_their_shares_and_the_cramped_ones_a_whole_one(supply, monkeypatch):
    import ray

    made = supply()
    monkeypatch.setattr(on_ray, "trainable", _pretending)
    monkeypatch.setattr(on_ray, "packed", lambda supply, cores: made.packing)
    made.options = Launch(device="cuda", cpus_per_trial=1)
    ray.init(address="local", num_cpus=4, num_gpus=1, include_dashboard=False, log_to_driver=False)
    try:
        with made.folder.store.lock():
            on_ray.run(made, made.options)
    finally:
        ray.shutdown()
    assert made.complete
    given = {(r.setting["frozen_layers"], r.seed): r.costs["given"] for r in made.records.values()}
    assert given[1, 0] == given[1, 1] == 1.0
    assert sorted(share for (depth, _), share in given.items() if depth != 1)[-1] == 1.0, "the one measured"
    assert sorted(share for (depth, _), share in given.items() if depth != 1)[0] == 0.25
    assert made.packing.at_once == 2
