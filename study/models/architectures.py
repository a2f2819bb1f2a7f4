"""ARCHITECTURES: where the embeddings and blocks of each architecture are, and what its classification head reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Reads = Literal["pooler", "first", "last"]


@dataclass(frozen=True)
class Architecture:
    """Dotted paths inside the body (``network.base_model``); what none of them covers is the head's side.

    ``embeddings`` is everything applied before the first block, or handed to every block beside its input; a path
    that a configuration does without (ELECTRA's projection between equal widths) is passed over. ``blocks`` is the
    ModuleList of the blocks, whose length is the configuration's ``depth``. ``after_first`` is applied between the
    first block and the second, and belongs to the first. ``both_ends`` names modules among the embeddings that the
    body applies once more after the last block. ``reads``: the body's pooler, or the first or last position of its
    output; None where the position depends on the text. ``reserved``: positions are counted from the one after the
    padding token's. ``pad_type`` is the segment number of padding, where that is no segment of a text. ``note`` may
    quote the ``config``.
    """

    embeddings: tuple[str, ...]
    blocks: str
    reads: Reads | None = None
    depth: str = "num_hidden_layers"
    after_first: tuple[str, ...] = ()
    both_ends: tuple[str, ...] = ()
    reserved: bool = False
    pad_type: int = 0
    note: str = ""

    def notes(self, config: Any) -> tuple[str, ...]:
        """What a user should know before counting frozen layers: sentences, mostly none."""
        return (self.note.format(config=config),) if self.note else ()


_LAYERS = ("embeddings",), "encoder.layer"
_ROBERTA = Architecture(*_LAYERS, reads="first", reserved=True)

ARCHITECTURES: dict[str, Architecture] = {
    "bert": Architecture(*_LAYERS, reads="pooler"),
    "roberta": _ROBERTA,
    "xlm-roberta": _ROBERTA,
    "camembert": _ROBERTA,
    "distilbert": Architecture(("embeddings",), "transformer.layer", reads="first"),
    "electra": Architecture(("embeddings", "embeddings_project"), "encoder.layer", reads="first"),
    "albert": Architecture(
        ("embeddings", "encoder.embedding_hidden_mapping_in"),
        "encoder.albert_layer_groups",
        reads="pooler",
        depth="num_hidden_groups",
        note="ALBERT's layers share their weights: layers {config.num_hidden_layers}, distinct blocks "
        "{config.num_hidden_groups}; frozen_layers counts distinct blocks.",
    ),
    # The convolution mixes the embeddings into what the second block reads: were it trainable, a frozen second block
    # would sit on moving inputs. So it is frozen with the first block.
    "deberta-v2": Architecture(
        ("embeddings", "encoder.rel_embeddings", "encoder.LayerNorm"),
        "encoder.layer",
        reads="first",
        after_first=("encoder.conv",),
    ),
    "mpnet": Architecture(
        ("embeddings", "encoder.relative_attention_bias"), "encoder.layer", reads="first", reserved=True
    ),
    "modernbert": Architecture(("embeddings",), "layers", reads="first"),
    "gpt2": Architecture(("wte", "wpe", "drop"), "h"),
    # One dropout module serves the embeddings, the positions and the output of the last block.
    "xlnet": Architecture(
        ("word_embedding", "mask_emb", "dropout"), "layer", reads="last", both_ends=("dropout",), pad_type=3
    ),
}
"""``model_type`` of a configuration -> its row. Others are looked at by the general rule (general.py)."""


def architecture(config: Any) -> Architecture:
    """The row for this configuration, or what the general rule finds; an InputError where that finds nothing sure."""
    if config.model_type in ARCHITECTURES:
        return ARCHITECTURES[config.model_type]
    from study.models.general import general

    return general(config)


def can_pool(model_type: str) -> bool:
    """Whether this architecture's head reads a pooler or one fixed position, and so can be given another vector."""
    return model_type in ARCHITECTURES and ARCHITECTURES[model_type].reads is not None
