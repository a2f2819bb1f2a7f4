"""AWP: steps whose gradient is taken at weights moved to where the loss of the batch is higher."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from study.knobs import Knob
from study.methods.base import Knobs, Method
from study.models.parts import parameters_of, parts
from study.seeding import stream

if TYPE_CHECKING:
    import torch
    from torch import nn

    from study.models.loading import Model

_SCHEDULES = ("second_half", "first_half", "alternate", "random", "every")
_PARAMETERS = ("matrices", "no_embeddings", "all")


def attack(inner: Callable[..., torch.Tensor], trainer: Any, inputs: Mapping[str, Any], setting: Knobs) -> torch.Tensor:
    """The loss of these texts at the unmoved weights, which is what is logged; an attacked step has another gradient.

    Once the last part of an attacked batch has gone forward and backward, each tensor w is moved by
    v = epsilon * ||w|| * g / ||g|| (Frobenius norms, g the gradient of the whole batch), the batch goes forward and
    backward again, and w gets its old bits back: the optimizer steps from w with the gradient at w + v alone.
    Source: Wu, Xia and Wang (2020), "Adversarial Weight Perturbation Helps Robust Generalization", arXiv 2004.05884;
    their proxy model, one ascent step of SGD and rescaling amount to this v. Their code lets the optimizer step at
    w + v and subtracts v afterwards: the same but for rounding and for decoupled weight decay, which there shrinks
    w + v. ``awp_attacked_steps`` and ``awp_skipped_steps`` count the steps; one is skipped, and takes the gradient at
    w, where a gradient is not finite.

    Limits: an attacked step costs a second forward and backward pass, and a copy of the weights it moves. The inputs
    are not attacked, as they are in the paper, which is about robustness of image classifiers; without that it is
    Sharpness-Aware Minimization (Foret et al. 2021) with a radius per tensor. The second pass draws dropout
    masks of its own. A tensor of zeros is not moved, so nothing of a fresh LoRA is; frozen weights never are.
    """
    loss = inner(trainer, inputs)
    attacked = due(
        str(setting["awp.schedule"]),
        trainer.state.global_step,
        math.ceil(len(trainer.examples) / int(setting["batch_size"])),
        float(setting.get("awp.start_epoch", 0.0)),
        trainer.job.seed,
    )
    if trainer.accelerator.sync_gradients:
        done = attacked and _again(inner, trainer, trainer.group, setting)
        trainer.counted.update(awp_attacked_steps=int(done), awp_skipped_steps=int(attacked and not done))
    return loss


def due(schedule: str, step: int, per_epoch: int, start_epoch: float, seed: int) -> bool:
    """Whether the optimizer step of this number (from 0, over all epochs) is attacked.

    ``second_half`` and ``first_half`` are those of every epoch of ``per_epoch`` steps; the middle one of an odd number
    belongs to both, so that an epoch of one step is attacked. ``alternate`` begins with a step that is not. ``random``
    is a coin of its own for every seed and step: other draws do not change it.
    """
    # divided and not multiplied: 0.07 * 100 is more than 7
    if step / per_epoch < start_epoch:
        return False
    if schedule == "alternate":
        return step % 2 == 1
    if schedule == "random":
        return stream(seed, f"awp step {step}") % 2 == 1
    position = step % per_epoch
    return {
        "second_half": position >= per_epoch // 2,
        "first_half": position < math.ceil(per_epoch / 2),
        "every": True,
    }[schedule]


def chosen(model: nn.Module, which: str) -> list[nn.Parameter]:
    """The trainable parameters that are moved: those of several dimensions, these without the embeddings, or all."""
    left_out = {id(p) for part in parts(model).embeddings for p in parameters_of(part)}
    if which != "no_embeddings":
        left_out = set()
    return [
        parameter
        for parameter in model.parameters()
        if parameter.requires_grad and id(parameter) not in left_out and (which == "all" or parameter.dim() > 1)
    ]


def _again(inner: Callable[..., torch.Tensor], trainer: Any, batch: list[Mapping[str, Any]], setting: Knobs) -> bool:
    """Replace the gradient of the batch by that at the moved weights; false where it cannot be moved."""
    from study.surgery.perturbation import ascent, moved, norms

    network = trainer.network
    gradients = {id(p): p.grad for p in network.parameters() if p.grad is not None}
    slopes = norms(list(gradients.values()))
    if not bool(slopes.isfinite().all()):  # the only time that the device is waited for
        return False
    places = {name: place for place, name in enumerate(gradients)}
    weights = [p for p in chosen(network, str(setting["awp.parameters"])) if id(p) in places]
    factors = ascent(weights, slopes[[places[id(p)] for p in weights]], float(setting["awp.epsilon"]))
    with moved(weights, [gradients[id(p)] for p in weights], factors):
        # freed and not filled with zeros, to which the second gradients would have to be added
        gradients.clear()
        network.zero_grad(set_to_none=True)
        for inputs in batch:
            inner(trainer, inputs)
    return True


def problem(model: Model, setting: Knobs) -> str | None:
    """Why this would attack nothing, or None."""
    start, epochs = float(setting.get("awp.start_epoch", 0.0)), float(setting["epochs"])
    if start < epochs:
        return None
    return f"awp.start_epoch={start:g}: training ends after {epochs:g} epochs. Give less, or more --epochs."


METHOD = Method(
    name="awp",
    version=1,
    knobs={
        "awp.epsilon": Knob(
            float, 0.0, "adversarial weight perturbation, relative to each tensor's norm", identity=0.0, low=0
        ),
        "awp.schedule": Knob(str, "second_half", "which steps are attacked", choices=_SCHEDULES),
        "awp.start_epoch": Knob(float, 0.0, "epochs before the first attacked step", identity=0.0, low=0, switch=False),
        "awp.parameters": Knob(str, "matrices", "which trainable tensors are moved", choices=_PARAMETERS),
    },
    training_step=attack,
    problem=problem,
    work=lambda setting: 2.0 if setting["awp.schedule"] == "every" else 1.5,
)
