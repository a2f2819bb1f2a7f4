"""A trial is a function of its coordinates, whatever ran before it, and leaves a record however it ends."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from study.knobs import Knob
from study.methods import METHODS
from study.methods.base import Method
from study.record import Record
from study.trial import carry_out, run_trial


def numbers(record: Record) -> tuple:
    """Everything that must be equal to the bit."""
    assert record.predictions is not None
    return record.metrics, record.curve, record.predictions.to_pydict()


def failing(error: Exception, at: int = 0) -> Method:
    """A method whose step number ``at`` raises."""
    calls = iter(range(10_000))

    def step(inner, model, inputs, setting):
        if next(calls) == at:
            raise error
        return inner(model, inputs)

    return Method("failing", 1, {"failing": Knob(bool, False, "for tests", identity=False)}, training_step=step)


def test_the_same_trial_twice_is_equal_to_the_bit_and_another_seed_is_not(make_trial):
    first = carry_out(*make_trial())
    assert numbers(carry_out(*make_trial())) == numbers(first)
    assert numbers(carry_out(*make_trial(seed=1))) != numbers(first)


def test_a_used_process_gives_what_a_fresh_one_gives(make_trial, tmp_path):
    trial, context = make_trial(frozen_layers=1)
    carry_out(*make_trial(precision="bf16", learning_rate=1e-2, seed=3))
    carry_out(*make_trial(frozen_layers=3, pooling="mean"))
    used = carry_out(trial, context)
    code = f"""
import json
from pathlib import Path
from study.trial import Context, Trial, carry_out
trial = Trial.from_json(json.loads({json.dumps(json.dumps(trial.to_json()))}))
record = carry_out(trial, Context(model={context.model!r}, texts=Path({str(context.texts)!r}),
    cache=Path({str(tmp_path)!r}), scratch=Path({str(tmp_path)!r}), threads=1))
print(json.dumps([record.metrics, record.curve, record.predictions.to_pydict()]))
"""
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert json.loads(output.splitlines()[-1]) == json.loads(json.dumps(numbers(used)))


def test_tuning_never_sees_the_test_split(make_trial):
    record = carry_out(*make_trial(phase="tune"))
    assert set(record.metrics) == {"validation"}
    assert set(record.predictions.column("split").to_pylist()) == {"validation"}
    assert set(carry_out(*make_trial()).metrics) == {"validation", "test"}


def test_the_predictions_are_those_the_metrics_were_computed_from(make_trial):
    record = carry_out(*make_trial())
    frame = record.predictions.to_pandas()
    for split in ("validation", "test"):
        part = frame[frame.split == split]
        assert (part.label == part.predicted).mean() == pytest.approx(record.metrics[split]["accuracy"])
        chosen = np.where(part.label == 1, part.p_positive, part.p_negative)
        assert -np.log(chosen).mean() == pytest.approx(record.metrics[split]["loss"], rel=1e-5)
        assert sorted(part.row) == list(range(len(part)))


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (RuntimeError("the roof fell in"), "failed"),
        (MemoryError(), "out_of_memory"),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory"), "out_of_memory"),
        (ArithmeticError("just that"), "failed"),
    ],
)
def test_a_bad_end_is_a_record_that_says_why(make_trial, monkeypatch, error, status):
    single = status == "out_of_memory"  # larger parts would be tried again with smaller ones
    monkeypatch.setitem(METHODS, "failing", failing(error, at=80 if single else 10))
    trial, context = make_trial(failing=True, epochs=2, micro_batch=1 if single else 0)
    record = run_trial(trial, context)
    assert record.status == status
    assert record.key == trial.key
    assert record.error["message"] == str(error)
    assert "training_step" in record.error["traceback"]
    assert len(record.curve) == 1, "what was measured before the end is kept"


def test_rerun_lets_the_exception_through(make_trial, monkeypatch):
    monkeypatch.setitem(METHODS, "failing", failing(RuntimeError("the roof fell in")))
    with pytest.raises(RuntimeError, match="the roof fell in"):
        carry_out(*make_trial(failing=True))


def test_divergence_is_a_status_of_its_own(make_trial, monkeypatch):
    def nan(inner, model, inputs, setting):
        return inner(model, inputs) * float("nan")

    method = Method("failing", 1, {"failing": Knob(bool, False, "for tests", identity=False)}, loss=nan)
    monkeypatch.setitem(METHODS, "failing", method)
    assert run_trial(*make_trial(failing=True)).status == "diverged"


def test_ctrl_c_is_no_record(make_trial, monkeypatch):
    monkeypatch.setitem(METHODS, "failing", failing(KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        run_trial(*make_trial(failing=True))


def test_a_model_that_changed_since_the_plan_is_refused(make_trial):
    trial, context = make_trial()
    record = run_trial(replace(trial, model=replace(trial.model, fingerprint="0" * 16)), context)
    assert record.status == "failed"
    assert "planned for 0000000000000000" in record.error["message"]


def test_costs_are_what_they_say(make_trial):
    record = carry_out(*make_trial(frozen_layers=3, epochs=2))
    head = 32 * 32 + 32 + 2 * 32 + 2
    assert record.costs["trainable_parameters"] == head
    assert head * 4 < record.costs["saved_bytes"] < head * 4 + 600
    assert record.costs["examples_per_second"] == pytest.approx(128 / record.costs["train_seconds"])
    assert record.costs["train_seconds"] < record.costs["trial_seconds"]
    assert record.provenance["profile"] == "cpu, 1 thread, fp32"


def test_the_structure_is_what_is_served_not_how_it_was_trained(make_trial):
    plain = carry_out(*make_trial()).structure
    assert carry_out(*make_trial(frozen_layers=2, learning_rate=5e-4)).structure == plain
    assert carry_out(*make_trial(pooling="mean")).structure != plain
    assert carry_out(*make_trial(precision="bf16")).structure != plain
    assert carry_out(*make_trial(truncation="windows")).structure != plain
