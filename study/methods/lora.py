"""LoRA: the body stays as it is, and beside chosen matrices of its blocks a product of two thin ones is trained."""

from __future__ import annotations

from typing import TYPE_CHECKING

from study.knobs import Knob
from study.methods.base import Knobs, Method

if TYPE_CHECKING:
    from torch import nn

    from study.models.loading import Model


def adapt(model: nn.Module, setting: Knobs) -> nn.Module:
    """The model with its body frozen and h = Wx + (alpha / r) BAx in place of h = Wx where ``lora.targets`` says.

    A (rank x inputs) is drawn as a linear layer's weight is (Kaiming, uniform), B (outputs x rank) begins at zero, so
    the first step starts from the pre-trained model. ``lora.dropout`` drops from x before A; ``lora.rslora`` divides
    alpha by the root of the rank instead. The head, and whatever the checkpoint lacked, trains as ever. Blocks that
    are frozen, and those below ``lora.first_block``, get none: both count blocks from the bottom. Built on PEFT.
    Sources: Hu et al. (2021), "LoRA", arXiv 2106.09685 (query and value, r=8, alpha=16 for RoBERTa); Kalajdzievski
    (2023), arXiv 2312.03732, for the root.

    Where query, key and value are one matrix (GPT-2, ModernBERT, GPT-NeoX), ``query,value`` and ``attention`` put one
    update on all of it, and the key changes too. Where layers share their weights (ALBERT), so do their updates. In
    XLNet, whose attention has no linear layers, the update is of the matrix itself, without dropout.

    Limits: it saves optimizer memory and what is stored, hardly time: the forward pass is longer, and the backward
    pass still reaches the lowest block with an update. It needs a learning rate of its own, about ten times that of
    full fine-tuning. On MRPC RoBERTa-base gained nothing by it (89.7 against 90.2 accuracy; Hu et al., table 2).
    Matrices that hold several experts at once get no update.
    """
    from study.surgery.lora_targets import lora_targets
    from study.surgery.low_rank import LowRank, install_low_rank

    how = LowRank(
        rank=int(setting["lora.rank"]),
        alpha=float(setting["lora.alpha"]),
        dropout=float(setting.get("lora.dropout", 0.0)),
        rslora=bool(setting.get("lora.rslora", False)),
    )
    return install_low_rank(model, lora_targets(model, setting), how)


def merge(model: nn.Module, setting: Knobs) -> nn.Module:
    """The model with the products added into its weights, in form a plain one; as trained with ``lora.merged`` off.

    Limits: merged and separate agree to rounding only, in 32 bits to about 1e-6 of a logit.
    """
    from study.surgery.low_rank import merge_low_rank

    return merge_low_rank(model) if setting.get("lora.merged", True) else model


def problem(model: Model, setting: Knobs) -> str | None:
    """Why this model cannot have it, or None."""
    from study.surgery.lora_targets import lora_problem

    return lora_problem(model, setting)


METHOD = Method(
    name="lora",
    version=1,
    knobs={
        "lora.rank": Knob(int, 0, "rank of the low-rank updates; the rest of the body is frozen", identity=0, low=1),
        "lora.alpha": Knob(float, 16.0, "LoRA's scale: updates count alpha / rank", low=0, above_low=True),
        "lora.dropout": Knob(
            float,
            0.0,
            "dropout on the input of the updates",
            identity=0.0,
            low=0,
            high=1,
            below_high=True,
            switch=False,
        ),
        "lora.targets": Knob(
            str, "query,value", "the matrices updated", choices=("query,value", "attention", "linear")
        ),
        "lora.rslora": Knob(bool, False, "updates count alpha / root of the rank", identity=False, switch=False),
        "lora.first_block": Knob(
            int, 0, "the lowest block with updates", identity=0, low=0, high="depth", below_high=True, switch=False
        ),
        "lora.merged": Knob(
            bool, True, "updates are added into the weights after training", identity=True, switch=False
        ),
    },
    implied={"lora.rank": 8},
    model=adapt,
    merge=merge,
    problem=problem,
)
