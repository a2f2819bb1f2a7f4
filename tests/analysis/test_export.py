"""A study in Optuna's hands: every trial once, with what Optuna needs to judge it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import optuna
import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import TrialState

from analysis.export import to_optuna
from analysis.folder import read_study
from study.errors import InputError
from study.question import Question, choice, loguniform, randint, uniform
from study.record import Record
from study.store import Store
from tests.analysis.conftest import arm, failed, place, trial, write

Make = Callable[..., Path]
STATES = {"finished": TrialState.COMPLETE, "stopped": TrialState.PRUNED}


def loaded(url: str, name: str) -> optuna.Study:
    return optuna.load_study(storage=url, study_name=name)


def search(**changes: object) -> Question:
    given: dict = {
        "tuned": {"learning_rate": loguniform(1e-5, 1e-3), "weight_decay": uniform(0.0, 0.1), "batch": randint(4, 33)}
        | {"pooling": choice("mean", "cls")},
        "baseline": {"learning_rate": 5e-3, "pooling": "mean"},
    }
    return Question(name="frozen_layers", asks="?", source="a test", **(given | changes)).at(None)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def exported(whole: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, list[str]]:
    url = f"sqlite:///{tmp_path_factory.mktemp('export') / 'new' / 'x.db'}"
    return url, to_optuna(read_study(whole), url)


def test_each_trial_is_there_once_with_its_value_state_and_parameters(
    whole: Path, exported: tuple[str, list[str]]
) -> None:
    url, names = exported
    assert names == ["frozen_layers: mini-bert on reviews (tune)", "frozen_layers: mini-bert on reviews (compare)"]
    records = Store(whole).records()
    seen = set()
    for name, phase in zip(names, ("tune", "compare"), strict=True):
        there = loaded(url, name)
        assert there.direction == optuna.study.StudyDirection.MAXIMIZE
        for one in there.trials:
            record = records[one.user_attrs["key"]]
            seen.add(record.key)
            assert record.phase == phase == one.user_attrs["phase"]
            assert one.state == STATES.get(record.status, TrialState.FAIL)
            assert one.value == (record.metrics["validation"]["f1"] if record.status in STATES else None)
            assert one.params == {name: record.setting[name] for name in ("frozen_layers", "learning_rate")}
            assert one.distributions["frozen_layers"] == IntDistribution(0, 6)
            assert one.distributions["learning_rate"] == CategoricalDistribution((1e-5, 3e-5, 1e-4))
            assert one.user_attrs["seed"] == record.seed
            assert one.user_attrs.get("test/f1") == record.metrics.get("test", {}).get("f1")
            assert one.user_attrs.get("costs/train_seconds") == record.costs.get("train_seconds")
            assert one.duration is not None
            assert one.duration.total_seconds() == 60
    assert seen == set(records)
    best = max((r for r in records.values() if r.phase == "compare" and r.status == "finished"), key=_f1)
    assert loaded(url, names[1]).best_trial.user_attrs["key"] == best.key


def _f1(record: Record) -> float:
    return record.metrics["validation"]["f1"]


def test_optunas_own_importance_finds_what_matters(exported: tuple[str, list[str]]) -> None:
    url, names = exported
    importance = optuna.importance.get_param_importances(loaded(url, names[1]))
    assert next(iter(importance)) == "frozen_layers"


def test_exported_again_only_what_is_new_is_added(study: Make, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'x.db'}"
    first, second = (trial(place(), {"frozen_layers": 0, "learning_rate": 1e-5}, seed) for seed in (0, 1))
    further = trial(place(), {"frozen_layers": 9, "learning_rate": 1e-5}, 0)
    folder = study([first, failed(second)])
    (name,) = to_optuna(read_study(folder), url)
    assert to_optuna(read_study(folder), url) == [name]
    assert len(loaded(url, name).trials) == 2
    wider = replace(search(), factors=tuple({"frozen_layers": k} for k in (0, 9)))
    wider = replace(read_study(folder).arms[0].question, factors=wider.factors)
    write(folder, [further, second], arm(place(), wider))  # a point more, and what had failed was tried again
    assert to_optuna(read_study(folder), url) == [name]
    told = [(t.user_attrs["key"], t.user_attrs["status"]) for t in loaded(url, name).trials]
    assert told[:2] == [(key, status) for key, status in sorted([(first.key, "finished"), (second.key, "failed")])]
    assert set(told[2:]) == {(further.key, "finished"), (second.key, "finished")}


def test_domains_are_optunas_and_wide_enough_for_the_baseline(study: Make, tmp_path: Path) -> None:
    settings = [
        {"learning_rate": 1e-4, "weight_decay": 0.05, "batch": 8, "pooling": "cls"},
        {"learning_rate": 5e-3, "weight_decay": 0.0, "batch": 16, "pooling": "mean"},
    ]
    url = f"sqlite:///{tmp_path / 'x.db'}"
    folder = study([trial(place(), setting, 0) for setting in settings], arm(place(), search()))
    (name,) = to_optuna(read_study(folder), url)
    trials = loaded(url, name).trials
    assert sorted(t.params["learning_rate"] for t in trials) == [1e-4, 5e-3]
    assert trials[0].distributions == {
        "learning_rate": FloatDistribution(1e-5, 5e-3, log=True),
        "weight_decay": FloatDistribution(0.0, 0.1),
        "batch": IntDistribution(4, 32),
        "pooling": CategoricalDistribution(("mean", "cls")),
    }


def test_a_setting_that_a_point_goes_without_is_missing_there(study: Make, tmp_path: Path) -> None:
    asked = replace(
        search(), tuned={}, factors=({"merge": True, "rank": 8}, {"merge": False}), baseline={"merge": False}
    )
    url = f"sqlite:///{tmp_path / 'x.db'}"
    folder = study([trial(place(), dict(point), 0) for point in asked.factors], arm(place(), asked))
    (name,) = to_optuna(read_study(folder), url)
    trials = loaded(url, name).trials
    assert sorted((t.params for t in trials), key=len) == [{"merge": False}, {"merge": True, "rank": 8}]


def test_the_curve_is_the_intermediate_values_and_less_can_be_better(study: Make, tmp_path: Path) -> None:
    curve = ({"step": 5, "loss": 0.9}, {"step": 10, "loss": None}, {"step": 15, "loss": 0.4})
    records = [
        replace(trial(place(), {"learning_rate": 1e-4, "pooling": "cls"}, seed), curve=curve, status=status)
        for seed, status in enumerate(("finished", "stopped"))
    ]
    unscored = replace(trial(place(), {"learning_rate": 2e-4, "pooling": "cls"}, 0), metrics={})
    url = f"sqlite:///{tmp_path / 'x.db'}"
    folder = study([*records, unscored], arm(place(), search(metric="loss")))
    (name,) = to_optuna(read_study(folder), url)
    there = loaded(url, name)
    assert there.direction == optuna.study.StudyDirection.MINIMIZE
    by_key = {t.user_attrs["key"]: t for t in there.trials}
    for record in records:
        assert by_key[record.key].intermediate_values == {1: 0.9, 3: 0.4}
        assert by_key[record.key].value == record.metrics["validation"]["loss"]
    assert by_key[records[1].key].state == TrialState.PRUNED
    assert by_key[unscored.key].state == TrialState.FAIL
    assert by_key[unscored.key].value is None
    started = datetime.fromisoformat(records[0].provenance["started"]).astimezone().replace(tzinfo=None)
    assert by_key[records[0].key].datetime_start == started


def test_arms_that_ask_in_two_ways_are_two_studies(study: Make, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'x.db'}"
    two = [search(fixed={"epochs": 3.0}), search(fixed={"epochs": 3.0, "weight_decay": 0.0}, tuned={})]
    records = [trial(place(), {"learning_rate": 1e-4, "pooling": "cls", "weight_decay": w}, 0) for w in (0.0, 0.1)]
    names = to_optuna(read_study(study(records, *(arm(place(), one) for one in two))), url)
    assert names == [
        "frozen_layers: mini-bert on reviews (compare)",
        "frozen_layers: mini-bert on reviews [2] (compare)",
    ]
    assert [len(loaded(url, name).trials) for name in names] == [1, 1]


def test_what_cannot_be_opened_or_is_something_else_is_told(whole: Path, study: Make, tmp_path: Path) -> None:
    for url in ("nonsense", "postgresql://localhost:1/x", f"sqlite:///{tmp_path}"):
        with pytest.raises(
            InputError, match=r"Give a storage that Optuna opens, such as sqlite:///results/x.db"
        ) as told:
            to_optuna(read_study(whole), url)
        assert str(told.value).startswith(f"--optuna {url}: ")
    url = f"sqlite:///{tmp_path / 'x.db'}"
    name = "frozen_layers: mini-bert on reviews (tune)"
    optuna.create_study(storage=url, study_name=name).add_trial(optuna.create_trial(value=1.0))
    with pytest.raises(InputError, match=r"has a study 'frozen_layers: .*' that is not this one"):
        to_optuna(read_study(whole), url)
    assert len(loaded(url, name).trials) == 1


def test_other_choices_than_were_exported_are_told(study: Make, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'x.db'}"
    points = [{"pooling": word} for word in ("mean", "cls", "max")]
    asked = [replace(search(), tuned={}, factors=tuple(points[:n]), baseline=points[0]) for n in (2, 3)]
    records = [trial(place(), point, 0) for point in points]
    folder = study(records[:2], arm(place(), asked[0]))
    to_optuna(read_study(folder), url)
    write(folder, records[2:], arm(place(), asked[1]))
    with pytest.raises(InputError, match="had other values to choose from"):
        to_optuna(read_study(folder), url)
