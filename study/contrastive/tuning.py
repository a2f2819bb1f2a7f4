"""Tuning a body on pairs of its training examples, then a head on its embeddings: SetFit's two phases."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn
from transformers.trainer_callback import PrinterCallback

from study.contrastive.pairs import pairs_per_epoch, shuffled
from study.contrastive.undisturbed import replaced, silence, undisturbed
from study.errors import Diverged
from study.flops import training_flops
from study.linear_head import copy_regression
from study.micro_batches import micro_batch
from study.question import Setting
from study.seeding import seed_everything, stream
from study.surgery.embedder import as_embedder
from study.training_loop import loop_arguments

if TYPE_CHECKING:
    from study.training import Job, StudyTrainer

HEAD_EPOCHS, HEAD_BATCH = 16, 2
"""The package's defaults for the head that torch trains."""


def tune(trainer: StudyTrainer, setting: Setting) -> None:
    """Train the trainer's Embedder, body and head, in place.

    Its ``counted`` then has the pairs, and the tokens and floating-point operations of training the body on them.
    Raises Diverged where the contrastive loss stops being finite.
    """
    job, network = trainer.job, as_embedder(trainer.network)
    trained = [(p, p.requires_grad) for p in network.parameters()]
    with undisturbed():
        import setfit.sampler
        import setfit.trainer

        silence()
        kind = setfit.trainer.SentenceTransformerTrainingArguments
        order = shuffled(stream(job.seed, "contrastive pairs"))
        with (
            replaced(setfit.sampler, "shuffle_combinations", order),
            replaced(setfit.trainer, "SentenceTransformerTrainingArguments", partial(_loop_arguments, job, kind)),
        ):
            head = _two_phases(trainer, setting)
    for parameter, before in trained:  # the package freezes the body for the head, and then sets all of it free
        parameter.requires_grad_(before)
        parameter.grad = None
    _put_in(network.head, head)


def _two_phases(trainer: StudyTrainer, setting: Setting) -> Any:
    """The fitted head; the body is trained on the way."""
    job, classes = trainer.job, trainer.examples.classes.tolist()
    numbers = [str(number) for number in range(len(classes))]
    tuner = _tuner(trainer, setting)
    body = tuner.model.model_body[0]
    tuner.train_embeddings(numbers, classes)
    last = tuner.st_trainer.state.log_history[-1]
    if not math.isfinite(last["train_loss"]):
        raise Diverged(f"the contrastive loss is {last['train_loss']} on average; lower learning_rate")
    counts = np.bincount(classes).tolist()
    drawn = pairs_per_epoch(counts, str(setting["setfit.sampling"]), int(setting.get("setfit.iterations", 0)))
    trainer.counted.update(
        pairs=sum(drawn) * int(setting["epochs"]),
        tokens_seen=body.tokens_read,
        train_flops=training_flops(trainer.network, body.shapes),
    )
    seed_everything(job.seed, "setfit head")
    tuner.train_classifier(numbers, classes)
    return tuner.model.model_head


def _tuner(trainer: StudyTrainer, setting: Setting) -> Any:
    import setfit
    from sentence_transformers import SentenceTransformer

    from study.contrastive.body import Embeddings, NumberedModel

    job = trainer.job
    model = NumberedModel(
        model_body=SentenceTransformer(modules=[Embeddings(trainer)], device=job.device),
        model_head=_head(trainer, setting),
    )
    batch, weight_decay = int(setting["batch_size"]), float(setting["weight_decay"])
    arguments = setfit.TrainingArguments(
        output_dir=str(job.scratch),
        batch_size=(micro_batch(batch, job.micro_batch), HEAD_BATCH),
        num_epochs=(int(setting["epochs"]), HEAD_EPOCHS),
        sampling_strategy=str(setting["setfit.sampling"]),
        num_iterations=int(setting.get("setfit.iterations", 0)) or None,
        body_learning_rate=float(setting["learning_rate"]),
        head_learning_rate=float(setting["setfit.head_learning_rate"]),
        warmup_proportion=float(setting["warmup_ratio"]),
        l2_weight=weight_decay or math.ulp(0.0),  # the package takes 0 for unset, and decays by 0.01
        show_progress_bar=False,
        seed=stream(job.seed, "contrastive") % 2**32,
        report_to="none",
        logging_strategy="no",
        save_strategy="no",
    )
    # No data set is given to the package's trainer: it would count words for a model card that nobody reads.
    tuner = setfit.Trainer(model=model, args=arguments)
    tuner.remove_callback(PrinterCallback)
    return tuner


def _head(trainer: StudyTrainer, setting: Setting) -> Any:
    layer = as_embedder(trainer.network).head
    if setting["setfit.head"] == "logistic":
        from sklearn.linear_model import LogisticRegression

        return LogisticRegression()
    from setfit import SetFitHead

    seed_everything(trainer.job.seed, "setfit head's weights")
    return SetFitHead(layer.in_features, layer.out_features, device=trainer.job.device)


def _loop_arguments(job: Job, kind: Any, **given: Any) -> Any:
    """The arguments of the contrastive loop, with what the package does not hand on."""
    batch = int(job.setting["batch_size"])
    return loop_arguments(
        kind,
        job.device,
        **given,
        gradient_accumulation_steps=batch // micro_batch(batch, job.micro_batch),
        dataloader_pin_memory=False,
    )


def _put_in(layer: nn.Linear, head: Any) -> None:
    """Give the layer the probabilities of the package's head."""
    if not isinstance(head, nn.Module):
        copy_regression(layer, head)
        return
    fitted: Any = head
    with torch.no_grad():
        layer.weight.copy_(fitted.linear.weight / (fitted.temperature + fitted.eps))
        layer.bias.copy_(fitted.linear.bias / (fitted.temperature + fitted.eps))
