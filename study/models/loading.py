"""Models: what a name leads to, what its content is, and the loaded network."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from study.errors import InputError
from study.models.architectures import architecture
from study.models.config import geometry_of, read_config, stored_config
from study.models.locating import DEFAULT_MODEL, EMBEDDED, locate, sha256
from study.models.objectives import objectives_of
from study.models.padding import Padding, padding_of
from study.models.pooling_hint import normalises, suggested_pooling
from study.models.tokenizing import tokenizer_at, tokenizer_digest
from study.models.weights import identity_files, weight_files
from study.question import Geometry, Setting
from study.record import Ref

if TYPE_CHECKING:
    from torch import nn

__all__ = ["DEFAULT_MODEL", "EMBEDDED", "Model", "find_model", "load", "load_tokenizer"]

_VOLATILE = ("_name_or_path", "transformers_version", "torch_dtype", "dtype")


@dataclass(frozen=True)
class Model:
    """A model found: its name and content (``ref``), the folder with its files, where that came from, its geometry.

    ``suggested`` are settings that the checkpoint itself implies, for a user who sets nothing else: a sentence
    encoder is pooled as it was trained. ``padding`` is how its batches are filled. ``at`` is what ``find_model`` is
    given again, later and in any process, to get this very model: an absolute folder, an embedded package's name, or
    ``owner/name@commit``. ``notes`` are sentences for the user. ``normalises`` says that its embeddings were trained
    at length 1.
    """

    ref: Ref
    path: str
    source: str
    geometry: Geometry
    tokenizer_fingerprint: str
    suggested: Setting
    padding: Padding
    at: str
    notes: tuple[str, ...] = ()
    normalises: bool = False


def find_model(name: str) -> Model:
    """The model of this name or folder, fingerprinted but not loaded; an InputError says why there is none.

    A folder comes first, then the embedded package if its weights have the known checksum, then the Hub or its cache.
    ``name@revision`` asks the Hub for a branch, tag or commit.
    """
    place = locate(name)
    files = (file for file in sorted(place.folder.iterdir()) if file.is_file())
    stamps = tuple((file.name, file.stat().st_size, file.stat().st_mtime_ns) for file in files)
    return _describe(name, str(place.folder), place.source, place.at, stamps)


def load(model: Model, auto_class: str, names: tuple[str, ...], device: str | None = None) -> nn.Module:
    """The network in fp32 on the CPU with a head for these classes; what the checkpoint lacks is drawn from torch's
    global generator, so seed it first. On ``device`` meta it has shapes and no numbers.

    Its ``newly_initialised`` are the parameters that were drawn, its ``load_notes`` sentences on what became of a head
    that the checkpoint brought. Raises InputError where the checkpoint does not fit its configuration.
    """
    from study.models.network import load_network

    network: Any = load_network(model.ref.name, model.path, auto_class, names, device)
    network.architecture_row = architecture(network.config)
    network.config.pad_token_id = model.padding.id
    network.normalises = model.normalises
    return network


def load_tokenizer(model: Model) -> Any:
    """The model's tokenizer."""
    return tokenizer_at(model.ref.name, model.path)


@lru_cache(maxsize=32)
def _describe(name: str, path: str, source: str, at: str, stamps: tuple) -> Model:
    """``stamps`` takes part only in the caching: a folder that changed is described anew."""
    folder = Path(path)
    stored = stored_config(name, folder)
    files = weight_files(name, folder)
    config = read_config(name, path, stored)
    row = architecture(config)
    digest = tokenizer_digest(name, folder)
    content = hashlib.sha256(digest.digest())
    content.update(json.dumps({k: v for k, v in stored.items() if k not in _VOLATILE}, sort_keys=True).encode())
    for file in identity_files(folder, files):
        content.update(sha256(file).encode())
    tokenizer = tokenizer_at(name, path)
    padding = padding_of(tokenizer, config, row)
    if padding is None:
        raise InputError(
            f"--model {name}: neither its tokenizer nor its config.json names a padding or an end-of-text token, so "
            "texts cannot be put into one batch. Set pad_token in tokenizer_config.json."
        )
    return Model(
        ref=Ref(folder.name if Path(name).expanduser().is_dir() else name, content.hexdigest()[:16]),
        path=path,
        source=source,
        geometry=replace(geometry_of(config, row), objectives=objectives_of(config.model_type, tokenizer)),
        tokenizer_fingerprint=digest.hexdigest()[:16],
        suggested=suggested_pooling(folder, config.model_type),
        padding=padding,
        at=at,
        notes=row.notes(config),
        normalises=normalises(folder),
    )
