"""Mixout: in training, weights go back at random to what they were before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from study.knobs import Knob
from study.methods.base import Knobs, Method
from study.models.parts import parts

if TYPE_CHECKING:
    from torch import nn


def mix(model: nn.Module, setting: Knobs) -> nn.Module:
    """The model whose trainable linear weights w are mixed with u, their values at this point, in every forward pass.

    With probability p an entry is u, else u + (w - u)/(1 - p): w on average, and dropout where u = 0. Where the head
    is new, its u is what was drawn for it. One draw serves all texts of a forward pass and, by column, all weights of
    one input: the mask of the paper, whereas by element it is DropConnect's. In evaluation the weight is w. The
    gradient is that of this formula, 1/(1 - p) included, which the authors' published code leaves out. Source: Lee,
    Cho and Kang (2020), "Mixout: Effective Regularization to Finetune Large-scale Pretrained Language Models", arXiv
    1909.11299, equation 4.

    Limits: weights of linear modules only, not biases, embeddings, convolutions, nor what is not a module (XLNet's
    query, key and value); nothing that is frozen, so with LoRA, adapters or BitFit the head alone. The paper puts
    mixout in dropout's place: that is ``mixout.replace_dropout``, which silences the dropout of every module, other
    methods' too; by default both act. The paper finds nothing at p below 0.4 and nothing on large data (SST-2); with
    bias correction and 20 epochs plain fine-tuning does better on RTE, MRPC and CoLA (Mosbach et al. 2021, arXiv
    2006.04884). Parts of an accumulated batch, and repeats of a shared layer (ALBERT), each have a draw of their own.
    Memory: two copies more of every mixed weight while training.
    """
    from study.surgery.dropout import silence_dropout
    from study.surgery.mixing import install_mixing

    if setting.get("mixout.replace_dropout", False):
        silence_dropout(model)
    p = float(setting.get("mixout.p", 0.0))
    if p == 0:
        return model
    everywhere, columns = setting["mixout.target"] == "linear", setting["mixout.mask"] == "column"
    return install_mixing(model, parts(model), p, everywhere, columns)


def unmix(model: nn.Module, setting: Knobs) -> nn.Module:
    """The model as it is served: plain modules, with the weights that were trained and the dropout it came with."""
    from study.surgery.dropout import restore_dropout
    from study.surgery.mixing import remove_mixing

    return restore_dropout(remove_mixing(model))


METHOD = Method(
    name="mixout",
    version=1,
    knobs={
        "mixout.p": Knob(
            float,
            0.0,
            "probability with which a weight is, in training, what it was before",
            identity=0.0,
            low=0,
            high=1,
            below_high=True,
        ),
        "mixout.target": Knob(
            str,
            "classifier",
            "which linear weights are mixed: the head's, or also the blocks' and the pooler's",
            choices=("classifier", "linear"),
        ),
        "mixout.mask": Knob(
            str,
            "column",
            "what one draw decides: all weights of an input, or one weight",
            choices=("column", "element"),
        ),
        "mixout.replace_dropout": Knob(bool, False, "every dropout is off in training", identity=False),
    },
    model=mix,
    finish=unmix,
)
