"""Seconds that the tables of 100,000 trials take: ``python -m tests.benchmarks.large_tables``."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np
import pandas as pd

from analysis.folder import points_of
from analysis.frame import COSTS, EPOCHS, LATENCIES, METRICS
from analysis.report import render, sections, tuning
from analysis.report.conclusion import conclude
from analysis.report.left_out import left_out
from analysis.tables import best_of, compare
from analysis.tuning import tuned
from study.question import Question, choice


def question_of(settings: int, seeds: int) -> Question:
    """A question that compares so many settings on so many seeds."""
    return Question(
        name="large",
        asks="Does it stay fast?",
        source="a fabricated frame",
        factors={"lora.rank": tuple(range(settings))},
        tuned={"learning_rate": choice(1e-4, 3e-4, 1e-3)},
        baseline={"lora.rank": 0},
        seeds=tuple(range(seeds)),
        selection_seeds=(seeds,),
    )


def frame_of(question: Question, generator: np.random.Generator) -> pd.DataFrame:
    """A frame with a finished comparison trial of every setting and seed, and as many tuning trials as settings."""
    ranks, seeds = [point["lora.rank"] for point in points_of(question)] or [0], list(question.seeds)
    compared = pd.DataFrame(
        {
            "phase": "compare",
            "lora.rank": np.repeat(ranks, len(seeds)),
            "seed": np.tile(seeds, len(ranks)),
            "learning_rate": 3e-4,
        }
    )
    tried = pd.DataFrame({"phase": "tune", "lora.rank": ranks, "seed": len(seeds), "learning_rate": 3e-4})
    frame = pd.concat([compared, tried], ignore_index=True)
    n = len(frame)
    scores = {metric: 0.8 + 0.02 * generator.standard_normal(n) for metric in METRICS}
    scores |= {f"test_{metric}": 0.8 + 0.02 * generator.standard_normal(n) for metric in METRICS}
    numbers = {name: generator.random(n) for name in (*COSTS, *EPOCHS, *LATENCIES)}
    return frame.assign(
        question=question.name, key=[f"{i:016x}" for i in range(n)], status="finished", model="a model", data="a set",
        fold=pd.array([None] * n, dtype="Int64"), folds=pd.array([None] * n, dtype="Int64"), **scores, **numbers,
        train_texts=1000.0, validation_texts=500.0, test_texts=500.0, profile="cpu", structure="one", error=None,
        model_fingerprint="m", data_fingerprint="d", degenerate=pd.array([False] * n, dtype="boolean"),
    )  # fmt: skip


def timed(name: str, work: Callable[..., object], *given: object) -> float:
    """The seconds of processor time that some work took, printed beside its name and the seconds on the clock."""
    start, clock = time.process_time(), time.perf_counter()
    work(*given)
    seconds = time.process_time() - start
    print(f"  {name:<24}{seconds:8.2f} s{time.perf_counter() - clock:10.2f} s on the clock")
    return seconds


def main() -> None:
    """Print the seconds of every table of both frames."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=100_000)
    trials = parser.parse_args().trials
    for settings, seeds in ((trials // 10, 10), (10, trials // 10)):
        question = question_of(settings, seeds)
        frame = frame_of(question, np.random.default_rng(0))
        table = compare(frame, question)
        print(f"{settings:,} settings x {seeds:,} seeds")
        whole = timed("compare", compare, frame, question)
        whole += timed("tuned", tuned, frame, question)
        whole += timed("left_out", left_out, frame, question)
        whole += timed("comparison, costs", shown, table, question)
        whole += timed("tuning section", tuning.section, frame, question)
        whole += timed("conclusion", conclude, table, question)
        print(f"  {'together':<24}{whole:8.2f} s")


def shown(table: pd.DataFrame, question: Question) -> None:
    """Render the tables of scores and costs."""
    render.comparison(table, question, best_of(table, question))
    sections.costs(table, question)


if __name__ == "__main__":
    main()
