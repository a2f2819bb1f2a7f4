"""The files with a checkpoint's weights, and whether they can be read without running anybody's code."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from study.errors import InputError
from study.models.said import said

if TYPE_CHECKING:
    import torch

_SAFE = ("model.safetensors", "model.safetensors.index.json")
_PICKLED = ("pytorch_model.bin", "pytorch_model.bin.index.json")
_OTHER = ("*.h5", "*.msgpack", "*.ckpt.index", "*.onnx", "*.gguf")
_POINTER = b"version https://git-lfs"


def weight_files(name: str, folder: Path) -> list[Path]:
    """The weights to load: safetensors before pickled ones, in one file or several.

    Raises InputError where there are none, where one of several is missing or damaged, and where a pickled file holds
    more than tensors: such a file runs code when it is read.
    """
    for kind in (_SAFE, _PICKLED):
        files = _complete(name, folder, *kind)
        for file in files:
            _check_pointer(name, file)
            (_check_pickle if kind is _PICKLED else _check_header)(name, file)
        if files:
            return files
    raise InputError(_no_weights(name, folder))


def identity_files(folder: Path, files: list[Path]) -> list[Path]:
    """The files whose content is the model's, given those to load: with safetensors, every one at the folder's top.

    All of them and not only those loaded, because that is what the keys of trials were made of from the start.
    """
    return sorted(folder.glob("*.safetensors")) if files[0].suffix == ".safetensors" else sorted(files)


def stored_names(name: str, files: list[Path]) -> set[str]:
    """The names of the tensors in this model's files; raises InputError where a file is damaged."""
    from safetensors import safe_open

    names: set[str] = set()
    for file in files:
        if file.suffix == ".safetensors":
            with _reading(name, file), safe_open(file, "np") as content:
                names.update(content.keys())
        else:
            names.update(_unpickled(file))
    return names


def stored_tensors(name: str, files: list[Path], without: set[str]) -> dict[str, torch.Tensor]:
    """The tensors in this model's files by name, all but some; raises InputError where a file is damaged."""
    from safetensors.torch import load_file

    found: dict[str, torch.Tensor] = {}
    for file in files:
        with _reading(name, file):
            tensors = load_file(file) if file.suffix == ".safetensors" else _unpickled(file)
        found.update({key: tensor for key, tensor in tensors.items() if key not in without})
    return found


def _complete(name: str, folder: Path, single: str, index: str) -> list[Path]:
    if (folder / single).is_file():
        return [folder / single]
    if not (folder / index).is_file():
        return []
    try:
        parts = sorted(set(json.loads((folder / index).read_text(encoding="utf-8"))["weight_map"].values()))
    except (ValueError, KeyError, AttributeError, TypeError):
        raise InputError(f"--model {name}: {index} is no index of weights. Fetch or save the model again.") from None
    missing = [part for part in parts if not (folder / part).is_file()]
    if missing:
        raise InputError(
            f"--model {name}: {len(missing)} of the {len(parts)} files named in {index} are missing: "
            f"{', '.join(missing[:3])}{'…' if len(missing) > 3 else ''}. Fetch or save the model again."
        )
    return [folder / part for part in parts]


@contextmanager
def _reading(name: str, file: Path) -> Iterator[None]:
    """What the safetensors library or the disk says against a file, as an InputError that names it and its model."""
    from safetensors import SafetensorError

    try:
        yield
    except SafetensorError as error:
        raise InputError(
            f"--model {name}: {file.name} is damaged or incomplete and cannot be read as weights ({said(error)}). "
            "Fetch or save the model again."
        ) from None
    except OSError as error:
        raise InputError(
            f"--model {name}: {file} cannot be read: {error.strerror or said(error)}. Mend that."
        ) from None


def _check_header(name: str, file: Path) -> None:
    """Raise InputError unless this safetensors file is as long as its header says and names tensors; only the header
    is read."""
    if not stored_names(name, [file]):
        raise InputError(f"--model {name}: {file.name} holds no named weights. Fetch or save the model again.")


def _check_pointer(name: str, file: Path) -> None:
    """Raise InputError for what a clone without Git LFS has in place of the weights."""
    with _reading(name, file), open(file, "rb") as content:
        start = content.read(len(_POINTER))
    if start == _POINTER:
        raise InputError(
            f"--model {name}: {file.name} is a pointer of Git LFS and not the weights. Run `git lfs pull` in the "
            "folder, or fetch the model again."
        )


def _check_pickle(name: str, file: Path) -> None:
    """Raise InputError unless this file holds tensors alone; nothing in it is run.

    Read whole and thrown away, because where the pickle refers to its tensors only torch's reader knows; a zip (torch
    since 1.6) is mapped and not read.
    """
    try:
        held = _unpickled(file)
    except Exception as error:  # torch's reader raises whatever a broken file makes of it
        # By its name: the class is in the module that this package does without.
        if type(error).__name__ == "UnpicklingError":
            raise InputError(
                f"--model {name}: {file.name} holds more than weights, and reading it would run code "
                f"({_what(error)}). It is not loaded. Give a copy saved as safetensors (save_pretrained)."
            ) from None
        raise InputError(
            f"--model {name}: {file.name} cannot be read as weights: {said(error)}. Fetch or save the model again."
        ) from None
    if not isinstance(held, dict) or not held:
        raise InputError(f"--model {name}: {file.name} holds no named weights. Fetch or save the model again.")


def _unpickled(file: Path) -> Any:
    import torch

    return torch.load(file, map_location="cpu", weights_only=True, mmap=zipfile.is_zipfile(file))


def _what(error: Exception) -> str:
    """What the pickle asked for, out of torch's long advice."""
    found = re.search(r"(?:GLOBAL|Unsupported class) (\S+)", str(error))
    found = found or re.search(r"WeightsUnpickler error:\s*(.+)", str(error))
    return f"it asks for {found.group(1)}" if found else said(error)


def _no_weights(name: str, folder: Path) -> str:
    other = sorted(file.name for pattern in _OTHER for file in folder.glob(pattern))
    odd = sorted(file.name for file in folder.glob("*.safetensors"))
    there = f" There is {', '.join([*odd, *other][:3])}, which is not loaded." if other or odd else ""
    return (
        f"--model {name}: {folder} has no weights: neither {_SAFE[0]} nor {_PICKLED[0]}, in one file or several."
        f"{there} Give a folder saved by save_pretrained (weights of TensorFlow, Flax, ONNX: load them there, and save "
        "them so)."
    )
