"""Building a pre-trained body: a head where there is none, then body and head, then a head like the first."""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from safetensors.torch import load_file, save_file

from study.cost import PeakMemory
from study.data.tokens import Tokens
from study.flops import training_flops
from study.models.loading import Model, load_tokenizer
from study.pretraining.batches import Batches
from study.pretraining.language_model import body_state, head_state, language_model, put, train_only_head
from study.pretraining.masking import masking
from study.pretraining.recipe import Recipe
from study.pretraining.texts import read_from, without_segments
from study.pretraining.training import How, train

if TYPE_CHECKING:
    import torch
    from torch import nn

HEAD_LEARNING_RATE = 1e-3
"""A head of random weights on a body that stays as it is bears, and needs, more than the body's learning rate."""


@dataclass(frozen=True)
class Sources:
    """Where a body is built: the model, the task's and the domain's tokens by split, the device, and how many texts at
    once at most (0: the batch)."""

    found: Model
    task: Mapping[str, Tokens]
    domain: Mapping[str, Tokens] | None
    device: str
    micro_batch: int


def build(folder: Path, recipe: Recipe, sources: Sources) -> None:
    """Write body.safetensors (names as in the body), head_before and head_after.safetensors, and told.json.

    Without a language-modelling head in the checkpoint a new one is trained on the frozen body for ``head_steps``;
    that is "before". Then body and head are trained for ``steps``. "After" is the new head once more from the same
    random weights, trained on the same batches, on the body that resulted and is frozen: what differs is the body. A
    checkpoint's own head is trained with the body, and is "after" as it then is. A builder that was killed is gone on
    from at its last checkpoint.
    """
    memory = PeakMemory(sources.device)
    network, new = language_model(sources.found, recipe.objective, recipe.seed)
    start = head_state(network)
    phases: dict[str, dict[str, Any]] = {}
    if new:
        train_only_head(network)
        phases["head_before"] = _phase(folder, "head_before", network, recipe, sources, memory)
    before = head_state(network)
    network.requires_grad_(True)
    phases["training"] = _phase(folder, "training", network, recipe, sources, memory)
    if new:
        put(network, head=start)
        train_only_head(network)
        phases["head_after"] = _phase(folder, "head_after", network, recipe, sources, memory)
    _write(folder / "body.safetensors", body_state(network))
    _write(folder / "head_before.safetensors", before)
    _write(folder / "head_after.safetensors", head_state(network))
    told = _told(recipe, phases, before if new else None)
    (folder / "told.json").write_text(json.dumps(told), encoding="utf-8")
    for name in phases:
        (folder / f"{name}.json").unlink(missing_ok=True)
    (folder / "training.safetensors").unlink(missing_ok=True)


def networks(folder: Path, recipe: Recipe, found: Model) -> tuple[nn.Module, nn.Module]:
    """The language models before and after, from what ``build`` wrote."""
    before, _ = language_model(found, recipe.objective, recipe.seed)
    after, _ = language_model(found, recipe.objective, recipe.seed)
    put(before, head=load_file(folder / "head_before.safetensors"))
    put(after, load_file(folder / "body.safetensors"), load_file(folder / "head_after.safetensors"))
    return before.eval(), after.eval()


def _phase(
    folder: Path, name: str, network: Any, recipe: Recipe, sources: Sources, memory: PeakMemory
) -> dict[str, Any]:
    """What a phase cost; the network has the phase's weights, trained now or found."""
    done, costs = folder / f"{name}.safetensors", folder / f"{name}.json"
    if not done.exists() or not costs.exists():
        alone = name != "training"
        # Both heads are trained on the same batches with the same dropout.
        batches = _batches(network, recipe, sources, "head" if alone else "body")
        how = How(
            objective=recipe.objective,
            learning_rate=HEAD_LEARNING_RATE if alone else recipe.learning_rate,
            precision=recipe.precision,
            device=sources.device,
            micro_batch=sources.micro_batch,
            seed=recipe.seed,
            only_head=alone,
        )
        cost = train(network, batches, how, folder / name, memory)
        cost |= _counts(network, batches, cost.pop("predicted"))
        costs.write_text(json.dumps(cost), encoding="utf-8")
        _write(done, {n: p.detach().clone() for n, p in network.named_parameters() if p.requires_grad})
    shutil.rmtree(folder / name, ignore_errors=True)  # a builder may have been killed before this
    network.load_state_dict(load_file(done), strict=False)
    return json.loads(costs.read_text(encoding="utf-8"))


def _batches(network: Any, recipe: Recipe, sources: Sources, name: str) -> Batches:
    steps = recipe.steps if name == "body" else recipe.head_steps
    texts = read_from(recipe.corpus, steps, sources.task, sources.domain)
    return Batches(
        texts=tuple((without_segments(tokens, network), count) for tokens, count in texts),
        size=recipe.batch_size,
        seed=recipe.seed,
        name=f"pre-training of the {name}",
        padding=sources.found.padding,
        mask=masking(recipe.objective, load_tokenizer(sources.found), recipe.mask_rate, sources.found.padding),
    )


def _counts(network: nn.Module, batches: Batches, predicted: int) -> dict[str, Any]:
    """Sequences, tokens and operations of training on these batches, so many tokens being predicted."""
    shapes: Counter[tuple[int, int]] = Counter()
    tokens = 0
    for step in range(len(batches)):
        lengths = batches.lengths(step)
        shapes[len(lengths), int(lengths.max())] += 1
        tokens += int(lengths.sum())
    return {
        "tokens": tokens,
        "padded_tokens": sum(texts * length * times for (texts, length), times in shapes.items()),
        "flops": float(training_flops(network, shapes, predicted)),
        "sequences": sum(texts * times for (texts, _), times in shapes.items()),
    }


def _told(
    recipe: Recipe, phases: Mapping[str, Mapping[str, Any]], head: Mapping[str, torch.Tensor] | None
) -> dict[str, Any]:
    """What a record says of the body: its costs are those of training it, and its head's are beside them."""
    told = asdict(recipe)
    if recipe.objective == "causal":
        told["mask_rate"] = None  # nothing is masked
    for name in ("head_steps", "batch_size", "max_length", "precision"):
        del told[name]
    trained = [phase for name, phase in phases.items() if name != "training"]
    told["head"] = {"new": False, "parameters": 0, "steps": 0, "seconds": 0.0}
    if head is not None:
        told["head"] = {
            "new": True,
            "parameters": sum(tensor.numel() for tensor in head.values()),
            "steps": recipe.head_steps,
            "seconds": sum(phase["seconds"] for phase in trained),
        }
    return {**told, "costs": {n: value for n, value in phases["training"].items() if value is not None}}


def _write(path: Path, tensors: Mapping[str, torch.Tensor]) -> None:
    """Write a safetensors file, which appears whole or not at all."""
    temporary = path.with_name(f"{path.name}.new")
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, temporary)
    os.replace(temporary, path)
