"""Training: the one transformers.Trainer subclass. It composes the hooks of the methods in use, and names none."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial, reduce
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from transformers import Trainer, TrainingArguments
from transformers.trainer_callback import PrinterCallback

from study.batches import SimilarLengths
from study.data.tokens import Tokens
from study.flops import training_flops
from study.methods.base import Method
from study.micro_batches import evaluation_batch, micro_batch
from study.models.padding import Padding
from study.optimizer import UncorrectedAdamW
from study.question import Setting
from study.seeding import stream
from study.tasks.base import Task
from study.training_loop import StopOnDivergence, loop_arguments


@dataclass(frozen=True)
class Job:
    """What is to be trained: the task, the setting and its methods, the tokens of each split, the class names.

    ``micro_batch`` is how many texts go through the model at once at most (0: the batch). ``notes`` are sentences about
    the model for whoever reads the record. ``cache`` is the folder of artefacts, and ``content`` names what the body's
    weights and the splits are, for methods that keep what they compute from them.
    """

    task: Task
    setting: Setting
    methods: Sequence[Method]
    splits: Mapping[str, Tokens]
    names: tuple[str, ...]
    seed: int
    padding: Padding
    device: str
    scratch: Path
    cache: Path
    content: str
    micro_batch: int = 0
    notes: tuple[str, ...] = ()
    on_evaluation: Callable[[StudyTrainer, dict[str, Any]], None] = field(default=lambda trainer, scores: None)


class StudyTrainer(Trainer):
    """A Trainer whose steps are wrapped by the methods' hooks, in their order, and whose evaluation is the task's.

    ``network`` is the model and ``examples`` what it learns from; ``group`` the parts of the present step's batch;
    ``latest`` the step and the validation logits of the last evaluation; ``counted`` what was counted while training,
    by methods too, for the record's costs. ``passes`` counts those forward and backward by the shape of their batch,
    ``tokens`` the real tokens of all steps. ``prefix_seconds`` is the time it took to find or compute the states of its
    frozen blocks, None where it reads none.
    """

    def __init__(self, model: nn.Module, job: Job):
        self.job = job
        self.curve: list[dict[str, Any]] = []
        self.counted: Counter[str] = Counter()
        self.passes: Counter[tuple[int, int]] = Counter()
        self.tokens: int | torch.Tensor = 0
        self.group: list[Mapping[str, Any]] = []
        self.evaluation_seconds = 0.0
        self.prefix_seconds: float | None = None
        self.latest: tuple[int, np.ndarray] = (-1, np.empty((0, len(job.names))))
        self._loss = self._wrap("loss", self._task_loss)
        self._step = self._wrap("training_step", StudyTrainer._plain_step)
        self._predict = self._wrap("evaluate", self._logits)
        self.examples = job.splits["train"]
        for method in job.methods:
            if method.data:
                self.examples = method.data(self.examples, job.setting, job.seed)
        self.network = model
        super().__init__(
            model=model,
            args=_arguments(job, len(self.examples)),
            train_dataset=self.examples,
            eval_dataset=job.splits["validation"],
            data_collator=partial(job.task.collate, padding=job.padding),
            callbacks=[
                StopOnDivergence("training loss", "learning_rate"),
                *(c for m in job.methods if m.callbacks for c in m.callbacks(job.setting)),
            ],
        )
        self.remove_callback(PrinterCallback)
        # Our loss ignores num_items_in_batch, so accumulated micro-batches must be averaged by the Trainer.
        self.model_accepts_loss_kwargs = False

    def _wrap(self, hook: str, inner: Callable[..., Any]) -> Callable[..., Any]:
        hooks = [wrapper for method in self.job.methods if (wrapper := getattr(method, hook))]
        return reduce(lambda call, wrapper: partial(wrapper, call, setting=self.job.setting), hooks, inner)

    def _task_loss(self, model: nn.Module, inputs: Mapping[str, Any]) -> torch.Tensor:
        outputs = model(**{k: v for k, v in inputs.items() if k not in ("labels", "weights")})
        return self.job.task.loss(outputs.logits, inputs["labels"], inputs.get("weights"))

    def get_batch_samples(self, epoch_iterator, num_batches, device):
        batches, items = super().get_batch_samples(epoch_iterator, num_batches, device)
        self.group = batches
        return batches, items

    def compute_loss(self, model, inputs, return_outputs=False, num_items_in_batch=None):
        loss = self._loss(model, inputs)
        if len(self.group) < 2:
            return loss
        # The Trainer divides by the number of parts; the last of an epoch may be smaller, and counts for less.
        examples = sum(len(part["labels"]) for part in self.group)
        return loss * (len(inputs["labels"]) * len(self.group) / examples)

    def training_step(self, model, inputs, num_items_in_batch=None):
        self.tokens = self.tokens + inputs["attention_mask"].sum()  # a tensor, so that no step waits for the device
        return self._step(self, inputs)

    def _plain_step(self, inputs: Mapping[str, Any]) -> torch.Tensor:
        # here and not in training_step: a method may go over a batch more than once
        self.passes[tuple(inputs["input_ids"].shape)] += 1
        return super().training_step(self.model_wrapped, inputs)  # type: ignore[arg-type]

    def create_optimizer(self, model=None):
        groups = [
            g
            for m in self.job.methods
            if m.parameter_groups and (g := m.parameter_groups(self.network, self.job.setting))
        ]
        kind, arguments = self.get_optimizer_cls_and_kwargs(self.args)
        if not self.job.setting["bias_correction"]:
            kind, arguments = UncorrectedAdamW, {name: arguments[name] for name in ("lr", "betas", "eps")}
            self.optimizer_cls_and_kwargs = kind, arguments
        if groups and self.optimizer is None:
            self.optimizer = kind([group for some in groups for group in some], **arguments)
        return super().create_optimizer(model)

    def _get_train_sampler(self, train_dataset=None):
        order = stream(self.job.seed, "order")
        return SimilarLengths(self.examples.lengths, int(self.job.setting["batch_size"]), order)

    def evaluate(self, eval_dataset=None, ignore_keys=None, metric_key_prefix="eval"):
        """The validation scores as ``eval_<metric>``; also appended to ``curve``."""
        started = time.perf_counter()
        self.latest = self.state.global_step, self.logits("validation")
        scores = self.scores("validation", self.latest[1])
        losses = [entry["loss"] for entry in self.state.log_history if "loss" in entry]
        point = {
            "step": self.state.global_step,
            "epoch": self.state.epoch,
            "train_loss": losses[-1] if losses else None,
        }
        self.curve.append(point | {name: scores[name] for name in self.job.task.metrics})
        metrics = {f"{metric_key_prefix}_{name}": value for name, value in scores.items()}
        self.control = self.callback_handler.on_evaluate(self.args, self.state, self.control, metrics)
        self.evaluation_seconds += time.perf_counter() - started
        self.job.on_evaluation(self, scores)
        return metrics

    @property
    def examples_seen(self) -> float | None:
        """Training examples that went through the model, repeats counted; None where a method replaced the loop."""
        return None if self.state.epoch is None else self.state.epoch * len(self.examples)

    def final_logits(self, split: str) -> np.ndarray:
        """The logits after training; those of the last evaluation where nothing can have changed a weight since."""
        ended = any(m.callbacks or m.finish or m.merge or m.fit for m in self.job.methods)
        if split == "validation" and not ended and self.latest[0] == self.state.global_step:
            return self.latest[1]
        return self.logits(split)

    def scores(self, split: str, logits: np.ndarray) -> dict[str, Any]:
        """The task's metrics of a split's logits."""
        return self.job.task.score(np.asarray(self.job.splits[split].labels), logits, self.job.names)

    def logits(self, split: str) -> np.ndarray:
        """The model's outputs for every text of a split, in the split's order: (texts, classes), float32.

        A text read in windows has the mean of its windows' outputs.
        """
        for method in self.job.methods:
            if method.outputs and (known := method.outputs(self, split, self.job.setting)) is not None:
                return known
        tokens, model = self.job.splits[split], self.network
        model.eval()
        found: np.ndarray | None = None
        with torch.inference_mode(), self.compute_loss_context_manager():
            for indices in tokens.batches(evaluation_batch(int(self.job.setting["batch_size"]), self.job.micro_batch)):
                features = [tokens[i] for i in indices]
                batch = self._prepare_inputs(self.job.task.collate(features, padding=self.job.padding))
                batch.pop("labels")
                outputs = self._predict(model, batch).float().cpu().numpy()
                found = np.empty((len(tokens), *outputs.shape[1:]), np.float32) if found is None else found
                found[indices] = outputs
        assert found is not None, "a split has at least one text"
        return tokens.per_text(found)

    @staticmethod
    def _logits(model: nn.Module, batch: Mapping[str, torch.Tensor]) -> torch.Tensor:
        return model(**batch).logits


def fit(trainer: StudyTrainer) -> float:
    """Train, then let the methods finish the model; returns the seconds of training without its evaluations."""
    job = trainer.job
    _synchronise(job.device)
    started = time.perf_counter()
    loops = [method.fit for method in job.methods if method.fit]
    if loops:
        loops[0](trainer, job.setting)
    else:
        trainer.train()
        if not trainer.curve:
            trainer.evaluate()
    _synchronise(job.device)
    seconds = time.perf_counter() - started - trainer.evaluation_seconds
    if not loops:
        read = int(job.setting["frozen_layers"]) if trainer.examples.states is not None else 0
        flops = training_flops(trainer.network, trainer.passes, read=read)
        trainer.counted.update(tokens_seen=int(trainer.tokens), train_flops=flops)
    for method in job.methods:
        if method.finish:
            trainer.network = method.finish(trainer.network, job.setting)
    return seconds


def merge(trainer: StudyTrainer) -> None:
    """Let the methods put what was trained into the weights that are served."""
    for method in trainer.job.methods:
        if method.merge:
            trainer.network = method.merge(trainer.network, trainer.job.setting)


def _synchronise(device: str) -> None:
    if device == "cuda":
        torch.cuda.synchronize()


def _arguments(job: Job, examples: int) -> TrainingArguments:
    setting = job.setting
    batch = int(setting["batch_size"])
    at_once = micro_batch(batch, job.micro_batch)
    per_epoch = math.ceil(examples / batch)
    evaluations = int(setting["evaluations_per_epoch"])
    every = math.ceil(per_epoch / max(1, evaluations))
    steps = math.ceil(per_epoch * float(setting["epochs"]))
    return loop_arguments(
        TrainingArguments,
        job.device,
        output_dir=str(job.scratch),
        per_device_train_batch_size=at_once,
        gradient_accumulation_steps=batch // at_once,
        num_train_epochs=float(setting["epochs"]),
        learning_rate=float(setting["learning_rate"]),
        weight_decay=float(setting["weight_decay"]),
        warmup_steps=round(float(setting["warmup_ratio"]) * steps),
        bf16=setting["precision"] == "bf16",
        seed=stream(job.seed, "training") % 2**32,
        eval_strategy="steps" if evaluations else "no",
        eval_steps=every,
        logging_steps=every,
        label_names=["labels"],
    )
