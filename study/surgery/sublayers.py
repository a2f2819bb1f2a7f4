"""SUBLAYERS: where the attention's and the feed-forward's output leave inside a block of each architecture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from study.models.config import read_config, stored_config
from study.question import Scalar

if TYPE_CHECKING:
    from torch import nn

    from study.models.loading import Model


@dataclass(frozen=True)
class Sublayers:
    """Dotted paths inside a block, or inside each of its ``layers`` where the block holds a list of them (ALBERT).

    ``attention`` and ``feed_forward`` are modules whose output, or its first element, is what the sublayer adds to its
    input: after its projection and its dropout, before the addition and the LayerNorm. ``norm`` is the LayerNorm that
    follows the feed-forward's addition; None where the block normalises what its sublayers read (pre-LN), so that its
    output is the plain sum. ``shared``: the two modules are dropouts that also serve other tensors of the sublayer.
    """

    attention: str
    feed_forward: str
    norm: str | None = None
    layers: str = ""
    shared: bool = False


_BERT = Sublayers("attention.output.dropout", "output.dropout", "output.LayerNorm")

SUBLAYERS: dict[str, Sublayers] = {
    "bert": _BERT,
    "roberta": _BERT,
    "xlm-roberta": _BERT,
    "camembert": _BERT,
    "electra": _BERT,
    "deberta-v2": _BERT,
    "mpnet": Sublayers("attention.dropout", "output.dropout", "output.LayerNorm"),
    # The attention has no dropout after its projection, and its own ``dropout`` is that of the probabilities.
    "distilbert": Sublayers("attention", "ffn", "output_layer_norm"),
    # ``dropout`` beside these is never called.
    "albert": Sublayers("attention.output_dropout", "ffn_output", "full_layer_layer_norm", layers="albert_layers"),
    "modernbert": Sublayers("attn", "mlp"),
    "gpt2": Sublayers("attn.resid_dropout", "mlp"),
    "xlnet": Sublayers("rel_attn.dropout", "ff.dropout", "ff.layer_norm", shared=True),
}
"""``model_type`` of a configuration -> its row. The order and names are those of transformers' modules."""


def layers_of(block: nn.Module, row: Sublayers) -> list[nn.Module]:
    """The layers with an attention and a feed-forward each that this block consists of: mostly itself."""
    return list(block.get_submodule(row.layers).children()) if row.layers else [block]


def adapter_problem(model: Model, setting: Mapping[str, Scalar]) -> str | None:
    """A sentence about why this model cannot have the adapters of this setting, or None; reads its configuration."""
    if not setting.get("adapter.width", 0):
        return None
    config = read_config(model.ref.name, model.path, stored_config(model.ref.name, Path(model.path)))
    style = str(setting.get("adapter.style", "pfeiffer"))
    problem = sublayers_problem(config, style)
    problem = problem or frozen_problem(int(setting.get("frozen_layers", 0)), model.geometry.depth)
    return problem and f"--model {model.ref.name}: {problem}"


def sublayers_problem(config: Any, style: str) -> str | None:
    """A sentence about why adapters of this style have no place in this architecture, or None."""
    kind = config.model_type
    if kind not in SUBLAYERS:
        return (
            f"adapter.width: the architecture {kind!r} has no row in study/surgery/sublayers.py, so it is not known "
            "where the output of its attention and of its feed-forward leave. It would need one there: "
            f"{kind!r}: Sublayers(attention=…, feed_forward=…, norm=…). Leave adapter.width at 0, or choose a --model "
            f"of: {', '.join(sorted(SUBLAYERS))}."
        )
    if SUBLAYERS[kind].shared and style == "houlsby" and config.d_inner == config.d_model:
        return (
            f"adapter.style=houlsby: in {kind!r} one dropout serves the inner and the outer layer of the feed-forward, "
            f"and where both have one width (d_inner = d_model = {config.d_model}) the two cannot be told apart. "
            "Give --set adapter.style=pfeiffer."
        )
    return None


def frozen_problem(frozen: int, depth: int) -> str | None:
    """A sentence where freezing leaves no block for adapters, or None."""
    if frozen < depth:
        return None
    return (
        f"frozen_layers={frozen}: leaves none of the {depth} blocks for adapters, which go into blocks that are not "
        f"frozen. With adapter.width, give --set frozen_layers values below {depth}."
    )
