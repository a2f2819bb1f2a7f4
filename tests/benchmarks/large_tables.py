"""Seconds that what a report says of 100,000 trials takes, section by section.

    python -m tests.benchmarks.large_tables [--trials 100000] [--least 0.1]

Frames of our own studies, of many settings and of many seeds, and tables of somebody's: the same as CSV, and a random
search with one trial for each setting, which are read first. Figures are not drawn.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from analysis.answers import Answer, answers_of
from analysis.folder import Arm, Study, points_of, unite
from analysis.frame import COSTS, EPOCHS, LATENCIES, METRICS
from analysis.once import once_each
from analysis.parts import Part
from analysis.report import (
    by_value,
    certainty,
    effects,
    expected,
    importance,
    instability,
    optimism,
    parameters,
    pareto,
    path,
    sections,
    tuning,
)
from analysis.report.compose import concluded
from analysis.report.left_out import left_out
from analysis.report.training import training
from analysis.sources import open_studies
from analysis.tables import compare
from study.question import Question, choice

Found = TypeVar("Found")

SECTIONS: dict[str, Callable[[Answer], object]] = {
    "conclusion": concluded,
    "comparison": lambda a: sections.comparison(a.table, a.arm),
    "left out": lambda a: left_out(a.rows, a.arm.question),
    "costs": lambda a: sections.costs(a.table, a.arm.question),
    "by value": lambda a: by_value.section(a.rows, a.arm.question),
    "effects": lambda a: effects.section(a.rows, a.arm.question),
    "pareto": lambda a: pareto.section(a.rows, a.arm.question, None, ["a figure"]),
    "parameters": lambda a: parameters.section(a.table, a.arm.question),
    "stability": lambda a: instability.section(a.rows, a.arm.question, always=True),
    "certainty": lambda a: certainty.section(a.rows, a.arm.question, always=True),
    "tuning": lambda a: tuning.section(a.rows, a.arm.question),
    "optimism": lambda a: optimism.section(a.rows, a.arm.question),
    "expected": lambda a: expected.section(a.rows, a.arm.question),
    "importance": lambda a: importance.section(a.rows, a.arm.question),
    "path": lambda a: path.section(a.rows, a.arm.question),
    "training": lambda a: training(a.rows, a.arm.question),
    "confusion": lambda a: sections.scores(a.rows, a.table, a.arm),
    "errors": lambda a: a.errors,
}
"""What a report says of one arm, without what needs predictions, curves or pre-training."""


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
        epochs=1.0, train_texts=1000.0, validation_texts=500.0, test_texts=500.0, profile="cpu", structure="one",
        error=None, model_fingerprint="m", data_fingerprint="d", degenerate=pd.array([False] * n, dtype="boolean"),
    )  # fmt: skip


def answer_of(frame: pd.DataFrame, question: Question) -> Answer:
    """The answer that a fabricated frame gives, of a study without files."""
    arm = Arm(question, "a model", "a set", {"fingerprint": "m"}, {"fingerprint": "d"})
    study: Study = unite([Part("large", None, question.asks, "", (), {})])
    return Answer(study, arm, frame, None, timed("compare", compare, frame, question))


def table_of(settings: int, seeds: int, generator: np.random.Generator) -> pd.DataFrame:
    """Somebody's table: so many settings on so many seeds; with no seed a random search over three."""
    n = settings * max(1, seeds)
    scores = {"f1": 0.7 + 0.02 * generator.standard_normal(n), "test": 0.7 + 0.02 * generator.standard_normal(n)}
    if seeds:
        return pd.DataFrame({"a": np.repeat(range(settings), seeds), "seed": np.tile(range(seeds), settings), **scores})
    drawn = {"lr": 10 ** generator.uniform(-5, -2, n), "b": generator.choice([8, 16, 32, 64], n)}
    return pd.DataFrame({**drawn, "wd": generator.uniform(0, 0.1, n), **scores})


def timed(name: str, work: Callable[..., Found], *given: object, least: float = 0.0, **more: Any) -> Found:
    """What some work gives; the seconds of processor time that it took are printed if they are that many."""
    start, clock = time.process_time(), time.perf_counter()
    found = work(*given, **more)
    seconds = time.process_time() - start
    if seconds >= least:
        print(f"  {name:<16}{seconds:8.2f} s{time.perf_counter() - clock:10.2f} s on the clock", flush=True)
    return found


def say_all(answer: Answer, least: float) -> None:
    """Every section of an answer, timed: alone those that take long, and all together."""
    with once_each():
        timed("all sections", lambda: [timed(name, work, answer, least=least) for name, work in SECTIONS.items()])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=100_000)
    parser.add_argument("--least", type=float, default=0.1, help="sections that take fewer seconds are not printed")
    given = parser.parse_args()
    shapes = ((given.trials // 10, 10), (given.trials // 100, 100), (10, given.trials // 10))
    for settings, seeds in shapes:
        print(f"{settings:,} settings x {seeds:,} seeds, of our own")
        question = question_of(settings, seeds)
        say_all(answer_of(frame_of(question, np.random.default_rng(0)), question), given.least)
    with tempfile.TemporaryDirectory() as folder:
        for settings, seeds in (*shapes, (given.trials, 0)):
            print(f"{settings:,} settings x {seeds:,} seeds, a CSV" if seeds else f"a search over {settings:,}, a CSV")
            path = Path(folder) / "trials.csv"
            table_of(settings, seeds, np.random.default_rng(0)).to_csv(path, index=False)
            names = ["a"] if seeds else ["lr", "b", "wd"]
            more = {"compare": ["a"], "baseline": {"a": 0}} if seeds else {"independent_draws": True}
            study = timed("read", open_studies, [path], settings=names, metric="f1", test_metric="test", **more)
            say_all(timed("answers", answers_of, study)[0], given.least)


if __name__ == "__main__":
    main()
