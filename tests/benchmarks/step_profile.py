"""Where the time of a training step goes: torch's profiler over some steps of a trial, by kind of operation.

    python -m tests.benchmarks.step_profile --data rotten_tomatoes [--train-size 1000] [--frozen 0] [--steps 40]

Shares are of the processor time of the operations themselves, after two steps that warm up. The rate of the matrix
products is their multiplications and additions, by the profiler, over their time; beside it stands the rate of the
largest of them alone, again and again with nothing between. Frozen blocks are computed at every step here, not stored.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch.profiler import ProfilerActivity, profile
from transformers import TrainerCallback

from study.assembly import assemble
from study.device import prepare
from study.settings import resolve
from study.training import fit
from tests.benchmarks.bare_loop import trial_of

KINDS = {
    "matrix products": ("mm", "addmm", "bmm", "baddbmm"),
    "attention": ("_scaled_dot_product", "_softmax"),
    "AdamW": ("_fused_adamw",),
    "gradient norm and clipping": ("_foreach_norm", "linalg_vector_norm", "_foreach_mul", "clamp"),
    "embeddings and their gradient": ("embedding", "index_select"),
    "activation, normalisation, dropout": ("gelu", "native_layer_norm", "native_dropout", "bernoulli"),
    "filling, adding and copying": ("zero_", "fill_", "add", "copy_", "sum", "mul", "div"),
}
"""Names of operations begin so; the first kind that fits counts."""

_WARM_UP = 2


class Steps(TrainerCallback):
    """Profiles so many steps after those that warm up, then ends the training."""

    def __init__(self, steps: int):
        self.steps = steps
        self.profiler = profile(activities=[ProfilerActivity.CPU], with_flops=True, record_shapes=True)

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        if state.global_step == _WARM_UP:
            self.profiler.start()
        if state.global_step == _WARM_UP + self.steps:
            self.profiler.stop()
            control.should_training_stop = True


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="reviews")
    parser.add_argument("--train-size", type=int, default=1000)
    parser.add_argument("--frozen", type=int, default=0)
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        setting = resolve({"epochs": 9, "evaluations_per_epoch": 0, "frozen_layers": arguments.frozen})
        trial, context = trial_of(Path(temporary), arguments.data, arguments.train_size, setting, arguments.threads)
        prepare(context)
        trainer = assemble(trial, replace(context, stored_prefix=False), lambda trainer, scores: None)
        steps = Steps(arguments.steps)
        trainer.add_callback(steps)
        fit(trainer)
    told(steps)


def told(steps: Steps) -> None:
    """Print the shares, and the rates of the products."""
    events = [event for event in steps.profiler.key_averages() if event.self_cpu_time_total]
    taken: Counter[str] = Counter()
    for event in events:
        taken[kind_of(event.key)] += event.self_cpu_time_total
    total = sum(taken.values())
    print(f"{total / steps.steps / 1e3:.0f} ms of processor time per step, the mean of {steps.steps}")
    for kind, microseconds in taken.most_common():
        print(f"{microseconds / total:6.1%}  {kind}")
    products = [event for event in events if kind_of(event.key) == "matrix products"]
    rate = sum(event.flops for event in products) / sum(event.self_cpu_time_total for event in products) / 1e3
    print(f"matrix products: {rate:.1f} GFLOP/s in training, {alone():.1f} alone (512 x 384 by 384 x 1536)")


def kind_of(name: str) -> str:
    """The kind of an operation."""
    bare = name.removeprefix("aten::")
    exact = KINDS["matrix products"]
    for kind, beginnings in KINDS.items():
        if bare in exact if beginnings is exact else bare.startswith(beginnings):
            return kind
    return "other"


def alone(seconds: float = 1.0) -> float:
    """GFLOP/s of the product that a batch of 16 texts of 32 tokens makes in a feed-forward layer of 384."""
    one, other = torch.randn(512, 384), torch.randn(384, 1536)
    count, started = 0, time.perf_counter()
    while time.perf_counter() - started < seconds:
        torch.mm(one, other)
        count += 1
    return 2 * 512 * 384 * 1536 * count / (time.perf_counter() - started) / 1e9


if __name__ == "__main__":
    main()
