"""The body of a trial: pre-trained once for all that share it, put into their networks, and told in their records."""

from __future__ import annotations

import time
from dataclasses import replace
from types import SimpleNamespace

import pytest
import torch

from study.assembly import assemble, trained_body
from study.data import DataOptions, load_data, write_texts
from study.data.texts import TextData, fingerprint
from study.errors import InputError
from study.methods.pretraining import METHOD
from study.models.loading import find_model
from study.pretraining import body as bodies
from study.pretraining.recipe import body_key, recipe_of
from study.record import Ref
from study.settings import all_knobs, resolve
from study.trial import carry_out, run_trial
from tests.architectures import small_architecture
from tests.small import small_data

ON = {"pretraining__steps": 3, "pretraining__head_steps": 2, "pretraining__batch_size": 8}


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("artefacts")


@pytest.fixture
def pretraining_trial(make_trial, cache):
    """As ``make_trial``, with pre-training on and the artefacts of this module."""
    torch.set_num_threads(1)

    def make(seed: int = 0, **setting):
        trial, context = make_trial(seed=seed, **{**ON, **setting})
        return trial, replace(context, cache=cache)

    return make


@pytest.fixture(scope="module")
def corpus(tmp_path_factory) -> tuple[Ref, object]:
    folder = tmp_path_factory.mktemp("corpus")
    data = load_data(DataOptions(str(small_data(folder / "moods", train=40, evaluation=12))))
    splits = {"train": data.splits["train"], "validation": data.splits["test"]}
    texts = TextData("other", fingerprint((), splits), (), splits, "", ())
    write_texts(texts, folder / "texts.parquet")
    return Ref("other", texts.fingerprint), folder / "texts.parquet"


def test_trials_that_differ_after_pre_training_share_one_body(pretraining_trial, cache, monkeypatch):
    built = []
    plain = bodies.build
    monkeypatch.setattr(bodies, "build", lambda folder, *given: (built.append(folder), plain(folder, *given)))
    others = [{}, {"learning_rate": 2e-3}, {"epochs": 2}, {"frozen_layers": 1}, {"lora__rank": 2}, {"shots": 4}]
    found = [trained_body(*pretraining_trial(seed=seed, **other)) for seed, other in enumerate(others)]
    assert len(built) == 1
    assert len({body.fingerprint for body in found}) == 1
    trained_body(*pretraining_trial(pretraining__seed=1))
    assert len(built) == 2
    assert len([path for path in cache.glob("body-*") if path.is_dir()]) == 2


def test_the_trial_starts_from_the_body_and_its_record_tells_of_it(pretraining_trial, model_folder):
    trial, context = pretraining_trial(seed=3)
    body = trained_body(trial, context)
    trainer = assemble(trial, context, lambda trainer, scores: None, body)
    start = trainer.network.base_model.state_dict()
    assert body.state
    assert all(torch.equal(start[name], tensor) for name, tensor in body.state.items())
    plain = assemble(*pretraining_trial(seed=3, pretraining__steps=0), lambda trainer, scores: None)
    own = plain.network.base_model.state_dict()
    assert any(not torch.equal(own[name], start[name]) for name in body.state)
    for name in own.keys() - body.state.keys():  # the pooler, which a language model has none of
        assert torch.equal(own[name], start[name])
    record = carry_out(trial, context)
    told = record.pretraining
    assert {"objective", "corpus", "steps", "learning_rate", "mask_rate", "seed", "head"} <= told.keys()
    assert (told["objective"], told["corpus"], told["steps"]) == ("masked", "task", 3)
    assert set(told["perplexity"]) == {"task", "general"}
    assert {"before", "after", "texts", "tokens"} <= told["perplexity"]["task"].keys()
    assert told["fill_ins"]
    assert {"seconds", "tokens", "padded_tokens", "flops", "sequences"} <= told["costs"].keys()
    assert record.from_json(record.to_json()).pretraining == told


def test_what_a_trial_costs_does_not_hold_its_pre_training(pretraining_trial, monkeypatch):
    """By a clock that jumps while the body is built."""
    passed, plain = [0.0], bodies.build

    def build(*given) -> None:
        plain(*given)
        passed[0] += 1e6

    clock = SimpleNamespace(perf_counter=lambda: time.perf_counter() + passed[0])
    monkeypatch.setattr(bodies, "build", build)
    monkeypatch.setattr("study.trial.time", clock)
    record = carry_out(*pretraining_trial(pretraining__seed=5))
    assert passed == [1e6]
    assert record.costs["trial_seconds"] < 1e6


def test_the_body_is_named_by_all_that_decides_it(pretraining_trial):
    trial, context = pretraining_trial()
    found, domain = find_model(context.model), Ref("other", "f" * 16)

    def key(data: Ref = trial.data, domain: Ref | None = domain, **setting) -> str:
        given = {name.replace("__", "."): value for name, value in setting.items()}
        return body_key(recipe_of(resolve({**trial.setting, **given}), found), found, data, domain)

    usual = key()
    assert key(learning_rate=3e-4, epochs=7, batch_size=4) == usual
    assert key(domain=None) == usual, "a corpus that is not read"
    assert key(pretraining__objective="masked") == usual, "what auto stands for"
    assert key(data=domain) != usual
    changes = {
        "steps": 4,
        "objective": "whole_word",
        "learning_rate": 2e-4,
        "mask_rate": 0.3,
        "corpus": "domain",
        "batch_size": 4,
        "head_steps": 3,
        "seed": 1,
    }
    assert {f"pretraining.{name}" for name in changes} == set(METHOD.knobs), "a knob that the key forgets"
    keys = [key(**{f"pretraining__{name}": value}) for name, value in changes.items()]
    keys += [key(max_length=16), key(precision="bf16"), key(pretraining__corpus="both")]
    assert len({usual, *keys}) == len(keys) + 1
    alone = key(pretraining__corpus="domain")
    assert key(data=domain, pretraining__corpus="domain") == alone, "a body of the corpus alone serves every task"


def test_a_corpus_is_read_where_it_is_asked_for_and_measured_wherever_there_is_one(pretraining_trial, corpus):
    ref, path = corpus

    def told(name: str) -> tuple[str, dict]:
        trial, context = pretraining_trial(pretraining__corpus=name)
        body = trained_body(replace(trial, corpus=ref), replace(context, corpus=path))
        return body.fingerprint, body.told

    every = {name: told(name) for name in ("task", "domain", "both")}
    names = {name: (told["domain"] or {}).get("name") for name, (_, told) in every.items()}
    assert names == {"task": None, "domain": ref.name, "both": ref.name}
    assert len({fingerprint for fingerprint, _ in every.values()}) == 3
    assert all(set(one["perplexity"]) == {"task", "domain", "general"} for _, one in every.values())


def test_new_sentences_are_filled_in_without_training_again(pretraining_trial, monkeypatch):
    trial, context = pretraining_trial()
    first = trained_body(trial, context)
    monkeypatch.setattr(bodies, "build", lambda *_: pytest.fail("trained again"))
    body = trained_body(trial, replace(context, sentences=("the film was ___.",)))
    assert [one["sentence"] for one in body.told["fill_ins"]] == ["the film was ___."]
    assert body.told["perplexity"] == first.told["perplexity"]


def test_bodies_beyond_the_limit_go_but_never_the_one_in_use(pretraining_trial, cache, monkeypatch):
    monkeypatch.setattr(bodies, "BODY_BYTES", 1)
    kept = trained_body(*pretraining_trial(pretraining__mask_rate=0.2))
    assert [path.name for path in cache.glob("body-*") if path.is_dir()] == [kept.fingerprint]


def test_a_diverged_pre_training_is_a_diverged_trial(pretraining_trial, monkeypatch):
    from study.errors import Diverged

    def diverging(*_):
        raise Diverged("the loss of pre-training is nan at step 1; lower pretraining.learning_rate")

    monkeypatch.setattr(bodies, "build", diverging)
    record = run_trial(*pretraining_trial(pretraining__seed=9))
    assert record.status == "diverged"
    assert "pretraining.learning_rate" in record.error["message"]


@pytest.mark.parametrize(
    ("kind", "asked", "able"),
    [("gpt2", "masked", "causal"), ("xlnet", "causal", "permutation"), ("bert", "permutation", "masked or whole_word")],
)
def test_an_objective_that_the_model_cannot_do_is_told_before(kind, asked, able, tmp_path):
    model = find_model(str(small_architecture(kind, tmp_path / kind)))
    setting = resolve({"pretraining.steps": 3, "pretraining.objective": asked})
    said = METHOD.problem(model, setting)
    assert asked in said
    assert able in said
    assert METHOD.problem(model, resolve({"pretraining.steps": 3})) is None


def test_more_than_spans_can_predict_is_told_before(tmp_path):
    model = find_model(str(small_architecture("xlnet", tmp_path / "model")))
    said = METHOD.problem(model, resolve({"pretraining.steps": 3, "pretraining.mask_rate": 0.9}))
    assert "pretraining.mask_rate=0.9: permutation" in said
    assert METHOD.problem(model, resolve({"pretraining.steps": 3, "pretraining.mask_rate": 0.5})) is None


@pytest.mark.parametrize("rate", [0, 1, -0.1, 1.5])
def test_a_mask_rate_outside_0_and_1_is_told_before(rate):
    assert all_knobs()["pretraining.mask_rate"].problem("pretraining.mask_rate", rate)


def test_keys_hold_the_models_own_objective(tmp_path, data_folder):
    from search_spaces import QUESTIONS
    from study.ask import Request, ask

    model = small_architecture("gpt2", tmp_path / "model")
    request = Request(
        QUESTIONS["lora"],
        str(model),
        DataOptions(str(data_folder)),
        {"lora.rank": (0, 2), "pretraining.steps": 3, "max_length": 32},
    )
    ((arm, _),) = ask(request)
    assert arm.question.fixed["pretraining.objective"] == "causal"
    with pytest.raises(InputError, match=r"pretraining\.mask_rate=1"):
        ask(replace(request, settings={**request.settings, "pretraining.mask_rate": 1}))
