"""What every training loop of a trial has in common: one process on one device, silent, stopped where it diverges."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeVar

from transformers import TrainerCallback, TrainingArguments

from study.errors import Diverged

Arguments = TypeVar("Arguments", bound=TrainingArguments)


def loop_arguments(kind: Callable[..., Arguments], device: str, **given: Any) -> Arguments:
    """Training arguments of one kind; what is given stands above what is common to all."""
    common = {
        "use_cpu": device == "cpu",
        "dataloader_pin_memory": device == "cuda",
        "disable_tqdm": True,
        "report_to": "none",
        "save_strategy": "no",
        "logging_nan_inf_filter": False,  # a loss that is not a number is shown as what it is
        "remove_unused_columns": False,
    }
    made = kind(**(common | given))
    made._n_gpu = min(made.n_gpu, 1)  # a trial is one process on one device, whatever else is visible
    return made


class StopOnDivergence(TrainerCallback):
    """Raises Diverged at the first logged loss that is no finite number; ``setting`` is the rate to be lowered."""

    def __init__(self, loss: str, setting: str):
        self.loss, self.setting = loss, setting

    def on_log(self, args, state, control, logs=None, **_):
        for name in ("loss", "train_loss"):
            value = (logs or {}).get(name, 0.0)
            if not math.isfinite(value):
                raise Diverged(f"the {self.loss} is {value} at step {state.global_step}; lower {self.setting}")
