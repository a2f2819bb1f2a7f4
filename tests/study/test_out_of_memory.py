"""A trial that runs out of memory goes on with smaller parts of its batch; memory that others took is not its fault."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

import pytest
import torch

from study.errors import Crowded
from study.launch import in_process
from study.out_of_memory import caused_by_others, next_smaller, requested_bytes
from study.settings import resolve
from study.training import StudyTrainer
from study.trial import run_trial

GIB = 2**30


def numbers(record) -> tuple:
    return record.metrics, record.curve, record.predictions.to_pydict()


def out_of_memory() -> torch.OutOfMemoryError:
    return torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 1.50 GiB. GPU 0 has a total capacity of …")


@pytest.fixture
def fails(monkeypatch):
    """``fails(at, …)``: the forward passes with these numbers, counted over all attempts, find no memory."""

    def install(*at: int, error=out_of_memory):
        calls, whole = count(), StudyTrainer._task_loss

        def loss(self, model, inputs):
            if next(calls) in at:
                raise error()
            return whole(self, model, inputs)

        monkeypatch.setattr(StudyTrainer, "_task_loss", loss)

    return install


@pytest.mark.parametrize("at", [0, 5], ids=["at once", "after an evaluation"])
@pytest.mark.parametrize("error", [out_of_memory, MemoryError], ids=["cuda", "machine"])
def test_a_trial_goes_on_as_if_it_had_been_asked_for_half(make_trial, fails, at, error):
    asked = run_trial(*make_trial(micro_batch=4, epochs=2, evaluations_per_epoch=2))
    fails(at, error=error)
    trial, context = make_trial(epochs=2, evaluations_per_epoch=2)
    record = run_trial(trial, context)
    assert record.status == asked.status == "finished"
    assert numbers(record) == numbers(asked)
    assert record.key == trial.key != asked.key
    assert record.setting == trial.setting
    assert record.costs["micro_batch_used"] == 4
    assert record.costs["out_of_memory_retries"] == 1
    assert any(note.startswith("out of memory with 8 texts") and "in 2 parts" in note for note in record.notes)
    assert len(record.curve) == len(asked.curve) == 4


def test_what_ran_as_asked_says_nothing_of_memory(make_trial):
    record = run_trial(*make_trial())
    assert not {"micro_batch_used", "out_of_memory_retries"} & set(record.costs)
    assert not any("out of memory" in note for note in record.notes)


def test_it_halves_until_it_fits(make_trial, fails):
    fails(0, 1)
    record = run_trial(*make_trial())
    assert (record.costs["micro_batch_used"], record.costs["out_of_memory_retries"]) == (2, 2)
    assert record.status == "finished"


def test_one_text_at_a_time_is_the_end(make_trial, fails):
    fails(*range(100))
    record = run_trial(*make_trial())
    assert record.status == "out_of_memory"
    assert record.error["type"] == "OutOfMemoryError"
    assert (record.costs["micro_batch_used"], record.costs["out_of_memory_retries"]) == (1, 3)


def test_memory_that_is_missing_in_an_evaluation_is_found_too(make_trial, monkeypatch):
    sizes, predict = [], StudyTrainer._logits

    def logits(model, batch):
        sizes.append(len(batch["labels"]) if "labels" in batch else len(batch["input_ids"]))
        if sizes[-1] > 8:
            raise out_of_memory()
        return predict(model, batch)

    monkeypatch.setattr(StudyTrainer, "_logits", staticmethod(logits))
    record = run_trial(*make_trial())
    assert record.status == "finished"
    assert record.costs["micro_batch_used"] == 2
    assert sizes[:2] == [32, 16]


def test_other_errors_are_not_tried_again(make_trial, fails):
    fails(0, error=lambda: RuntimeError("the roof fell in"))
    record = run_trial(*make_trial())
    assert record.status == "failed"
    assert "out_of_memory_retries" not in record.costs


@pytest.mark.parametrize(
    ("batch", "micro", "sizes"), [(16, 0, [8, 4, 2, 1]), (15, 0, [5, 1]), (12, 6, [3, 1]), (1, 0, [])]
)
def test_the_next_smaller_part_divides_the_batch(make_trial, batch, micro, sizes):
    setting, (_, context) = resolve({"batch_size": batch, "micro_batch": micro}), make_trial()
    found = []
    while smaller := next_smaller(setting, context):
        found.append(smaller)
        context = replace(context, micro_batch=smaller)
    assert found == sizes


@pytest.mark.parametrize(
    ("reserved", "requested", "free", "share", "expected"),
    [
        (2 * GIB, 1 * GIB, GIB // 2, None, True),  # somebody holds 13 GiB of 16
        (14 * GIB, 3 * GIB, 1 * GIB, None, False),  # we hold nearly all of it
        (15 * GIB, GIB // 4, GIB // 8, None, False),  # all of it, but for what no process sees
        (3 * GIB, 2 * GIB, 12 * GIB, 0.25, False),  # beyond our quarter, with much free
        (1 * GIB, 1 * GIB, GIB // 2, 0.25, True),  # within our quarter, with little free
        (1 * GIB, 1 * GIB, 14 * GIB, None, False),  # a limit of another kind
    ],
)
def test_who_took_the_memory(reserved, requested, free, share, expected):
    assert caused_by_others(reserved, requested, free, 16 * GIB, share) is expected


def test_what_was_asked_for_is_read_from_the_message():
    assert requested_bytes(str(out_of_memory())) == 3 * GIB // 2
    assert requested_bytes("CUDA out of memory. Tried to allocate 20.00 MiB.") == 20 * 2**20
    assert requested_bytes("no numbers") == 0


@pytest.fixture
def crowded(monkeypatch):
    monkeypatch.setattr("torch.cuda.mem_get_info", lambda: (GIB, 16 * GIB))
    monkeypatch.setattr("torch.cuda.memory_reserved", lambda: 2 * GIB)
    monkeypatch.setattr("study.trial.carry_out", lambda trial, context: (_ for _ in ()).throw(out_of_memory()))
    monkeypatch.setattr("study.trial._blank", lambda trial, context: None)  # which asks the GPU for its name


def test_memory_that_others_hold_is_no_end_of_a_trial(make_trial, crowded):
    trial, context = make_trial()
    with pytest.raises(Crowded, match="1024 of 16384 MiB are free"):
        run_trial(trial, replace(context, device="cuda"))


class _Supply:
    """The part of a supply that a loop in one process uses."""

    def __init__(self, planned, context, folder):
        self.left, self.given, self.folder = [planned], context, folder
        self.records, self.lost = [], {}

    def next(self):
        return self.left.pop() if self.left else None

    def context(self, planned):
        return self.given

    def seen(self, record):
        pass

    def done(self, record):
        self.records.append(record)

    def lose(self, key, why):
        self.lost[key] = why


@pytest.mark.parametrize("times", [1, 2])
def test_in_process_a_crowded_trial_waits_once_and_is_then_lost(make_trial, monkeypatch, tmp_path, times):
    from types import SimpleNamespace

    trial, context = make_trial()
    supply = _Supply(SimpleNamespace(trial=trial, key=trial.key), context, SimpleNamespace(scratch=tmp_path / "none"))
    calls, waited = count(1), []

    def run(trial, context):
        if next(calls) <= times:
            raise Crowded("others")
        return "the record"

    monkeypatch.setattr(in_process, "run_trial", run)
    monkeypatch.setattr(in_process.time, "sleep", waited.append)
    in_process.run(supply)
    assert waited == [in_process._PATIENCE]
    assert (supply.records, supply.lost) == ((["the record"], {}) if times == 1 else ([], {trial.key: "others"}))


def test_a_latency_that_finds_no_memory_for_32_texts_is_left_out(make_trial, monkeypatch):
    from study import assembly

    measure = assembly.latency

    def latency(model, batches, device, bf16=False, texts=None):
        if texts == 32:
            raise out_of_memory()
        return measure(model, batches[:1], device, bf16=bf16, texts=texts)

    monkeypatch.setattr(assembly, "latency", latency)
    measured = assembly.measure_latency(*make_trial())
    assert measured["batch_1"]["median"] > 0
    assert "batch_32" not in measured
    monkeypatch.setattr(assembly, "latency", lambda *given, **named: (_ for _ in ()).throw(RuntimeError("the roof")))
    with pytest.raises(RuntimeError, match="the roof"):
        assembly.measure_latency(*make_trial())
