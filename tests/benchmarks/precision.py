"""Whether bf16 costs anything in the score: the same seeds in fp32 and in bf16, with an interval for the difference.

    python -m tests.benchmarks.precision --data rotten_tomatoes [--train-size 300] [--eval-size 300] [--frozen 5]
        [--learning-rate 5e-4] [--seeds 8] [--out FOLDER]

It is a study, so it can be stopped and goes on in the same folder. Where a processor has no bf16 PyTorch computes with
it all the same, some fifteen times as slowly: hence the small defaults.
"""

from __future__ import annotations

import argparse
from dataclasses import replace

from analysis import conclusion
from run_study import run
from study.question import Question

QUESTION = Question(
    name="precision",
    asks="Does training in bf16 change the score?",
    source="the models' mixed-precision recipes",
    factors={"precision": ("fp32", "bf16")},
    fixed={"epochs": 2, "evaluations_per_epoch": 0},
    baseline={"precision": "fp32"},
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="reviews")
    parser.add_argument("--train-size", type=int, default=300)
    parser.add_argument("--eval-size", type=int, default=300)
    parser.add_argument("--frozen", type=int, default=5)
    parser.add_argument("--learning-rate", type=float, default=5e-4)
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--out", default="results/precision")
    arguments = parser.parse_args()
    rest = {"frozen_layers": arguments.frozen, "learning_rate": arguments.learning_rate}
    question = replace(QUESTION, fixed={**QUESTION.fixed, **rest})
    sizes = {"train_size": arguments.train_size, "eval_size": arguments.eval_size}
    frame = run(question, data=arguments.data, seeds=arguments.seeds, out=arguments.out, **sizes)
    for name in ("f1", "test_f1", "test_loss"):
        scores = frame.pivot(index="seed", columns="setting.precision", values=name)
        print(name, scores.assign(difference=scores["bf16"] - scores["fp32"]).round(5).to_string(), sep="\n")
    print(*conclusion(arguments.out), sep="\n")


if __name__ == "__main__":
    main()
