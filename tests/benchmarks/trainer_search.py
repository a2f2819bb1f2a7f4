"""Depths of freezing by Trainer.hyperparameter_search on Ray, as transformers' documentation shows it (for ``speed``).

    python -m tests.benchmarks.trainer_search --data rotten_tomatoes --train-size 1000 --depths 0,2,4,5

Prints the validation F1 of each depth after two epochs, as JSON.
"""

from __future__ import annotations

import argparse
import json
import tempfile

from transformers import DataCollatorWithPadding, Trainer

from study.silence import silence_transformers
from tests.benchmarks.plain_trainer import arguments_of, encoded, f1, network_of


def main() -> None:
    import ray
    from ray import tune

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", default="reviews")
    parser.add_argument("--train-size", type=int)
    parser.add_argument("--depths", default="0,2,4,5")
    arguments = parser.parse_args()
    silence_transformers()
    ray.init(address="local", include_dashboard=False)  # and not a cluster that another program has left behind
    path, tokenizer, splits = encoded(arguments.data, arguments.train_size)
    scores = {}
    with tempfile.TemporaryDirectory() as folder:
        trainer = Trainer(
            args=arguments_of(folder, 1e-4, validate=True),
            train_dataset=splits["train"],
            eval_dataset=splits["validation"],
            data_collator=DataCollatorWithPadding(tokenizer),
            model_init=lambda trial: network_of(path, (trial or {"depth": 0})["depth"]),
            compute_metrics=lambda found: {"f1": f1(found)},
        )
        depths = [int(depth) for depth in arguments.depths.split(",")]
        best = trainer.hyperparameter_search(
            backend="ray",
            direction="maximize",
            n_trials=1,  # of the whole grid
            hp_space=lambda _: {"depth": tune.grid_search(depths)},
            compute_objective=lambda metrics: metrics["eval_f1"],
            resources_per_trial={"cpu": 1},
            storage_path=folder,
            verbose=0,
        )
        for result in best.run_summary.results.values():
            scores[result["config"]["depth"]] = result["objective"]
    print(json.dumps(scores))


if __name__ == "__main__":
    main()
