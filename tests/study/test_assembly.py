"""From coordinates to a trainer: long texts in windows, pairs with their segments, and what a record says of both."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest
import torch

from study import assembly
from study.assembly import assemble, measure_latency
from study.data import TextData, read_texts, write_texts
from study.models.loading import find_model
from study.models.segments import takes_segments
from study.record import Ref
from study.training import fit
from study.trial import carry_out
from tests.architectures import KINDS, small_architecture
from tests.small import rows, small_model

LENGTH = 8


@pytest.fixture
def trainer(make_trial):
    def make(trial_and_context=None, **setting):
        torch.set_num_threads(1)
        return assemble(*(trial_and_context or make_trial(**setting)), lambda trainer, scores: None)

    return make


def own_windows(texts: list[str], folder: Path):
    """The windows of every text, by the tokenizer's own overflow."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    given = {"truncation": True, "max_length": LENGTH, "return_overflowing_tokens": True, "stride": (LENGTH - 2) // 4}
    return [tokenizer(text, **given)["input_ids"] for text in texts]


def test_a_texts_logits_are_the_mean_over_its_windows(trainer, make_trial, model_folder):
    context = make_trial()[1]
    texts = read_texts(context.texts).splits["validation"]["text"].to_pylist()
    made = trainer(truncation="windows", max_length=LENGTH)
    fit(made)
    found, network = made.logits("validation"), made.network.eval()
    assert found.shape == (len(texts), 2)
    windows = own_windows(texts, model_folder)
    assert len({len(one) for one in windows}) > 2
    for logits, own in zip(found, windows, strict=True):
        with torch.no_grad():
            alone = [network(torch.tensor([ids])).logits[0].numpy() for ids in own]
        assert logits == pytest.approx(np.mean(alone, axis=0), abs=1e-5)


def test_every_window_is_an_example_with_its_texts_class_and_scores_are_per_text(make_trial, trainer, model_folder):
    trial, context = make_trial(truncation="windows", max_length=LENGTH)
    table = read_texts(context.texts).splits["train"]
    windows = own_windows(table["text"].to_pylist(), model_folder)
    made = trainer((trial, context))
    assert [made.examples[i]["input_ids"].tolist() for i in range(len(made.examples))] == [
        ids for own in windows for ids in own
    ]
    expected = [label for label, own in zip(table["label"].to_pylist(), windows, strict=True) for _ in own]
    assert [made.examples[i]["labels"] for i in range(len(made.examples))] == expected
    record = carry_out(trial, context)
    assert record.predictions.num_rows == 32 + 32
    assert np.sum(record.metrics["test"]["confusion"]) == 32
    assert record.curve[-1]["step"] == -(-len(expected) // 8)
    cut = sum(len(own) > 1 for own in windows)
    assert record.provenance["truncation"]["train"]["cut"] == cut
    assert record.provenance["truncation"]["train"]["dropped"] == 0


def test_where_all_texts_are_short_all_truncations_are_equal_to_the_bit(make_trial):
    records = [carry_out(*make_trial(max_length=64, truncation=t)) for t in ("head", "tail", "head_tail", "windows")]
    assert len({record.key for record in records}) == 4
    for other in records[1:]:
        assert (other.metrics, other.curve) == (records[0].metrics, records[0].curve)
        assert other.predictions.equals(records[0].predictions)
        assert other.provenance["truncation"] == records[0].provenance["truncation"]


def test_a_record_says_what_truncation_did_to_the_splits_it_used(make_trial, model_folder):
    from transformers import AutoTokenizer

    trial, context = make_trial(phase="tune", max_length=LENGTH)
    told = carry_out(trial, context).provenance["truncation"]
    assert set(told) == {"train", "validation"}
    tokenizer = AutoTokenizer.from_pretrained(model_folder)
    for split, found in told.items():
        texts = read_texts(context.texts).splits[split]["text"].to_pylist()
        lengths = [len(tokenizer(text, add_special_tokens=False)["input_ids"]) for text in texts]
        over = [length - (LENGTH - 2) for length in lengths if length > LENGTH - 2]
        assert found == {"texts": len(texts), "cut": len(over), "tokens": sum(lengths), "dropped": sum(over)}


def test_latency_counts_texts_with_all_their_windows(make_trial, monkeypatch):
    asked = []

    def timed(model, batches, device, bf16, texts):
        asked.append((texts, [len(batch["input_ids"]) for batch in batches]))
        return {"median": 0.0}

    monkeypatch.setattr(assembly, "latency", timed)
    trial, context = make_trial(truncation="windows", max_length=LENGTH)
    measure_latency(trial, context)
    validation = assembly._inputs(trial, context)[1]["validation"]
    windows = [len(validation.examples_of(text)) for text in range(validation.texts)]
    assert max(windows) > 2
    (one, single), (many, together) = asked
    assert (one, many) == (1, 32)
    assert single == [windows[i % 32] for i in range(50)]
    assert together == [sum(windows)] * 10


# Pairs


@pytest.fixture
def pair_trial(make_trial, tmp_path):
    """``pair_trial(folder)``: a trial on pairs of texts with this model, whose tokenizer is made to tell segments."""

    def make(folder: Path, **setting):
        told = json.loads((folder / "tokenizer_config.json").read_text())
        told["model_input_names"] = ["input_ids", "token_type_ids", "attention_mask"]
        (folder / "tokenizer_config.json").write_text(json.dumps(told))
        data = TextData("pairs", "f" * 16, ("no", "yes"), {s: pairs(16, i) for i, s in enumerate(SPLITS)}, "", ())
        write_texts(data, tmp_path / "pairs.parquet")
        trial, context = make_trial(**{"max_length": 24, **setting})
        trial = replace(trial, model=find_model(str(folder)).ref, data=Ref("pairs", "f" * 16))
        return trial, replace(context, model=str(folder), texts=tmp_path / "pairs.parquet", cache=tmp_path / "cache")

    return make


SPLITS = ("train", "validation", "test")


def pairs(count: int, seed: int) -> pa.Table:
    texts, others = ([text for text, _ in rows(count, seed + shift)] for shift in (0, 50))
    labels = pa.array([i % 2 for i in range(count)], pa.int32())
    return pa.table({"text": texts, "pair": others, "label": labels, "row": range(count)})


def test_a_pair_reaches_the_model_as_the_tokenizer_makes_it(pair_trial, trainer, tmp_path):
    from transformers import AutoTokenizer

    trial, context = pair_trial(small_model(tmp_path / "model"))
    made = trainer((trial, context))
    found, network = made.logits("validation"), made.network.eval()
    tokenizer, table = AutoTokenizer.from_pretrained(context.model), pairs(16, 1)
    for i, (first, second) in enumerate(zip(table["text"].to_pylist(), table["pair"].to_pylist(), strict=True)):
        inputs = tokenizer(first, second, truncation=True, max_length=24, return_tensors="pt")
        assert set(inputs["token_type_ids"][0].tolist()) == {0, 1}
        with torch.no_grad():
            assert found[i] == pytest.approx(network(**inputs).logits[0].numpy(), abs=1e-5)
            inputs["token_type_ids"] *= 0
            assert found[i] != pytest.approx(network(**inputs).logits[0].numpy(), abs=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_every_architecture_gives_a_pair_in_a_batch_the_logits_it_has_alone(pair_trial, trainer, tmp_path, kind):
    published = {"type_vocab_size": 1} if kind in ("roberta", "xlm-roberta", "camembert") else {}
    trial, context = pair_trial(small_architecture(kind, tmp_path / kind, **published), max_length=48)
    made = trainer((trial, context))
    validation, network = made.job.splits["validation"], made.network.eval()
    assert (validation.types is not None) == (kind in ("bert", "electra", "albert", "xlnet"))
    found = made.logits("validation")
    for i in range(validation.texts):
        example = {name: torch.tensor(np.array([value])).long() for name, value in validation[i].items()}
        example.pop("labels")
        with torch.no_grad():
            assert found[i] == pytest.approx(network(**example).logits[0].numpy(), abs=1e-4)


def test_segments_that_a_model_has_no_row_for_are_left_out(pair_trial, tmp_path):
    trial, context = pair_trial(small_architecture("bert", tmp_path / "model", type_vocab_size=1))
    assert carry_out(trial, context).status == "finished"


def test_only_a_table_that_is_large_enough_or_xlnets_comparison_takes_segments():
    import transformers as t

    tiny = {"vocab_size": 20, "hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 1}
    bert = t.BertModel(t.BertConfig(**tiny, intermediate_size=8, type_vocab_size=2))
    assert (takes_segments(bert, 2), takes_segments(bert, 3)) == (True, False)
    assert not takes_segments(t.RobertaModel(t.RobertaConfig(**tiny, intermediate_size=8, type_vocab_size=1)), 2)
    assert not takes_segments(t.DistilBertModel(t.DistilBertConfig(vocab_size=20, dim=8, n_heads=1, n_layers=1)), 2)
    assert not takes_segments(t.GPT2Model(t.GPT2Config(vocab_size=20, n_embd=8, n_layer=1, n_head=1)), 2)
    assert takes_segments(t.XLNetModel(t.XLNetConfig(vocab_size=20, d_model=8, n_layer=1, n_head=1, d_inner=8)), 3)


# What a record says of the model


def test_newly_initialised_parameters_are_named_the_first_few_of_them(make_trial):
    notes = {seed: carry_out(*make_trial(seed=seed)).notes for seed in (0, 1)}
    assert notes[0] == notes[1]
    assert "newly initialised, trained: classifier.weight, classifier.bias" in notes[0]
    many = [f"layer.{i}" for i in range(9)]
    assert assembly._newly(many) == [f"newly initialised, trained: {', '.join(many[:6])} and 3 more"]
    assert assembly._newly([]) == []


def test_a_parameter_that_is_not_trained_is_not_said_to_be(make_trial, monkeypatch):
    drawn = ("bert.pooler.dense.weight", "classifier.bias")

    def loaded(*given):
        network = load(*given)
        network.newly_initialised, network.load_notes = drawn, ("the head is new",)
        return network

    load = assembly.load
    monkeypatch.setattr(assembly, "load", loaded)
    trial, context = make_trial(pooling="mean")
    made = assemble(trial, context, lambda trainer, scores: None)
    assert made.job.notes == ("the head is new", "newly initialised, trained: classifier.bias")


def test_a_trial_that_fails_in_training_has_its_notes_too(make_trial, monkeypatch):
    from study.trial import run_trial

    monkeypatch.setattr("study.training.fit", lambda trainer: trainer.evaluate() and 1 / 0)
    record = run_trial(*make_trial())
    assert record.status == "failed"
    assert record.notes
    assert SimpleNamespace(**record.provenance).truncation["train"]["texts"] == 64
