"""Optuna's storages: databases and journals, read and never written to."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path

import optuna
import pytest

from analysis import load_trials
from analysis.sources import open_studies, read
from study.errors import InputError

optuna.logging.set_verbosity(optuna.logging.ERROR)


def objective(trial: optuna.Trial) -> float:
    rate = trial.suggest_float("lr", 1e-5, 1e-2, log=True)
    momentum = 0.0
    if trial.suggest_categorical("optimizer", ["adam", "sgd"]) == "sgd":
        momentum = trial.suggest_float("momentum", 0, 0.9)
    trial.set_user_attr("test_f1", 0.6 + 10 * rate)
    for step in range(3):
        trial.report(0.5 + 0.1 * step + rate, step)
        if trial.number == 3 and step == 1:
            raise optuna.TrialPruned
    if trial.number == 5:
        raise RuntimeError("no")
    return 0.7 + 10 * rate - 0.01 * momentum


def storages(folder: Path) -> dict[str, tuple[str, optuna.storages.BaseStorage]]:
    journal = optuna.storages.journal.JournalFileBackend(str(folder / "study.log"))
    url = f"sqlite:///{folder / 'study.db'}"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return {
            "url": (url, optuna.storages.RDBStorage(url)),
            "journal": (str(folder / "study.log"), optuna.storages.JournalStorage(journal)),
        }


@pytest.fixture(scope="module", params=["url", "journal"])
def searched(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, optuna.Study]:
    """A storage of either kind with one study of 14 trials in it."""
    place, storage = storages(tmp_path_factory.mktemp("optuna"))[request.param]
    sampler = optuna.samplers.RandomSampler(seed=0)
    study = optuna.create_study(study_name="search", storage=storage, direction="maximize", sampler=sampler)
    study.optimize(objective, n_trials=14, catch=(RuntimeError,))
    return place, study


def test_trials_are_those_that_optuna_has(searched: tuple[str, optuna.Study]) -> None:
    place, study = searched
    raw = read(place).set_index("number")
    theirs = study.trials_dataframe().set_index("number")
    assert list(raw["state"]) == list(theirs["state"])
    for name in ("params_lr", "params_momentum", "params_optimizer", "user_attrs_test_f1", "value"):
        assert (
            raw[name].astype(object).where(raw[name].notna(), None).tolist()
            == theirs[name].astype(object).where(theirs[name].notna(), None).tolist()
        )
    assert raw["curve"][0] == [
        {"step": step, "value": value} for step, value in study.trials[0].intermediate_values.items()
    ]


def test_the_frame_has_states_directions_and_conditional_settings(searched: tuple[str, optuna.Study]) -> None:
    place, optuna_study = searched
    study = open_studies([place], test_metric="test_f1")
    question = study.arms[0].question
    assert (question.lower_is_better, question.search, question.factors) == (False, "unknown", ())
    frame = load_trials(place, test_metric="test_f1")
    assert frame["status"].value_counts().to_dict() == {"finished": 12, "failed": 1, "stopped": 1}
    assert frame.loc[frame["optimizer"] == "adam", "momentum"].isna().all()
    assert frame["metric.value"].max() == optuna_study.best_value
    assert "momentum" not in next(r for r in study.records.values() if r.setting["optimizer"] == "adam").setting


def test_reading_writes_nothing(searched: tuple[str, optuna.Study]) -> None:
    folder = Path(searched[0].removeprefix("sqlite:///")).parent
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir()}
    assert before
    read(searched[0])
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir()} == before


def test_a_database_may_be_given_as_a_file(tmp_path: Path) -> None:
    _, storage = storages(tmp_path)["url"]
    optuna.create_study(study_name="one", storage=storage).optimize(lambda t: t.suggest_int("a", 1, 3), n_trials=4)
    study = open_studies([tmp_path / "study.db"])
    assert study.arms[0].question.lower_is_better
    assert len(study.records) == 4


@pytest.mark.parametrize("kind", ["url", "journal"])
def test_several_studies_are_named_until_one_is_chosen(kind: str, tmp_path: Path) -> None:
    place, storage = storages(tmp_path)[kind]
    for name in ("first", "second"):
        optuna.create_study(study_name=name, storage=storage).optimize(lambda t: t.suggest_float("a", 0, 1), n_trials=2)
    with pytest.raises(InputError, match=r"holds 2 studies of Optuna \(first, second\)"):
        read(place)
    with pytest.raises(InputError, match="Did you mean second"):
        read(place, study_name="secnd")
    assert open_studies([place], study_name="second").parts[0].name == "second"


def test_several_objectives_are_refused_until_one_is_chosen(tmp_path: Path) -> None:
    place, storage = storages(tmp_path)["url"]
    study = optuna.create_study(study_name="two", storage=storage, directions=["maximize", "minimize"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        study.set_metric_names(["accuracy", "latency"])
    study.optimize(lambda t: (t.suggest_float("a", 0, 1), 2.0), n_trials=3)
    with pytest.raises(InputError, match="several objectives, accuracy, latency"):
        read(place)
    with pytest.raises(InputError, match="'speed' is unknown"):
        read(place, objective="speed")
    assert list(read(place, objective="latency")["latency"]) == [2.0] * 3
    assert open_studies([place], objective="latency").arms[0].question.lower_is_better
    assert not open_studies([place], objective="accuracy").arms[0].question.lower_is_better


@pytest.mark.parametrize(
    ("place", "said"),
    [
        (lambda folder: f"sqlite:///{folder}/none.db", "there is no file"),
        (lambda folder: f"sqlite:///{folder}/empty.db", "cannot be opened as a storage of Optuna"),
        (lambda folder: "nonsense://x", "cannot be opened as a storage of Optuna"),
    ],
)
def test_what_is_no_storage_is_said_and_not_made(place: Callable[[Path], str], said: str, tmp_path: Path) -> None:
    import sqlite3

    connection = sqlite3.connect(tmp_path / "empty.db")
    connection.execute("create table t (a)")
    connection.commit()
    connection.close()
    with pytest.raises(InputError, match=said):
        read(place(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["empty.db"]
