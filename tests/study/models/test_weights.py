"""Which files are read as weights, and that none of them is trusted to run code."""

from __future__ import annotations

import json
import os
import pickle
import shutil
from pathlib import Path

import pytest
import torch

from study.errors import InputError
from study.models.loading import find_model, load
from study.models.weights import stored_names, stored_tensors
from tests.architectures import pickled


@pytest.fixture
def copy(model_folder, tmp_path):
    return Path(shutil.copytree(model_folder, tmp_path / "copy"))


def loaded(folder: Path) -> dict[str, torch.Tensor]:
    torch.manual_seed(0)
    return load(find_model(str(folder)), "AutoModelForSequenceClassification", ("no", "yes")).state_dict()


def same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize("legacy", [False, True])
def test_pickled_weights_are_the_same_network(model_folder, copy, legacy):
    assert same(loaded(pickled(copy, legacy)), loaded(model_folder))


def test_a_pickle_of_other_weights_is_another_model(copy):
    pickled(copy)
    before = find_model(str(copy)).ref.fingerprint
    weights = torch.load(copy / "pytorch_model.bin")
    next(iter(weights.values()))[0] += 1
    torch.save(weights, copy / "pytorch_model.bin")
    assert find_model(str(copy)).ref.fingerprint != before


def split(folder: Path) -> list[Path]:
    from safetensors.torch import load_file, save_file

    weights = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    names = sorted(weights)
    files = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"]
    shards = {files[0]: names[::2], files[1]: names[1::2]}
    for file, some in shards.items():
        save_file({name: weights[name] for name in some}, folder / file, {"format": "pt"})
    where = {name: file for file, some in shards.items() for name in some}
    (folder / "model.safetensors.index.json").write_text(json.dumps({"metadata": {}, "weight_map": where}))
    return [folder / file for file in files]


def test_weights_in_several_files_are_the_same_network(model_folder, copy):
    split(copy)
    assert same(loaded(copy), loaded(model_folder))


def test_one_of_several_files_missing_is_told_by_name(copy):
    split(copy)[1].unlink()
    with pytest.raises(InputError, match=r"1 of the 2 files .* are missing: model-00002-of-00002"):
        find_model(str(copy))


def test_safetensors_are_read_and_the_pickle_beside_them_is_not(model_folder, copy):
    (copy / "pytorch_model.bin").write_bytes(b"never read")
    assert find_model(str(copy)).ref.fingerprint == find_model(str(model_folder)).ref.fingerprint
    assert same(loaded(copy), loaded(model_folder))


class Creeper:
    """Makes a folder when it is unpickled."""

    def __init__(self, file: Path):
        self.file = file

    def __reduce__(self):
        return os.mkdir, (str(self.file),)


@pytest.mark.parametrize("how", ["zip", "legacy", "bare"])
def test_a_pickle_that_wants_to_run_code_is_refused_and_not_run(copy, tmp_path, how):
    (copy / "model.safetensors").unlink()
    payload = {"weight": torch.zeros(2), "extra": Creeper(tmp_path / "ran")}
    if how == "bare":
        (copy / "pytorch_model.bin").write_bytes(pickle.dumps(Creeper(tmp_path / "ran"), protocol=2))
    else:
        torch.save(payload, copy / "pytorch_model.bin", _use_new_zipfile_serialization=how == "zip")
    with pytest.raises(InputError, match=r"pytorch_model\.bin holds more than weights") as caught:
        find_model(str(copy))
    assert "it asks for posix.mkdir" in str(caught.value)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("content", "file"), [(b"", "pytorch_model.bin"), (b"PK\x03\x04 half a file", "pytorch_model.bin")]
)
def test_a_broken_pickle_is_told(copy, content, file):
    (copy / "model.safetensors").unlink()
    (copy / file).write_bytes(content)
    with pytest.raises(InputError, match=r"pytorch_model\.bin"):
        find_model(str(copy))


def test_an_index_that_is_none_is_told(copy):
    (copy / "model.safetensors").unlink()
    (copy / "model.safetensors.index.json").write_text("[]")
    with pytest.raises(InputError, match="is no index of weights"):
        find_model(str(copy))


@pytest.mark.parametrize("name", ["tf_model.h5", "flax_model.msgpack", "other.safetensors", None])
def test_without_weights_that_can_be_read_it_says_what_is_there(copy, name):
    (copy / "model.safetensors").rename(copy / (name or "../elsewhere"))
    with pytest.raises(InputError, match="has no weights") as caught:
        find_model(str(copy))
    assert (name or "which is not loaded") in str(caught.value) or name is None


def refused(folder: Path) -> str:
    with pytest.raises(InputError) as caught:
        find_model(str(folder))
    (problem,) = caught.value.problems
    assert problem.startswith(f"--model {folder}: ")
    assert problem.endswith(".")
    return problem


@pytest.mark.parametrize("damage", ["garbage", "empty", "cut in the header", "cut in the weights", "longer"])
def test_damaged_safetensors_are_told_before_anything_loads(copy, damage):
    file = copy / "model.safetensors"
    whole = file.read_bytes()
    file.write_bytes(
        {
            "garbage": b"garbage" * 100,
            "empty": b"",
            "cut in the header": whole[:40],
            "cut in the weights": whole[:-1],
            "longer": whole + b"\0",
        }[damage]
    )
    assert "model.safetensors is damaged or incomplete" in refused(copy)


def test_damage_in_one_of_several_files_is_told_by_the_file(copy):
    other = split(copy)[1]
    other.write_bytes(other.read_bytes()[:-1])
    assert f"{other.name} is damaged or incomplete" in refused(copy)


def test_safetensors_beside_those_that_are_loaded_may_be_anything(model_folder, copy):
    (copy / "adapter.safetensors").write_bytes(b"never read")
    assert same(loaded(copy), loaded(model_folder))


def test_safetensors_without_tensors_are_told(copy):
    from safetensors.torch import save_file

    save_file({}, copy / "model.safetensors")
    assert "model.safetensors holds no named weights" in refused(copy)


@pytest.mark.parametrize("file", ["model.safetensors", "pytorch_model.bin"])
def test_a_pointer_of_git_lfs_is_called_one(copy, file):
    (copy / "model.safetensors").unlink()
    (copy / file).write_text("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 133466304\n")
    assert f"{file} is a pointer of Git LFS and not the weights. Run `git lfs pull`" in refused(copy)


def test_weights_damaged_after_they_were_found_are_told_by_the_readers_too(copy):
    file = copy / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-1])
    for read in (lambda: stored_names("mine", [file]), lambda: stored_tensors("mine", [file], set())):
        with pytest.raises(InputError, match=r"^--model mine: model\.safetensors is damaged or incomplete"):
            read()
    file.unlink()
    with pytest.raises(InputError, match=r"^--model mine: .*model\.safetensors cannot be read: No such file"):
        stored_names("mine", [file])
