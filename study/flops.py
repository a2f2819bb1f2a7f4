"""Operations: an estimate of the floating-point operations that training a network takes."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from torch import nn
from transformers.pytorch_utils import Conv1D

from study.models.architectures import architecture
from study.models.parts import Parts, parts_by
from study.surgery.projections import reads_input

_LINEAR = (nn.Linear, Conv1D, nn.Conv1d)


def batch_flops(network: nn.Module, lengths: Sequence[int]) -> int:
    """Floating-point operations of one pass forward and backward over texts of these lengths (tokens), as one batch.

    The texts are padded to the longest, and padding counts, because it is computed. See ``training_flops``.
    """
    return training_flops(network, {(len(lengths), max(lengths)): 1})


def training_flops(
    network: nn.Module, shapes: Mapping[tuple[int, int], int], predicted: int | None = None, read: int = 0
) -> int:
    """Floating-point operations of a whole training of the network as it is: what has a gradient now is trained.

    ``shapes``: (texts, padded length) of a batch -> how many passes forward and backward went over such a batch. A
    multiplication and an addition are two operations. A matrix of w weights takes 2w for each vector forward, 2w more
    backward for the gradient of its input where something below it is trained, and 2w for its own gradient where it is
    trained itself. Attention's scores and its sums of values take 4 L² times the width forward and twice that backward,
    masked or not. With gradient checkpointing the blocks that the backward pass reaches go forward once more. Output
    layers over a vocabulary count at every position, or at ``predicted`` positions in all where that is given; poolers
    and classification heads once for each text. The first ``read`` blocks do not count: what they give is read from
    disk. XLNet's two-stream attention counts where its output is a vocabulary.
    Sources: Kaplan et al. (2020), "Scaling Laws for Neural Language Models", arXiv 2001.08361, section 2.1, whose 6
    operations per weight and token this is where everything is trained; for relative positions, the products that
    transformers' code computes.

    Limits: an estimate from shapes, with matrix products alone; activations, normalisation, the optimizer and look-ups
    of embeddings are left out, a few per cent for networks of the usual widths. A layer that the general rule finds in
    an architecture without a row counts as plain attention.
    """
    work = _work(network, read)
    if predicted is None:
        predicted = sum(passes * texts * length for (texts, length), passes in shapes.items())
    return predicted * work["output"] + sum(
        passes * (work["pass"] + texts * (work["text"] + length * work["token"] + length**2 * work["square"]))
        for (texts, length), passes in shapes.items()
    )


@dataclass(frozen=True)
class _Product:
    """A product of matrices: operations forward for each ``per`` (pass, text, token, or square of the length).

    ``place`` is where in the order of modules it is computed, ``block`` that block's number (None: outside them), and
    ``after_first`` whether it is computed between the first and the second. ``weights`` is how many of
    its factors are trained weights, or made of them alone, ``activations`` how many are computed from what lies below.
    """

    operations: int
    per: str
    place: float
    weights: int = 0
    activations: int = 1
    block: int | None = None
    after_first: bool = False

    @property
    def output_of(self) -> int | None:
        """The block to whose output it contributes: what is applied after the first block belongs to that."""
        return 0 if self.after_first else self.block


@dataclass(frozen=True)
class _Layout:
    """A network seen as an order of modules: module id -> place and block; and the place of each block's attention."""

    network: Any
    config: Any
    where: Parts
    places: dict[int, float] = field(default_factory=dict)
    blocks: dict[int, int] = field(default_factory=dict)
    attention: list[float] = field(default_factory=list)

    @property
    def width(self) -> int:
        return int(self.config.hidden_size)

    @property
    def speaks(self) -> bool:
        """Whether what lies above the body is an output layer over the vocabulary."""
        inside = {id(module) for module in self.where.body.modules()}
        size = getattr(self.config, "vocab_size", None)
        return any(
            size in module.weight.shape
            for module in self.network.modules()
            if isinstance(module, _LINEAR) and id(module) not in inside
        )

    @property
    def streams(self) -> int:
        """How many streams of hidden states go through a block: two in XLNet when it predicts tokens."""
        return 2 if self.config.model_type == "xlnet" and self.speaks else 1

    def leads_on(self, block: int | None, stream: int) -> bool:
        """Whether what this stream leaves a block is read again: the text's own in the last block is not."""
        return stream == 0 or block != len(self.where.blocks) - 1

    @property
    def times(self) -> int:
        """How often a block is applied: more than once where layers share their weights."""
        return max(1, round(self.config.num_hidden_layers / len(self.where.blocks)))


def _work(network: Any, read: int) -> Counter[str]:
    """Operations forward and backward for every pass, text, token, and square of a text's length."""
    layout = _layout(network)
    lowest = min(
        (layout.places[id(m)] for m in network.modules() if any(p.requires_grad for p in m.parameters(recurse=False))),
        default=math.inf,
    )
    # not the network's own word for it, whose name depends on the version of transformers
    again = any(getattr(module, "gradient_checkpointing", False) for module in network.modules())
    last: dict[int, float] = {}
    for module, block in layout.blocks.items():
        last[block] = max(last.get(block, -math.inf), layout.places[module])
    work: Counter[str] = Counter()
    for product in itertools.chain(_linear(layout), _bare(layout), _attention(layout)):
        if product.output_of is not None and product.output_of < read:
            continue
        reached = product.block is not None and last[product.block] >= lowest
        backward = product.weights + product.activations * (product.place > lowest)
        work[product.per] += product.operations * (1 + backward + int(again and reached))
    return work


def _layout(network: Any) -> _Layout:
    """The order: embeddings, blocks, and all else, each as its modules are listed.

    Query, key and value read the same, so they share a place. An adapter after the attention is listed last in its
    block, but computed before the feed-forward part.
    """
    config = network.base_model.config
    where = parts_by(network, getattr(network, "architecture_row", None) or architecture(config))
    layout = _Layout(network, config, where)
    layout.places[id(where.body)] = -1.0  # the parameters of no module: XLNet's mask_emb
    count = itertools.count()
    embeddings = [part for part in where.embeddings if isinstance(part, nn.Module)]
    for part in (*embeddings, *where.blocks, network):
        number = where.blocks.index(part) if part in where.blocks else None
        first = float(next(count))
        inputs: float | None = None
        for path, module in part.named_modules() if number is not None else _children_first(part):
            if id(module) in layout.places:
                continue
            place = float(next(count))
            if number is not None:
                layout.blocks[id(module)] = number
                if reads_input(path) or path.endswith("rel_attn"):
                    inputs = place if inputs is None else inputs
                    place = inputs + (0.25 if "lora_B" in path else 0.0)
                elif "adapters.attention" in path and inputs is not None:
                    place = inputs + 0.75
            layout.places[id(module)] = place
        if number is not None:
            layout.attention.append(0.5 + (first if inputs is None else inputs))
    return layout


def _children_first(module: nn.Module, path: str = "") -> Iterator[tuple[str, nn.Module]]:
    """A module's parts before itself: what a head holds beside them (a bias over the vocabulary) is applied last."""
    for name, child in module.named_children():
        yield from _children_first(child, f"{path}.{name}")
    yield path, module


def _linear(layout: _Layout) -> Iterator[_Product]:
    """The products of linear modules with their inputs."""
    embeddings = {id(m) for p in layout.where.embeddings if isinstance(p, nn.Module) for m in p.modules()}
    after = {id(m) for part in layout.where.after_first for m in part.modules()}
    speaks, streams, times = layout.speaks, layout.streams, layout.times
    for path, module in layout.network.named_modules():
        if not isinstance(module, _LINEAR):
            continue
        block = layout.blocks.get(id(module))
        token = block is not None or id(module) in embeddings or id(module) in after
        output = speaks and "pooler" not in path
        for stream in range(1 if block is None else streams):
            yield _Product(
                operations=2 * module.weight.numel() * (1 if block is None else times),
                per="token" if token else "output" if output else "text",
                place=layout.places[id(module)],
                weights=int(module.weight.requires_grad and layout.leads_on(block, stream)),
                activations=int(layout.leads_on(block, stream)),
                block=block,
                after_first=id(module) in after,
            )


def _bare(layout: _Layout) -> Iterator[_Product]:
    """The products of XLNet's matrices, which are no modules, and those that make their low-rank updates."""
    if layout.config.model_type != "xlnet":
        return
    for number, block in enumerate(layout.where.blocks):
        held: Any = block.get_submodule("rel_attn")
        changed = getattr(held, "parametrizations", {})
        for name in "qkvor":
            updated = name in changed
            for stream in range(layout.streams if name in "qo" else 1):
                leads = layout.leads_on(number, stream)
                yield _Product(
                    # Positions are relative, from -L to L: two vectors for each token, and they are constants.
                    operations=2 * layout.width * layout.config.n_head * layout.config.d_head * (1 + (name == "r")),
                    per="token",
                    place=layout.places[id(held)] + (0.6 if name == "o" else 0.0),
                    weights=int(leads and _trains(held, name)),
                    activations=int(leads and name != "r"),
                    block=number,
                )
            for update in changed[name] if updated else ():
                operations = 2 * update.lora_A.numel() * len(update.lora_B)
                yield _Product(operations, "pass", layout.attention[number], weights=2, activations=0, block=number)


def _trains(held: Any, name: str) -> bool:
    """Whether this parameter of a module is trained, or an update of it."""
    changed = getattr(held, "parametrizations", {})
    return any(p.requires_grad for p in (changed[name].parameters() if name in changed else [getattr(held, name)]))


def _attention(layout: _Layout) -> Iterator[_Product]:
    """The products of queries with keys, and of their probabilities with values."""
    width, kind = layout.width, layout.config.model_type
    for number, place in enumerate(layout.attention):
        block: Any = layout.where.blocks[number]
        for stream in range(layout.streams):
            leads = layout.leads_on(number, stream)
            layers = layout.times * getattr(layout.config, "inner_group_num", 1)
            yield _Product(4 * width * layers, "square", place, activations=2 * leads, block=number)
            if kind == "xlnet":  # scores by position too, over twice the length
                weights = int(leads and _trains(block.rel_attn, "r"))
                yield _Product(4 * width, "square", place, weights, activations=int(leads), block=number)
        if layout.streams == 2:  # the predicted places into the sequence and back: products with a constant
            yield _Product(4 * width, "square", place, activations=1, block=number)
        if kind == "deberta-v2" and layout.config.relative_attention:
            terms = 4 * width * len(layout.config.pos_att_type) * _span(layout.config)
            yield _Product(terms, "token", place, activations=2, block=number)
            trained = any(p.requires_grad for p in block.parameters())
            yield _Product(terms * width, "pass", place, weights=int(trained), block=number)


def _span(config: Any) -> int:
    """How far DeBERTa's attention tells positions apart, in its buckets."""
    if config.position_buckets > 0:
        return config.position_buckets
    return config.max_relative_positions if config.max_relative_positions > 0 else config.max_position_embeddings
