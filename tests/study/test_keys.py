"""A key is what a trial is. NEVER EDIT the golden keys below: every study on every disk is found by them.

If one of them fails, old studies would be run again from the start: mend the code. Add lines, change none.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from study import methods, settings
from study.knobs import Knob
from study.methods import METHODS
from study.methods.base import Method
from study.record import Ref
from study.settings import CHOICE, TRAINING, resolve
from study.trial import Trial

MODEL, DATA = Ref("a model", "0123456789abcdef"), Ref("some data", "fedcba9876543210")

PLAIN = {
    "batch_size": 16,
    "epochs": 3.0,
    "evaluations_per_epoch": 1,
    "learning_rate": 5e-05,
    "max_length": 128,
    "precision": "fp32",
    "warmup_ratio": 0.0,
    "weight_decay": 0.0,
}

GOLDEN = [
    (PLAIN, 0, "c0eb7c141dc36680"),
    (PLAIN, 1, "19b568526be941e4"),
    ({**PLAIN, "epochs": 2.0, "frozen_layers": 11, "learning_rate": 0.001}, 0, "08a2e52d7772b86f"),
    (
        {**PLAIN, "early_stopping": 3, "early_stopping.metric": "loss", "evaluations_per_epoch": 2},
        1000,
        "4eb64c3ba0488eb3",
    ),
    (
        {
            **PLAIN,
            "batch_size": 32,
            "frozen_embeddings": True,
            "max_length": 64,
            "pooling": "mean",
            "precision": "bf16",
            "warmup_ratio": 0.1,
            "weight_decay": 0.01,
        },
        2,
        "f8315184e5910f11",
    ),
    (
        {
            **PLAIN,
            "method": "setfit",
            "setfit.head": "logistic",
            "setfit.head_learning_rate": 0.01,
            "setfit.sampling": "oversampling",
            "shots": 8,
        },
        3,
        "fa3ecd896e1f969c",
    ),
    (
        {
            **{name: value for name, value in PLAIN.items() if name not in ("learning_rate", "epochs")},
            "linear_probe.c": 1.0,
            "method": "linear_probe",
            "pooling": "mean",
            "shots": 8,
        },
        3,
        "5eb153da83cb436b",
    ),
    (
        {
            **PLAIN,
            "pretraining.batch_size": 16,
            "pretraining.corpus": "task",
            "pretraining.head_steps": 200,
            "pretraining.learning_rate": 1e-4,
            "pretraining.mask_rate": 0.15,
            "pretraining.objective": "masked",
            "pretraining.seed": 0,
            "pretraining.steps": 400,
        },
        0,
        "94b625fe141ce036",
    ),
]

AWAY = {
    "learning_rate": 1e-3,
    "batch_size": 8,
    "micro_batch": 4,
    "gradient_checkpointing": True,
    "epochs": 2,
    "weight_decay": 0.01,
    "bias_correction": False,
    "warmup_ratio": 0.1,
    "max_length": 64,
    "truncation": "tail",
    "precision": "bf16",
    "evaluations_per_epoch": 2,
}
"""For every knob of training a value that is neither its default nor its identity."""


def trial(seed: int = 0, model: Ref = MODEL, data: Ref = DATA, task: str = "classification", **setting) -> Trial:
    return Trial(task, model, data, resolve(setting), seed)


@pytest.mark.parametrize(("setting", "seed", "key"), GOLDEN, ids=[key for *_, key in GOLDEN])
def test_golden_keys_never_change(setting, seed, key):
    assert Trial("classification", MODEL, DATA, setting, seed).key == key


def test_names_do_not_count():
    assert (
        trial(model=Ref("/home/me/renamed", MODEL.fingerprint), data=Ref("moved", DATA.fingerprint)).key == trial().key
    )


def test_model_data_seed_and_task_count():
    others = [
        trial(model=Ref(MODEL.name, "0123456789abcdee")),
        trial(data=Ref(DATA.name, "fedcba9876543211")),
        trial(seed=1),
        trial(task="regression"),
        trial(model=Ref("x", DATA.fingerprint), data=Ref("y", MODEL.fingerprint)),
    ]
    assert len({trial().key, *(other.key for other in others)}) == 6


def test_a_knob_at_its_identity_is_as_good_as_absent():
    given = {"frozen_layers": 0, "frozen_embeddings": False, "early_stopping": 0, "pooling": "pooler"}
    assert trial(**given, weight_decay=0.0, evaluations_per_epoch=1).key == trial().key


def test_the_knobs_of_a_method_that_is_off_do_not_count():
    off = {"early_stopping": 0, "early_stopping.metric": "loss"}
    assert trial(**off).key == trial().key
    on = {"early_stopping": 1}
    assert trial(**on, **{"early_stopping.metric": "loss"}).key != trial(**on).key


def test_a_default_written_out_is_the_same_trial():
    assert (
        trial(learning_rate=5e-5, **{"early_stopping": 1, "early_stopping.metric": "f1"}).key
        == trial(early_stopping=1).key
    )


def test_a_knob_added_to_training_next_year_changes_no_key(monkeypatch):
    monkeypatch.setitem(TRAINING, "label_smoothing", Knob(float, 0.0, "new", identity=0.0))
    assert "label_smoothing" in trial().setting
    for setting, seed, key in GOLDEN:
        assert Trial("classification", MODEL, DATA, resolve(setting), seed).key == key
    assert trial(label_smoothing=0.1).key != trial().key


def test_a_knob_added_to_an_active_method_changes_no_key(monkeypatch):
    before = {count: trial(frozen_layers=count).key for count in (0, 2)}
    old = METHODS["freezing"]
    knobs = {**old.knobs, "frozen_head": Knob(bool, False, "new", identity=False)}
    monkeypatch.setitem(METHODS, "freezing", replace(old, knobs=knobs))
    assert {count: trial(frozen_layers=count).key for count in (0, 2)} == before
    assert trial(frozen_layers=2, frozen_head=True).key != before[2]


def test_a_method_added_to_the_registry_changes_no_key_wherever_it_stands(monkeypatch):
    new = Method("noise", 1, {"noise": Knob(float, 0.0, "new", identity=0.0), "noise.start": Knob(int, 1, "new")})
    assert "noise" not in METHODS
    changed = {"noise": new, **dict(reversed(METHODS.items()))}
    for module in (methods, settings):
        monkeypatch.setattr(module, "METHODS", changed)
    for setting, seed, key in GOLDEN:
        assert Trial("classification", MODEL, DATA, resolve(setting), seed).key == key
    assert trial(noise=0.1).key != trial().key
    assert trial(noise=0.1, **{"noise.start": 2}).key != trial(noise=0.1).key


def test_a_method_that_is_chosen_by_name_is_the_method():
    assert trial(method="full").key == trial().key
    assert trial(method="lora").key == trial(**{"lora.rank": 8}).key
    assert trial(method="lora", **{"lora.rank": 4}).key == trial(**{"lora.rank": 4}).key
    assert len({trial(method=name).key for name in CHOICE["method"].choices}) == 4


def test_a_corpus_counts_only_where_it_is_read():
    def key(corpus: Ref | None, **setting) -> str:
        return replace(trial(**setting), corpus=corpus).key

    one, two = Ref("a", "c1"), Ref("b", "c2")
    for setting in ({}, {"pretraining.steps": 10}, {"pretraining.steps": 0, "pretraining.corpus": "domain"}):
        assert key(one, **setting) == key(two, **setting) == key(None, **setting)
    for corpus in ("domain", "both"):
        read = {"pretraining.steps": 10, "pretraining.corpus": corpus}
        assert len({key(one, **read), key(two, **read), key(None, **read)}) == 3


@pytest.mark.parametrize("name", METHODS)
def test_a_new_version_of_a_method_changes_only_the_keys_where_it_is_active(name, monkeypatch):
    from tests.study.methods.settings_table import ON

    before = {other: trial(**ON[other]).key for other in METHODS} | {"none": trial().key}
    monkeypatch.setitem(METHODS, name, replace(METHODS[name], version=METHODS[name].version + 1))
    after = {other: trial(**ON[other]).key for other in METHODS} | {"none": trial().key}
    assert {other for other in before if before[other] != after[other]} == {name}


@pytest.mark.parametrize(("one", "other"), [({"epochs": 1}, {"epochs": 1.0}), ({"batch_size": 8}, {"batch_size": 8.0})])
def test_a_whole_number_is_one_value_however_it_is_written(one, other):
    assert trial(**one).key == trial(**other).key


@pytest.mark.parametrize("kind", [int, float, bool, str])
def test_true_and_one_and_the_word_are_three_values(kind, monkeypatch):
    monkeypatch.setitem(TRAINING, "odd", Knob(kind, "never", "a knob that takes anything"))
    keys = [replace(trial(), setting={**PLAIN, "odd": value}).key for value in (True, 1, "1", "True", False, 0)]
    assert len(set(keys)) == 6
    one, float_one = (replace(trial(), setting={**PLAIN, "odd": value}).key for value in (1, 1.0))
    assert one == float_one


def test_neighbouring_floats_have_different_keys():
    assert trial(learning_rate=0.1).key != trial(learning_rate=0.1 + 2**-56).key


@pytest.mark.parametrize("name", TRAINING)
def test_every_knob_of_training_away_from_its_identity_changes_the_key(name):
    assert trial(**{name: AWAY[name]}).key != trial().key


def test_a_new_version_of_the_training_loop_changes_every_key_and_the_first_is_in_none(monkeypatch):
    monkeypatch.setattr("study.trial.LOOP_VERSION", 1)
    before = [Trial("classification", MODEL, DATA, setting, seed).key for setting, seed, _ in GOLDEN]
    assert before == [key for *_, key in GOLDEN]
    monkeypatch.setattr("study.trial.LOOP_VERSION", 2)
    after = [Trial("classification", MODEL, DATA, setting, seed).key for setting, seed, _ in GOLDEN]
    assert not set(before) & set(after)
    assert len(set(after)) == len(after)


def test_no_two_settings_of_a_large_grid_share_a_key():
    keys = [
        trial(seed=seed, learning_rate=rate, frozen_layers=count, pooling=pooling).key
        for seed in range(5)
        for rate in (1e-5, 1e-4, 1e-3)
        for count in range(13)
        for pooling in ("pooler", "mean", "cls")
    ]
    assert len(set(keys)) == len(keys)


def test_a_trial_keeps_its_key_through_json():
    import json

    made = trial(frozen_layers=2, early_stopping=1, epochs=2)
    assert Trial.from_json(json.loads(json.dumps(made.to_json()))).key == made.key
