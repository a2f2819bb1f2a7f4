"""Bottleneck adapters: small trained layers inside the blocks of a frozen body."""

from __future__ import annotations

from typing import TYPE_CHECKING

from study.knobs import Knob
from study.methods.base import Knobs, Method
from study.models.parts import parts

if TYPE_CHECKING:
    from torch import nn

    from study.models.loading import Model

STYLES = {"houlsby": ("gelu", "trained"), "pfeiffer": ("relu", "frozen")}
"""Style -> the activation and the LayerNorms that its authors used."""


def add_adapters(model: nn.Module, setting: Knobs) -> nn.Module:
    """The model with its body frozen and an adapter, f(h) = up(activation(down(h))), in every block not frozen.

    ``houlsby`` (Houlsby et al. 2019, arXiv 1902.00751, section 2.1): two for each layer; h, the output of the
    attention or of the feed-forward, becomes h + f(h) before the addition and the LayerNorm; GELU, and the LayerNorms
    of the body train too. ``pfeiffer`` (Pfeiffer et al. 2020, AdapterFusion, arXiv 2005.00247, and AdapterHub, arXiv
    2007.07779): one after the feed-forward; with s the sum that goes into the last LayerNorm of the layer, that
    becomes LN(s + f(LN(s))); ReLU, and the LayerNorms stay as they are. Where that LayerNorm does not exist because a
    block normalises the inputs of its sublayers (GPT-2, ModernBERT), the block's output s becomes s + f(s).

    Each has 2md + d + m parameters (m = ``adapter.width``, d = the model's). Weights are drawn from a normal
    distribution with standard deviation ``adapter.init_scale``, truncated at two of them, and biases are zero: the
    model starts close to what it was. 0 stands for an up-projection of zeros and a down-projection drawn as
    torch.nn.Linear does, so that it starts exactly there. The head trains, and whatever no checkpoint has trained.

    Limits: architectures with a row in ``study.surgery.sublayers`` only. A pooler that the checkpoint brings stays
    frozen. Nothing is merged: texts take longer to read than without. Layers that share their weights (ALBERT) share
    their adapters. Published gains over full fine-tuning are none to speak of (GLUE 80.0 against 80.4); what is saved
    is what has to be stored. Wants a higher learning rate than full fine-tuning (1e-4 to 1e-3).
    """
    from study.models.frozen import freeze_body
    from study.surgery.bottleneck import Shape, insert_adapters, train_norms
    from study.surgery.fixed import fixed_parameters

    where, style = parts(model), str(setting["adapter.style"])
    activation, norms = (
        of_style if setting[knob] == "style" else str(setting[knob])
        for knob, of_style in zip(("adapter.activation", "adapter.norms"), STYLES[style], strict=True)
    )
    freeze_body(model)
    shape = Shape(int(setting["adapter.width"]), activation, float(setting["adapter.init_scale"]))
    insert_adapters(model, where, style, shape, first=int(setting.get("frozen_layers", 0)))
    if norms == "trained":
        train_norms(model, where, fixed_parameters(where, setting))
    return model


def problem(model: Model, setting: Knobs) -> str | None:
    """Why this model cannot have it, or None."""
    from study.surgery.sublayers import adapter_problem

    return adapter_problem(model, setting)


METHOD = Method(
    name="adapter",
    version=1,
    knobs={
        "adapter.width": Knob(int, 0, "width of the bottleneck adapters", identity=0, low=1),
        "adapter.style": Knob(
            str, "pfeiffer", "adapters after both sublayers or after the second", choices=("houlsby", "pfeiffer")
        ),
        "adapter.activation": Knob(
            str,
            "style",
            "non-linearity of the adapters (style: gelu for houlsby, relu for pfeiffer)",
            choices=("style", "gelu", "relu", "swish"),
        ),
        "adapter.init_scale": Knob(
            float, 1e-3, "standard deviation of the adapters' first weights (0: exactly no change)", low=0
        ),
        "adapter.norms": Knob(
            str,
            "style",
            "LayerNorms beside the adapters (style: trained for houlsby, frozen for pfeiffer)",
            choices=("style", "trained", "frozen"),
        ),
    },
    model=add_adapters,
    problem=problem,
)
