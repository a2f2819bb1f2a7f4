"""The body of a trial that pre-trains: built by whoever needs it first, then read by all that share it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from safetensors.torch import load_file

from study.artefacts import artefact, evict, reading
from study.data.tokens import Tokens
from study.micro_batches import micro_batch
from study.models.bodies import Body
from study.models.loading import Model, load_tokenizer
from study.pretraining.build import Sources, build, networks
from study.pretraining.general import general_texts
from study.pretraining.recipe import Recipe, body_key, recipe_of
from study.pretraining.texts import held_out, plain_texts, texts_of, without_segments

if TYPE_CHECKING:
    from study.trial import Context, Trial

BODY_BYTES = 10 * 2**30
"""What the bodies of a study may take on disk; beyond it the one not read for longest goes, and is built again if
another trial needs it."""

_EXAMINATION = 1  # raised whenever what is measured before and after changes


def pretrained_body(trial: Trial, context: Context, found: Model) -> Body:
    """The body for this trial, pre-trained now unless that was done; what was measured of it is in its ``told``."""
    recipe = recipe_of(trial.setting, found)
    key = body_key(recipe, found, trial.data, trial.corpus)
    with reading(context.cache, key, lambda folder: _build(folder, recipe, trial, context, found), True) as folder:
        state = load_file(folder / "body.safetensors")
        told = json.loads((folder / "told.json").read_text(encoding="utf-8"))
        examined = _examined(folder, recipe, trial, context, found)
        evict(context.cache, "body-", BODY_BYTES)
    domain = asdict(trial.corpus) if trial.corpus and recipe.corpus != "task" else None
    return Body(key, state, {**told, "domain": domain, **examined})


def _build(folder: Path, recipe: Recipe, trial: Trial, context: Context, found: Model) -> None:
    most = context.micro_batch or int(trial.setting["micro_batch"])
    task, domain = _texts(recipe, trial, context, found)
    at_once = micro_batch(recipe.batch_size, most) if most else 0
    build(folder, recipe, Sources(found, task, domain, context.device, at_once))


def _texts(
    recipe: Recipe, trial: Trial, context: Context, found: Model
) -> tuple[dict[str, Tokens], dict[str, Tokens] | None]:
    """The task's tokens, and the corpus's if there is one."""
    task = texts_of(context.texts, trial.data, found, recipe.max_length, context.cache)
    if context.corpus is None or trial.corpus is None:
        return task, None
    return task, texts_of(context.corpus, trial.corpus, found, recipe.max_length, context.cache)


def _examined(body: Path, recipe: Recipe, trial: Trial, context: Context, found: Model) -> dict[str, Any]:
    """Perplexities and filled-in words before and after, measured once per body, texts and sentences."""
    general = general_texts()
    content = [
        _EXAMINATION,
        body.name,
        trial.data.fingerprint,
        trial.corpus.fingerprint if trial.corpus else None,
        context.sentences,
        general,
    ]
    digest = hashlib.sha256(json.dumps(content).encode()).hexdigest()[:16]

    def measure(folder: Path) -> None:
        from study.pretraining.examine import examine

        task, domain = _texts(recipe, trial, context, found)
        splits = {"task": task["validation"]}
        if domain is not None:
            splits["domain"] = domain["validation"]
        splits = {name: held_out(tokens) for name, tokens in splits.items()}
        splits["general"] = plain_texts(general, found, recipe.max_length, context.cache)
        before, after = networks(body, recipe, found)
        splits = {name: without_segments(tokens, before) for name, tokens in splits.items()}
        result = examine(
            before, after, recipe.objective, load_tokenizer(found), splits, context.sentences, context.device
        )
        (folder / "examined.json").write_text(json.dumps(result), encoding="utf-8")

    folder = artefact(context.cache, f"examined-{digest}", measure)
    return json.loads((folder / "examined.json").read_text(encoding="utf-8"))
