"""What is remembered is what would be computed, and nothing else."""

from __future__ import annotations

from dataclasses import replace

from analysis.language import speaking
from analysis.remembered import remembered
from study.question import Question
from tests.analysis.fabricated import frame_of_rows, row

QUESTION = Question(name="q", asks="?", source="")
ROWS = [row({"a": 1}, 0.5, 0), row({"a": 2}, 0.6, 1)]


def test_the_same_trials_are_computed_once_and_changed_ones_again():
    calls = []

    def compute(rows, question, generator):
        calls.append(len(rows))
        return float(generator.random()), float(rows["f1"].sum())

    frame = frame_of_rows("q", ROWS)
    first = remembered(compute, frame, QUESTION)
    assert remembered(compute, frame.copy(), QUESTION) == first
    assert remembered(compute, frame.set_index(frame.index + 7), QUESTION) == first
    assert len(calls) == 1
    changes = [
        (frame.assign(f1=[0.5, 0.7]), QUESTION),
        (frame.assign(a=[1, 3]), QUESTION),
        (frame.assign(phase="tune"), QUESTION),
        (frame.head(1), QUESTION),
        (frame.assign(model="other"), QUESTION),
        (frame.assign(train_seconds=1.0), QUESTION),
        (frame, replace(QUESTION, keep=2)),
    ]
    for number, (rows, question) in enumerate(changes, start=2):
        remembered(compute, rows, question)
        assert len(calls) == number
    with speaking("es"):
        remembered(compute, frame, QUESTION)
    assert len(calls) == len(changes) + 2


def test_every_computation_begins_with_the_same_generator():
    frame = frame_of_rows("q", ROWS)
    one = remembered(lambda r, q, g: float(g.random()), frame, QUESTION)

    def other(rows, question, generator):
        return float(generator.random())

    assert remembered(other, frame, QUESTION) == one
